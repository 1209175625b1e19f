# a green plus half way between the two blue cells.
def solve_e9614598(I):
    middle = centerofmass(ofcolor(I, ONE))
    plus = insert(middle, dneighbors(middle))
    O = fill(I, THREE, plus)
    return O
