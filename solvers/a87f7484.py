# of several 3x3 patterns side by side, the one with an outline of its own.
def solve_a87f7484(I):
    standing = portrait(I)
    G = branch(standing, dmirror(I), I)
    tiles = hsplit(G, divide(width(G), THREE))
    holes = apply(rbind(ofcolor, ZERO), tiles)
    odd = leastcommon(holes)
    found = last(extract(pair(holes, tiles), matcher(first, odd)))
    O = branch(standing, dmirror(found), found)
    return O
