"""Making grids and objects larger and smaller by a whole factor.

A grid has h rows of w cells. A negative factor makes nothing, as 0 does, except in `downscale`.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.mirrors import (
    Grid,
    box_of,
    is_within,
    put_blank,
    put_picked,
    run_start,
)
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    CELLS,
    ELEMENTS,
    EMPTY,
    FIELD,
    INTEGER,
    SET,
    ZERO,
    Memory,
    column_of,
    grid_words,
    height,
    is_grid,
    length,
    list_words,
    origin,
    put_list,
    row_of,
    start,
    width,
)


def cell_count(height: int, width: int) -> int:
    """The cells of a grid with these dimensions; a row without cells counts as one."""
    return max(height, 0) * max(width, 1)


def _width(grid: Grid) -> int:
    return len(grid[0]) if grid else 0


@compiled
def limited_words(m: Memory, rows: int, columns: int) -> int:
    """How many words a grid takes, or CELLS; neither dimension is negative."""
    if rows * max(columns, 1) > m.cells:
        return CELLS
    return grid_words(rows, columns)


@compiled
def _enlarged_words(m: Memory, grid: int, down: int, across: int) -> int:
    return limited_words(m, height(m, grid) * max(down, 0), width(m, grid) * max(across, 0))


@compiled
def _put_enlarged(m: Memory, out: int, grid: int, down: int, across: int) -> tuple[int, int]:
    """Repeat each row and each column. Gives the grid's word and the place behind it."""
    rows, columns = height(m, grid), width(m, grid)
    down, across = max(down, 0), max(across, 0)
    word, after = put_blank(m, out, rows * down, columns * across)
    colours, source, target = m.colours, origin(grid), origin(word)
    row_cells = columns * across
    for i in range(rows if row_cells > 0 else 0):
        for copy in range(down):
            if copy == 0:
                for j in range(columns):
                    for k in range(across):
                        colours[target + j * across + k] = colours[source + i * columns + j]
            else:
                for j in range(row_cells):
                    colours[target + j] = colours[target - row_cells + j]
            target += row_cells
    return word, after


@primitive(
    "Grid Integer -> Grid",
    examples=(
        "hupscale(((1, 2), (3, 4)), 2) == ((1, 1, 2, 2), (3, 3, 4, 4))",
        "hupscale(((1, 2),), 0) == ((),)",
    ),
    laws=(
        "size(hupscale(grid, factor)) == size(grid)",
        "rot180(hupscale(grid, factor)) == hupscale(rot180(grid), factor)",
    ),
    capacity=lambda grid, factor: cell_count(len(grid), _width(grid) * factor),
    total=True,
)
def hupscale(grid: Grid, factor: int) -> Grid:
    """Repeat each column.

    Shape:   (h, w * factor)
    """
    times = range(factor)
    return tuple([tuple([v for v in row for _ in times]) for row in grid])


@compiled
def _hupscale_words(m: Memory, grid: int, factor: int) -> int:
    return _enlarged_words(m, grid, 1, factor)


@native(hupscale, words=_hupscale_words)
def _hupscale(m: Memory, out: int, grid: int, factor: int) -> tuple[int, int]:
    return _put_enlarged(m, out, grid, 1, factor)


@primitive(
    "Grid Integer -> Grid",
    examples=(
        "vupscale(((1, 2), (3, 4)), 2) == ((1, 2), (1, 2), (3, 4), (3, 4))",
        "vupscale(((1, 2),), 0) == ()",
    ),
    laws=(
        "size(vupscale(grid, factor)) == multiply(size(grid), maximum((factor, 0)))",
        "rot180(vupscale(grid, factor)) == vupscale(rot180(grid), factor)",
    ),
    capacity=lambda grid, factor: cell_count(len(grid) * factor, _width(grid)),
    total=True,
)
def vupscale(grid: Grid, factor: int) -> Grid:
    """Repeat each row.

    Shape:   (h * factor, w)
    """
    times = range(factor)
    return tuple([row for row in grid for _ in times])


@compiled
def _vupscale_words(m: Memory, grid: int, factor: int) -> int:
    return _enlarged_words(m, grid, factor, 1)


@native(vupscale, words=_vupscale_words)
def _vupscale(m: Memory, out: int, grid: int, factor: int) -> tuple[int, int]:
    return _put_enlarged(m, out, grid, factor, 1)


@primitive(
    "Grid Integer -> Grid",
    "Object Integer -> Object",
    examples=(
        "upscale(((1, 2),), 2) == ((1, 1, 2, 2), (1, 1, 2, 2))",
        "upscale(((1, 2),), -1) == ()",
        "upscale(frozenset({(3, (1, 1))}), 2) == frozenset({(3, (1, 1)), (3, (1, 2)),"
        " (3, (2, 1)), (3, (2, 2))})",
        "upscale(frozenset(), 2) == frozenset()",
    ),
    laws=(
        "upscale(element, 1) == element",
        "hmirror(upscale(element, factor)) == upscale(hmirror(element), factor)",
    ),
    capacity=lambda element, factor: (
        cell_count(len(element) * factor, _width(element) * factor)
        if isinstance(element, tuple)
        else len(element) * max(factor, 0) ** 2
    ),
    computes=True,
    total=True,
)
def upscale(element: Grid | frozenset[Any], factor: int) -> Grid | frozenset[Any]:
    """Turn each cell into a square of cells.

    Shape:   (h * factor, w * factor); an object keeps its upper left corner
    """
    if isinstance(element, tuple):
        return vupscale(hupscale(element, factor), factor)
    if not element:
        return element
    top = min([i for _, (i, _) in element])
    left = min([j for _, (_, j) in element])
    within = [(top + i, left + j) for i in range(factor) for j in range(factor)]
    return frozenset(
        [
            (colour, ((i - top) * factor + down, (j - left) * factor + across))
            for colour, (i, j) in element
            for down, across in within
        ]
    )


@compiled
def _upscale_words(m: Memory, element: int, factor: int) -> int:
    if is_grid(m, element):
        return _enlarged_words(m, element, factor, factor)
    count = length(m, element) * max(factor, 0) * max(factor, 0)
    return ELEMENTS if count > m.elements else list_words(count)


@native(upscale, words=_upscale_words)
def _upscale(m: Memory, out: int, element: int, factor: int) -> tuple[int, int]:
    if is_grid(m, element):
        return _put_enlarged(m, out, element, factor, factor)
    if length(m, element) == 0:
        return element, out
    if factor <= 0:
        return put_list(m, out, SET, 0)
    return _put_enlarged_object(m, out, element, factor)


@compiled
def _put_enlarged_object(m: Memory, out: int, patch: int, factor: int) -> tuple[int, int]:
    """Turn each cell of an object that is not empty into a square; the words ascend as written.

    For a row of cells the squares' first row comes first, then the second; for a location of more
    than one colour its colours for the square's first cell, then for the second.
    """
    top, left, bottom, right = box_of(m, patch)
    last_i, last_j = (bottom - top + 1) * factor - 1, (right - left + 1) * factor - 1
    if not is_within(m, patch, top, left, top + last_i, left + last_j):
        return INTEGER, out
    heap, source, end = m.heap, start(patch), start(patch) + length(m, patch)
    while end > source:
        first = run_start(m, source, end, 2 * FIELD)
        begin = out + 1 + (first - source) * factor * factor
        change_i = (row_of(heap[first]) - top) * (factor - 1)
        last = end
        while last > first:
            at = run_start(m, first, last, FIELD)
            change_j = (column_of(heap[at]) - left) * (factor - 1)
            for down in range(factor):
                place = begin + (down * (end - first) + at - first) * factor
                change = (((change_i + down) << FIELD) + change_j) << FIELD
                for across in range(factor):
                    for k in range(at, last):
                        heap[place] = heap[k] + change + (across << FIELD)
                        place += 1
            last = at
        end = first
    return put_list(m, out, SET, length(m, patch) * factor * factor)


@primitive(
    "Grid Integer -> Grid",
    examples=(
        "downscale(((1, 2, 3), (4, 5, 6), (7, 8, 9)), 2) == ((1, 3), (7, 9))",
        "downscale(((1, 2, 3),), -2) == ((1, 3),)",
    ),
    laws=(
        "downscale(upscale(grid, factor), factor) == grid",
        "downscale(grid, factor) == downscale(grid, invert(factor))",
    ),
)
def downscale(grid: Grid, factor: int) -> Grid:
    """Keep every so many-th row and column, from the first on; the factor's sign does not matter.

    Shape:   (h, w) divided by the factor, rounded up
    Errors:  EMPTY if the grid has height 0, else ZERO if the factor is zero
    """
    if not grid:
        raise Failure("EMPTY")
    if factor == 0:
        raise Failure("ZERO")
    every = abs(factor)
    return tuple([row[::every] for row in grid[::every]])


@compiled
def _downscale_words(m: Memory, grid: int, factor: int) -> int:
    if height(m, grid) == 0:
        return EMPTY
    if factor == 0:
        return ZERO
    every = abs(factor)
    return grid_words(-(-height(m, grid) // every), -(-width(m, grid) // every))


@native(downscale, words=_downscale_words)
def _downscale(m: Memory, out: int, grid: int, factor: int) -> tuple[int, int]:
    every, columns = abs(factor), width(m, grid)
    rows = -(-height(m, grid) // every)
    return put_picked(m, out, grid, 0, every * columns, every, rows, -(-columns // every))
