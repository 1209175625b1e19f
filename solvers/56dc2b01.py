# The green shape moves to the red line, and a cyan line is laid along its back.
def solve_56dc2b01(I):
    green = toobject(ofcolor(I, THREE), I)
    red = ofcolor(I, TWO)
    way = gravitate(green, red)
    back = invert(sign(way))
    step = multiply(back, increment(shape(green)))
    moved = move(I, green, way)
    O = fill(moved, EIGHT, shift(red, step))
    return O
