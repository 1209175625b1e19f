# The grid shows a picture twice; one copy of it.
def solve_7b7f7511(I):
    O = branch(portrait(I), tophalf(I), lefthalf(I))
    return O
