# From the foot of the left line a red ray rises to the upper right,
# and the rest of the bottom row becomes yellow.
def solve_3bd67248(I):
    foot = llcorner(asindices(I))
    ray = shoot(foot, UP_RIGHT)
    floor = hfrontier(foot)
    red = underfill(I, TWO, ray)
    O = underfill(red, FOUR, floor)
    return O
