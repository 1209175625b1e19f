# One blue cell if the grid is its own left-right mirror image, else an orange one.
def solve_44f52bb0(I):
    symmetric = equality(I, vmirror(I))
    answer = branch(symmetric, ONE, SEVEN)
    O = canvas(answer, UNITY)
    return O
