# Each blue 3 by 3 ring turns into a red plus sign.
def solve_6c434453(I):
    shapes = objects(I, T, F, T)
    ring = neighbors(UNITY)
    form = compose(normalize, toindices)
    rings = sfilter(shapes, matcher(form, ring))
    clean = fill(I, ZERO, merge(rings))
    plus = fork(insert, centerofmass, compose(dneighbors, centerofmass))
    O = fill(clean, TWO, mapply(plus, rings))
    return O
