# Colors change places in fixed pairs: 1 and 5, 2 and 6, 3 and 4, 8 and 9.
def solve_0d3d703e(I):
    one_five = switch(I, ONE, FIVE)
    two_six = switch(one_five, TWO, SIX)
    three_four = switch(two_six, THREE, FOUR)
    O = switch(three_four, EIGHT, NINE)
    return O
