"""What a team does together for one lane: sorting, sets of many elements, merging containers.

A lane whose container has thousands of elements would keep one thread busy and the others waiting.
Every thread comes to these functions with the same arguments, and to the same calls of `wait`.

Sorting is by chunks and merges: each thread sorts a chunk, then runs are merged two by two, where
each thread writes as many words as its chunk has, wherever in the two runs these come from (as in
merge path: a search by halves finds out).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pipeline.kernels.heap import SCRATCH_WORDS
from pipeline.kernels.team import claim, wait
from pipeline.primitives.algebra import all_parts
from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import are_equal, precedes, put_set, sort_run
from pipeline.primitives.words import (
    GRID,
    REFERENCES,
    SET,
    Memory,
    is_reference,
    kind_of,
    length,
    list_words,
    put_list,
    set_words,
    start,
)

LARGE: Final = 4
"""From so many elements a thread on, a team does it together."""

_SAID: Final = SCRATCH_WORDS - 1
"""The word of a thread's scratch that the others read: behind the last frame of `compare`."""


@compiled
def is_large(m: Memory, count: int) -> bool:
    """Whether a container of so many elements is for the whole team."""
    return m.team > 1 and count >= LARGE * m.team


@compiled
def put_set_together(m: Memory, out: int, count: int) -> tuple[int, int]:
    """As `sorting.put_set`, by all threads."""
    if m.team == 1:
        return put_set(m, out, count)
    source = sort_together(m, out + 1, count)
    return _head(m, out, SET, _unique_together(m, source, out + 1, count))


@compiled
def _head(m: Memory, out: int, kind: int, count: int) -> tuple[int, int]:
    """As `put_list`; the first thread writes, and it alone may read until all have waited."""
    if m.rank == 0:
        put_list(m, out, kind, count)
    return REFERENCES - out, out + 1 + count


@compiled
def _said_by(m: Memory, rank: int) -> int:
    """Where a thread says a number."""
    return m.scratch + (rank - m.rank) * SCRATCH_WORDS + _SAID


@compiled
def _edge(m: Memory, count: int, chunk: int) -> int:
    """Where a chunk begins, of as many as there are threads."""
    return count * min(chunk, m.team) // m.team


@compiled
def sort_together(m: Memory, place: int, count: int) -> int:
    """Sort `count` words from `place` on, with as many words behind them; gives where they stand
    then: at `place`, or behind.
    """
    heap, said = m.heap, _said_by(m, 0)
    first, last = _edge(m, count, m.rank), _edge(m, count, m.rank + 1)
    if m.rank == 0:
        heap[said] = 0
    wait(m)
    for k in range(max(first, 1), last):
        if precedes(m, heap[place + k], heap[place + k - 1]):
            claim(m, said, 1)
            break
    wait(m)
    is_sorted = heap[said] == 0
    wait(m)
    if is_sorted:
        return place
    sort_run(m, place + first, last - first, place + count + first)
    wait(m)
    source, target, chunks = place, place + count, 1
    while chunks < m.team:
        pair = m.rank // (2 * chunks) * 2 * chunks
        low, middle = _edge(m, count, pair), _edge(m, count, pair + chunks)
        high = _edge(m, count, pair + 2 * chunks)
        _merge_part(m, source, target, low, middle, high, first, last)
        wait(m)
        source, target, chunks = target, source, 2 * chunks
    return source


@compiled
def _merge_part(
    m: Memory,
    source: int,
    target: int,
    low: int,
    middle: int,
    high: int,
    first: int,
    last: int,
) -> None:
    """Write the words `first` to `last - 1` of two merged runs, which meet at `middle`."""
    heap = m.heap
    ahead = first - low
    left, most = max(0, ahead - (high - middle)), min(ahead, middle - low)
    while left < most:
        half = (left + most) >> 1
        if precedes(m, heap[source + middle + ahead - 1 - half], heap[source + low + half]):
            most = half
        else:
            left = half + 1
    right = middle + ahead - left
    left += low
    for k in range(first, last):
        is_right = left >= middle
        if left < middle and right < high:
            is_right = precedes(m, heap[source + right], heap[source + left])
        if is_right:
            heap[target + k] = heap[source + right]
            right += 1
        else:
            heap[target + k] = heap[source + left]
            left += 1


@compiled
def _unique_together(m: Memory, source: int, place: int, count: int) -> int:
    """Write ascending words to `place`, each once; gives how many. They stand there, or behind."""
    heap = m.heap
    first, last = _edge(m, count, m.rank), _edge(m, count, m.rank + 1)
    kept = 0
    for k in range(first, last):
        if k == 0 or not are_equal(m, heap[source + k - 1], heap[source + k]):
            kept += 1
    at, total = _numbered(m, kept)
    if total == count and source == place:
        return count
    target = place if source != place else place + count
    for k in range(first, last):
        if k == 0 or not are_equal(m, heap[source + k - 1], heap[source + k]):
            heap[target + at] = heap[source + k]
            at += 1
    wait(m)
    if target != place:
        for k in range(m.rank, total, m.team):
            heap[place + k] = heap[target + k]
        wait(m)
    return total


@compiled
def _numbered(m: Memory, count: int) -> tuple[int, int]:
    """How many the threads before this one count together, and all of them."""
    heap = m.heap
    heap[_said_by(m, m.rank)] = count
    wait(m)
    before = total = 0
    for rank in range(m.team):
        if rank == m.rank:
            before = total
        total += heap[_said_by(m, rank)]
    wait(m)
    return before, total


# -- merge


@compiled
def large_merge(m: Memory, containers: int, count: int) -> bool:
    """Whether a container's containers, which have so many elements, are merged by the team."""
    if not is_large(m, count):
        return False
    for k in range(start(containers), start(containers) + length(m, containers)):
        word = m.heap[k]
        if not is_reference(word) or kind_of(m, word) == GRID:
            return False
    return True


@compiled
def large_merge_words(m: Memory, containers: int, count: int) -> int:
    """How many words `merge_together` takes."""
    return set_words(count) if kind_of(m, containers) == SET else list_words(count)


@compiled
def merge_together(m: Memory, out: int, containers: int, count: int) -> tuple[int, int]:
    """As `merge`, of containers that have `count` elements, by all threads."""
    heap, size, at = m.heap, length(m, containers), start(containers)
    if size < m.team:
        place = out + 1
        for k in range(size):
            inner = heap[at + k]
            for e in range(m.rank, length(m, inner), m.team):
                heap[place + e] = heap[start(inner) + e]
            place += length(m, inner)
    else:
        first, last = _edge(m, size, m.rank), _edge(m, size, m.rank + 1)
        own = 0
        for k in range(first, last):
            own += length(m, heap[at + k])
        before, _ = _numbered(m, own)
        place = out + 1 + before
        for k in range(first, last):
            inner = heap[at + k]
            for e in range(length(m, inner)):
                heap[place + e] = heap[start(inner) + e]
            place += length(m, inner)
    wait(m)
    kind = kind_of(m, containers)
    if kind == SET:
        return put_set_together(m, out, count)
    return _head(m, out, kind, count)


@dataclass(frozen=True, slots=True)
class Together:
    """A row of which a team does large items together: how many elements an item has, whether that
    is for all threads, how many words it takes then, and what fills them in.
    """

    amount: Callable[..., Any]
    is_large: Callable[..., Any]
    words: Callable[..., Any]
    fill: Callable[..., Any]

    @property
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """All of them."""
        return self.amount, self.is_large, self.words, self.fill


TOGETHER: Final = {
    "merge": Together(all_parts, large_merge, large_merge_words, merge_together),
}
"""The rows that a team does together, by name."""
