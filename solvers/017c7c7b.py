# The blue pattern goes on with its own vertical period for nine rows, in red.
def solve_017c7c7b(I):
    ink = ofcolor(I, ONE)
    pattern = recolor(TWO, ink)
    period = vperiod(asobject(I))
    extend = fork(combine, identity, rbind(shift, toivec(period)))
    tall = power(extend, THREE)(pattern)
    blank = canvas(ZERO, astuple(NINE, width(I)))
    O = paint(blank, tall)
    return O
