# every gray dot jumps to the nearest place round the red square.
def solve_a48eeaf7(I):
    ring = outbox(ofcolor(I, TWO))
    dots = ofcolor(I, FIVE)
    distance = chain(rbind(compose, initset), lbind(lbind, manhattan), initset)
    nearest = compose(lbind(argmin, ring), distance)
    G = fill(I, ZERO, dots)
    O = fill(G, FIVE, apply(nearest, dots))
    return O
