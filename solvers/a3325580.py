# the colors of the largest figures, left to right, one column each.
def solve_a3325580(I):
    figures = objects(I, T, F, T)
    most = valmax(figures, size)
    largest = order(sizefilter(figures, most), leftmost)
    O = repeat(apply(color, largest), most)
    return O
