# yellow patches hide parts of a picture that is symmetric every way.
def solve_b8825c91(I):
    hidden = ofcolor(I, FOUR)
    G = paint(I, toobject(hidden, vmirror(I)))
    still = ofcolor(G, FOUR)
    O = paint(G, toobject(still, cmirror(G)))
    return O
