# each block drips green, one row for each of its colors.
def solve_fcc82909(I):
    blocks = objects(I, F, F, T)
    start = compose(increment, lowermost)
    stop = fork(add, start, numcolors)
    rows = fork(rbind(interval, ONE), start, stop)
    columns = fork(rbind(interval, ONE), leftmost, compose(increment, rightmost))
    O = fill(I, THREE, mapply(fork(product, rows, columns), blocks))
    return O
