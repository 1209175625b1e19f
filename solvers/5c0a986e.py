# The blue square sends a ray to the upper left, the red one to the lower right.
def solve_5c0a986e(I):
    blue = ofcolor(I, ONE)
    red = ofcolor(I, TWO)
    up_ray = shoot(ulcorner(blue), NEG_UNITY)
    down_ray = shoot(lrcorner(red), UNITY)
    rays = fill(I, ONE, up_ray)
    O = fill(rays, TWO, down_ray)
    return O
