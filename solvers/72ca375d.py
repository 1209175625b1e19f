# The shape that is its own left-right mirror image, cut out.
def solve_72ca375d(I):
    shapes = objects(I, T, T, T)
    symmetric = fork(equality, identity, vmirror)
    chosen = extract(shapes, symmetric)
    O = subgrid(chosen, I)
    return O
