# The colored shape moves one row down.
def solve_25ff71a9(I):
    drawing = first(fgpartition(I))
    O = move(I, drawing, DOWN)
    return O
