"""Compiled functions that merge ascending words, as `sorting` sorts them: unions and their kin.

What two sets have together, both, or one of them only is one pass over both, as sets ascend.
"""

from __future__ import annotations

from typing import Final

from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import compare, precedes, sort_words, unique_words
from pipeline.primitives.words import (
    FIELD,
    FIRST_CELL,
    FIRST_PAIR,
    MASK,
    REFERENCES,
    SET,
    Memory,
    kind_of,
    length,
    list_words,
    put_list,
    set_words,
    start,
)

FIRST: Final = 1
BOTH: Final = 2
SECOND: Final = 4
ALL: Final = 7
"""What a merge keeps: words of the first run only, of both, of the second only; or all of them."""


@compiled
def merge_words(
    m: Memory, target: int, first: int, first_end: int, second: int, second_end: int, kept: int
) -> int:
    """Merge two ascending runs, `first` up to `first_end` and so on, and write what is kept.

    Gives the place behind the last word written from `target` on. A word of both is written once.
    Which run comes next can't be foreseen, so it is computed with, not branched on.
    """
    heap = m.heap
    while first < first_end and second < second_end:
        x, y = heap[first], heap[second]
        order = int(x > y) - int(x < y)
        if order != 0 and min(x, y) <= REFERENCES:
            order = compare(m, x, y)
        heap[target] = x if order <= 0 else y
        target += (kept >> (order + 1)) & 1
        first += int(order <= 0)
        second += int(order >= 0)
    if kept & FIRST:
        copy_words(m, target, first, first_end - first)
        target += first_end - first
    if kept & SECOND:
        copy_words(m, target, second, second_end - second)
        target += second_end - second
    return target


@compiled
def merge_sets(m: Memory, target: int, a: int, b: int, kept: int) -> int:
    """Merge the elements of two sets; gives how many words are written from `target` on."""
    heap = m.heap
    first, first_end = start(a), start(a) + length(m, a)
    second, second_end = start(b), start(b) + length(m, b)
    if first == first_end or second == second_end:
        return merge_words(m, target, first, first_end, second, second_end, kept) - target
    if kept & SECOND == 0:  # what of b lies outside of a's range has no part in it
        second, second_end = (
            first_not_before(m, second, second_end, heap[first]),
            first_behind(m, second, second_end, heap[first_end - 1]),
        )
        if kept == BOTH and second < second_end:
            first, first_end = (
                first_not_before(m, first, first_end, heap[second]),
                first_behind(m, first, first_end, heap[second_end - 1]),
            )
    return merge_words(m, target, first, first_end, second, second_end, kept) - target


@compiled
def first_not_before(m: Memory, low: int, high: int, word: int) -> int:
    """The place of the first of ascending words that does not come before a word."""
    heap = m.heap
    while low < high:
        middle = (low + high) >> 1
        if precedes(m, heap[middle], word):
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def first_behind(m: Memory, low: int, high: int, word: int) -> int:
    """The place of the first of ascending words that comes behind a word."""
    heap = m.heap
    while low < high:
        middle = (low + high) >> 1
        if precedes(m, word, heap[middle]):
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def copy_words(m: Memory, target: int, place: int, count: int) -> None:
    """Copy `count` words from `place` on to `target`."""
    heap = m.heap
    for k in range(count):
        heap[target + k] = heap[place + k]


@compiled
def union_words(m: Memory, sets: int, count: int) -> int:
    """How many words `put_union` takes for a container of sets that have so many elements."""
    return set_words(count) + 2 * length(m, sets) + 2


@compiled
def put_union(m: Memory, out: int, sets: int, count: int) -> tuple[int, int]:
    """The union of a container's sets, which are two or more and have `count` elements in all.

    Two by two they merge from one place to another and back; the last pass is to end at `out + 1`.
    Gives its word and the place behind it.
    """
    heap, runs = m.heap, length(m, sets)
    if runs > 2:
        kept = _put_laid_out(m, out, sets, count)
        if kept >= 0:
            return put_list(m, out, SET, kept)
    target, other = out + 1, out + 1 + count
    spans = other + count
    for k in range(runs):
        inner = heap[start(sets) + k]
        heap[spans + 2 * k] = start(inner)
        heap[spans + 2 * k + 1] = start(inner) + length(m, inner)
        if k > 1 and k & (k - 1) == 0:
            target, other = other, target
    while runs > 1:
        heap[spans + 2 * runs] = 0
        heap[spans + 2 * runs + 1] = 0
        at = target
        for k in range(0, runs, 2):
            span = spans + 2 * k
            end = merge_words(
                m, at, heap[span], heap[span + 1], heap[span + 2], heap[span + 3], ALL
            )
            heap[spans + k] = at
            heap[spans + k + 1] = end
            at = end
        runs = (runs + 1) >> 1
        target, other = other, target
    return put_list(m, out, SET, heap[spans + 1] - heap[spans])


@compiled
def _put_laid_out(m: Memory, out: int, sets: int, count: int) -> int:
    """Write the union of sets of pairs or of cells: lay them out as on a grid, and read it.

    Gives how many there are; -1 where they are too few for their area, two colours meet, or one is
    missing.
    """
    heap, colours, at = m.heap, m.colours, start(sets)
    shift, low, high, left, right = _box(m, sets)
    wide = right - left + 1
    area = (high - low + 1) * wide
    if shift < 0 or area > 2 * (union_words(m, sets, count) - list_words(count) - 1):
        return -1
    table = 2 * (out + 1 + list_words(count))
    for k in range(area):
        colours[table + k] = 0
    base = table - low * wide - left
    for p in range(length(m, sets)):
        for k in range(start(heap[at + p]), start(heap[at + p]) + length(m, heap[at + p])):
            location = heap[k] >> shift
            slot = base + (location >> FIELD) * wide + (location & MASK)
            mark = heap[k] & MASK if shift > 0 else 1
            if mark == 0 or (colours[slot] != mark and colours[slot] != 0):
                return -1
            colours[slot] = mark
    target = out + 1
    for i in range(low, high + 1):
        for j in range(left, right + 1):
            mark = colours[base + i * wide + j]
            location = (i << FIELD) | j
            heap[target] = (location << shift) | mark if shift > 0 else location
            target += int(mark != 0)
    return target - out - 1


@compiled
def _box(m: Memory, sets: int) -> tuple[int, int, int, int, int]:
    """The box around the elements of sets, its fields as words have them.

    Before it comes how far a word is to be shifted to be a pair, -1 where not all are pairs or all
    are cells.
    """
    heap, shift = m.heap, -1
    low, high, left, right = MASK, 0, MASK, 0
    for k in range(length(m, sets)):
        place = start(heap[start(sets) + k])
        end = place + length(m, heap[start(sets) + k])
        if place == end:
            continue
        own = FIELD if heap[place] >= FIRST_CELL else 0
        if heap[place] < FIRST_PAIR or (shift >= 0 and shift != own):
            return -1, 0, 0, 0, 0
        shift = own
        low = min(low, heap[place] >> (shift + FIELD))
        high = max(high, heap[end - 1] >> (shift + FIELD))
        for at in range(place, end):
            if heap[at] < FIRST_PAIR or (heap[at] >= FIRST_CELL) != (own == FIELD):
                return -1, 0, 0, 0, 0
            column = (heap[at] >> shift) & MASK
            left = min(left, column)
            right = max(right, column)
    return shift, low, high, left, right


@compiled
def put_ascending(m: Memory, container: int, scratch: int) -> tuple[int, int]:
    """Where the distinct elements of a container stand in order, and how many they are.

    Those of a tuple are sorted from `scratch` on, which takes two words for each.
    """
    count = length(m, container)
    if kind_of(m, container) == SET:
        return start(container), count
    copy_words(m, scratch, start(container), count)
    sort_words(m, scratch, count)
    return scratch, unique_words(m, scratch, count)
