# The two cells of each color span a filled box.
def solve_56ff96f3(I):
    pairs = fgpartition(I)
    spans = fork(recolor, color, backdrop)
    O = paint(I, mapply(spans, pairs))
    return O
