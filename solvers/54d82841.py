# Below the opening of every arch a yellow cell lies on the bottom row.
def solve_54d82841(I):
    arches = objects(I, T, F, T)
    floor = lowermost(asindices(I))
    spot = compose(lbind(astuple, floor), compose(last, center))
    O = fill(I, FOUR, apply(spot, arches))
    return O
