"""Compiled functions that compare, sort and dedupe words: canonical order in the heap.

Integers, pairs and cells compare as words. What lies in the heap compares element by element; see
`canonical` for the order.
"""

from __future__ import annotations

from typing import Final

from pipeline.primitives.row import compiled, shared
from pipeline.primitives.words import (
    GRID,
    MISSING,
    NIL,
    SET,
    TUPLE,
    Memory,
    first_of_two,
    height,
    is_grid,
    is_integer,
    is_missing,
    is_pair,
    is_reference,
    kind_of,
    length,
    origin,
    packed,
    packs,
    put_list,
    second_of_two,
    start,
    width,
)

_FRAME: Final = 6
_STOPPED: Final = 2


@shared
def compare(m: Memory, a: int, b: int) -> int:
    """-1, 0 or 1: the canonical order of two values.

    What is nested is followed with a stack of its own, as a device has none to spare. A frame is
    where to go on in a and by which step, the same for b, how many elements are left, and the
    answer if all of them are equal.
    """
    if a == b:
        return 0
    heap, base, depth = m.heap, m.scratch, 0
    if not is_reference(a):
        if not is_reference(b):
            return -1 if a < b else 1
    elif is_reference(b) and kind_of(m, a) == SET and kind_of(m, b) == SET:
        # Most sets hold pairs or cells, or differ before something nested comes.
        count_a, count_b = length(m, a), length(m, b)
        k = 0
        while k < min(count_a, count_b) and heap[start(a) + k] == heap[start(b) + k]:
            k += 1
        if k == min(count_a, count_b):
            return 0 if count_a == count_b else (-1 if count_a < count_b else 1)
        x, y = heap[start(a) + k], heap[start(b) + k]
        if not is_reference(x) and not is_reference(y):
            return -1 if x < y else 1
    answer = _descend(m, base, a, b)
    if answer != _STOPPED:
        return answer
    while depth >= 0:
        frame = base + depth * _FRAME
        if heap[frame + 4] == 0:
            if heap[frame + 5] != 0:
                return heap[frame + 5]
            depth -= 1
            continue
        x, y = heap[heap[frame]], heap[heap[frame + 2]]
        heap[frame] += heap[frame + 1]
        heap[frame + 2] += heap[frame + 3]
        heap[frame + 4] -= 1
        if x == y:
            continue
        if not is_reference(x) and not is_reference(y):
            return -1 if x < y else 1
        answer = _descend(m, frame + _FRAME, x, y)
        if answer == _STOPPED:
            depth += 1
        elif answer != 0:
            return answer
    return 0


@compiled
def _descend(m: Memory, frame: int, a: int, b: int) -> int:
    """Compare two different values of which one lies in the heap: the answer, or a new frame.

    Of two-tuples with equal parts, of which one is an integer and a tuple, the other comes first.
    """
    heap = m.heap
    a, b = leaf_of(m, a), leaf_of(m, b)
    if not is_reference(a) and not is_reference(b):
        return int(a > b) - int(a < b)
    rank_a, rank_b = _rank(m, a), _rank(m, b)
    if rank_a != rank_b:
        return -1 if rank_a < rank_b else 1
    if a == NIL or b == NIL:
        return -1 if a == NIL else 1
    if is_grid(m, a) or is_grid(m, b):
        return _compare_with_grid(m, a, b)
    if not is_reference(a) or not is_reference(b):
        return _compare_two(m, a, b)
    count_a, count_b = length(m, a), length(m, b)
    swapped_a, swapped_b = _is_swapped(m, a), _is_swapped(m, b)
    heap[frame] = start(a) + swapped_a
    heap[frame + 1] = 1 - 2 * swapped_a
    heap[frame + 2] = start(b) + swapped_b
    heap[frame + 3] = 1 - 2 * swapped_b
    heap[frame + 4] = min(count_a, count_b)
    answer = 0 if count_a == count_b else (-1 if count_a < count_b else 1)
    if swapped_a != swapped_b and min(count_a, count_b) == 2:
        answer = swapped_a - swapped_b
    heap[frame + 5] = answer
    return _STOPPED


@compiled
def leaf_of(m: Memory, word: int) -> int:
    """The word of what is not in the heap that equals a value, if there is one, else its own: a
    tuple of any length can be `()`, a pair or a cell, and a grid can be `()`.
    """
    if not is_reference(word) or kind_of(m, word) == SET:
        return word
    if is_grid(m, word):
        return NIL if height(m, word) == 0 else word
    count = length(m, word)
    if count == 0:
        return NIL
    if count != 2:
        return word
    a, b = m.heap[start(word)], _pair_of(m, m.heap[start(word) + 1])
    return packed(a, b) if packs(a, b) else word


@compiled
def _pair_of(m: Memory, word: int) -> int:
    """The word of the pair that a tuple equals, if it does, else its own."""
    if not is_reference(word) or kind_of(m, word) != TUPLE or length(m, word) != 2:
        return word
    a, b = m.heap[start(word)], m.heap[start(word) + 1]
    return packed(a, b) if packs(a, b) and not is_pair(b) else word


@compiled
def _rank(m: Memory, word: int) -> int:
    """None, and pairs with a None in them, come before integers, those before tuples, those before
    sets.
    """
    if is_reference(word):
        return 2 if kind_of(m, word) == SET else 1
    if is_missing(word):
        return -1
    return 0 if is_integer(word) else 1


@compiled
def _is_tuple(m: Memory, word: int) -> bool:
    """Whether it is a tuple, whatever is in it."""
    if is_reference(word):
        return kind_of(m, word) != SET
    return not is_integer(word) and word != MISSING


@compiled
def _is_swapped(m: Memory, word: int) -> int:
    """1 for a tuple of an integer and a tuple, which orders by the second part first, else 0."""
    if is_reference(word) and (kind_of(m, word) != TUPLE or length(m, word) != 2):
        return 0
    first, second = first_of_two(m, word), second_of_two(m, word)
    return 1 if (is_integer(first) or first == MISSING) and _is_tuple(m, second) else 0


@compiled
def _compare_two(m: Memory, a: int, b: int) -> int:
    """Compare a pair or cell with another tuple, as stand together in a set of mixed kinds only, or
    in two sets of which one is taken from the other.
    """
    count_a = length(m, a) if is_reference(a) else 2
    count_b = length(m, b) if is_reference(b) else 2
    swapped_a, swapped_b = _is_swapped(m, a), _is_swapped(m, b)
    for k in range(min(count_a, count_b)):
        x = leaf_of(m, _part_of(m, a, k ^ swapped_a))
        y = leaf_of(m, _part_of(m, b, k ^ swapped_b))
        if x != y:
            rank_x, rank_y = _rank(m, x), _rank(m, y)
            if rank_x != rank_y:
                return -1 if rank_x < rank_y else 1
            if not is_reference(x) and not is_reference(y):
                return -1 if x < y else 1
            found = _compare_with_pair(m, x, y)
            if found != 0:
                return found
    if swapped_a != swapped_b and min(count_a, count_b) == 2:
        return swapped_a - swapped_b
    return 0 if count_a == count_b else (-1 if count_a < count_b else 1)


@compiled
def _compare_with_pair(m: Memory, a: int, b: int) -> int:
    """Compare two tuples of which one is a pair and the other lies in the heap."""
    if is_grid(m, a) or is_grid(m, b):
        return _compare_with_grid(m, a, b)
    pair, other, order = (b, a, 1) if is_reference(a) else (a, b, -1)
    count, swapped = length(m, other), _is_swapped(m, other)
    for k in range(min(2, count)):
        own, part = _part_of(m, pair, k), leaf_of(m, _part_of(m, other, k ^ swapped))
        if own != part:
            if is_integer(part) or _rank(m, part) < 0:
                return order if own < part else -order
            return order
    return 0 if count == 2 else (order if count > 2 else -order)


@compiled
def _part_of(m: Memory, word: int, k: int) -> int:
    """Part k of a tuple that may be a pair or a cell."""
    if is_reference(word):
        return m.heap[start(word) + k]
    return second_of_two(m, word) if k == 1 else first_of_two(m, word)


@compiled
def _compare_with_grid(m: Memory, a: int, b: int) -> int:
    """Compare two values of the kind of tuples, of which one is a grid.

    A grid and another tuple stand in no set together, but a set may be taken from one of the other
    kind: `difference` asks for no equal types.
    """
    if is_grid(m, a) and is_grid(m, b):
        return compare_grids(m, a, b)
    grid, other, order = (a, b, 1) if is_grid(m, a) else (b, a, -1)
    high, count = height(m, grid), length(m, other) if is_reference(other) else 2
    swapped = _is_swapped(m, other)
    for i in range(min(high, count)):
        found = _compare_row(m, grid, i, _part_of(m, other, i ^ swapped))
        if found != 0:
            return found * order
    if high == count:
        return 0
    return order if high > count else -order


@compiled
def _compare_row(m: Memory, grid: int, i: int, word: int) -> int:
    """Compare a row of a grid, which is a tuple of integers, with any other value."""
    word = leaf_of(m, word)
    wide, rank = width(m, grid), _rank(m, word)
    if rank != 1:
        return 1 if rank < 1 else -1
    if word == NIL:
        return min(wide, 1)
    if is_grid(m, word) or _is_swapped(m, word):
        return -1
    count, at = length(m, word) if is_reference(word) else 2, origin(grid) + i * wide
    for j in range(min(wide, count)):
        x, y = m.colours[at + j], leaf_of(m, _part_of(m, word, j))
        if x != y:
            if is_integer(y) or _rank(m, y) < 0:
                return -1 if x < y else 1
            return -1
    if wide == count:
        return 0
    return -1 if wide < count else 1


@compiled
def compare_grids(m: Memory, a: int, b: int) -> int:
    """-1, 0 or 1: as tuples of rows."""
    height_a, width_a, at_a = height(m, a), width(m, a), origin(a)
    height_b, width_b, at_b = height(m, b), width(m, b), origin(b)
    common = min(width_a, width_b)
    for i in range(min(height_a, height_b)):
        for j in range(common):
            x = m.colours[at_a + i * width_a + j]
            y = m.colours[at_b + i * width_b + j]
            if x != y:
                return -1 if x < y else 1
        if width_a != width_b:
            return -1 if width_a < width_b else 1
    if height_a == height_b:
        return 0
    return -1 if height_a < height_b else 1


@compiled
def are_equal(m: Memory, a: int, b: int) -> bool:
    """Whether two values are equal."""
    if a == b:
        return True
    if not is_reference(a) or not is_reference(b):
        return leaf_of(m, a) == leaf_of(m, b)
    head = m.heap[start(a) - 1]
    if head != m.heap[start(b) - 1] and (head & GRID) == 0:
        # Of other lengths, or of other kinds: not even a grid without cells, which may equal `()`.
        return kind_of(m, b) == GRID and compare(m, a, b) == 0
    return compare(m, a, b) == 0


@compiled
def find(m: Memory, word: int, place: int, count: int) -> int:
    """The place of the first of `count` words from `place` on that equals the word, or -1."""
    heap = m.heap
    if is_reference(word):
        for k in range(place, place + count):
            if are_equal(m, heap[k], word):
                return k
        return -1
    for k in range(place, place + count):
        if heap[k] == word or (is_reference(heap[k]) and leaf_of(m, heap[k]) == word):
            return k
    return -1


@compiled
def find_sorted(m: Memory, word: int, place: int, count: int) -> int:
    """As `find`, where the words ascend: a search by halves."""
    heap = m.heap
    low, high = place, place + count
    while low < high:
        middle = (low + high) >> 1
        if precedes(m, heap[middle], word):
            low = middle + 1
        else:
            high = middle
    if low < place + count and are_equal(m, heap[low], word):
        return low
    return -1


@compiled
def precedes(m: Memory, a: int, b: int) -> bool:
    """Whether a comes before b."""
    if is_reference(a) or is_reference(b):
        return compare(m, a, b) < 0
    return a < b


@shared
def sort_words(m: Memory, place: int, count: int) -> int:
    """Sort `count` words from `place` on; uses as many words behind them. Gives 0."""
    sort_run(m, place, count, place + count)
    return 0


@compiled
def sort_run(m: Memory, place: int, count: int, spare: int) -> None:
    """Sort `count` words from `place` on; uses as many words from `spare` on."""
    heap = m.heap
    deep = False
    ascending = True
    for k in range(count):
        deep = deep or is_reference(heap[place + k])
    if deep:
        for k in range(1, count):
            if compare(m, heap[place + k - 1], heap[place + k]) > 0:
                ascending = False
                break
    else:
        for k in range(1, count):
            if heap[place + k - 1] > heap[place + k]:
                ascending = False
                break
    if ascending:
        return
    run = 8
    for low in range(place, place + count, run):
        for k in range(low + 1, min(low + run, place + count)):
            word = heap[k]
            at = k
            while at > low and _follows(m, deep, heap[at - 1], word):
                heap[at] = heap[at - 1]
                at -= 1
            heap[at] = word
    source, target = place, spare
    while run < count:
        for low in range(0, count, 2 * run):
            _merge_runs(
                m, deep, source, target, low, min(low + run, count), min(low + 2 * run, count)
            )
        source, target = target, source
        run *= 2
    if source != place:
        for k in range(count):
            heap[place + k] = heap[source + k]


@compiled
def _follows(m: Memory, deep: bool, a: int, b: int) -> bool:
    """Whether a comes after b."""
    if deep:
        return compare(m, a, b) > 0
    return a > b


@compiled
def _merge_runs(
    m: Memory, deep: bool, source: int, target: int, low: int, middle: int, high: int
) -> None:
    heap = m.heap
    left, right = low, middle
    for k in range(low, high):
        if right >= high or (
            left < middle and not _follows(m, deep, heap[source + left], heap[source + right])
        ):
            heap[target + k] = heap[source + left]
            left += 1
        else:
            heap[target + k] = heap[source + right]
            right += 1


@compiled
def unique_words(m: Memory, place: int, count: int) -> int:
    """Drop repeated words of an ascending run in place; gives how many are left."""
    if count == 0:
        return 0
    heap = m.heap
    kept = 1
    for k in range(1, count):
        if not are_equal(m, heap[place + kept - 1], heap[place + k]):
            heap[place + kept] = heap[place + k]
            kept += 1
    return kept


@compiled
def put_set(m: Memory, out: int, count: int) -> tuple[int, int]:
    """End a set whose `count` elements are written from `out + 1` on in any order, repeated or not.

    Takes `1 + 2 * count` words. Gives its word and the place behind it; no limit is looked at.
    """
    sort_words(m, out + 1, count)
    kept = unique_words(m, out + 1, count)
    return put_list(m, out, SET, kept)
