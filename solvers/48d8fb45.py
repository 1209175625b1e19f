# The shape that hangs on the gray cell, cut out.
def solve_48d8fb45(I):
    shapes = objects(I, T, T, T)
    mark = first(colorfilter(shapes, FIVE))
    others = remove(mark, shapes)
    hanging = extract(others, lbind(adjacent, mark))
    O = subgrid(hanging, I)
    return O
