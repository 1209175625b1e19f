"""Relations: in which direction one patch lies from another, whether they share a row or column."""

from __future__ import annotations

from typing import Any, Final

from pipeline.primitives.cells import (
    column_numbers,
    column_range,
    location_bits,
    row_numbers,
    row_range,
)
from pipeline.primitives.patches import center
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    MASK,
    Memory,
    length,
    pair,
    row_of,
    start,
)

BEYOND: Final = 1 << 40
"""The row or column behind the last one."""
BITS: Final = 62
"""How many columns are looked at together: a word's bits, less room to shift by one."""


@compiled
def is_either_empty(m: Memory, a: int, b: int) -> bool:
    """Whether one of two patches has no element."""
    return length(m, a) == 0 or length(m, b) == 0


@compiled
def _middle(ends: tuple[int, int]) -> int:
    return ends[0] + (ends[1] - ends[0] + 1) // 2


@compiled
def direction_between(a: tuple[int, int], b: tuple[int, int]) -> int:
    """The sign of the way from the middle of some rows or columns, first and last, to another."""
    way = _middle(b) - _middle(a)
    return (way > 0) - (way < 0)


@primitive(
    "Indices Indices -> Pair",
    "Indices Object -> Pair",
    "Object Indices -> Pair",
    "Object Object -> Pair",
    examples=(
        "position(frozenset({(0, 0)}), frozenset({(5, 2)})) == (1, 1)",
        "position(frozenset({(0, 0)}), frozenset({(0, 0)})) == (0, -1)",
    ),
    laws=(
        "center(a) == center(b) or position(a, b) == invert(position(b, a))",
        "position(a, b) == position(toindices(a), toindices(b))",
    ),
    computes=True,
    keeps_tuples=("Indices", "Object"),
)
def position(a: Any, b: Any) -> tuple[int, int]:
    """Give the direction from the middle of one patch to that of another, as signs.

    Shape:   Pair of -1, 0 or 1; (0, -1) where the middles are the same
    Errors:  EMPTY if a patch has no element
    """
    ai, aj = center(a)
    bi, bj = center(b)
    down, across = (1 if ai < bi else -1), (1 if aj < bj else -1)
    if ai == bi:
        return (0, across)
    if aj == bj:
        return (down, 0)
    return (down, across)


@native(position)
def _position(m: Memory, a: int, b: int) -> int:
    if is_either_empty(m, a, b):
        return EMPTY
    down = direction_between(row_range(m, a), row_range(m, b))
    across = direction_between(column_range(m, a), column_range(m, b))
    return pair(m, down, -1 if down == 0 and across == 0 else across)


@primitive(
    "Indices Indices -> Boolean",
    "Indices Object -> Boolean",
    "Object Indices -> Boolean",
    "Object Object -> Boolean",
    examples=(
        "hmatching(frozenset({(1, 0), (2, 0)}), frozenset({(9, (2, 8))})) == True",
        "hmatching(frozenset({(1, 0)}), frozenset()) == False",
    ),
    laws=(
        "hmatching(a, b) == hmatching(b, a)",
        "hmatching(a, b) == hmatching(shift(a, (5, 1)), shift(b, (5, -1)))",
    ),
    total=True,
    asks=True,
)
def hmatching(a: Any, b: Any) -> bool:
    """Tell whether two patches touch a row in common."""
    return not row_numbers(a).isdisjoint(row_numbers(b))


@native(hmatching)
def _hmatching(m: Memory, a: int, b: int) -> int:
    heap = m.heap
    k, n = start(a), start(b)
    end_a, end_b = k + length(m, a), n + length(m, b)
    while k < end_a and n < end_b:
        i, other = row_of(heap[k]), row_of(heap[n])
        if i == other:
            return 1
        if i < other:
            k += 1
        else:
            n += 1
    return 0


@primitive(
    "Indices Indices -> Boolean",
    "Indices Object -> Boolean",
    "Object Indices -> Boolean",
    "Object Object -> Boolean",
    examples=(
        "vmatching(frozenset({(0, 1), (0, 2)}), frozenset({(9, (8, 2))})) == True",
        "vmatching(frozenset(), frozenset()) == False",
    ),
    laws=(
        "vmatching(a, b) == vmatching(b, a)",
        "vmatching(a, b) == vmatching(shift(a, (1, 5)), shift(b, (-1, 5)))",
    ),
    total=True,
    asks=True,
)
def vmatching(a: Any, b: Any) -> bool:
    """Tell whether two patches touch a column in common."""
    return not column_numbers(a).isdisjoint(column_numbers(b))


@compiled
def _column_bits(m: Memory, patch: int, low: int) -> int:
    """The columns of a patch from one on as bits."""
    heap, behind, first, bits = m.heap, location_bits(m, patch), start(patch), 0
    low += BIAS
    for k in range(first, first + length(m, patch)):
        place = ((heap[k] >> behind) & MASK) - low
        if place >= 0 and place < BITS:
            bits |= 1 << place
    return bits


@compiled
def next_column(m: Memory, patch: int, low: int) -> int:
    """The first column of a patch that is not below a number, or BEYOND."""
    heap, behind, first, found = m.heap, location_bits(m, patch), start(patch), BEYOND
    for k in range(first, first + length(m, patch)):
        column = ((heap[k] >> behind) & MASK) - BIAS
        if column >= low:
            found = min(found, column)
    return found


@compiled
def share_a_column(
    m: Memory, a: int, b: int, columns_a: tuple[int, int], columns_b: tuple[int, int]
) -> bool:
    """Whether two patches touch a column in common; their first and last columns are known."""
    low, high = max(columns_a[0], columns_b[0]), min(columns_a[1], columns_b[1])
    while low <= high:
        if _column_bits(m, a, low) & _column_bits(m, b, low):
            return True
        low = next_column(m, a, low + BITS)
    return False


@native(vmatching)
def _vmatching(m: Memory, a: int, b: int) -> int:
    if is_either_empty(m, a, b):
        return 0
    return 1 if share_a_column(m, a, b, column_range(m, a), column_range(m, b)) else 0
