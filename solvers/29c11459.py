# Each cell at the side draws a line to the middle column, where a gray cell lies.
def solve_29c11459(I):
    dots = objects(I, T, F, T)
    middle = halve(width(I))
    spot = compose(rbind(astuple, middle), uppermost)
    line = fork(connect, center, spot)
    drawn = fork(recolor, color, line)
    lines = paint(I, mapply(drawn, dots))
    O = fill(lines, FIVE, apply(spot, dots))
    return O
