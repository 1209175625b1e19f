# The largest black area becomes blue, the smallest ones cyan.
def solve_6455b5f5(I):
    areas = colorfilter(objects(I, T, F, F), ZERO)
    most = valmax(areas, size)
    least = valmin(areas, size)
    blue = fill(I, ONE, merge(sizefilter(areas, most)))
    O = fill(blue, EIGHT, merge(sizefilter(areas, least)))
    return O
