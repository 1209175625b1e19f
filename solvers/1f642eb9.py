# Every lone cell prints itself on the side of the cyan box that it faces.
def solve_1f642eb9(I):
    shapes = objects(I, T, F, T)
    block = first(colorfilter(shapes, EIGHT))
    dots = remove(block, shapes)
    way = compose(crement, rbind(gravitate, block))
    print_of = fork(shift, identity, way)
    O = paint(I, mapply(print_of, dots))
    return O
