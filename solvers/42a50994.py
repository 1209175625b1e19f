# Lone cells are erased.
def solve_42a50994(I):
    shapes = objects(I, T, T, T)
    lone = sizefilter(shapes, ONE)
    O = cover(I, merge(lone))
    return O
