# dots in line with the green square send a line of their color up to it.
def solve_d43fd935(I):
    target = ofcolor(I, THREE)
    dots = sizefilter(objects(I, T, F, T), ONE)
    inline = fork(either, lbind(hmatching, target), lbind(vmatching, target))
    facing = sfilter(dots, inline)
    arrive = fork(shift, identity, rbind(gravitate, target))
    path = fork(connect, ulcorner, compose(ulcorner, arrive))
    O = paint(I, mapply(fork(recolor, color, path), facing))
    return O
