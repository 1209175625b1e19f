# red where both halves are black.
def solve_fafffa47(I):
    halves = vsplit(I, TWO)
    top = ofcolor(first(halves), ZERO)
    bottom = ofcolor(last(halves), ZERO)
    G = canvas(ZERO, shape(first(halves)))
    O = fill(G, TWO, intersection(top, bottom))
    return O
