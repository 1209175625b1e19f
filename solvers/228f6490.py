# Each hole in a gray box takes in the free shape of the very same form, and that shape
# disappears from where it was; the color most common among the shapes is only noise.
def solve_228f6490(I):
    shapes = objects(I, T, F, T)
    boxes = colorfilter(shapes, FIVE)
    others = difference(shapes, boxes)
    noise = mostcommon(apply(color, totuple(others)))
    free = difference(others, colorfilter(others, noise))
    holes = apply(delta, boxes)
    forms = apply(normalize, holes)
    form = compose(normalize, toindices)
    fits = compose(rbind(contained, forms), form)
    cleared = fill(I, ZERO, mfilter(free, fits))
    same_form = compose(lbind(matcher, form), normalize)
    partner = compose(lbind(extract, free), same_form)
    plug = fork(recolor, compose(color, partner), identity)
    plugs = mapply(plug, holes)
    O = paint(cleared, plugs)
    return O
