"""Cells: what a patch is made of, and the patch moved, recoloured or stripped of its colours.

A patch is a set of locations (i, j) or an object, a set of cells (colour, (i, j)). One look at any
element tells them apart, and an empty set is both.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.row import primitive


def has_colours(patch: Any) -> bool:
    """Whether the elements of a patch with at least one are cells rather than locations."""
    return type(next(iter(patch))[1]) is tuple


def row_numbers(patch: Any) -> set[int]:
    """The rows that a patch touches."""
    if not patch:
        return set()
    if has_colours(patch):
        return {location[0] for _, location in patch}
    return {i for i, _ in patch}


def column_numbers(patch: Any) -> set[int]:
    """The columns that a patch touches."""
    if not patch:
        return set()
    if has_colours(patch):
        return {location[1] for _, location in patch}
    return {j for _, j in patch}


def bounds(patch: Any) -> tuple[int, int, int, int]:
    """The first row and column and the last row and column; EMPTY if there is no element."""
    if not patch:
        raise Failure("EMPTY")
    rows, columns = row_numbers(patch), column_numbers(patch)
    return min(rows), min(columns), max(rows), max(columns)


def locations_of(patch: Any) -> Any:
    """The location of each element, with repetitions, in the patch's own order."""
    return [location for _, location in patch] if patch and has_colours(patch) else patch


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "toindices(frozenset({(3, (0, 1)), (4, (0, 1))})) == frozenset({(0, 1)})",
        "toindices(frozenset({(0, 1)})) == frozenset({(0, 1)})",
        "toindices(frozenset()) == frozenset()",
    ),
    laws=(
        "toindices(toindices(patch)) == toindices(patch)",
        "size(toindices(patch)) <= size(patch)",
    ),
    total=True,
)
def toindices(patch: Any) -> Any:
    """Collect the locations of a patch, without their colours."""
    if not patch:
        return frozenset()
    return frozenset([location for _, location in patch]) if has_colours(patch) else patch


@primitive(
    "Integer Indices -> Object",
    "Integer Object -> Object",
    examples=(
        "recolor(7, frozenset({(3, (0, 1)), (4, (0, 1))})) == frozenset({(7, (0, 1))})",
        "recolor(7, frozenset()) == frozenset()",
    ),
    laws=(
        "toindices(recolor(value, patch)) == toindices(patch)",
        "difference(palette(recolor(value, patch)), frozenset({value})) == frozenset()",
    ),
    total=True,
)
def recolor(value: int, patch: Any) -> frozenset[Any]:
    """Give every location of a patch one colour."""
    return frozenset([(value, location) for location in locations_of(patch)])


@primitive(
    "Indices Pair -> Indices",
    "Object Pair -> Object",
    examples=(
        "shift(frozenset({(0, 1), (2, 2)}), (1, -1)) == frozenset({(1, 0), (3, 1)})",
        "shift(frozenset({(5, (0, 0))}), (0, 2)) == frozenset({(5, (0, 2))})",
        "shift(frozenset(), (1, 1)) == frozenset()",
    ),
    laws=(
        "shift(shift(patch, directions), invert(directions)) == patch",
        "toindices(shift(patch, directions)) == shift(toindices(patch), directions)",
    ),
    computes=True,
    total=True,
)
def shift(patch: Any, directions: tuple[int, int]) -> Any:
    """Move a patch by so many rows and columns."""
    if not patch or directions == (0, 0):
        return patch
    di, dj = directions
    if has_colours(patch):
        return frozenset([(value, (i + di, j + dj)) for value, (i, j) in patch])
    return frozenset([(i + di, j + dj) for i, j in patch])


@primitive(
    "Indices -> Indices",
    "Object -> Object",
    examples=(
        "normalize(frozenset({(3, 2), (1, 5)})) == frozenset({(2, 0), (0, 3)})",
        "normalize(frozenset({(8, (-1, 4))})) == frozenset({(8, (0, 0))})",
        "normalize(frozenset()) == frozenset()",
    ),
    laws=(
        "normalize(shift(patch, (-3, 5))) == normalize(patch)",
        "shape(normalize(patch)) == shape(patch)",
    ),
    computes=True,
    total=True,
)
def normalize(patch: Any) -> Any:
    """Move a patch so that its bounding box starts at (0, 0)."""
    if not patch:
        return patch
    return shift(patch, (-min(row_numbers(patch)), -min(column_numbers(patch))))


def _period(cells: set[tuple[int, int, int]]) -> int:
    """The smallest step along the last part after which (colour, line, place) cells repeat."""
    places = [place for _, _, place in cells]
    start, end = min(places), max(places)
    colour, line, _ = next(cell for cell in cells if cell[2] == end)
    # Every step moves this last cell onto another one, so no other distance can be a period.
    steps = [end - p for c, k, p in cells if c == colour and k == line and p != end]
    for step in sorted(steps):
        if all(p - step < start or (c, k, p - step) in cells for c, k, p in cells):
            return step
    return end - start + 1


@primitive(
    "Object -> Integer",
    examples=(
        "hperiod(frozenset({(1, (0, 0)), (2, (0, 1)), (1, (0, 2))})) == 2",
        "hperiod(frozenset({(1, (0, 0)), (2, (0, 1))})) == 2",
        "hperiod(frozenset()) == 0",
    ),
    laws=(
        "hperiod(obj) == vperiod(dmirror(obj))",
        "hperiod(shift(obj, (1, -6))) == hperiod(obj)",
        "hperiod(obj) <= width(obj)",
    ),
    total=True,
)
def hperiod(obj: Any) -> int:
    """Find the smallest step to the left that maps an object, where still in its box, into itself.

    Shape:   Integer, at least 1; the width if there is none; 0 if the object is empty
    """
    return _period({(value, i, j) for value, (i, j) in obj}) if obj else 0


@primitive(
    "Object -> Integer",
    examples=(
        "vperiod(frozenset({(1, (0, 0)), (2, (1, 0)), (1, (2, 0))})) == 2",
        "vperiod(frozenset({(4, (3, 0)), (4, (4, 0))})) == 1",
        "vperiod(frozenset()) == 0",
    ),
    laws=(
        "vperiod(obj) == hperiod(dmirror(obj))",
        "vperiod(shift(obj, (1, -6))) == vperiod(obj)",
        "vperiod(obj) <= height(obj)",
    ),
    total=True,
)
def vperiod(obj: Any) -> int:
    """Find the smallest step upwards that maps an object, where still in its box, into itself.

    Shape:   Integer, at least 1; the height if there is none; 0 if the object is empty
    """
    return _period({(value, j, i) for value, (i, j) in obj}) if obj else 0
