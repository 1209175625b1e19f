# The cell that an angle piece lacks to a square becomes blue.
def solve_3aa6fb7a(I):
    angles = objects(I, T, F, T)
    gaps = mapply(delta, angles)
    O = fill(I, ONE, gaps)
    return O
