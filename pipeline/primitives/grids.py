"""Whole grids: making, recolouring, cutting, joining, and their one-coloured lines.

A grid has h rows of w cells; () is the grid of height 0, and w may be 0.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.mirrors import Grid
from pipeline.primitives.numbers import Pair
from pipeline.primitives.row import primitive
from pipeline.primitives.scales import cell_count


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
)
def canvas(value: int, dimensions: Pair) -> Grid:
    """Make the grid of one colour.

    Shape:   dimensions; a negative one counts as 0
    """
    height, width = dimensions
    return ((value,) * width,) * height


@primitive(
    "Grid Integer Integer -> Grid",
    examples=("replace(((1, 2), (3, 1)), 1, 5) == ((5, 2), (3, 5))", "replace((), 1, 2) == ()"),
    laws=(
        "replace(replace(grid, replacee, replacer), replacee, replacer)"
        " == replace(grid, replacee, replacer)",
        "rot90(replace(grid, replacee, replacer)) == replace(rot90(grid), replacee, replacer)",
    ),
    total=True,
)
def replace(grid: Grid, replacee: int, replacer: int) -> Grid:
    """Turn every cell of one colour into another.

    Shape:   stays
    """
    return tuple(
        [
            tuple([replacer if v == replacee else v for v in row]) if replacee in row else row
            for row in grid
        ]
    )


@primitive(
    "Grid Integer Integer -> Grid",
    examples=("switch(((1, 2, 3),), 1, 2) == ((2, 1, 3),)", "switch(((1, 2),), 1, 1) == ((1, 2),)"),
    laws=("switch(switch(grid, a, b), a, b) == grid", "switch(grid, a, b) == switch(grid, b, a)"),
    total=True,
)
def switch(grid: Grid, a: int, b: int) -> Grid:
    """Swap two colours.

    Shape:   stays
    """
    return tuple([tuple([b if v == a else a if v == b else v for v in row]) for row in grid])


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
)
def crop(grid: Grid, start: Pair, dims: Pair) -> Grid:
    """Cut out the part at start of the given height and width.

    Shape:   dims, less what lies past the edge; rows and columns are those of the Python slices
             from start to start + dims, so a negative bound counts from the far edge
    """
    (i, j), (height, width) = start, dims
    columns = slice(j, j + width)
    return tuple([row[columns] for row in grid[i : i + height]])


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


@primitive(
    "Grid Grid -> Grid",
    examples=(
        "hconcat(((1,), (2,)), ((3,), (4,))) == ((1, 3), (2, 4))",
        "hconcat(((1,), (2,)), ((3,),)) == ((1, 3),)",
        "hconcat(((1,),), ()) == ()",
    ),
    laws=(
        "size(hconcat(a, b)) == minimum((size(a), size(b)))",
        "vmirror(hconcat(a, b)) == hconcat(vmirror(b), vmirror(a))",
    ),
    total=True,
)
def hconcat(a: Grid, b: Grid) -> Grid:
    """Put the second grid to the right of the first, as far down as the shorter goes.

    Shape:   (the lesser height, the sum of the widths)
    """
    return tuple([left + right for left, right in zip(a, b, strict=False)])


@primitive(
    "Grid Grid -> Grid",
    examples=(
        "vconcat(((1, 2),), ((3, 4),)) == ((1, 2), (3, 4))",
        "vconcat((), ((1,),)) == ((1,),)",
    ),
    laws=(
        "size(vconcat(a, b)) == add(size(a), size(b))",
        "hmirror(vconcat(a, b)) == vconcat(hmirror(b), hmirror(a))",
    ),
)
def vconcat(a: Grid, b: Grid) -> Grid:
    """Put the second grid below the first.

    Shape:   (the sum of the heights, the one width)
    Errors:  SHAPE if the widths differ, and neither grid is of height 0
    """
    if a and b and len(a[0]) != len(b[0]):
        raise Failure("SHAPE")
    return a + b


def _part(length: int, n: int) -> tuple[int, int]:
    """The length of each of n equal parts, and the distance from one's start to the next's."""
    part = length // n
    return part, part + (length % n != 0)


def _parts_across(grid: Grid, n: int) -> int:
    """How many parts `hsplit` makes."""
    if not grid:
        raise Failure("EMPTY")
    if n == 0:
        raise Failure("ZERO")
    return max(n, 0)


def _parts_down(grid: Grid, n: int) -> int:
    """How many parts `vsplit` makes; as published, it divides before it looks at a row."""
    if n == 0:
        raise Failure("ZERO")
    if not grid:
        raise Failure("EMPTY")
    return max(n, 0)


@primitive(
    "Grid Integer -> Tuple[Grid]",
    examples=(
        "hsplit(((1, 2), (3, 4)), 2) == (((1,), (3,)), ((2,), (4,)))",
        "hsplit(((1, 2, 3),), 2) == (((1,),), ((3,),))",
        "hsplit(((1, 2, 3),), -1) == ()",
    ),
    laws=(
        "size(hsplit(grid, n)) == maximum((n, 0))",
        "hsplit(hconcat(grid, grid), 2) == (grid, grid)",
    ),
    capacity=_parts_across,
)
def hsplit(grid: Grid, n: int) -> tuple[Grid, ...]:
    """Cut into n parts side by side; a column is skipped after each where n does not divide w.

    Shape:   n grids of (h, w // n), less what lies past the edge
    Order:   left to right
    Errors:  EMPTY if the grid has height 0, else ZERO if n is zero
    """
    count = _parts_across(grid, n)
    width, step = _part(len(grid[0]), n)
    if width == 0:  # one piece for all, lest many parts of a high grid cost their product
        return (((),) * len(grid),) * count
    return tuple([tuple([row[k * step : k * step + width] for row in grid]) for k in range(count)])


@primitive(
    "Grid Integer -> Tuple[Grid]",
    examples=(
        "vsplit(((1,), (2,)), 2) == (((1,),), ((2,),))",
        "vsplit(((1,), (2,), (3,)), 2) == (((1,),), ((3,),))",
        "vsplit(((1,),), 3) == ((), (), ())",
    ),
    laws=(
        "size(vsplit(grid, n)) == maximum((n, 0))",
        "vsplit(vconcat(grid, grid), 2) == (grid, grid)",
    ),
    capacity=_parts_down,
)
def vsplit(grid: Grid, n: int) -> tuple[Grid, ...]:
    """Cut into n parts, one below another; a row is skipped after each where n does not divide h.

    Shape:   n grids of (h // n, w), less what lies past the edge
    Order:   top to bottom
    Errors:  ZERO if n is zero, else EMPTY if the grid has height 0
    """
    count = _parts_down(grid, n)
    height, step = _part(len(grid), n)
    return tuple([grid[k * step : k * step + height] for k in range(count)])


@primitive(
    "Grid Grid Integer -> Grid",
    examples=(
        "cellwise(((1, 2),), ((1, 3),), 0) == ((1, 0),)",
        "cellwise(((1,),), ((1, 2), (3, 4)), 0) == ((1,),)",
        "cellwise(((), ()), (), 0) == ((), ())",
    ),
    laws=(
        "cellwise(a, a, fallback) == a",
        "cellwise(a, cellwise(a, b, fallback), fallback) == cellwise(a, b, fallback)",
    ),
)
def cellwise(a: Grid, b: Grid, fallback: int) -> Grid:
    """Keep the cells in which two grids agree, and give the others the fallback colour.

    Shape:   that of the first grid
    Errors:  EMPTY if the first grid has height 0; SHAPE if the second does not cover its cells
    """
    if not a:
        raise Failure("EMPTY")
    width = len(a[0])
    if not width:
        return a
    if len(b) < len(a) or len(b[0]) < width:
        raise Failure("SHAPE")
    return tuple(
        [
            tuple([v if v == u else fallback for v, u in zip(row, against, strict=False)])
            for row, against in zip(a, b, strict=False)
        ]
    )


def _plain_rows(grid: Grid) -> list[int]:
    """The indices of the rows whose cells are of one colour."""
    return [i for i, row in enumerate(grid) if len(set(row)) == 1]


def _plain_columns(grid: Grid) -> list[int]:
    return [j for j, column in enumerate(zip(*grid, strict=True)) if len(set(column)) == 1]


@primitive(
    "Grid -> Grid",
    examples=(
        "compress(((1, 0, 2), (0, 0, 0), (3, 0, 4))) == ((1, 2), (3, 4))",
        "compress(((5,),)) == ()",
        "compress(((1, 2), (1, 2))) == ((), ())",
    ),
    laws=(
        "compress(rot180(grid)) == rot180(compress(grid))",
        "compress(grid) == grid or greater(size(frontiers(grid)), 0)",
    ),
    total=True,
)
def compress(grid: Grid) -> Grid:
    """Leave out the rows and the columns of one colour.

    Shape:   (h, w), each less the lines left out
    """
    rows, columns = set(_plain_rows(grid)), set(_plain_columns(grid))
    kept = [row for i, row in enumerate(grid) if i not in rows]
    if not columns:
        return tuple(kept)
    return tuple([tuple([v for j, v in enumerate(row) if j not in columns]) for row in kept])


@primitive(
    "Grid -> Objects",
    examples=(
        "frontiers(((1, 1), (1, 0))) == frozenset({frozenset({(1, (0, 0)), (1, (0, 1))}),"
        " frozenset({(1, (0, 0)), (1, (1, 0))})})",
        "frontiers(((5,),)) == frozenset({frozenset({(5, (0, 0))})})",
        "frontiers(((), ())) == frozenset()",
    ),
    laws=(
        "size(frontiers(dmirror(grid))) == size(frontiers(grid))",
        "sizefilter(frontiers(grid), 0) == frozenset()",
    ),
    computes=True,
)
def frontiers(grid: Grid) -> frozenset[Any]:
    """Collect the rows and the columns of one colour as objects.

    Errors:  EMPTY if the grid has height 0
    """
    if not grid:
        raise Failure("EMPTY")
    across, down = range(len(grid[0])), range(len(grid))
    lines = [frozenset([(grid[i][0], (i, j)) for j in across]) for i in _plain_rows(grid)]
    lines += [frozenset([(grid[0][j], (i, j)) for i in down]) for j in _plain_columns(grid)]
    return frozenset(lines)
