# the red figure moves inside the frame marked by the green corners.
def solve_a1570a43(I):
    figure = recolor(TWO, ofcolor(I, TWO))
    inner = increment(ulcorner(ofcolor(I, THREE)))
    O = move(I, figure, subtract(inner, ulcorner(figure)))
    return O
