# The four quarters are laid over each other, gray on top, then pink, brown and yellow.
def solve_75b8110e(I):
    left = lefthalf(I)
    right = righthalf(I)
    yellow = tophalf(left)
    brown = fill(yellow, NINE, ofcolor(bottomhalf(right), NINE))
    pink = fill(brown, SIX, ofcolor(bottomhalf(left), SIX))
    O = fill(pink, FIVE, ofcolor(tophalf(right), FIVE))
    return O
