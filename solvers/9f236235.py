# one cell per block of the lattice, mirrored left to right.
def solve_9f236235(I):
    G = compress(I)
    bars = sfilter(frontiers(I), vline)
    blocks = increment(size(bars))
    side = divide(width(G), blocks)
    O = vmirror(downscale(G, side))
    return O
