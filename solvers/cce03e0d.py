# a copy of the grid for every red cell, placed as the cell is.
def solve_cce03e0d(I):
    spots = apply(rbind(multiply, THREE), ofcolor(I, TWO))
    copies = mapply(lbind(shift, asobject(I)), spots)
    G = canvas(ZERO, multiply(shape(I), THREE))
    O = paint(G, copies)
    return O
