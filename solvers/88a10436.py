# the colored figure is copied so that its middle lies on the gray cell.
def solve_88a10436(I):
    things = objects(I, F, T, T)
    dot = extract(things, matcher(color, FIVE))
    figure = other(things, dot)
    offset = subtract(center(dot), center(figure))
    G = cover(I, dot)
    O = paint(G, shift(figure, offset))
    return O
