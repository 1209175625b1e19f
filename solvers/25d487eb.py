# A ray in the color of the mark at the base of the triangle leaves through the tip.
def solve_25d487eb(I):
    triangle = merge(fgpartition(I))
    rare = leastcolor(I)
    mark = first(ofcolor(I, rare))
    way = sign(subtract(center(triangle), mark))
    O = underfill(I, rare, shoot(mark, way))
    return O
