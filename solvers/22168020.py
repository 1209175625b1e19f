# Cells of one color in the same row are joined by a line of that color.
def solve_22168020(I):
    parts = fgpartition(I)
    joins = fork(lbind(prapply, connect), identity, identity)
    lines = compose(rbind(mfilter, hline), compose(joins, toindices))
    drawn = fork(recolor, color, lines)
    O = underpaint(I, mapply(drawn, parts))
    return O
