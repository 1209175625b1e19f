"""Paint: grids with some cells given another colour; what lies off the grid is left out."""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.cells import locations_of, shift
from pipeline.primitives.colours import mostcolor
from pipeline.primitives.row import primitive


def _rows_to_write(grid: Any) -> list[list[int]]:
    if not grid:
        raise Failure("EMPTY")
    return list(map(list, grid))


def _by_colour(obj: Any) -> Any:
    """The cells so that those at one location come in canonical order, or in a tuple's own."""
    if isinstance(obj, tuple) or len({location for _, location in obj}) == len(obj):
        return obj
    return sorted(obj)


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
    return tuple(map(tuple, rows))


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
    return tuple(map(tuple, rows))


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
    return tuple(map(tuple, rows))


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
    return tuple(map(tuple, rows))


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
)
def move(grid: Any, obj: Any, offset: tuple[int, int]) -> tuple[Any, ...]:
    """Cover an object with the commonest colour of the grid and paint it some way off.

    Order:   the greatest of several colours at one location stays; of a tuple, the last
    Errors:  EMPTY if the grid has no cell
    """
    return paint(cover(grid, obj), shift(obj, offset))
