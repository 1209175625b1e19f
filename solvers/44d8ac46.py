# Square holes in the gray shapes become red.
def solve_44d8ac46(I):
    shapes = objects(I, T, F, T)
    holes = apply(delta, shapes)
    O = fill(I, TWO, mfilter(holes, square))
    return O
