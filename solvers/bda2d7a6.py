# the colors of the three outer rings change round: each takes the next outer one's.
def solve_bda2d7a6(I):
    outer = index(I, ORIGIN)
    second = index(trim(I), ORIGIN)
    inside = power(trim, TWO)
    third = index(inside(I), ORIGIN)
    G = switch(I, outer, second)
    O = switch(G, second, third)
    return O
