# The red bars rise up to the blue shape.
def solve_3906de3d(I):
    columns = dmirror(I)
    rise = rbind(order, matcher(identity, ZERO))
    O = dmirror(apply(rise, columns))
    return O
