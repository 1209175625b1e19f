# The blue cells within the box of the cyan shape become green.
def solve_32597951(I):
    cyan = ofcolor(I, EIGHT)
    blue = ofcolor(I, ONE)
    O = fill(I, THREE, intersection(blue, delta(cyan)))
    return O
