# of the gray bars the longest turns blue, the shortest red, the one between yellow.
def solve_ea32f347(I):
    bars = objects(I, T, F, T)
    sizes = apply(size, bars)
    long = sizefilter(bars, maximum(sizes))
    short = sizefilter(bars, minimum(sizes))
    G = replace(I, FIVE, FOUR)
    blue = fill(G, ONE, merge(long))
    O = fill(blue, TWO, merge(short))
    return O
