# As many red cells as there are blue ones: up to three along the top row,
# and the fourth in the middle.
def solve_794b24be(I):
    n = size(ofcolor(I, ONE))
    run = minimum(insert(THREE, initset(n)))
    line = connect(ORIGIN, tojvec(decrement(run)))
    full = insert(UNITY, line)
    cells = branch(greater(n, THREE), full, line)
    blank = canvas(ZERO, shape(I))
    O = fill(blank, TWO, cells)
    return O
