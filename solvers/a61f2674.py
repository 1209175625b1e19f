# the longest bar turns blue, the shortest red, the rest go.
def solve_a61f2674(I):
    bars = objects(I, T, F, T)
    long = sizefilter(bars, valmax(bars, size))
    short = sizefilter(bars, valmin(bars, size))
    G = canvas(ZERO, shape(I))
    blue = fill(G, ONE, merge(long))
    O = fill(blue, TWO, merge(short))
    return O
