# Each cell in line with the box, across or down, draws a line to it.
def solve_2c608aff(I):
    shapes = objects(I, T, F, T)
    block = argmax(shapes, size)
    dots = remove(block, shapes)
    level = lbind(hmatching, block)
    upright = lbind(vmatching, block)
    aligned = sfilter(dots, fork(either, level, upright))
    way = rbind(gravitate, block)
    end = fork(add, center, way)
    lines = mapply(fork(connect, center, end), aligned)
    O = fill(I, color(first(dots)), lines)
    return O
