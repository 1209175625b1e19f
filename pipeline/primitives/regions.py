"""Regions: the locations of a bounding box, of its border, of a grid or of a colour in it."""

from __future__ import annotations

from typing import Any

from pipeline.primitives.cells import bounds, location_bits, toindices
from pipeline.primitives.lines import room
from pipeline.primitives.patches import box_of, location_at
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    EMPTY,
    INTEGER,
    SET,
    Memory,
    height,
    is_pair,
    length,
    list_words,
    origin,
    pair,
    put_list,
    start,
    width,
)


def _box_area(patch: Any) -> int:
    if not patch:
        return 0
    top, left, bottom, right = bounds(patch)
    return (bottom - top + 1) * (right - left + 1)


@compiled
def _area_within(m: Memory, patch: int) -> int:
    """What `_box_area` gives."""
    top, left, bottom, right = box_of(m, patch)
    return (bottom - top + 1) * (right - left + 1)


@compiled
def _put_rectangle(
    m: Memory, out: int, top: int, left: int, rows: int, columns: int
) -> tuple[int, int]:
    heap = m.heap
    at = out + 1
    for i in range(top, top + rows):
        word = location_at(i, left)
        for k in range(columns):
            heap[at + k] = word + k
        at += columns
    return put_list(m, out, SET, at - out - 1)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "backdrop(frozenset({(0, 1), (1, 0)})) == frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})",
        "backdrop(frozenset({(5, (2, 2))})) == frozenset({(2, 2)})",
        "backdrop(frozenset()) == frozenset()",
    ),
    laws=(
        "size(backdrop(patch)) == multiply(height(patch), width(patch))",
        "difference(toindices(patch), backdrop(patch)) == frozenset()",
    ),
    capacity=_box_area,
    total=True,
)
def backdrop(patch: Any) -> frozenset[Any]:
    """Collect every location of the bounding box of a patch."""
    if not patch:
        return frozenset()
    top, left, bottom, right = bounds(patch)
    columns = range(left, right + 1)
    return frozenset([(i, j) for i in range(top, bottom + 1) for j in columns])


@compiled
def _backdrop_words(m: Memory, patch: int) -> int:
    return room(m, _area_within(m, patch))


@native(backdrop, words=_backdrop_words)
def _backdrop(m: Memory, out: int, patch: int) -> tuple[int, int]:
    count = length(m, patch)
    if count == 0:
        return patch, out
    top, left, bottom, right = box_of(m, patch)
    rows, columns = bottom - top + 1, right - left + 1
    if count == rows * columns and is_pair(m.heap[start(patch)]):
        return patch, out
    return _put_rectangle(m, out, top, left, rows, columns)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "delta(frozenset({(0, 1), (1, 0)})) == frozenset({(0, 0), (1, 1)})",
        "delta(frozenset({(5, (2, 2)), (6, (2, 2))})) == frozenset()",
        "delta(frozenset()) == frozenset()",
    ),
    laws=(
        "combine(delta(patch), toindices(patch)) == backdrop(patch)",
        "intersection(delta(patch), toindices(patch)) == frozenset()",
    ),
    capacity=lambda patch: _box_area(patch) - len(toindices(patch)),
    total=True,
)
def delta(patch: Any) -> frozenset[Any]:
    """Collect the locations of the bounding box of a patch that it does not hold."""
    return backdrop(patch).difference(toindices(patch))


@compiled
def _delta_words(m: Memory, patch: int) -> int:
    count = length(m, patch)
    if count == 0:
        return room(m, 0)
    heap, bits, first = m.heap, location_bits(m, patch), start(patch)
    distinct = 1
    for k in range(first + 1, first + count):
        distinct += 1 if heap[k] >> bits != heap[k - 1] >> bits else 0
    return room(m, _area_within(m, patch) - distinct)


@native(delta, words=_delta_words)
def _delta(m: Memory, out: int, patch: int) -> tuple[int, int]:
    count = length(m, patch)
    if count == 0:
        return patch, out
    heap, bits = m.heap, location_bits(m, patch)
    top, left, bottom, right = box_of(m, patch)
    k, end, at = start(patch), start(patch) + count, out + 1
    for i in range(top, bottom + 1):
        for word in range(location_at(i, left), location_at(i, right) + 1):
            if k < end and heap[k] >> bits == word:
                k += 1
                while k < end and heap[k] >> bits == word:
                    k += 1
            else:
                heap[at] = word
                at += 1
    return put_list(m, out, SET, at - out - 1)


def _outline(top: int, left: int, bottom: int, right: int) -> frozenset[Any]:
    """The border of the rectangle between two rows and two columns."""
    across, down = range(left, right + 1), range(top + 1, bottom)
    sides = [(i, j) for i in (top, bottom) for j in across]
    sides += [(i, j) for i in down for j in (left, right)]
    return frozenset(sides)


@compiled
def _outline_size(top: int, left: int, bottom: int, right: int) -> int:
    rows, columns = bottom - top + 1, right - left + 1
    return rows * columns - max(rows - 2, 0) * max(columns - 2, 0)


def _inner(patch: Any) -> tuple[int, int, int, int]:
    """The rectangle one inside the bounding box; sides that have crossed are exchanged."""
    top, left, bottom, right = bounds(patch)
    (top, bottom), (left, right) = sorted((top + 1, bottom - 1)), sorted((left + 1, right - 1))
    return top, left, bottom, right


def _outer(patch: Any) -> tuple[int, int, int, int]:
    """The rectangle one outside the bounding box."""
    top, left, bottom, right = bounds(patch)
    return top - 1, left - 1, bottom + 1, right + 1


@compiled
def _narrowed(low: int, high: int, by: int) -> tuple[int, int]:
    """A side's ends moved inwards, exchanged where they have crossed."""
    return min(low + by, high - by), max(low + by, high - by)


@compiled
def _outline_words(m: Memory, patch: int, by: int) -> int:
    """The words of the border of the rectangle so far inside the bounding box of a patch."""
    if length(m, patch) == 0:
        return EMPTY
    top, left, bottom, right = box_of(m, patch)
    top, bottom = _narrowed(top, bottom, by)
    left, right = _narrowed(left, right, by)
    return room(m, _outline_size(top, left, bottom, right))


@compiled
def _put_outline(m: Memory, out: int, patch: int, by: int) -> tuple[int, int]:
    """Draw that border; where it is not the box's own, its integers are new."""
    heap = m.heap
    top, left, bottom, right = box_of(m, patch)
    top, bottom = _narrowed(top, bottom, by)
    left, right = _narrowed(left, right, by)
    if by != 0 and (pair(m, top, left) < 0 or pair(m, bottom, right) < 0):
        return INTEGER, out
    at = out + 1
    for i in range(top, bottom + 1):
        step = 1 if i in (top, bottom) else max(right - left, 1)
        word, last = location_at(i, left), location_at(i, right)
        while word <= last:
            heap[at] = word
            at += 1
            word += step
    return put_list(m, out, SET, at - out - 1)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "inbox(frozenset({(0, 0), (2, 2)})) == frozenset({(1, 1)})",
        "inbox(frozenset({(0, 0), (0, 2)})) == frozenset({(-1, 1), (0, 1), (1, 1)})",
        "inbox(frozenset({(5, (1, 1))})) == neighbors((1, 1))",
    ),
    laws=("inbox(outbox(patch)) == box(patch)", "inbox(patch) == inbox(corners(patch))"),
    capacity=lambda patch: _outline_size(*_inner(patch)),
    computes=True,
)
def inbox(patch: Any) -> frozenset[Any]:
    """Draw the rectangle one inside the bounding box of a patch.

    Shape:   Indices; a side that is 1 or 2 long turns inside out: 3 or 2 long
    Errors:  EMPTY if the patch has no element
    """
    return _outline(*_inner(patch))


@compiled
def _inbox_words(m: Memory, patch: int) -> int:
    return _outline_words(m, patch, 1)


@native(inbox, words=_inbox_words)
def _inbox(m: Memory, out: int, patch: int) -> tuple[int, int]:
    return _put_outline(m, out, patch, 1)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "outbox(frozenset({(5, (1, 1))})) == neighbors((1, 1))",
        "outbox(frozenset({(0, 0), (0, 1)})) == box(frozenset({(-1, -1), (1, 2)}))",
    ),
    laws=(
        "shape(outbox(patch)) == add(shape(patch), 2)",
        "adjacent(outbox(patch), patch)",
    ),
    capacity=lambda patch: _outline_size(*_outer(patch)),
    computes=True,
)
def outbox(patch: Any) -> frozenset[Any]:
    """Draw the rectangle one outside the bounding box of a patch.

    Errors:  EMPTY if the patch has no element
    """
    return _outline(*_outer(patch))


@compiled
def _outbox_words(m: Memory, patch: int) -> int:
    return _outline_words(m, patch, -1)


@native(outbox, words=_outbox_words)
def _outbox(m: Memory, out: int, patch: int) -> tuple[int, int]:
    return _put_outline(m, out, patch, -1)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "box(frozenset({(0, 0), (2, 2)})) == neighbors((1, 1))",
        "box(frozenset({(5, (1, 1)), (5, (1, 3))})) == frozenset({(1, 1), (1, 2), (1, 3)})",
        "box(frozenset()) == frozenset()",
    ),
    laws=(
        "box(box(patch)) == box(patch)",
        "not patch or difference(corners(patch), box(patch)) == frozenset()",
    ),
    capacity=lambda patch: _outline_size(*bounds(patch)) if patch else 0,
    total=True,
)
def box(patch: Any) -> frozenset[Any]:
    """Draw the border of the bounding box of a patch."""
    return _outline(*bounds(patch)) if patch else frozenset()


@compiled
def _box_words(m: Memory, patch: int) -> int:
    return room(m, 0) if length(m, patch) == 0 else _outline_words(m, patch, 0)


@native(box, words=_box_words)
def _box(m: Memory, out: int, patch: int) -> tuple[int, int]:
    return (patch, out) if length(m, patch) == 0 else _put_outline(m, out, patch, 0)


@primitive(
    "Grid -> Indices",
    examples=(
        "asindices(((7, 8), (8, 9))) == frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})",
        "asindices(()) == frozenset()",
    ),
    laws=(
        "asindices(grid) == toindices(asobject(grid))",
        "box(asindices(grid)) == box(asobject(grid))",
    ),
    total=True,
)
def asindices(grid: Any) -> frozenset[Any]:
    """Collect the locations of a grid."""
    if not grid:
        return frozenset()
    columns = range(len(grid[0]))
    return frozenset([(i, j) for i in range(len(grid)) for j in columns])


@compiled
def _asindices_words(m: Memory, grid: int) -> int:
    return room(m, height(m, grid) * width(m, grid))


@native(asindices, words=_asindices_words)
def _asindices(m: Memory, out: int, grid: int) -> tuple[int, int]:
    return _put_rectangle(m, out, 0, 0, height(m, grid), width(m, grid))


@primitive(
    "Grid Integer -> Indices",
    examples=(
        "ofcolor(((7, 8), (8, 9)), 8) == frozenset({(0, 1), (1, 0)})",
        "ofcolor((), 0) == frozenset()",
    ),
    laws=(
        "size(ofcolor(grid, value)) == colorcount(grid, value)",
        "ofcolor(grid, value) == occurrences(grid, frozenset({(value, (0, 0))}))",
    ),
    total=True,
    optional=("value",),
)
def ofcolor(grid: Any, value: int) -> frozenset[Any]:
    """Collect the locations of one colour in a grid."""
    return frozenset(
        [(i, j) for i, r in enumerate(grid) if value in r for j, v in enumerate(r) if v == value]
    )


@compiled
def _ofcolor_words(m: Memory, grid: int, value: int) -> int:
    return list_words(height(m, grid) * width(m, grid))


@native(ofcolor, words=_ofcolor_words)
def _ofcolor(m: Memory, out: int, grid: int, value: int) -> tuple[int, int]:
    heap, colours = m.heap, m.colours
    columns, place, at = width(m, grid), origin(grid), out + 1
    for i in range(height(m, grid)):
        word = location_at(i, 0)
        for j in range(columns):
            # Every location is written; the next one takes the place of one that does not count.
            heap[at] = word + j
            at += 1 if colours[place + j] == value else 0
        place += columns
    return put_list(m, out, SET, at - out - 1)
