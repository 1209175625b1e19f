# All cells fall straight down.
def solve_1e0a9b12(I):
    columns = dmirror(I)
    fall = rbind(order, positive)
    O = dmirror(apply(fall, columns))
    return O
