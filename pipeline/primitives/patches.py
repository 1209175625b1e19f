"""Patches: the sides, the corners and the middle of a set of locations or an object.

A patch is a set of locations (i, j) or an object, a set of cells (colour, (i, j)), which may have
several colours at one location. Its bounding box holds every location between its first and last
row and its first and last column.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.cells import (
    bounds,
    column_numbers,
    column_range,
    location_bits,
    row_numbers,
    row_range,
    toindices,
)
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    FIELD,
    NIL,
    SET,
    Memory,
    column_of,
    integer,
    length,
    list_words,
    pair,
    put_list,
    row_of,
    start,
)


@compiled
def box_of(m: Memory, patch: int) -> tuple[int, int, int, int]:
    """As `bounds`; the last row and column of an empty patch come before the first."""
    top, bottom = row_range(m, patch)
    left, right = column_range(m, patch)
    return top, left, bottom, right


@compiled
def location_at(i: int, j: int) -> int:
    """The word of a location that is within the limits, or that no limit is for."""
    return ((i + BIAS) << FIELD) | (j + BIAS)


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


@native(uppermost)
def _uppermost(m: Memory, patch: int) -> int:
    first, _ = row_range(m, patch)
    return integer(m, first) if length(m, patch) > 0 else EMPTY


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


@native(lowermost)
def _lowermost(m: Memory, patch: int) -> int:
    _, last = row_range(m, patch)
    return integer(m, last) if length(m, patch) > 0 else EMPTY


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


@native(leftmost)
def _leftmost(m: Memory, patch: int) -> int:
    first, _ = column_range(m, patch)
    return integer(m, first) if length(m, patch) > 0 else EMPTY


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


@native(rightmost)
def _rightmost(m: Memory, patch: int) -> int:
    _, last = column_range(m, patch)
    return integer(m, last) if length(m, patch) > 0 else EMPTY


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "ulcorner(frozenset({(2, 7), (5, 1)})) == (2, 1)",
        "ulcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=("ulcorner(patch) == (uppermost(patch), leftmost(patch))",),
    total=True,
)
def ulcorner(patch: Any) -> tuple[int, ...]:
    """Find the upper left corner of the bounding box of a patch.

    Shape:   Pair; `()` if the patch has no element
    """
    if not patch:
        return ()
    top, left, _, _ = bounds(patch)
    return (top, left)


@native(ulcorner)
def _ulcorner(m: Memory, patch: int) -> int:
    top, left, _, _ = box_of(m, patch)
    return location_at(top, left) if length(m, patch) > 0 else NIL


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "urcorner(frozenset({(2, 7), (5, 1)})) == (2, 7)",
        "urcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=("urcorner(patch) == (uppermost(patch), rightmost(patch))",),
    total=True,
)
def urcorner(patch: Any) -> tuple[int, ...]:
    """Find the upper right corner of the bounding box of a patch.

    Shape:   Pair; `()` if the patch has no element
    """
    if not patch:
        return ()
    top, _, _, right = bounds(patch)
    return (top, right)


@native(urcorner)
def _urcorner(m: Memory, patch: int) -> int:
    top, _, _, right = box_of(m, patch)
    return location_at(top, right) if length(m, patch) > 0 else NIL


@primitive(
    "Indices -> Pair",
    "Object -> Pair",
    examples=(
        "llcorner(frozenset({(2, 7), (5, 1)})) == (5, 1)",
        "llcorner(frozenset({(9, (0, -3))})) == (0, -3)",
    ),
    laws=("llcorner(patch) == (lowermost(patch), leftmost(patch))",),
    total=True,
)
def llcorner(patch: Any) -> tuple[int, ...]:
    """Find the lower left corner of the bounding box of a patch.

    Shape:   Pair; `()` if the patch has no element
    """
    if not patch:
        return ()
    _, left, bottom, _ = bounds(patch)
    return (bottom, left)


@native(llcorner)
def _llcorner(m: Memory, patch: int) -> int:
    _, left, bottom, _ = box_of(m, patch)
    return location_at(bottom, left) if length(m, patch) > 0 else NIL


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
    total=True,
)
def lrcorner(patch: Any) -> tuple[int, ...]:
    """Find the lower right corner of the bounding box of a patch.

    Shape:   Pair; `()` if the patch has no element
    """
    if not patch:
        return ()
    _, _, bottom, right = bounds(patch)
    return (bottom, right)


@native(lrcorner)
def _lrcorner(m: Memory, patch: int) -> int:
    _, _, bottom, right = box_of(m, patch)
    return location_at(bottom, right) if length(m, patch) > 0 else NIL


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
    total=True,
)
def corners(patch: Any) -> frozenset[tuple[int, ...]]:
    """Collect the corners of the bounding box of a patch.

    Shape:   Indices of 1, 2 or 4; of `()` alone if the patch has no element
    """
    if not patch:
        return frozenset(((),))
    top, left, bottom, right = bounds(patch)
    return frozenset(((top, left), (top, right), (bottom, left), (bottom, right)))


@compiled
def _corners_words(m: Memory, patch: int) -> int:
    return list_words(4)


@native(corners, words=_corners_words)
def _corners(m: Memory, out: int, patch: int) -> tuple[int, int]:
    if length(m, patch) == 0:
        m.heap[out + 1] = NIL
        return put_list(m, out, SET, 1)
    top, left, bottom, right = box_of(m, patch)
    rows = 1 if top == bottom else 2
    columns = 1 if left == right else 2
    for k in range(rows * columns):
        i = top if k < columns else bottom
        j = left if k % columns == 0 else right
        m.heap[out + 1 + k] = location_at(i, j)
    return put_list(m, out, SET, rows * columns)


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
    keeps_tuples=("Indices", "Object"),
)
def center(patch: Any) -> tuple[int, int]:
    """Find the middle of the bounding box of a patch, the lower and right one of two.

    Errors:  EMPTY if the patch has no element
    """
    top, left, bottom, right = bounds(patch)
    return (top + (bottom - top + 1) // 2, left + (right - left + 1) // 2)


@native(center)
def _center(m: Memory, patch: int) -> int:
    top, left, bottom, right = box_of(m, patch)
    middle = pair(m, top + (bottom - top + 1) // 2, left + (right - left + 1) // 2)
    return middle if length(m, patch) > 0 else EMPTY


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
    total=True,
    keeps_tuples=("Indices", "Object"),
)
def centerofmass(patch: Any) -> tuple[int, ...]:
    """Average the distinct locations of a patch over its number of elements, rounding down.

    Shape:   Pair; `()` if the patch has no element
    """
    if not patch:
        return ()
    locations, count = toindices(patch), len(patch)
    return (sum([i for i, _ in locations]) // count, sum([j for _, j in locations]) // count)


@native(centerofmass)
def _centerofmass(m: Memory, patch: int) -> int:
    heap, at, bits, count = m.heap, start(patch), location_bits(m, patch), length(m, patch)
    if count == 0:
        return NIL
    before, rows, columns = -1, 0, 0
    for k in range(at, at + count):
        location = heap[k] >> bits
        if location != before:
            rows += row_of(location)
            columns += column_of(location)
        before = location
    return pair(m, rows // count, columns // count)
