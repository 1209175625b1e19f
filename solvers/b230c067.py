# the odd figure out turns red, the two alike blue.
def solve_b230c067(I):
    figures = objects(I, T, T, T)
    shapes = apply(normalize, totuple(figures))
    odd = extract(figures, matcher(normalize, leastcommon(shapes)))
    G = replace(I, EIGHT, ONE)
    O = fill(G, TWO, odd)
    return O
