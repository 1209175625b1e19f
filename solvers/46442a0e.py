# The grid and its three quarter turns, laid clockwise into one square.
def solve_46442a0e(I):
    right = rot90(I)
    under = rot180(I)
    left = rot270(I)
    top = hconcat(I, right)
    bottom = hconcat(left, under)
    O = vconcat(top, bottom)
    return O
