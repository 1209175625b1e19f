# empty corridors between the noise turn green, one cell away from the noise:
# the main corridor up from the bottom, then those from it to either side.
def solve_a64e4611(I):
    lying = positive(size(sfilter(frontiers(I), hline)))
    G = branch(lying, dmirror(I), I)
    cells = asindices(G)
    noise = difference(cells, ofcolor(G, ZERO))
    near = compose(lbind(mapply, neighbors), lbind(intersection, noise))
    free = fork(difference, identity, compose(lbind(mapply, hfrontier), near))
    below = sfilter(cells, compose(rbind(greater, halve(height(G))), first))
    main = free(difference(cells, mapply(vfrontier, near(below))))
    left = sfilter(cells, compose(lbind(greater, leftmost(main)), last))
    right = sfilter(cells, compose(rbind(greater, rightmost(main)), last))
    green = combine(main, combine(free(left), free(right)))
    filled = fill(G, THREE, green)
    O = branch(lying, dmirror(filled), filled)
    return O
