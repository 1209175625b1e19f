# Of the equal squares between the lines, the odd one out.
def solve_2dc579da(I):
    rows = sfilter(frontiers(I), hline)
    n = increment(size(rows))
    squares = compress(I)
    strips = vsplit(squares, n)
    blocks = merge(apply(rbind(hsplit, n), strips))
    O = leastcommon(blocks)
    return O
