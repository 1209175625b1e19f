"""The order of keys: Python's own, as `max`, `min` and `sorted` find it with `<` and `>`.

Integers and truth values compare by value, tuples by the first parts that differ, then by length;
of two sets that one is less which the other includes. Two keys can be neither equal nor one less
than the other, as sets of which none includes the other: then which is the largest depends on which
are compared. `max` and `min` compare each key with the best so far. Sorting is what `list.sort`
does with fewer than 64 keys: a run at the beginning, then the others inserted by halves. With more
keys, too, it is that here.

None has no order, not even with None; but as parts of tuples two are equal. What is of two kinds,
as an integer and a set, has none either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.ragged import cell_at, row_count, row_length
from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import are_equal, compare
from pipeline.primitives.words import (
    MISSING,
    NIL,
    NONE,
    ORDER,
    SET,
    Memory,
    first_of_two,
    has_failed,
    is_grid,
    is_holed,
    is_integer,
    is_reference,
    kind_of,
    length,
    second_of_two,
    start,
)

_NEITHER: Final = 2


def check_order(a: Any, b: Any) -> None:
    """Raise Failure if two keys have no order: None is to blame, or their kinds."""
    try:
        a < b  # noqa: B015
    except TypeError:
        while isinstance(a, tuple) and isinstance(b, tuple):
            a, b = next((x, y) for x, y in zip(a, b, strict=False) if x != y)
        raise Failure("NONE" if a is None or b is None else "ORDER") from None


def _failure(keys: Sequence[Any], is_max: bool) -> Failure:
    """Why no key is the largest, or the smallest."""
    best = keys[0]
    try:
        for key in keys[1:]:
            check_order(key, best)
            if key > best if is_max else key < best:
                best = key
    except Failure as failure:
        return failure
    raise AssertionError("all keys have an order")


def largest_place(keys: Sequence[Any]) -> int:
    """The place of the largest key, the first of equals; raises Failure."""
    try:
        return max(range(len(keys)), key=keys.__getitem__)
    except TypeError:
        raise _failure(keys, True) from None


def smallest_place(keys: Sequence[Any]) -> int:
    """The place of the smallest key, the first of equals; raises Failure."""
    try:
        return min(range(len(keys)), key=keys.__getitem__)
    except TypeError:
        raise _failure(keys, False) from None


def sorted_places(keys: Sequence[Any]) -> list[int]:
    """The places of the keys, ascending, equal ones as they stand; raises Failure."""
    places = range(len(keys))
    if not any(map(_holds_set, keys)):
        try:
            return sorted(places, key=keys.__getitem__)
        except TypeError:
            pass
    return _inserted(keys)


def _holds_set(key: Any) -> bool:
    return isinstance(key, frozenset) or (isinstance(key, tuple) and any(map(_holds_set, key)))


def _inserted(keys: Sequence[Any]) -> list[int]:
    def is_less(a: int, b: int) -> bool:
        check_order(keys[a], keys[b])
        return bool(keys[a] < keys[b])

    count = len(keys)
    run = min(count, 1)
    is_down = count > 1 and is_less(1, 0)
    while run < count and is_less(run, run - 1) is is_down:
        run += 1
    places = list(range(run))
    if is_down:
        places.reverse()
    for k in range(run, count):
        low, high = 0, k
        while low < high:
            middle = (low + high) >> 1
            if is_less(k, places[middle]):
                high = middle
            else:
                low = middle + 1
        places.insert(low, k)
    return places


# -- compiled


@compiled
def sort_places(m: Memory, place: int, keys: int, down: int) -> int:
    """Sort the places of keys by key, equal ones by place; takes two words for each. Where `down`
    is 1 places count from the last.

    Gives where the sorted ones stand, which is `place` or behind as many words, or a failure.
    """
    heap, count = m.heap, length(m, keys)
    at, step = (start(keys) + count - 1, -1) if down else (start(keys), 1)
    source, target = place, place + count
    for k in range(count):
        heap[source + k] = k
    run = 1
    while run < count:
        for low in range(0, count, 2 * run):
            left, right = low, min(low + run, count)
            middle, high = right, min(right + run, count)
            for k in range(low, high):
                takes_right = left == middle
                if left < middle and right < high:
                    x = heap[at + step * heap[source + left]]
                    y = heap[at + step * heap[source + right]]
                    order = compare_keys(m, x, y)
                    if order == _NEITHER or has_failed(order):
                        return _insert_places(m, place, at, step, count)
                    takes_right = order > 0
                heap[target + k] = heap[source + (right if takes_right else left)]
                right += int(takes_right)
                left += int(not takes_right)
        source, target = target, source
        run *= 2
    return source


@compiled
def _insert_places(m: Memory, place: int, at: int, step: int, count: int) -> int:
    """As `sort_places`, where not every two keys have an order."""
    heap = m.heap
    run = 1
    first = compare_keys(m, heap[at + step], heap[at])
    order = first
    while (order == -1) == (first == -1):
        if has_failed(order):
            return order
        run += 1
        if run == count:
            break
        order = compare_keys(m, heap[at + step * run], heap[at + step * (run - 1)])
    if has_failed(order):
        return order
    for k in range(run):
        heap[place + k] = run - 1 - k if first == -1 else k
    for k in range(run, count):
        low, high = 0, k
        while low < high:
            middle = (low + high) >> 1
            order = compare_keys(m, heap[at + step * k], heap[at + step * heap[place + middle]])
            if has_failed(order):
                return order
            if order == -1:
                high = middle
            else:
                low = middle + 1
        for p in range(k, low, -1):
            heap[place + p] = heap[place + p - 1]
        heap[place + low] = k
    return place


@compiled
def compare_keys(m: Memory, a: int, b: int) -> int:
    """-1, 0 or 1: which of two keys is less; 2 where none is, nor are they equal; or a failure.

    As Python does, it follows the first parts that differ, so no stack is needed.
    """
    if a == MISSING or b == MISSING:
        return NONE
    while not are_equal(m, a, b):
        if not _is_tuple(m, a) or not _is_tuple(m, b):
            return _compare_others(m, a, b)
        if is_holed(m, a) or is_holed(m, b):
            return _compare_holed(m, a, b)
        if is_grid(m, a) or is_grid(m, b):
            return compare(m, a, b)
        size_a, size_b = _parts(m, a), _parts(m, b)
        k = 0
        while k < min(size_a, size_b) and are_equal(m, _part(m, a, k), _part(m, b, k)):
            k += 1
        if k == min(size_a, size_b):
            return -1 if size_a < size_b else 1
        a, b = _part(m, a, k), _part(m, b, k)
    return 0


@compiled
def _compare_holed(m: Memory, a: int, b: int) -> int:
    """Compare two grids that differ, of which one has missing cells: NONE where one decides."""
    rows_a, rows_b = row_count(m, a), row_count(m, b)
    for i in range(min(rows_a, rows_b)):
        wide_a, wide_b = row_length(m, a, i), row_length(m, b, i)
        for j in range(min(wide_a, wide_b)):
            x, y = cell_at(m, a, i, j), cell_at(m, b, i, j)
            if x != y:
                return NONE if x == MISSING or y == MISSING else -1 if x < y else 1
        if wide_a != wide_b:
            return -1 if wide_a < wide_b else 1
    return -1 if rows_a < rows_b else 1


@compiled
def _compare_others(m: Memory, a: int, b: int) -> int:
    """Compare two keys that differ, or parts of keys, that are not both tuples."""
    if is_integer(a) and is_integer(b):
        return -1 if a < b else 1
    if a == MISSING or b == MISSING:
        return NONE
    if not is_reference(a) or not is_reference(b):
        return ORDER
    if kind_of(m, a) != SET or kind_of(m, b) != SET:
        return ORDER
    common = _common(m, a, b)
    if common == length(m, a):
        return -1
    return 1 if common == length(m, b) else _NEITHER


@compiled
def _common(m: Memory, a: int, b: int) -> int:
    """How many elements two sets have in common."""
    heap, found = m.heap, 0
    x, x_end = start(a), start(a) + length(m, a)
    y, y_end = start(b), start(b) + length(m, b)
    while x < x_end and y < y_end:
        order = compare(m, heap[x], heap[y])
        x += int(order <= 0)
        y += int(order >= 0)
        found += int(order == 0)
    return found


@compiled
def _is_tuple(m: Memory, word: int) -> bool:
    if is_reference(word):
        return kind_of(m, word) != SET
    return not is_integer(word) and word != MISSING


@compiled
def _parts(m: Memory, word: int) -> int:
    """How many parts a tuple has, which may be packed."""
    if is_reference(word):
        return length(m, word)
    return 0 if word == NIL else 2


@compiled
def _part(m: Memory, word: int, k: int) -> int:
    if is_reference(word):
        return m.heap[start(word) + k]
    return first_of_two(m, word) if k == 0 else second_of_two(m, word)
