"""Paint: grids with some cells given another colour; what lies off the grid is left out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.cells import locations_of, shift
from pipeline.primitives.colours import mostcolor
from pipeline.primitives.components import NO_COLOUR
from pipeline.primitives.objects import place_in
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.tally import commonest
from pipeline.primitives.words import (
    EMPTY,
    MISSING,
    NIL,
    NONE,
    Memory,
    colour_of,
    column_of,
    grid_words,
    has_failed,
    height,
    is_pair,
    length,
    origin,
    put_grid,
    row_of,
    start,
    width,
)


def _rows_to_write(grid: Any) -> list[list[int]]:
    if not grid:
        raise Failure("EMPTY")
    return list(map(list, grid))


def _by_colour(obj: Any) -> Any:
    """The cells so that those at one location come in canonical order, or in a tuple's own."""
    if isinstance(obj, tuple) or len({location for _, location in obj}) == len(obj):
        return obj
    return ordered(obj)


def _grid_of(rows: list[list[int]], colours: Collection[int]) -> tuple[Any, ...]:
    """The grid of rows that were given colours: none of its cells may be without one."""
    if None in colours and any(None in row for row in rows):
        raise Failure("NONE")
    return tuple(map(tuple, rows))


@compiled
def _copy_words(m: Memory, grid: int) -> int:
    return grid_words(height(m, grid), width(m, grid))


@compiled
def _write(m: Memory, grid: int, patch: int, value: int, under: int, di: int, dj: int) -> bool:
    """Give a new grid's cells at the locations of a patch a colour.

    value is that colour, or NO_COLOUR for each cell's own. Only cells whose colour is under are
    written; NO_COLOUR for all. (di, dj) moves the patch. Tells whether all cells have a colour.
    """
    heap, colours, h, w = m.heap, m.colours, height(m, grid), width(m, grid)
    at, first = origin(grid), start(patch)
    missing = 0
    for k in range(first, first + length(m, patch)):
        place = place_in(h, w, row_of(heap[k]) + di, column_of(heap[k]) + dj)
        if place >= 0 and (under == NO_COLOUR or colours[at + place] == under):
            colour = colour_of(heap[k]) if value == NO_COLOUR else value
            colours[at + place] = colour
            missing += int(colour == MISSING)
    if missing != 0:
        for k in range(at, at + h * w):
            if colours[k] == MISSING:
                return False
    return True


@compiled
def _painted(m: Memory, out: int, grid: int, patch: int, value: int, under: int) -> tuple[int, int]:
    """A copy of a grid, written on. Fails if a colour is EMPTY, as `commonest` may give it, or a
    cell is left without one.
    """
    if value == EMPTY or under == EMPTY:
        return EMPTY, out
    heap, at = m.heap, start(grid)
    for k in range(_copy_words(m, grid) - 1):
        heap[out + 1 + k] = heap[at + k]
    word, after = put_grid(m, out, height(m, grid), width(m, grid))
    if not _write(m, word, patch, value, under, 0, 0):
        return NONE, out
    return word, after


@primitive(
    "Grid Integer Indices -> Grid",
    "Grid Integer Object -> Grid",
    examples=(
        "fill(((0, 0), (0, 0)), 5, frozenset({(0, 1), (-1, 0), (2, 2)})) == ((0, 5), (0, 0))",
        "fill(((0, 0),), 5, frozenset({(3, (0, 0))})) == ((5, 0),)",
        "fill(((0, 0),), 5, frozenset()) == ((0, 0),)",
    ),
    laws=(
        "fill(fill(grid, value, patch), value, patch) == fill(grid, value, patch)",
        "fill(grid, value, patch) == paint(grid, recolor(value, patch))",
    ),
    optional=("value",),
)
def fill(grid: Any, value: int, patch: Any) -> tuple[Any, ...]:
    """Give the locations of a patch one colour.

    Errors:  EMPTY if the grid has height 0
    """
    rows = _rows_to_write(grid)
    h, w = len(rows), len(rows[0])
    for i, j in locations_of(patch):
        if 0 <= i < h and 0 <= j < w:
            rows[i][j] = value
    return _grid_of(rows, (value,))


@compiled
def _fill_words(m: Memory, grid: int, value: int, patch: int) -> int:
    return _copy_words(m, grid)


@native(fill, words=_fill_words)
def _fill(m: Memory, out: int, grid: int, value: int, patch: int) -> tuple[int, int]:
    if height(m, grid) == 0:
        return EMPTY, out
    return _painted(m, out, grid, patch, value, NO_COLOUR)


@primitive(
    "Grid Object -> Grid",
    "Grid Tuple[Cell] -> Grid",
    examples=(
        "paint(((0, 0), (0, 0)), frozenset({(5, (0, 1)), (6, (2, 2))})) == ((0, 5), (0, 0))",
        "paint(((0, 0),), frozenset({(5, (0, 1)), (6, (0, 1))})) == ((0, 6),)",
        "paint(((0, 0),), frozenset()) == ((0, 0),)",
    ),
    laws=(
        "paint(paint(grid, obj), obj) == paint(grid, obj)",
        "paint(grid, toobject(obj, grid)) == grid",
    ),
)
def paint(grid: Any, obj: Any) -> tuple[Any, ...]:
    """Give the locations of an object its colours.

    Order:   the greatest of several colours at one location stays; of a tuple, the last
    Errors:  EMPTY if the grid has height 0
    """
    rows = _rows_to_write(grid)
    h, w = len(rows), len(rows[0])
    for value, (i, j) in _by_colour(obj):
        if 0 <= i < h and 0 <= j < w:
            rows[i][j] = value
    return _grid_of(rows, {value for value, _ in obj})


@compiled
def _paint_words(m: Memory, grid: int, obj: int) -> int:
    return _copy_words(m, grid)


@native(paint, words=_paint_words)
def _paint(m: Memory, out: int, grid: int, obj: int) -> tuple[int, int]:
    if height(m, grid) == 0:
        return EMPTY, out
    return _painted(m, out, grid, obj, NO_COLOUR, NO_COLOUR)


@primitive(
    "Grid Integer Indices -> Grid",
    "Grid Integer Object -> Grid",
    examples=(
        "underfill(((0, 0, 1),), 5, frozenset({(0, 1), (0, 2)})) == ((0, 5, 1),)",
        "underfill(((0, 0, 1),), 5, frozenset({(3, (9, 9))})) == ((0, 0, 1),)",
    ),
    laws=(
        "underfill(grid, value, patch)"
        " == fill(grid, value, intersection(toindices(patch), ofcolor(grid, mostcolor(grid))))",
    ),
    optional=("value",),
)
def underfill(grid: Any, value: int, patch: Any) -> tuple[Any, ...]:
    """Give the locations of a patch one colour where the grid has its commonest.

    Errors:  EMPTY if the grid has no cell
    """
    background = mostcolor(grid)
    rows = _rows_to_write(grid)
    h, w = len(rows), len(rows[0])
    for i, j in locations_of(patch):
        if 0 <= i < h and 0 <= j < w and rows[i][j] == background:
            rows[i][j] = value
    return _grid_of(rows, (value,))


@native(underfill, words=_fill_words)
def _underfill(m: Memory, out: int, grid: int, value: int, patch: int) -> tuple[int, int]:
    return _painted(m, out, grid, patch, value, commonest(m, grid))


@primitive(
    "Grid Object -> Grid",
    "Grid Tuple[Cell] -> Grid",
    examples=(
        "underpaint(((0, 0, 1),), frozenset({(5, (0, 1)), (6, (0, 2))})) == ((0, 5, 1),)",
        "underpaint(((3, 3, 1),), frozenset({(5, (0, 1)), (6, (0, 1))})) == ((3, 5, 1),)",
        "underpaint(((3, 3, 1),), frozenset({(3, (0, 1)), (6, (0, 1))})) == ((3, 6, 1),)",
    ),
    laws=("underpaint(grid, recolor(1, obj)) == underfill(grid, 1, obj)",),
)
def underpaint(grid: Any, obj: Any) -> tuple[Any, ...]:
    """Give the locations of an object its colours where the grid has its commonest.

    Order:   the smallest of several colours at one location stays, but for the grid's commonest;
             of a tuple, the first
    Errors:  EMPTY if the grid has no cell
    """
    background = mostcolor(grid)
    rows = _rows_to_write(grid)
    h, w = len(rows), len(rows[0])
    for value, (i, j) in _by_colour(obj):
        if 0 <= i < h and 0 <= j < w and rows[i][j] == background:
            rows[i][j] = value
    return _grid_of(rows, {value for value, _ in obj})


@native(underpaint, words=_paint_words)
def _underpaint(m: Memory, out: int, grid: int, obj: int) -> tuple[int, int]:
    return _painted(m, out, grid, obj, NO_COLOUR, commonest(m, grid))


@primitive(
    "Grid Indices -> Grid",
    "Grid Object -> Grid",
    examples=(
        "cover(((0, 0, 1),), frozenset({(0, 2)})) == ((0, 0, 0),)",
        "cover(((2, 2, 1),), frozenset({(9, (0, 0)), (9, (5, 5))})) == ((2, 2, 1),)",
    ),
    laws=("cover(grid, patch) == fill(grid, mostcolor(grid), patch)",),
)
def cover(grid: Any, patch: Any) -> tuple[Any, ...]:
    """Give the locations of a patch the commonest colour of the grid.

    Errors:  EMPTY if the grid has no cell
    """
    return fill(grid, mostcolor(grid), patch)


@native(cover, words=_paint_words)
def _cover(m: Memory, out: int, grid: int, patch: int) -> tuple[int, int]:
    return _painted(m, out, grid, patch, commonest(m, grid), NO_COLOUR)


@primitive(
    "Grid Object Pair -> Grid",
    examples=(
        "move(((5, 0, 0),), frozenset({(5, (0, 0))}), (0, 2)) == ((0, 0, 5),)",
        "move(((5, 0, 0),), frozenset({(5, (0, 0))}), (1, 0)) == ((0, 0, 0),)",
    ),
    laws=(
        "move(grid, obj, offset) == paint(cover(grid, obj), shift(obj, offset))",
        "move(grid, obj, (0, 0)) == paint(grid, obj)",
    ),
    optional=("offset",),
)
def move(grid: Any, obj: Any, offset: tuple[int, int]) -> tuple[Any, ...]:
    """Cover an object with the commonest colour of the grid and paint it some way off.

    Order:   the greatest of several colours at one location stays; of a tuple, the last
    Errors:  EMPTY if the grid has no cell
    """
    return paint(cover(grid, obj), shift(obj, offset))


@compiled
def _move_words(m: Memory, grid: int, obj: int, offset: int) -> int:
    return _copy_words(m, grid)


@native(move, words=_move_words)
def _move(m: Memory, out: int, grid: int, obj: int, offset: int) -> tuple[int, int]:
    word, after = _cover(m, out, grid, obj)
    if has_failed(word) or length(m, obj) == 0:
        return word, after
    if not is_pair(offset):
        return EMPTY if offset == NIL else NONE, out
    if not _write(m, word, obj, NO_COLOUR, NO_COLOUR, row_of(offset), column_of(offset)):
        return NONE, out
    return word, after
