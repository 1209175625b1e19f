# closed-in background turns blue.
def solve_a5313dff(I):
    gaps = colorfilter(objects(I, T, F, F), ZERO)
    inside = mfilter(gaps, compose(flip, rbind(bordering, I)))
    O = fill(I, ONE, inside)
    return O
