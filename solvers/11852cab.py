# The pattern is completed to full symmetry by its mirror images.
def solve_11852cab(I):
    pattern = merge(fgpartition(I))
    flips = insert(hmirror, initset(vmirror))
    turns = insert(dmirror, insert(cmirror, flips))
    images = rapply(turns, pattern)
    O = paint(I, merge(images))
    return O
