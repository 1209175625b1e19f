"""Whole grids: making them, recolouring them, and cutting a part out.

A grid has h rows of w cells; () is the grid of height 0, and w may be 0.
"""

from __future__ import annotations

from pipeline.ir.status import Failure
from pipeline.primitives.mirrors import Grid, put_blank, put_picked, same_words
from pipeline.primitives.numbers import Pair
from pipeline.primitives.ragged import copied_words, put_part, span
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.scales import cell_count, limited_words
from pipeline.primitives.words import (
    MISSING,
    NONE,
    Memory,
    column_of,
    grid_words,
    height,
    is_grid,
    origin,
    put_holed,
    row_of,
    width,
)


@primitive(
    "Integer Pair -> Grid",
    examples=(
        "canvas(7, (1, 3)) == ((7, 7, 7),)",
        "canvas(7, (2, 0)) == ((), ())",
        "canvas(7, (-1, 3)) == ()",
    ),
    laws=(
        "size(canvas(value, dimensions)) == maximum((first(dimensions), 0))",
        "upscale(canvas(value, dimensions), 2) == canvas(value, double(dimensions))",
        "rot180(canvas(value, dimensions)) == canvas(value, dimensions)",
    ),
    capacity=lambda value, dimensions: cell_count(*dimensions),
    total=True,
    optional=("value",),
    leads=("dimensions",),
)
def canvas(value: int, dimensions: Pair) -> Grid:
    """Make the grid of one colour, which may be missing.

    Shape:   dimensions; a negative one counts as 0
    """
    height, width = dimensions
    return ((value,) * width,) * height


@compiled
def _canvas_words(m: Memory, value: int, dimensions: int) -> int:
    return limited_words(m, max(row_of(dimensions), 0), max(column_of(dimensions), 0))


@native(canvas, words=_canvas_words)
def _canvas(m: Memory, out: int, value: int, dimensions: int) -> tuple[int, int]:
    rows, columns = max(row_of(dimensions), 0), max(column_of(dimensions), 0)
    word, after = put_blank(m, out, rows, columns)
    colours, first = m.colours, origin(word)
    for k in range(first, first + rows * columns):
        colours[k] = value
    if value == MISSING:
        put_holed(m, word)
    return word, after


@primitive(
    "Grid Integer Integer -> Grid",
    examples=("replace(((1, 2), (3, 1)), 1, 5) == ((5, 2), (3, 5))", "replace((), 1, 2) == ()"),
    laws=(
        "replace(replace(grid, replacee, replacer), replacee, replacer)"
        " == replace(grid, replacee, replacer)",
        "rot90(replace(grid, replacee, replacer)) == replace(rot90(grid), replacee, replacer)",
    ),
    total=True,
    optional=("replacee", "replacer"),
)
def replace(grid: Grid, replacee: int, replacer: int) -> Grid:
    """Turn every cell of one colour into another.

    Shape:   stays
    """
    if replacer is None and any(replacee in row for row in grid):
        raise Failure("NONE")
    return tuple(
        [
            tuple([replacer if v == replacee else v for v in row]) if replacee in row else row
            for row in grid
        ]
    )


@compiled
def _replace_words(m: Memory, grid: int, replacee: int, replacer: int) -> int:
    return same_words(m, grid)


@native(replace, words=_replace_words)
def _replace(m: Memory, out: int, grid: int, replacee: int, replacer: int) -> tuple[int, int]:
    return _put_recoloured(m, out, grid, replacee, replacer, replacee, replacer)


@compiled
def _put_recoloured(
    m: Memory, out: int, grid: int, a: int, new_a: int, b: int, new_b: int
) -> tuple[int, int]:
    """The grid with two colours replaced, the first one's cells where both are one; NONE where a
    cell would be without.
    """
    rows, columns = height(m, grid), width(m, grid)
    word, after = put_blank(m, out, rows, columns)
    colours, source, target = m.colours, origin(grid), origin(word)
    for k in range(rows * columns):
        colour = colours[source + k]
        new = new_a if colour == a else new_b if colour == b else colour
        if new == MISSING:
            return NONE, out
        colours[target + k] = new
    return word, after


@primitive(
    "Grid Integer Integer -> Grid",
    examples=("switch(((1, 2, 3),), 1, 2) == ((2, 1, 3),)", "switch(((1, 2),), 1, 1) == ((1, 2),)"),
    laws=("switch(switch(grid, a, b), a, b) == grid", "switch(grid, a, b) == switch(grid, b, a)"),
    total=True,
    optional=("a", "b"),
)
def switch(grid: Grid, a: int, b: int) -> Grid:
    """Swap two colours.

    Shape:   stays
    """
    if (a is None and any(b in row for row in grid)) or (
        b is None and any(a in row for row in grid)
    ):
        raise Failure("NONE")
    return tuple([tuple([b if v == a else a if v == b else v for v in row]) for row in grid])


@native(switch, words=_replace_words)
def _switch(m: Memory, out: int, grid: int, a: int, b: int) -> tuple[int, int]:
    return _put_recoloured(m, out, grid, a, b, b, a)


@compiled
def _put_window(
    m: Memory, out: int, grid: int, i: int, j: int, rows: int, columns: int
) -> tuple[int, int]:
    """The part of a grid from (i, j) on, of so many rows and columns, all inside."""
    if rows == height(m, grid) and columns == width(m, grid):
        return grid, out
    every = width(m, grid)
    return put_picked(m, out, grid, i * every + j, every, 1, rows, columns)


@primitive(
    "Grid Pair Pair -> Grid",
    examples=(
        "crop(((1, 2, 3), (4, 5, 6)), (0, 1), (2, 2)) == ((2, 3), (5, 6))",
        "crop(((1, 2, 3), (4, 5, 6)), (1, 2), (5, 5)) == ((6,),)",
        "crop(((1, 2, 3), (4, 5, 6)), (-1, 0), (1, 2)) == ()",
    ),
    laws=(
        "crop(crop(grid, start, dims), (0, 0), dims) == crop(grid, start, dims)"
        " or minimum(dims) < 0",
        "difference(merge(crop(grid, start, dims)), merge(grid)) == ()",
    ),
    total=True,
    ragged=("grid",),
    leads=(
        "start",
        "dims",
    ),
)
def crop(grid: Grid, start: Pair, dims: Pair) -> Grid:
    """Cut out the part at start of the given height and width.

    Shape:   dims, less what lies past the edge; rows and columns are those of the Python slices
             from start to start + dims, so a negative bound counts from the far edge
    """
    (i, j), (height, width) = start, dims
    columns = slice(j, j + width)
    return tuple([row[columns] for row in grid[i : i + height]])


@compiled
def _crop_words(m: Memory, grid: int, start: int, dims: int) -> int:
    if not is_grid(m, grid):
        return 1 + copied_words(m, grid)
    _, rows = span(row_of(start), row_of(dims), height(m, grid))
    _, columns = span(column_of(start), column_of(dims), width(m, grid))
    return grid_words(rows, columns)


@native(crop, words=_crop_words)
def _crop(m: Memory, out: int, grid: int, start: int, dims: int) -> tuple[int, int]:
    if not is_grid(m, grid):
        i, j, rows, columns = row_of(start), column_of(start), row_of(dims), column_of(dims)
        return put_part(m, out, grid, i, j, rows, columns)
    i, rows = span(row_of(start), row_of(dims), height(m, grid))
    j, columns = span(column_of(start), column_of(dims), width(m, grid))
    return _put_window(m, out, grid, i, j, rows, columns)


@primitive(
    "Grid -> Grid",
    examples=("trim(((1, 2, 3), (4, 5, 6), (7, 8, 9))) == ((5,),)", "trim(((1, 2),)) == ()"),
    laws=("trim(grid) == crop(grid, (1, 1), (-2, -2))", "rot180(trim(grid)) == trim(rot180(grid))"),
    total=True,
)
def trim(grid: Grid) -> Grid:
    """Take the outermost cells off, all round.

    Shape:   (h - 2, w - 2), not below 0
    """
    return tuple([row[1:-1] for row in grid[1:-1]])


@compiled
def _trim_words(m: Memory, grid: int) -> int:
    return grid_words(max(height(m, grid) - 2, 0), max(width(m, grid) - 2, 0))


@native(trim, words=_trim_words)
def _trim(m: Memory, out: int, grid: int) -> tuple[int, int]:
    rows, columns = max(height(m, grid) - 2, 0), max(width(m, grid) - 2, 0)
    return _put_window(m, out, grid, 1, 1, rows, columns)


@compiled
def _half_high_words(m: Memory, grid: int) -> int:
    return grid_words(height(m, grid) // 2, width(m, grid))


@compiled
def _half_wide_words(m: Memory, grid: int) -> int:
    return grid_words(height(m, grid), width(m, grid) // 2)


@compiled
def _put_half_wide(m: Memory, out: int, grid: int, first: int) -> tuple[int, int]:
    """Half of the columns, from the first on; a grid without columns has no rows either."""
    half = width(m, grid) // 2
    return _put_window(m, out, grid, 0, first, height(m, grid) if half > 0 else 0, half)


@primitive(
    "Grid -> Grid",
    examples=("tophalf(((1,), (2,), (3,))) == ((1,),)", "tophalf(((1, 2),)) == ()"),
    laws=("tophalf(grid) == first(vsplit(grid, 2))",),
    total=True,
)
def tophalf(grid: Grid) -> Grid:
    """Keep the upper half, without the middle row of an odd height.

    Shape:   (h // 2, w)
    """
    return grid[: len(grid) // 2]


@native(tophalf, words=_half_high_words)
def _tophalf(m: Memory, out: int, grid: int) -> tuple[int, int]:
    return _put_window(m, out, grid, 0, 0, height(m, grid) // 2, width(m, grid))


@primitive(
    "Grid -> Grid",
    examples=("bottomhalf(((1,), (2,), (3,))) == ((3,),)", "bottomhalf(((1, 2),)) == ()"),
    laws=("bottomhalf(grid) == hmirror(tophalf(hmirror(grid)))",),
    total=True,
)
def bottomhalf(grid: Grid) -> Grid:
    """Keep the lower half, without the middle row of an odd height.

    Shape:   (h // 2, w)
    """
    return grid[(len(grid) + 1) // 2 :]


@native(bottomhalf, words=_half_high_words)
def _bottomhalf(m: Memory, out: int, grid: int) -> tuple[int, int]:
    rows = height(m, grid)
    return _put_window(m, out, grid, (rows + 1) // 2, 0, rows // 2, width(m, grid))


@primitive(
    "Grid -> Grid",
    examples=("lefthalf(((1, 2, 3), (4, 5, 6))) == ((1,), (4,))", "lefthalf(((1,), (2,))) == ()"),
    laws=(
        "lefthalf(grid) == dmirror(tophalf(dmirror(grid)))",
        "lefthalf(grid) == () or lefthalf(grid) == first(hsplit(grid, 2))",
    ),
    total=True,
)
def lefthalf(grid: Grid) -> Grid:
    """Keep the left half, without the middle column of an odd width.

    Shape:   (h, w // 2); height 0 where w // 2 is 0
    """
    half = len(grid[0]) // 2 if grid else 0
    return tuple([row[:half] for row in grid]) if half else ()


@native(lefthalf, words=_half_wide_words)
def _lefthalf(m: Memory, out: int, grid: int) -> tuple[int, int]:
    return _put_half_wide(m, out, grid, 0)


@primitive(
    "Grid -> Grid",
    examples=("righthalf(((1, 2, 3), (4, 5, 6))) == ((3,), (6,))", "righthalf(((1,),)) == ()"),
    laws=(
        "righthalf(grid) == vmirror(lefthalf(vmirror(grid)))",
        "righthalf(grid) == dmirror(bottomhalf(dmirror(grid)))",
    ),
    total=True,
)
def righthalf(grid: Grid) -> Grid:
    """Keep the right half, without the middle column of an odd width.

    Shape:   (h, w // 2); height 0 where w // 2 is 0
    """
    half = len(grid[0]) // 2 if grid else 0
    return tuple([row[-half:] for row in grid]) if half else ()


@native(righthalf, words=_half_wide_words)
def _righthalf(m: Memory, out: int, grid: int) -> tuple[int, int]:
    return _put_half_wide(m, out, grid, (width(m, grid) + 1) // 2)
