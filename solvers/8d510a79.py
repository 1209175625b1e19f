# seen from the gray wall: reds grow a line to the wall, blues one away from it.
def solve_8d510a79(I):
    row = uppermost(ofcolor(I, FIVE))
    away = chain(toivec, sign, compose(rbind(subtract, row), first))
    foot = compose(lbind(astuple, row), last)
    blue = mapply(fork(shoot, identity, away), ofcolor(I, ONE))
    red = mapply(fork(connect, identity, foot), ofcolor(I, TWO))
    G = fill(I, ONE, blue)
    O = underfill(G, TWO, red)
    return O
