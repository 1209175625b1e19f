# every gray dot becomes a ring of gray corners and blue sides.
def solve_b60334d2(I):
    dots = ofcolor(I, FIVE)
    G = fill(I, ZERO, dots)
    blue = fill(G, ONE, mapply(dneighbors, dots))
    O = fill(blue, FIVE, mapply(ineighbors, dots))
    return O
