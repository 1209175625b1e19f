# Black areas closed in by green become yellow.
def solve_00d62c1b(I):
    areas = objects(I, T, F, F)
    black = colorfilter(areas, ZERO)
    enclosed = compose(flip, rbind(bordering, I))
    holes = mfilter(black, enclosed)
    O = fill(I, FOUR, holes)
    return O
