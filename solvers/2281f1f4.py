# Red cells where a column marked at the top crosses a row marked at the right.
def solve_2281f1f4(I):
    marks = ofcolor(I, FIVE)
    top = sfilter(marks, matcher(first, ZERO))
    side = difference(marks, top)
    rows = apply(first, side)
    columns = apply(last, top)
    O = fill(I, TWO, product(rows, columns))
    return O
