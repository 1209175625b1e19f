# The grid, three times as large, keeps only those blocks that are cells of the grid.
def solve_007bbfb7(I):
    large = vupscale(hupscale(I, THREE), THREE)
    row = hconcat(hconcat(I, I), I)
    tiled = vconcat(vconcat(row, row), row)
    O = cellwise(large, tiled, ZERO)
    return O
