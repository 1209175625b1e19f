"""Joining grids, splitting them into parts, and comparing them cell by cell.

A grid has h rows of w cells; () is the grid of height 0, and w may be 0.
"""

from __future__ import annotations

from pipeline.ir.status import Failure
from pipeline.primitives.mirrors import Grid, copy_cells, put_blank, put_picked
from pipeline.primitives.ragged import copied_words, put_stack, row_count
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    ELEMENTS,
    EMPTY,
    MISSING,
    NONE,
    SHAPE,
    TUPLE,
    ZERO,
    Memory,
    grid_words,
    height,
    is_grid,
    is_holed,
    list_words,
    origin,
    put_holed,
    put_list,
    width,
)


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
    holed=("a", "b"),
)
def hconcat(a: Grid, b: Grid) -> Grid:
    """Put the second grid to the right of the first, as far down as the shorter goes.

    Shape:   (the lesser height, the sum of the widths)
    """
    return tuple([left + right for left, right in zip(a, b, strict=False)])


@compiled
def _hconcat_words(m: Memory, a: int, b: int) -> int:
    return grid_words(min(height(m, a), height(m, b)), width(m, a) + width(m, b))


@native(hconcat, words=_hconcat_words)
def _hconcat(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    rows, left, right = min(height(m, a), height(m, b)), width(m, a), width(m, b)
    both = left + right
    word, after = put_blank(m, out, rows, both)
    copy_cells(m, origin(a), left, 1, origin(word), rows, left, both)
    copy_cells(m, origin(b), right, 1, origin(word) + left, rows, right, both)
    if is_holed(m, a) or is_holed(m, b):
        put_holed(m, word)
    return word, after


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
    total=True,
    ragged=("a", "b"),
)
def vconcat(a: Grid, b: Grid) -> Grid:
    """Put the second grid below the first.

    Shape:   the sum of the heights; ragged where the widths differ
    """
    return a + b


@compiled
def _are_even(m: Memory, a: int, b: int) -> bool:
    """Whether two grids that are not empty are equally wide, and neither is ragged."""
    return is_grid(m, a) and is_grid(m, b) and width(m, a) == width(m, b)


@compiled
def _vconcat_words(m: Memory, a: int, b: int) -> int:
    if row_count(m, a) == 0 or row_count(m, b) == 0:
        return 0
    if not _are_even(m, a, b):
        return 1 + copied_words(m, a) + copied_words(m, b)
    return grid_words(height(m, a) + height(m, b), width(m, a))


@native(vconcat, words=_vconcat_words)
def _vconcat(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    if row_count(m, a) == 0:
        return b, out
    if row_count(m, b) == 0:
        return a, out
    if not _are_even(m, a, b):
        return put_stack(m, out, a, b)
    upper, lower, columns = height(m, a), height(m, b), width(m, a)
    word, after = put_blank(m, out, upper + lower, columns)
    first = origin(word)
    copy_cells(m, origin(a), 0, 1, first, 1, upper * columns, 0)
    copy_cells(m, origin(b), 0, 1, first + upper * columns, 1, lower * columns, 0)
    return word, after


@compiled
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


@compiled
def _parts_words(m: Memory, count: int, rows: int, columns: int) -> int:
    """How many words the parts take if none is larger, or ELEMENTS."""
    if count > m.elements:
        return ELEMENTS
    return list_words(count) + count * grid_words(rows, columns)


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


@compiled
def _hsplit_words(m: Memory, grid: int, n: int) -> int:
    if height(m, grid) == 0:
        return EMPTY
    if n == 0:
        return ZERO
    return _parts_words(m, max(n, 0), height(m, grid), width(m, grid) // max(n, 1))


@native(hsplit, words=_hsplit_words)
def _hsplit(m: Memory, out: int, grid: int, n: int) -> tuple[int, int]:
    rows, columns, count = height(m, grid), width(m, grid), max(n, 0)
    size, step = _part(columns, n)
    after = out + 1 + count
    for k in range(count):
        first = min(k * step, columns)
        part = min(size, columns - first)
        m.heap[out + 1 + k], after = put_picked(m, after, grid, first, columns, 1, rows, part)
    word, _ = put_list(m, out, TUPLE, count)
    return word, after


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


@compiled
def _vsplit_words(m: Memory, grid: int, n: int) -> int:
    if n == 0:
        return ZERO
    if height(m, grid) == 0:
        return EMPTY
    return _parts_words(m, max(n, 0), height(m, grid) // max(n, 1), width(m, grid))


@native(vsplit, words=_vsplit_words)
def _vsplit(m: Memory, out: int, grid: int, n: int) -> tuple[int, int]:
    rows, columns, count = height(m, grid), width(m, grid), max(n, 0)
    size, step = _part(rows, n)
    after = out + 1 + count
    for k in range(count):
        first = min(k * step, rows)
        part = min(size, rows - first)
        m.heap[out + 1 + k], after = put_picked(
            m, after, grid, first * columns, columns, 1, part, columns
        )
    word, _ = put_list(m, out, TUPLE, count)
    return word, after


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
    optional=("fallback",),
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
    made = tuple(
        [
            tuple([v if v == u else fallback for v, u in zip(row, against, strict=False)])
            for row, against in zip(a, b, strict=False)
        ]
    )
    if fallback is None and any(None in row for row in made):
        raise Failure("NONE")
    return made


@compiled
def _cellwise_words(m: Memory, a: int, b: int, fallback: int) -> int:
    rows, columns = height(m, a), width(m, a)
    if rows == 0:
        return EMPTY
    if columns == 0:
        return 0
    if height(m, b) < rows or width(m, b) < columns:
        return SHAPE
    return grid_words(rows, columns)


@native(cellwise, words=_cellwise_words)
def _cellwise(m: Memory, out: int, a: int, b: int, fallback: int) -> tuple[int, int]:
    rows, columns, every = height(m, a), width(m, a), width(m, b)
    if columns == 0:
        return a, out
    word, after = put_blank(m, out, rows, columns)
    colours, from_a, from_b, to = m.colours, origin(a), origin(b), origin(word)
    for _ in range(rows):
        for j in range(columns):
            colour = colours[from_a + j]
            kept = colour if colour == colours[from_b + j] else fallback
            if kept == MISSING:
                return NONE, out
            colours[to + j] = kept
        from_a, from_b, to = from_a + columns, from_b + every, to + columns
    return word, after
