"""Patches: the measures and corners of a grid, a set of locations or an object.

A patch is a set of locations (i, j) or an object, a set of cells (colour, (i, j)), which may have
several colours at one location. Its bounding box holds every location between its first and last
row and its first and last column.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.cells import bounds, column_numbers, row_numbers, toindices
from pipeline.primitives.row import primitive


def height_of(patch: Any) -> int:
    """How many rows the bounding box of a patch has."""
    rows = row_numbers(patch)
    return max(rows) - min(rows) + 1 if rows else 0


def width_of(patch: Any) -> int:
    """How many columns the bounding box of a patch has."""
    columns = column_numbers(patch)
    return max(columns) - min(columns) + 1 if columns else 0


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
)
def height(piece: Any) -> int:
    """Count the rows of a grid, or of the bounding box of a patch.

    Shape:   Integer; 0 if the piece is empty
    """
    return len(piece) if isinstance(piece, tuple) else height_of(piece)


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
)
def width(piece: Any) -> int:
    """Count the columns of a grid, or of the bounding box of a patch.

    Shape:   Integer; 0 if the piece is empty
    """
    if isinstance(piece, tuple):
        return len(piece[0]) if piece else 0
    return width_of(piece)


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
)
def shape(piece: Any) -> tuple[int, int]:
    """Measure a grid, or the bounding box of a patch: its height, then its width.

    Shape:   Pair; (0, 0) if the piece is empty
    """
    if isinstance(piece, tuple):
        return (len(piece), len(piece[0])) if piece else (0, 0)
    return (height_of(piece), width_of(piece))


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
)
def portrait(piece: Any) -> bool:
    """Tell whether a piece is higher than it is wide."""
    rows, columns = shape(piece)
    return rows > columns


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
)
def vline(patch: Any) -> bool:
    """Tell whether a patch is one column wide and has as many elements as rows."""
    return width_of(patch) == 1 and height_of(patch) == len(patch)


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
)
def hline(patch: Any) -> bool:
    """Tell whether a patch is one row high and has as many elements as columns."""
    return height_of(patch) == 1 and width_of(patch) == len(patch)


@primitive(
    "Indices -> Integer",
    "Object -> Integer",
    examples=(
        "uppermost(frozenset({(2, 7), (5, 1)})) == 2",
        "uppermost(frozenset({(9, (-3, 0))})) == -3",
    ),
    laws=(
        "uppermost(patch) == lowermost(patch) - height(patch) + 1",
        "uppermost(shift(patch, (2, 0))) == uppermost(patch) + 2",
    ),
)
def uppermost(patch: Any) -> int:
    """Find the first row that a patch touches.

    Errors:  EMPTY if the patch has no element
    """
    if not patch:
        raise Failure("EMPTY")
    return min(row_numbers(patch))


@primitive(
    "Indices -> Integer",
    "Object -> Integer",
    examples=(
        "lowermost(frozenset({(2, 7), (5, 1)})) == 5",
        "lowermost(frozenset({(9, (-3, 0))})) == -3",
    ),
    laws=("lowermost(shift(patch, (2, 0))) == lowermost(patch) + 2",),
)
def lowermost(patch: Any) -> int:
    """Find the last row that a patch touches.

    Errors:  EMPTY if the patch has no element
    """
    if not patch:
        raise Failure("EMPTY")
    return max(row_numbers(patch))


@primitive(
    "Indices -> Integer",
    "Object -> Integer",
    examples=(
        "leftmost(frozenset({(2, 7), (5, 1)})) == 1",
        "leftmost(frozenset({(9, (0, -3))})) == -3",
    ),
    laws=(
        "leftmost(patch) == rightmost(patch) - width(patch) + 1",
        "leftmost(normalize(patch)) == 0",
    ),
)
def leftmost(patch: Any) -> int:
    """Find the first column that a patch touches.

    Errors:  EMPTY if the patch has no element
    """
    if not patch:
        raise Failure("EMPTY")
    return min(column_numbers(patch))


@primitive(
    "Indices -> Integer",
    "Object -> Integer",
    examples=(
        "rightmost(frozenset({(2, 7), (5, 1)})) == 7",
        "rightmost(frozenset({(9, (0, -3))})) == -3",
    ),
    laws=("rightmost(normalize(patch)) == width(patch) - 1",),
)
def rightmost(patch: Any) -> int:
    """Find the last column that a patch touches.

    Errors:  EMPTY if the patch has no element
    """
    if not patch:
        raise Failure("EMPTY")
    return max(column_numbers(patch))


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "ulcorner(frozenset({(2, 7), (5, 1)})) == (2, 1)",
        "ulcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=("ulcorner(patch) == (uppermost(patch), leftmost(patch))",),
)
def ulcorner(patch: Any) -> tuple[int, int]:
    """Find the upper left corner of the bounding box of a patch.

    Errors:  EMPTY if the patch has no element
    """
    top, left, _, _ = bounds(patch)
    return (top, left)


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "urcorner(frozenset({(2, 7), (5, 1)})) == (2, 7)",
        "urcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=("urcorner(patch) == (uppermost(patch), rightmost(patch))",),
)
def urcorner(patch: Any) -> tuple[int, int]:
    """Find the upper right corner of the bounding box of a patch.

    Errors:  EMPTY if the patch has no element
    """
    top, _, _, right = bounds(patch)
    return (top, right)


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "llcorner(frozenset({(2, 7), (5, 1)})) == (5, 1)",
        "llcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=("llcorner(patch) == (lowermost(patch), leftmost(patch))",),
)
def llcorner(patch: Any) -> tuple[int, int]:
    """Find the lower left corner of the bounding box of a patch.

    Errors:  EMPTY if the patch has no element
    """
    _, left, bottom, _ = bounds(patch)
    return (bottom, left)


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "lrcorner(frozenset({(2, 7), (5, 1)})) == (5, 7)",
        "lrcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=(
        "lrcorner(patch) == (lowermost(patch), rightmost(patch))",
        "subtract(lrcorner(patch), ulcorner(patch)) == decrement(shape(patch))",
    ),
)
def lrcorner(patch: Any) -> tuple[int, int]:
    """Find the lower right corner of the bounding box of a patch.

    Errors:  EMPTY if the patch has no element
    """
    _, _, bottom, right = bounds(patch)
    return (bottom, right)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "corners(frozenset({(0, 1), (2, 0)})) == frozenset({(0, 0), (0, 1), (2, 0), (2, 1)})",
        "corners(frozenset({(4, (3, 3))})) == frozenset({(3, 3)})",
    ),
    laws=(
        "backdrop(corners(patch)) == backdrop(patch)",
        "corners(patch) == corners(corners(patch))",
    ),
)
def corners(patch: Any) -> frozenset[tuple[int, int]]:
    """Collect the corners of the bounding box of a patch.

    Shape:   Indices of 1, 2 or 4
    Errors:  EMPTY if the patch has no element
    """
    top, left, bottom, right = bounds(patch)
    return frozenset(((top, left), (top, right), (bottom, left), (bottom, right)))


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "center(frozenset({(0, 0), (2, 2)})) == (1, 1)",
        "center(frozenset({(0, 0), (1, 0)})) == (1, 0)",
    ),
    laws=(
        "center(shift(patch, (3, -4))) == add(center(patch), (3, -4))",
        "center(patch) == center(backdrop(patch))",
    ),
    computes=True,
)
def center(patch: Any) -> tuple[int, int]:
    """Find the middle of the bounding box of a patch, the lower and right one of two.

    Errors:  EMPTY if the patch has no element
    """
    top, left, bottom, right = bounds(patch)
    return (top + (bottom - top + 1) // 2, left + (right - left + 1) // 2)


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "centerofmass(frozenset({(0, 0), (0, 1), (3, 5)})) == (1, 2)",
        "centerofmass(frozenset({(5, (-1, 0)), (5, (0, 0))})) == (-1, 0)",
    ),
    laws=(
        "centerofmass(toindices(shift(patch, (3, -4))))"
        " == add(centerofmass(toindices(patch)), (3, -4))",
    ),
    computes=True,
)
def centerofmass(patch: Any) -> tuple[int, int]:
    """Average the distinct locations of a patch over its number of elements, rounding down.

    Errors:  EMPTY if the patch has no element
    """
    if not patch:
        raise Failure("EMPTY")
    locations, count = toindices(patch), len(patch)
    return (sum([i for i, _ in locations]) // count, sum([j for _, j in locations]) // count)
