# Cyan cells in the same row or column are joined by green lines.
def solve_253bf280(I):
    cells = ofcolor(I, EIGHT)
    joins = prapply(connect, cells, cells)
    straight = fork(either, hline, vline)
    lines = mfilter(joins, straight)
    drawn = fill(I, THREE, lines)
    O = fill(drawn, EIGHT, cells)
    return O
