# The bars are colored by rank, the tallest in 1, the next in 2 and so on.
def solve_08ed6ac7(I):
    bars = objects(I, T, F, T)
    heights = apply(height, bars)
    as_tall = chain(lbind(rbind, greater), decrement, height)
    rank = chain(size, lbind(sfilter, heights), as_tall)
    ranked = fork(recolor, rank, identity)
    O = paint(I, mapply(ranked, bars))
    return O
