# the cross moves one step down and left for each gray cell.
def solve_e48d4e1a(I):
    steps = colorcount(I, FIVE)
    ink = other(remove(ZERO, palette(I)), FIVE)
    cross = ofcolor(replace(I, FIVE, ZERO), ink)
    bar = extract(frontiers(I), fork(both, hline, matcher(color, ink)))
    post = vfrontier(first(difference(cross, toindices(bar))))
    lowered = fill(canvas(ZERO, shape(I)), ink, shift(bar, toivec(steps)))
    O = fill(lowered, ink, shift(post, tojvec(invert(steps))))
    return O
