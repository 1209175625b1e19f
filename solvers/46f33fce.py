# The cells at every second place, each blown up to a 4 by 4 block.
def solve_46f33fce(I):
    turned = rot180(I)
    small = downscale(turned, TWO)
    O = upscale(rot180(small), FOUR)
    return O
