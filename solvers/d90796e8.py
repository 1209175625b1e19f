# a green cell next to a red one turns cyan and the red one goes.
def solve_d90796e8(I):
    dots = objects(I, T, F, T)
    red = colorfilter(dots, TWO)
    green = colorfilter(dots, THREE)
    fans = lbind(lbind, adjacent)
    wed = mfilter(green, chain(positive, size, compose(lbind(sfilter, red), fans)))
    lone = mfilter(red, chain(positive, size, compose(lbind(sfilter, green), fans)))
    O = fill(fill(I, EIGHT, wed), ZERO, lone)
    return O
