"""Cells: what a patch is made of, and the patch moved, recoloured or stripped of its colours.

A patch is a set of locations (i, j) or an object, a set of cells (colour, (i, j)). One look at any
element tells them apart, and an empty set is both.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.argument_checks import check_number
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    BIAS,
    ELEMENTS,
    EMPTY,
    FIELD,
    INTEGER,
    MASK,
    NIL,
    NONE,
    SET,
    Memory,
    column_of,
    integer,
    is_cell,
    is_pair,
    length,
    list_words,
    put_list,
    row_of,
    start,
    with_colour,
)


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


@compiled
def location_bits(m: Memory, patch: int) -> int:
    """How far to the left a location stands in the words of a patch: 0 unless they are cells."""
    if length(m, patch) > 0 and is_cell(m.heap[start(patch)]):
        return FIELD
    return 0


@compiled
def row_range(m: Memory, patch: int) -> tuple[int, int]:
    """The first and the last row of a patch; (0, -1) if it is empty."""
    count, at = length(m, patch), start(patch)
    if count == 0:
        return 0, -1
    return row_of(m.heap[at]), row_of(m.heap[at + count - 1])


@compiled
def column_range(m: Memory, patch: int) -> tuple[int, int]:
    """The first and the last column of a patch; (0, -1) if it is empty."""
    count = length(m, patch)
    if count == 0:
        return 0, -1
    first, last = _part_range(m, patch, location_bits(m, patch))
    return first - BIAS, last - BIAS


@compiled
def _part_range(m: Memory, patch: int, bits: int) -> tuple[int, int]:
    """The least and the greatest of the fields that so many bits follow, as they are packed."""
    heap, at = m.heap, start(patch)
    least, greatest = MASK, 0
    for k in range(at, at + length(m, patch)):
        field = (heap[k] >> bits) & MASK
        least = min(least, field)
        greatest = max(greatest, field)
    return least, greatest


@compiled
def colours_fit(m: Memory, obj: int) -> bool:
    """Whether all colours of an object that are not missing are within the limit."""
    for k in range(start(obj), start(obj) + length(m, obj)):
        field = m.heap[k] & MASK
        if field != 0 and (field - BIAS < -m.integer or field - BIAS > m.integer):
            return False
    return True


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
    keeps_tuples=("Indices",),
)
def toindices(patch: Any) -> Any:
    """Collect the locations of a patch, without their colours."""
    if not patch:
        return frozenset()
    return frozenset([location for _, location in patch]) if has_colours(patch) else patch


@compiled
def _toindices_words(m: Memory, patch: int) -> int:
    return list_words(length(m, patch)) if location_bits(m, patch) else 0


@native(toindices, words=_toindices_words)
def _toindices(m: Memory, out: int, patch: int) -> tuple[int, int]:
    if location_bits(m, patch) == 0:
        return patch, out
    return _put_locations(m, out, patch, 0, 0)


@compiled
def _put_locations(m: Memory, out: int, patch: int, bits: int, colour: int) -> tuple[int, int]:
    """The set of a patch's locations, each so many bits to the left and before a packed colour.

    Cells of one location stand side by side, so a location is compared with the one before.
    """
    heap, at, behind = m.heap, start(patch), location_bits(m, patch)
    before, kept = -1, 0
    for k in range(at, at + length(m, patch)):
        location = heap[k] >> behind
        kept += 1 if location != before else 0
        heap[out + kept] = (location << bits) | colour
        before = location
    return put_list(m, out, SET, kept)


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
    optional=("value",),
)
def recolor(value: int, patch: Any) -> frozenset[Any]:
    """Give every location of a patch one colour."""
    return frozenset([(value, location) for location in locations_of(patch)])


@compiled
def _recolor_words(m: Memory, value: int, patch: int) -> int:
    return list_words(length(m, patch))


@native(recolor, words=_recolor_words)
def _recolor(m: Memory, out: int, value: int, patch: int) -> tuple[int, int]:
    return _put_locations(m, out, patch, FIELD, with_colour(0, value))


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
    optional=("directions",),
)
def shift(patch: Any, directions: tuple[int, int]) -> Any:
    """Move a patch by so many rows and columns."""
    if not patch or directions == (0, 0):
        return patch
    check_number(directions)
    di, dj = directions
    if has_colours(patch):
        return frozenset([(value, (i + di, j + dj)) for value, (i, j) in patch])
    return frozenset([(i + di, j + dj) for i, j in patch])


@compiled
def _moved_words(m: Memory, patch: int) -> int:
    count = length(m, patch)
    return list_words(count) if count <= m.elements else ELEMENTS


@compiled
def _shift_words(m: Memory, patch: int, directions: int) -> int:
    if not is_pair(directions) and length(m, patch) > 0:
        return EMPTY if directions == NIL else NONE
    return _moved_words(m, patch)


@native(shift, words=_shift_words)
def _shift(m: Memory, out: int, patch: int, directions: int) -> tuple[int, int]:
    return _moved(m, out, patch, row_of(directions), column_of(directions))


@compiled
def _moved(m: Memory, out: int, patch: int, di: int, dj: int) -> tuple[int, int]:
    """A patch moved by so many rows and columns; as all keep their order, words are added to."""
    count = length(m, patch)
    if count == 0:
        return patch, out
    heap, at, bits, most = m.heap, start(patch), location_bits(m, patch), m.integer
    top, bottom = row_range(m, patch)
    left, right = column_range(m, patch)
    if top + di < -most or bottom + di > most or left + dj < -most or right + dj > most:
        return INTEGER, out
    if bits and not colours_fit(m, patch):
        return INTEGER, out
    if di == 0 and dj == 0:
        return patch, out
    offset = ((di << FIELD) + dj) << bits
    for k in range(count):
        heap[out + 1 + k] = heap[at + k] + offset
    return put_list(m, out, SET, count)


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


@native(normalize, words=_moved_words)
def _normalize(m: Memory, out: int, patch: int) -> tuple[int, int]:
    top, _ = row_range(m, patch)
    left, _ = column_range(m, patch)
    return _moved(m, out, patch, -top, -left)


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


@compiled
def _packed_period(m: Memory, obj: int, bits: int) -> int:
    """As `_period`, where so many bits follow the part of a word that is the place."""
    count = length(m, obj)
    if count == 0:
        return 0
    heap, at = m.heap, start(obj)
    first, last = _part_range(m, obj, bits)
    end = -1
    for k in range(at + count - 1, at - 1, -1):
        step = last - ((heap[k] >> bits) & MASK)
        if end < 0:
            end = heap[k] if step == 0 else -1
        elif heap[k] == end - (step << bits) and _repeats(m, obj, bits, first, step):
            return integer(m, step)
    return integer(m, last - first + 1)


@compiled
def _repeats(m: Memory, obj: int, bits: int, first: int, step: int) -> bool:
    """Whether each cell that has a place so many before its own in the box has its like there."""
    heap, at = m.heap, start(obj)
    like, offset = at, step << bits
    for k in range(at, at + length(m, obj)):
        if ((heap[k] >> bits) & MASK) - step >= first:
            wanted = heap[k] - offset
            while heap[like] < wanted:
                like += 1
            if heap[like] != wanted:
                return False
    return True


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


@native(hperiod)
def _hperiod(m: Memory, obj: int) -> int:
    return _packed_period(m, obj, FIELD)


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


@native(vperiod)
def _vperiod(m: Memory, obj: int) -> int:
    return _packed_period(m, obj, 2 * FIELD)
