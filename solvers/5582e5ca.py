# The whole grid takes its most common color.
def solve_5582e5ca(I):
    O = canvas(mostcolor(I), shape(I))
    return O
