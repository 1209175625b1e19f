"""Kernels that close domains: containers of results, first matches, the sides of a condition."""

from __future__ import annotations

from typing import Final

from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import put_set
from pipeline.primitives.words import (
    ELEMENTS,
    MISSING,
    NO_MATCH,
    NONE,
    TOTAL,
    TUPLE,
    Memory,
    has_failed,
    kind_of,
    length,
    put_list,
    start,
)
from pipeline.runtime.heap import SLOTS, TOP
from pipeline.runtime.instruction import (
    ARGS,
    D_BLOCKED,
    D_OFFSETS,
    D_PARENT,
    D_PARENTS,
    D_SCOPES,
    D_SIZE,
    D_SOURCE_A,
    D_STEP_A,
    EXTRAS,
    MODE,
    OPERATION,
)
from pipeline.runtime.structure.places import (
    argument_at,
    argument_step,
    domain_of,
    first_failure,
    has_room,
    set_slot,
    take,
)

TO_TUPLE: Final = 0
TO_SET: Final = 1
TO_KEYS: Final = 2
TO_SAME: Final = 3
"""Modes of `close` and `pack`: tuples and sets count and hold no missing value, keys are taken as
they are; TO_SAME is a container of the kind that was opened, its elements in their order.
"""


@compiled
def close(m: Memory, at: int, count: int) -> None:
    """tuple_of, set_of, keys: the results for all elements as one container."""
    for k in range(count):
        if not _close(m, m.heap[at + k]):
            return


@compiled
def _close(m: Memory, instruction: int) -> bool:
    heap = m.heap
    mode, operation = heap[instruction + MODE], heap[instruction + OPERATION]
    domain = domain_of(m, instruction)
    parent, offsets = heap[domain + D_PARENT], heap[domain + D_OFFSETS]
    lanes = heap[parent + D_SIZE]
    # Each element is written once, and sorting a set takes as much again.
    if not has_room(m, 2 * lanes + 2 * heap[domain + D_SIZE] + 2):
        return False
    column = take(m, lanes)
    argument = heap[instruction + ARGS]
    source, step = argument_at(m, argument), argument_step(argument)
    scopes = heap[parent + D_SCOPES]
    scope, total = -1, 0
    out = heap[TOP]
    for p in range(lanes):
        first, last = heap[offsets + p], heap[offsets + p + 1]
        word = _collected(m, instruction, source, step, first, last, out)
        if first == last and has_failed(heap[heap[domain + D_BLOCKED] + p]):
            word = heap[heap[domain + D_BLOCKED] + p]
        if word == 0:
            kind = TUPLE
            if mode == TO_SAME:
                container = heap[heap[domain + D_SOURCE_A] + p * heap[domain + D_STEP_A]]
                kind = kind_of(m, container)
            if mode == TO_SET:
                word, end = put_set(m, out, last - first)
            else:
                word, end = put_list(m, out, kind, last - first)
            if mode <= TO_SET:
                made = length(m, word)
                if heap[scopes + p] != scope:
                    scope = heap[scopes + p]
                    total = 0
                if made > m.elements:
                    word = ELEMENTS - operation
                else:
                    total += made
                    if total > m.total:
                        word = TOTAL - operation
            if not has_failed(word):
                out = end
        heap[column + p] = word
    heap[TOP] = out
    set_slot(m, instruction, column)
    return True


@compiled
def _collected(
    m: Memory, instruction: int, source: int, step: int, first: int, last: int, out: int
) -> int:
    """Write the results of one lane's elements behind `out`; gives 0, or the lane's failure."""
    heap = m.heap
    extras = heap[instruction + EXTRAS]
    mode = heap[instruction + MODE]
    missing = 0
    for lane in range(first, last):
        failure = first_failure(m, extras, lane)
        if failure != 0:
            return failure
        word = heap[source + lane * step]
        if has_failed(word):
            return word
        if word == MISSING:
            missing = 1
        heap[out + 1 + lane - first] = word
    if missing != 0 and mode <= TO_SET:
        return NONE - heap[instruction + OPERATION]
    return 0


@compiled
def first_match(m: Memory, at: int, count: int) -> None:
    """The first element that matches; what fails after it does not count."""
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        parent, offsets = heap[domain + D_PARENT], heap[domain + D_OFFSETS]
        lanes = heap[parent + D_SIZE]
        if not has_room(m, lanes):
            return
        column = take(m, lanes)
        for p in range(lanes):
            word = heap[heap[domain + D_BLOCKED] + p]
            if not has_failed(word):
                word = _match(m, instruction, domain, p, heap[offsets + p], heap[offsets + p + 1])
            heap[column + p] = word
        set_slot(m, instruction, column)


@compiled
def _match(m: Memory, instruction: int, domain: int, p: int, first: int, last: int) -> int:
    heap = m.heap
    argument = heap[instruction + ARGS]
    source, step = argument_at(m, argument), argument_step(argument)
    for lane in range(first, last):
        failure = first_failure(m, heap[instruction + EXTRAS], lane)
        if failure != 0:
            return failure
        matches = heap[source + lane * step]
        if has_failed(matches):
            return matches
        if matches != 0:
            container = heap[heap[domain + D_SOURCE_A] + p * heap[domain + D_STEP_A]]
            return heap[start(container) + lane - first]
    return NO_MATCH - heap[instruction + OPERATION]


@compiled
def select(m: Memory, at: int, count: int) -> None:
    """The results of the two sides of a condition, joined.

    Arguments: the condition, the domain and result of one side, those of the other. Effects: those
    of one side, then those of the other.
    """
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        size = heap[domain_of(m, instruction) + D_SIZE]
        if not has_room(m, size):
            return
        column = take(m, size)
        condition = heap[instruction + ARGS]
        source, step = argument_at(m, condition), argument_step(condition)
        for lane in range(size):
            heap[column + lane] = heap[source + lane * step]
        extras = heap[instruction + EXTRAS]
        _put_side(m, column, heap[instruction + ARGS + 1], heap[instruction + ARGS + 2], extras)
        extras += 1 + heap[extras]
        _put_side(m, column, heap[instruction + ARGS + 3], heap[instruction + ARGS + 4], extras)
        set_slot(m, instruction, column)


@compiled
def _put_side(m: Memory, column: int, domain_slot: int, result: int, extras: int) -> None:
    heap = m.heap
    domain = heap[heap[SLOTS] + domain_slot]
    source, step, parents = argument_at(m, result), argument_step(result), heap[domain + D_PARENTS]
    for lane in range(heap[domain + D_SIZE]):
        word = first_failure(m, extras, lane)
        if word == 0:
            word = heap[source + lane * step]
        heap[column + heap[parents + lane]] = word
