# The colorful pattern is stamped over every cyan shape and vanishes from its own place.
def solve_321b1fc6(I):
    blocks = colorfilter(objects(I, T, F, T), EIGHT)
    parts = fgpartition(I)
    pattern = merge(difference(parts, colorfilter(parts, EIGHT)))
    stamp = compose(lbind(shift, normalize(pattern)), ulcorner)
    clean = cover(I, combine(pattern, merge(blocks)))
    O = paint(clean, mapply(stamp, blocks))
    return O
