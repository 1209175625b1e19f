# gray rectangles turn red inside.
def solve_bb43febb(I):
    blocks = colorfilter(objects(I, T, F, F), FIVE)
    inside = mapply(compose(backdrop, inbox), blocks)
    O = fill(I, TWO, inside)
    return O
