# the yellow cells of every third column turn pink.
def solve_ba26e723(I):
    rounded = compose(rbind(multiply, THREE), rbind(divide, THREE))
    column = compose(last, last)
    regular = fork(equality, column, compose(rounded, column))
    yellow = matcher(first, FOUR)
    hits = sfilter(asobject(I), fork(both, yellow, regular))
    O = fill(I, SIX, hits)
    return O
