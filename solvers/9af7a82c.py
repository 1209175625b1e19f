# a bar chart: one column per color, as long as the color is common, longest first.
def solve_9af7a82c(I):
    parts = order(partition(I), size)
    longest = valmax(parts, size)
    lengths = apply(size, parts)
    gaps = apply(lbind(subtract, longest), lengths)
    bars = papply(repeat, apply(color, parts), lengths)
    blanks = apply(lbind(repeat, ZERO), gaps)
    rows = papply(combine, bars, blanks)
    O = rot90(rows)
    return O
