# black 3x2 blocks become red first, then the 2x2 blocks still black do.
def solve_a8d7556c(I):
    tile = asindices(canvas(ZERO, TWO_BY_TWO))
    tower = asindices(canvas(ZERO, astuple(THREE, TWO)))
    towers = occurrences(I, recolor(ZERO, tower))
    G = fill(I, TWO, mapply(lbind(shift, tower), towers))
    tiles = occurrences(G, recolor(ZERO, tile))
    O = fill(G, TWO, mapply(lbind(shift, tile), tiles))
    return O
