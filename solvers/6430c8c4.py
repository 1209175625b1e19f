# The halves above and below the yellow line: green where both are black.
def solve_6430c8c4(I):
    top = ofcolor(tophalf(I), ZERO)
    bottom = ofcolor(bottomhalf(I), ZERO)
    neither = intersection(top, bottom)
    blank = canvas(ZERO, shape(tophalf(I)))
    O = fill(blank, THREE, neither)
    return O
