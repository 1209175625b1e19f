# The cell of the one color that occurs just once is kept, in a red ring.
def solve_31aa019c(I):
    rare = leastcolor(I)
    place = ofcolor(I, rare)
    blank = canvas(ZERO, shape(I))
    dot = fill(blank, rare, place)
    O = fill(dot, TWO, outbox(place))
    return O
