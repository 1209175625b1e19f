# Green cells take the color of the nearer of the two border lines.
def solve_2204b7a8(I):
    shapes = objects(I, T, F, T)
    lines = sizefilter(shapes, height(I))
    dots = colorfilter(shapes, THREE)
    nearest = compose(lbind(argmin, lines), lbind(lbind, manhattan))
    dyed = fork(recolor, compose(color, nearest), identity)
    O = paint(I, mapply(dyed, dots))
    return O
