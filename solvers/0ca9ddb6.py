# Red cells get yellow cells at their corners, blue cells orange cells at their sides.
def solve_0ca9ddb6(I):
    reds = ofcolor(I, TWO)
    blues = ofcolor(I, ONE)
    yellow = fill(I, FOUR, mapply(ineighbors, reds))
    O = fill(yellow, SEVEN, mapply(dneighbors, blues))
    return O
