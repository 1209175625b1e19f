# the green cell takes one step towards the yellow one.
def solve_dc433765(I):
    green = recolor(THREE, ofcolor(I, THREE))
    yellow = ofcolor(I, FOUR)
    O = move(I, green, position(green, yellow))
    return O
