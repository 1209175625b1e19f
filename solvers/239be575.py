# Cyan if the two red squares are joined by cyan cells, else black.
def solve_239be575(I):
    joined_up = replace(I, TWO, EIGHT)
    areas = colorfilter(objects(joined_up, T, T, F), EIGHT)
    reds = compose(rbind(colorcount, TWO), rbind(toobject, I))
    joined = sfilter(areas, matcher(reds, EIGHT))
    answer = branch(positive(size(joined)), EIGHT, ZERO)
    O = canvas(answer, UNITY)
    return O
