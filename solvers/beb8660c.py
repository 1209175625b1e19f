# bars fall to the right and are stacked by length.
def solve_beb8660c(I):
    pushed = apply(rbind(order, positive), I)
    length = compose(size, rbind(sfilter, positive))
    O = order(pushed, length)
    return O
