# fill the squares' insides: red for an even side, orange for an odd one.
def solve_868de0fa(I):
    gaps = colorfilter(objects(I, T, F, F), ZERO)
    insides = sfilter(gaps, square)
    evens = sfilter(insides, compose(even, height))
    odds = difference(insides, evens)
    G = fill(I, TWO, merge(evens))
    O = fill(G, SEVEN, merge(odds))
    return O
