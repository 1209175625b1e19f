# cells in exactly one of the two patterns turn green.
def solve_99b1bc43(I):
    blended = papply(lbind(papply, add), tophalf(I), bottomhalf(I))
    G = replace(blended, THREE, ZERO)
    reds = replace(G, TWO, THREE)
    O = replace(reds, ONE, THREE)
    return O
