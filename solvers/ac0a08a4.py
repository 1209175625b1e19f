# the grid grows by as many times as it has colors.
def solve_ac0a08a4(I):
    O = upscale(I, decrement(numcolors(I)))
    return O
