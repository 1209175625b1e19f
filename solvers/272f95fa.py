# The areas between the cyan lines get colors by where they lie: red above the middle one,
# yellow left, green right and blue below it; the middle one becomes pink.
def solve_272f95fa(I):
    areas = colorfilter(objects(I, T, F, F), ZERO)
    middle = extract(areas, compose(flip, rbind(bordering, I)))
    others = remove(middle, areas)
    where = lbind(position, middle)
    pink = fill(I, SIX, middle)
    red = fill(pink, TWO, extract(others, matcher(where, UP)))
    yellow = fill(red, FOUR, extract(others, matcher(where, LEFT)))
    green = fill(yellow, THREE, extract(others, matcher(where, RIGHT)))
    O = fill(green, ONE, extract(others, matcher(where, DOWN)))
    return O
