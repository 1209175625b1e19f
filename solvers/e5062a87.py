# the red shape is copied wherever it fits on black cells; kept are the copies at
# the grid's edge and those whose nearest other figure is right beside them.
def solve_e5062a87(I):
    red = ofcolor(I, TWO)
    spots = occurrences(I, recolor(ZERO, red))
    copies = apply(lbind(shift, normalize(red)), spots)
    figures = insert(red, copies)
    nearest = fork(valmin, rbind(remove, figures), lbind(lbind, manhattan))
    beside = matcher(nearest, ONE)
    kept = mfilter(copies, fork(either, rbind(bordering, I), beside))
    O = fill(I, TWO, kept)
    return O
