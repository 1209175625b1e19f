# Every angle piece sends out a diagonal ray on its open side.
def solve_6e19193c(I):
    angles = objects(I, T, F, T)
    gap = compose(first, delta)
    ends = fork(add, ulcorner, lrcorner)
    way = fork(subtract, compose(double, gap), ends)
    start = fork(add, gap, way)
    rays = mapply(fork(shoot, start, way), angles)
    O = fill(I, color(first(angles)), rays)
    return O
