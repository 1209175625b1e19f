# The red shape moves until it touches the cyan square.
def solve_05f2a901(I):
    red = toobject(ofcolor(I, TWO), I)
    cyan = ofcolor(I, EIGHT)
    way = gravitate(red, cyan)
    O = move(I, red, way)
    return O
