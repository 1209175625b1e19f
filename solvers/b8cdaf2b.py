# the base's middle color shoots out of the block above it, up both diagonals.
def solve_b8cdaf2b(I):
    ink = leastcolor(I)
    block = shift(ofcolor(I, ink), UP)
    left = shoot(ulcorner(block), NEG_UNITY)
    right = shoot(urcorner(block), UP_RIGHT)
    O = underfill(I, ink, combine(left, right))
    return O
