# The red frame moves along the green dots to the next one.
def solve_5168d44c(I):
    dots = ofcolor(I, THREE)
    frame = toobject(ofcolor(I, TWO), I)
    step = branch(portrait(dots), DOWN, RIGHT)
    O = move(I, frame, double(step))
    return O
