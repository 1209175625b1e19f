# Each tail of the square goes on as a diagonal ray.
def solve_7ddcd7ec(I):
    shapes = objects(I, T, F, T)
    block = argmax(shapes, size)
    tails = remove(block, shapes)
    way = lbind(position, block)
    ray = fork(shoot, center, way)
    drawn = mapply(ray, tails)
    O = fill(I, color(block), drawn)
    return O
