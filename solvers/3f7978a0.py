# The part between the two gray bars, with the row above and the row below them.
def solve_3f7978a0(I):
    bars = ofcolor(I, FIVE)
    taller = combine(shift(bars, UP), shift(bars, DOWN))
    O = subgrid(taller, I)
    return O
