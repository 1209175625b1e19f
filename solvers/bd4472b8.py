# under the gray line, a full row for each color of the first row, twice through.
def solve_bd4472b8(I):
    colors = first(I)
    side = width(I)
    rows = repeat(astuple(ONE, side), side)
    bars = mpapply(canvas, colors, rows)
    head = crop(I, ORIGIN, astuple(TWO, side))
    O = vconcat(vconcat(head, bars), bars)
    return O
