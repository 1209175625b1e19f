# the broken bar comes to lie on top of the other.
def solve_ba97ae07(I):
    bars = fgpartition(I)
    broken = argmax(bars, compose(size, delta))
    O = fill(I, color(broken), delta(broken))
    return O
