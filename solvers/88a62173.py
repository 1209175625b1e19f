# of the four corner patterns, the one that differs.
def solve_88a62173(I):
    halvers = combine(repeat(lefthalf, ONE), repeat(righthalf, ONE))
    sides = rapply(halvers, I)
    tops = apply(tophalf, sides)
    bottoms = apply(bottomhalf, sides)
    O = leastcommon(combine(tops, bottoms))
    return O
