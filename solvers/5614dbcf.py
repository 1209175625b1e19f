# The grid shrinks by three, each 3 by 3 block to its most common color.
def solve_5614dbcf(I):
    strips = vsplit(I, THREE)
    blocks = apply(rbind(hsplit, THREE), strips)
    shrink = lbind(apply, mostcolor)
    O = apply(shrink, blocks)
    return O
