# one cell for each colored rectangle of the patchwork.
def solve_90c28cc7(I):
    patchwork = subgrid(merge(fgpartition(I)), I)
    rows = dedupe(patchwork)
    columns = dedupe(dmirror(rows))
    O = dmirror(columns)
    return O
