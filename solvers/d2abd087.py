# figures of six cells turn red, all others blue.
def solve_d2abd087(I):
    figures = objects(I, T, F, T)
    six = sizefilter(figures, SIX)
    G = replace(I, FIVE, ONE)
    O = fill(G, TWO, merge(six))
    return O
