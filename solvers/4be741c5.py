# The colors of the bands, in order, along the axis on which the bands follow one another.
def solve_4be741c5(I):
    top = dedupe(first(I))
    side = dedupe(first(dmirror(I)))
    row = repeat(top, ONE)
    column = dmirror(repeat(side, ONE))
    across = equality(size(side), ONE)
    O = branch(across, row, column)
    return O
