# Shapes are colored by size: four cells in blue, three in red, two in green.
def solve_6e82a1ae(I):
    shapes = objects(I, T, F, T)
    code = compose(lbind(subtract, FIVE), size)
    dyed = fork(recolor, code, identity)
    O = paint(I, mapply(dyed, shapes))
    return O
