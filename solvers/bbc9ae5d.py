# the bar grows by one cell with every new row.
def solve_bbc9ae5d(I):
    ink = index(I, ORIGIN)
    G = vupscale(I, halve(width(I)))
    tip = urcorner(ofcolor(I, ink))
    edge = shoot(tip, UNITY)
    O = fill(G, ink, mapply(rbind(shoot, LEFT), edge))
    return O
