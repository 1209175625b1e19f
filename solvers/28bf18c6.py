# The shape, cut out, twice side by side.
def solve_28bf18c6(I):
    shape_cells = first(objects(I, T, T, T))
    tile = subgrid(shape_cells, I)
    O = hconcat(tile, tile)
    return O
