# the left pattern, then it turned by a quarter, then by half.
def solve_8e5a5113(I):
    pattern = crop(I, ORIGIN, THREE_BY_THREE)
    step = crement(tojvec(width(pattern)))
    second = shift(asobject(rot90(pattern)), step)
    third = shift(asobject(rot180(pattern)), double(step))
    O = paint(I, combine(second, third))
    return O
