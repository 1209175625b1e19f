# Red cells grow into columns, blue and green ones into rows that lie over the columns.
def solve_178fcbfb(I):
    columns = fill(I, TWO, mapply(vfrontier, ofcolor(I, TWO)))
    blue_rows = fill(columns, ONE, mapply(hfrontier, ofcolor(I, ONE)))
    O = fill(blue_rows, THREE, mapply(hfrontier, ofcolor(I, THREE)))
    return O
