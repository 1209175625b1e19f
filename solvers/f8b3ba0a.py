# the colors of the odd blocks, most frequent first.
def solve_f8b3ba0a(I):
    parts = fgpartition(I)
    common = argmax(parts, size)
    ranked = order(remove(common, parts), size)
    rows = apply(rbind(repeat, ONE), apply(color, ranked))
    O = hmirror(rows)
    return O
