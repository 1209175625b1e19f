# The inside of the larger box becomes red, that of the smaller one blue.
def solve_694f12f3(I):
    boxes = colorfilter(objects(I, T, F, F), FOUR)
    inside = compose(backdrop, inbox)
    large = inside(argmax(boxes, size))
    small = inside(argmin(boxes, size))
    painted = fill(I, TWO, large)
    O = fill(painted, ONE, small)
    return O
