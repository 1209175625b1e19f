"""Contacts: how far patches are apart, whether they touch each other or the border of a grid, and
the move that makes them touch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.cells import bounds, column_range, location_bits, row_range, toindices
from pipeline.primitives.patches import center
from pipeline.primitives.relations import (
    BEYOND,
    BITS,
    direction_between,
    is_either_empty,
    next_column,
    share_a_column,
    vmatching,
)
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    FIELD,
    MASK,
    Memory,
    height,
    integer,
    length,
    pair,
    row_of,
    start,
    width,
)

FEW: Final = 48
"""So many pairs of elements are looked at one by one; for more, rows of bits are quicker."""

STEPS = 42  # the most steps that gravitate takes


def _columns_by_row(locations: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """The rows touched, each with its columns ascending."""
    rows: dict[int, list[int]] = {}
    for i, j in sorted(locations):
        rows.setdefault(i, []).append(j)
    return list(rows.items())


def _gap(a: list[int], b: list[int]) -> int:
    """The smallest difference between a number of one ascending list and one of the other."""
    if a[-1] < b[0]:
        return b[0] - a[-1]
    if b[-1] < a[0]:
        return a[0] - b[-1]
    best, k, last = abs(a[0] - b[0]), 0, len(b) - 1
    for x in a:
        while k < last and b[k] < x:
            k += 1
        best = min(best, abs(b[k] - x), abs(b[k - 1] - x) if k else best)
    return best


@primitive(
    "Indices Indices -> Integer",
    "Indices Object -> Integer",
    "Object Indices -> Integer",
    "Object Object -> Integer",
    examples=(
        "manhattan(frozenset({(0, 0), (9, 9)}), frozenset({(2, 3)})) == 5",
        "manhattan(frozenset({(3, (1, 1))}), frozenset({(1, 1)})) == 0",
    ),
    laws=(
        "manhattan(a, b) == manhattan(b, a)",
        "manhattan(a, shift(a, (1, 0))) <= 1",
        "(manhattan(a, b) == 0) == (size(intersection(toindices(a), toindices(b))) > 0)",
    ),
)
def manhattan(a: Any, b: Any) -> int:
    """Measure the distance of the closest two locations of two patches, rows plus columns.

    Errors:  EMPTY if a patch has no element
    """
    if not a or not b:
        raise Failure("EMPTY")
    a, b = frozenset(toindices(a)), frozenset(toindices(b))
    if not a.isdisjoint(b):
        return 0
    columns_of_a, columns_of_b = _columns_by_row(a), _columns_by_row(b)
    (i, columns), (k, others) = columns_of_a[0], columns_of_b[0]
    best = abs(i - k) + abs(columns[0] - others[0])
    for i, columns in columns_of_a:
        for k, others in columns_of_b:
            apart = abs(i - k)
            if apart < best:
                best = min(best, apart + _gap(columns, others))
            elif k > i:
                break
    return best


@compiled
def _first_from(m: Memory, patch: int, row: int) -> int:
    """The place of the first element of a patch that is not above a row, or the place behind."""
    heap, low = m.heap, start(patch)
    high = low + length(m, patch)
    while low < high:
        middle = (low + high) >> 1
        if row_of(heap[middle]) < row:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _row_at(m: Memory, place: int, end: int) -> int:
    return row_of(m.heap[place]) if place < end else BEYOND


@compiled
def _bits_of_row(m: Memory, k: int, end: int, shift: int, row: int, low: int) -> tuple[int, int]:
    """The columns from one on, as bits, of the elements from `k` on that are in a row; and the
    place behind them.
    """
    heap, bits, line = m.heap, 0, row + BIAS
    low += BIAS
    while k < end and heap[k] >> (shift + FIELD) == line:
        place = ((heap[k] >> shift) & MASK) - low
        if place >= 0 and place < BITS:
            bits |= 1 << place
        k += 1
    return bits, k


@compiled
def _contact_in(
    m: Memory, a: int, b: int, di: int, dj: int, low: int, top: int, bottom: int
) -> int:
    """What `_contact` gives for some columns from `low` on and the rows from top to bottom.

    One walk along both patches, row by row: what stands in a row is one word of bits for each.
    """
    shift_a, shift_b = location_bits(m, a), location_bits(m, b)
    end_a, end_b = start(a) + length(m, a), start(b) + length(m, b)
    k, n = _first_from(m, a, top - di), _first_from(m, b, top)
    row = min(_row_at(m, k, end_a) + di, _row_at(m, n, end_b))
    above_a, above_b, contact = 0, 0, 2
    while row <= bottom:
        bits_a, k = _bits_of_row(m, k, end_a, shift_a, row - di, low - dj)
        bits_b, n = _bits_of_row(m, n, end_b, shift_b, row, low)
        if bits_a & bits_b:
            return 0
        if bits_a & ((bits_b << 1) | (bits_b >> 1) | above_b) or bits_b & above_a:
            contact = 1
        following = min(_row_at(m, k, end_a) + di, _row_at(m, n, end_b))
        above_a, above_b = (bits_a, bits_b) if following == row + 1 else (0, 0)
        row = following
    return contact


@compiled
def _contact(
    m: Memory,
    a: int,
    b: int,
    di: int,
    dj: int,
    columns_a: tuple[int, int],
    columns_b: tuple[int, int],
) -> int:
    """How two patches lie to each other, the first moved by (di, dj): 0 if they overlap, 1 if they
    touch side by side, 2 if neither. Both have elements; their first and last columns are known.
    """
    top_a, bottom_a = row_range(m, a)
    top_b, bottom_b = row_range(m, b)
    top, bottom = max(top_a + di, top_b) - 1, min(bottom_a + di, bottom_b) + 1
    low = max(columns_a[0] + dj, columns_b[0]) - 1
    high = min(columns_a[1] + dj, columns_b[1]) + 1
    if top >= bottom or low >= high:
        return 2
    contact = 2
    while low <= high:
        contact = min(contact, _contact_in(m, a, b, di, dj, low, top, bottom))
        if contact == 0 or low + BITS > high:
            return contact
        # The last column is looked at twice, so that two side by side are once seen together.
        low = next_column(m, a, low + BITS - 1 - dj) + dj - 1
    return contact


@compiled
def _outside(place: int, low: int, high: int) -> int:
    """How far a number is from the nearest one between two."""
    return max(low - place, 0, place - high)


@compiled
def _shortest(
    m: Memory, a: int, b: int, columns_a: tuple[int, int], columns_b: tuple[int, int]
) -> int:
    """The distance of two patches that have elements and are at least two steps apart."""
    heap, shift_a, shift_b = m.heap, location_bits(m, a), location_bits(m, b)
    top, bottom = row_range(m, b)
    top_a, bottom_a = row_range(m, a)
    left, right = columns_b
    least = max(0, max(top_a, top) - min(bottom_a, bottom))
    least += max(0, max(columns_a[0], left) - min(columns_a[1], right))
    best = BEYOND
    for k in range(start(a), start(a) + length(m, a)):
        word = heap[k] >> shift_a
        i, j = (word >> FIELD) - BIAS, (word & MASK) - BIAS
        if _outside(i, top, bottom) + _outside(j, left, right) >= best:
            continue
        for n in range(start(b), start(b) + length(m, b)):
            word = heap[n] >> shift_b
            across = abs((word & MASK) - BIAS - j)
            best = min(best, abs((word >> FIELD) - BIAS - i) + across)
        if best <= max(least, 2):
            break
    return best


@compiled
def _shortest_of_all(m: Memory, a: int, b: int) -> int:
    """The distance of two patches that have elements, looking at all pairs of them."""
    heap, shift_a, shift_b = m.heap, location_bits(m, a), location_bits(m, b)
    best = BEYOND
    for k in range(start(a), start(a) + length(m, a)):
        word = heap[k] >> shift_a
        i, j = word >> FIELD, word & MASK
        for n in range(start(b), start(b) + length(m, b)):
            other = heap[n] >> shift_b
            best = min(best, abs((other >> FIELD) - i) + abs((other & MASK) - j))
    return best


@native(manhattan)
def _manhattan(m: Memory, a: int, b: int) -> int:
    if is_either_empty(m, a, b):
        return EMPTY
    if length(m, a) > length(m, b):
        a, b = b, a
    if length(m, a) * length(m, b) <= FEW:
        return integer(m, _shortest_of_all(m, a, b))
    columns_a, columns_b = column_range(m, a), column_range(m, b)
    distance = _contact(m, a, b, 0, 0, columns_a, columns_b)
    if distance == 2:
        distance = _shortest(m, a, b, columns_a, columns_b)
    return integer(m, distance)


def _around(locations: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Every location one step from one of these; they themselves are in it where they touch."""
    locations = list(locations)
    around = {(i - 1, j) for i, j in locations}
    around.update([(i + 1, j) for i, j in locations])
    around.update([(i, j - 1) for i, j in locations])
    around.update([(i, j + 1) for i, j in locations])
    return around


@primitive(
    "Indices Indices -> Boolean",
    "Indices Object -> Boolean",
    "Object Indices -> Boolean",
    "Object Object -> Boolean",
    examples=(
        "adjacent(frozenset({(0, 0)}), frozenset({(2, (0, 1))})) == True",
        "adjacent(frozenset({(0, 0)}), frozenset({(1, 1)})) == False",
        "adjacent(frozenset({(0, 0), (0, 1)}), frozenset({(0, 1)})) == False",
    ),
    laws=("adjacent(a, b) == (manhattan(a, b) == 1)", "adjacent(a, b) == adjacent(b, a)"),
)
def adjacent(a: Any, b: Any) -> bool:
    """Tell whether two patches touch side by side and do not overlap.

    Errors:  EMPTY if a patch has no element
    """
    if not a or not b:
        raise Failure("EMPTY")
    a, b = frozenset(toindices(a)), frozenset(toindices(b))
    if len(a) > len(b):
        a, b = b, a
    return not b.isdisjoint(_around(a)) and b.isdisjoint(a)


@native(adjacent)
def _adjacent(m: Memory, a: int, b: int) -> int:
    if is_either_empty(m, a, b):
        return EMPTY
    contact = _contact(m, a, b, 0, 0, column_range(m, a), column_range(m, b))
    return 1 if contact == 1 else 0


@primitive(
    "Indices Grid -> Boolean",
    "Object Grid -> Boolean",
    examples=(
        "bordering(frozenset({(1, 1), (2, 1)}), ((0, 0, 0), (0, 0, 0), (0, 0, 0))) == True",
        "bordering(frozenset({(5, (1, 1))}), ((0, 0, 0), (0, 0, 0), (0, 0, 0))) == False",
        "bordering(frozenset({(0, 7)}), ()) == True",
    ),
    laws=("bordering(patch, grid) == bordering(corners(patch), grid)",),
)
def bordering(patch: Any, grid: Any) -> bool:
    """Tell whether the bounding box of a patch starts or ends where the grid does.

    Errors:  EMPTY if the patch has no element, or all depends on the width of a grid of height 0
    """
    top, left, bottom, right = bounds(patch)
    if top == 0 or left == 0 or bottom == len(grid) - 1:
        return True
    if not grid:
        raise Failure("EMPTY")
    return right == len(grid[0]) - 1


@native(bordering)
def _bordering(m: Memory, patch: int, grid: int) -> int:
    if length(m, patch) == 0:
        return EMPTY
    top, bottom = row_range(m, patch)
    if top == 0 or bottom == height(m, grid) - 1:
        return 1
    left, right = column_range(m, patch)
    if left == 0:
        return 1
    if height(m, grid) == 0:
        return EMPTY
    return 1 if right == width(m, grid) - 1 else 0


@primitive(
    "Indices Indices -> Pair",
    "Indices Object -> Pair",
    "Object Indices -> Pair",
    "Object Object -> Pair",
    examples=(
        "gravitate(frozenset({(0, 0)}), frozenset({(4, 0), (4, 1)})) == (3, 0)",
        "gravitate(frozenset({(0, 0)}), frozenset({(3, (0, 3))})) == (0, 2)",
        "gravitate(frozenset({(0, 0)}), frozenset({(0, 99)})) == (0, 42)",
    ),
    laws=(
        "not adjacent(source, destination) or gravitate(source, destination) == (0, 0)",
        "gravitate(shift(source, (4, -1)), shift(destination, (4, -1)))"
        " == gravitate(source, destination)",
    ),
    computes=True,
)
def gravitate(source: Any, destination: Any) -> tuple[int, int]:
    """Find the move that takes a patch straight towards another until they touch.

    Shape:   Pair; down or up if they have a column in common, else sideways; at most 42 steps
    Errors:  EMPTY if a patch has no element
    """
    source_i, source_j = center(source)
    goal_i, goal_j = center(destination)
    moving, goal = toindices(source), frozenset(toindices(destination))
    around = _around(goal)
    if vmatching(moving, goal):
        di, dj = (1 if source_i < goal_i else -1), 0
    else:
        di, dj = 0, (1 if source_j < goal_j else -1)
    for step in range(STEPS):
        if not around.isdisjoint(moving) and goal.isdisjoint(moving):
            return (step * di, step * dj)
        moving = [(i + di, j + dj) for i, j in moving]
    return (STEPS * di, STEPS * dj)


@native(gravitate)
def _gravitate(m: Memory, source: int, destination: int) -> int:
    if is_either_empty(m, source, destination):
        return EMPTY
    columns_a, columns_b = column_range(m, source), column_range(m, destination)
    di, dj = 0, 0
    if share_a_column(m, source, destination, columns_a, columns_b):
        down = direction_between(row_range(m, source), row_range(m, destination))
        di = 1 if down > 0 else -1
    else:
        dj = 1 if direction_between(columns_a, columns_b) > 0 else -1
    for step in range(STEPS):
        i, j = step * di, step * dj
        if _contact(m, source, destination, i, j, columns_a, columns_b) == 1:
            return pair(m, i, j)
    return pair(m, STEPS * di, STEPS * dj)
