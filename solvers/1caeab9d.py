# All colors slide vertically until their tops are level with the top of the blue one.
def solve_1caeab9d(I):
    parts = fgpartition(I)
    level = uppermost(ofcolor(I, ONE))
    way = compose(toivec, compose(lbind(subtract, level), uppermost))
    slide = fork(shift, identity, way)
    blank = canvas(ZERO, shape(I))
    O = paint(blank, mapply(slide, parts))
    return O
