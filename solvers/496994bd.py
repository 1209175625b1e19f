# The top half is mirrored into the bottom half.
def solve_496994bd(I):
    top = tophalf(I)
    O = vconcat(top, hmirror(top))
    return O
