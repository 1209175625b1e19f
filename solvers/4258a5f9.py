# Every gray cell gets a blue ring.
def solve_4258a5f9(I):
    rings = mapply(neighbors, ofcolor(I, FIVE))
    O = fill(I, ONE, rings)
    return O
