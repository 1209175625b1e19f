# three layers laid over one another: yellow over maroon over blue.
def solve_cf98881b(I):
    layers = hsplit(I, THREE)
    top = first(layers)
    bottom = last(layers)
    middle = first(remove(top, remove(bottom, layers)))
    G = fill(bottom, NINE, ofcolor(middle, NINE))
    O = fill(G, FOUR, ofcolor(top, FOUR))
    return O
