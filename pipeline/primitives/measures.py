"""Measures: how high and how wide a grid is, or the bounding box of a patch (see `patches`)."""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.cells import column_numbers, column_range, row_numbers, row_range
from pipeline.primitives.ragged import row_length
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    EMPTY,
    TUPLE,
    Memory,
    integer,
    is_grid,
    kind_of,
    length,
    pair,
)
from pipeline.primitives.words import height as grid_height
from pipeline.primitives.words import width as grid_width


def height_of(patch: Any) -> int:
    """How many rows the bounding box of a patch has."""
    rows = row_numbers(patch)
    return max(rows) - min(rows) + 1 if rows else 0


def width_of(patch: Any) -> int:
    """How many columns the bounding box of a patch has."""
    columns = column_numbers(patch)
    return max(columns) - min(columns) + 1 if columns else 0


@compiled
def _height_of(m: Memory, piece: int) -> int:
    if is_grid(m, piece):
        return grid_height(m, piece)
    if kind_of(m, piece) == TUPLE:
        return length(m, piece)
    first, last = row_range(m, piece)
    return last - first + 1


@compiled
def _width_of(m: Memory, piece: int) -> int:
    if is_grid(m, piece):
        return grid_width(m, piece) if grid_height(m, piece) > 0 else 0
    if kind_of(m, piece) == TUPLE:
        return row_length(m, piece, 0)
    first, last = column_range(m, piece)
    return last - first + 1


@primitive(
    "Grid -> Integer",
    "Indices -> Integer",
    "Object -> Integer",
    "Tuple[Integer] -> Integer",
    examples=(
        "height(((1, 2), (3, 4), (5, 6))) == 3",
        "height(frozenset({(2, 0), (5, 0)})) == 4",
        "height(frozenset()) == 0",
    ),
    laws=("height(hmirror(piece)) == height(piece)",),
    total=True,
    ragged=("piece",),
)
def height(piece: Any) -> int:
    """Count the rows of a grid, or of the bounding box of a patch.

    Shape:   Integer; 0 if the piece is empty
    """
    return len(piece) if isinstance(piece, tuple) else height_of(piece)


@native(height)
def _height(m: Memory, piece: int) -> int:
    return integer(m, _height_of(m, piece))


@primitive(
    "Grid -> Integer",
    "Indices -> Integer",
    "Object -> Integer",
    examples=(
        "width(((1, 2), (3, 4), (5, 6))) == 2",
        "width(frozenset({(7, (2, 0)), (7, (5, 3))})) == 4",
        "width(()) == 0",
    ),
    laws=("width(piece) == shape(piece)[1]", "width(vmirror(piece)) == width(piece)"),
    total=True,
    ragged=("piece",),
)
def width(piece: Any) -> int:
    """Count the columns of a grid, or of the bounding box of a patch.

    Shape:   Integer; 0 if the piece is empty
    """
    if isinstance(piece, tuple):
        return len(piece[0]) if piece else 0
    return width_of(piece)


@native(width)
def _width(m: Memory, piece: int) -> int:
    return integer(m, _width_of(m, piece))


@primitive(
    "Grid -> Pair",
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "shape(((1, 2, 3), (4, 5, 6))) == (2, 3)",
        "shape(frozenset({(-1, 4), (1, 4)})) == (3, 1)",
        "shape(frozenset()) == (0, 0)",
    ),
    laws=("shape(piece) == (height(piece), width(piece))",),
    computes=True,
    total=True,
    ragged=("piece",),
)
def shape(piece: Any) -> tuple[int, int]:
    """Measure a grid, or the bounding box of a patch: its height, then its width.

    Shape:   Pair; (0, 0) if the piece is empty
    """
    if isinstance(piece, tuple):
        return (len(piece), len(piece[0])) if piece else (0, 0)
    return (height_of(piece), width_of(piece))


@native(shape)
def _shape(m: Memory, piece: int) -> int:
    return pair(m, _height_of(m, piece), _width_of(m, piece))


@primitive(
    "Grid -> Boolean",
    "Indices -> Boolean",
    "Object -> Boolean",
    examples=(
        "portrait(((1,), (2,))) == True",
        "portrait(((1, 2), (3, 4))) == False",
        "portrait(frozenset()) == False",
    ),
    laws=(
        "portrait(piece) == greater(height(piece), width(piece))",
        "not (portrait(piece) and portrait(dmirror(piece)))",
    ),
    total=True,
    asks=True,
)
def portrait(piece: Any) -> bool:
    """Tell whether a piece is higher than it is wide."""
    rows, columns = shape(piece)
    return rows > columns


@native(portrait)
def _portrait(m: Memory, piece: int) -> int:
    return 1 if _height_of(m, piece) > _width_of(m, piece) else 0


@primitive(
    "Grid -> Boolean",
    "Indices -> Boolean",
    "Object -> Boolean",
    examples=(
        "square(((1, 2), (3, 4))) == True",
        "square(frozenset({(0, 0), (0, 1), (1, 0)})) == False",
        "square(frozenset()) == True",
    ),
    laws=("square(piece) == square(vmirror(piece))", "square(piece) == square(dmirror(piece))"),
)
def square(piece: Any) -> bool:
    """Tell whether a grid is as high as wide, or a patch fills a bounding box that is.

    Errors:  EMPTY if the grid has height 0
    """
    if isinstance(piece, tuple):
        if not piece:
            raise Failure("EMPTY")
        return len(piece) == len(piece[0])
    rows, columns = shape(piece)
    return rows == columns and rows * columns == len(piece)


@native(square)
def _square(m: Memory, piece: int) -> int:
    rows, columns = _height_of(m, piece), _width_of(m, piece)
    if is_grid(m, piece):
        return EMPTY if rows == 0 else int(rows == columns)
    return 1 if rows == columns and rows * columns == length(m, piece) else 0


@primitive(
    "Indices -> Boolean",
    "Object -> Boolean",
    examples=(
        "vline(frozenset({(1, 5), (2, 5)})) == True",
        "vline(frozenset({(1, 5), (3, 5)})) == False",
        "vline(frozenset()) == False",
    ),
    laws=("vline(patch) == hline(dmirror(patch))",),
    total=True,
    asks=True,
    keeps_tuples=("Indices", "Object"),
)
def vline(patch: Any) -> bool:
    """Tell whether a patch is one column wide and has as many elements as rows."""
    return width_of(patch) == 1 and height_of(patch) == len(patch)


@native(vline)
def _vline(m: Memory, patch: int) -> int:
    return 1 if _height_of(m, patch) == length(m, patch) and _width_of(m, patch) == 1 else 0


@primitive(
    "Indices -> Boolean",
    "Object -> Boolean",
    examples=(
        "hline(frozenset({(1, 5), (1, 6)})) == True",
        "hline(frozenset({(3, (1, 5)), (4, (1, 5))})) == False",
        "hline(frozenset()) == False",
    ),
    laws=("hline(patch) == vline(dmirror(patch))",),
    total=True,
    asks=True,
    keeps_tuples=("Indices", "Object"),
)
def hline(patch: Any) -> bool:
    """Tell whether a patch is one row high and has as many elements as columns."""
    return height_of(patch) == 1 and width_of(patch) == len(patch)


@native(hline)
def _hline(m: Memory, patch: int) -> int:
    return 1 if _height_of(m, patch) == 1 and _width_of(m, patch) == length(m, patch) else 0
