# Solid boxes are sprinkled with noise of a rarer color: a noise cell with two or
# more direct neighbors in a box is part of it, any other one is erased.
def solve_7e0986d6(I):
    noise = leastcolor(I)
    dots = ofcolor(I, noise)
    colors = remove(ZERO, palette(I))
    box_color = other(colors, noise)
    box_cells = ofcolor(I, box_color)
    box_neighbors = compose(lbind(intersection, box_cells), dneighbors)
    support = compose(size, box_neighbors)
    holes = sfilter(dots, compose(rbind(greater, ONE), support))
    clean = replace(I, noise, ZERO)
    O = fill(clean, box_color, holes)
    return O
