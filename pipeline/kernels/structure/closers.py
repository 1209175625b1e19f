"""Kernels that close domains: containers of results, first matches, the sides of a condition."""

from __future__ import annotations

from typing import Final

from pipeline.kernels.heap import TOP
from pipeline.kernels.instruction import (
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
from pipeline.kernels.structure.places import (
    argument_at,
    argument_step,
    domain_of,
    first_failure,
    has_room,
    set_result,
    slot_at,
    take,
)
from pipeline.kernels.team import claim, wait
from pipeline.kernels.together import is_large, put_set_together
from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import put_set
from pipeline.primitives.words import (
    ELEMENTS,
    MISSING,
    NO_MATCH,
    TOTAL,
    TUPLE,
    Memory,
    has_failed,
    is_reference,
    kind_of,
    length,
    put_list,
    start,
)

TO_TUPLE: Final = 0
TO_SET: Final = 1
TO_KEYS: Final = 2
TO_SAME: Final = 3
"""Modes of `close` and `pack`: tuples and sets count, keys are taken as they are; TO_SAME is a
container of the kind that was opened, its elements in their order.
"""


@compiled
def close(m: Memory, at: int, count: int) -> None:
    """tuple_of, set_of, keys: the results for all elements as one container."""
    for k in range(count):
        if not _close(m, m.heap[at + k]):
            return


@compiled
def _close(m: Memory, instruction: int) -> bool:
    """First all elements' results are written where the containers will be, then each container
    is made: in its place by a thread of several, right behind the one before where there is one.
    """
    heap = m.heap
    domain = domain_of(m, instruction)
    offsets = heap[domain + D_OFFSETS]
    lanes = heap[heap[domain + D_PARENT] + D_SIZE]
    # Each element is written once, and sorting a set takes as much again.
    room = lanes + 2 * heap[domain + D_SIZE]
    if not has_room(m, lanes + room + 2):
        return False
    column = take(m, lanes)
    out = heap[m.state + TOP]
    if m.team == 1:
        for p in range(lanes):
            first, last = heap[offsets + p], heap[offsets + p + 1]
            _collect(m, instruction, first, last, column + p, out)
            out = _make(m, instruction, domain, p, column, out)
        heap[m.state + TOP] = out
        wait(m)  # as behind every taking: an emulator guards there what was taken
    else:
        _close_together(m, instruction, domain, column, out)
        take(m, room)
    if m.rank == 0 and heap[instruction + MODE] <= TO_SET:
        _count_made(m, instruction, domain, column)
    set_result(m, instruction, column)
    return True


@compiled
def _close_together(m: Memory, instruction: int, domain: int, column: int, out: int) -> None:
    """The same by a team: the place of each container is what those before it may take."""
    heap = m.heap
    offsets = heap[domain + D_OFFSETS]
    lanes = heap[heap[domain + D_PARENT] + D_SIZE]
    for p in range(m.rank, lanes, m.team):
        heap[column + p] = 0
    wait(m)
    extras, argument = heap[instruction + EXTRAS], heap[instruction + ARGS]
    source, far = argument_at(m, argument), argument_step(argument)
    parents, is_set = heap[domain + D_PARENTS], heap[instruction + MODE] == TO_SET
    for lane in range(m.rank, heap[domain + D_SIZE], m.team):
        p = heap[parents + lane]
        word = heap[source + lane * far]
        if has_failed(word) or first_failure(m, extras, lane) != 0:
            claim(m, column + p, 1)
        heap[out + 1 + p + heap[offsets + p] + lane] = word
    wait(m)
    for p in range(m.rank, lanes, m.team):
        if not (is_set and is_large(m, heap[offsets + p + 1] - heap[offsets + p])):
            _make(m, instruction, domain, p, column, out + p + 2 * heap[offsets + p])
    for p in range(lanes if is_set else 0):
        amount = heap[offsets + p + 1] - heap[offsets + p]
        if is_large(m, amount):
            _make_together(m, instruction, domain, p, column, out + p + 2 * heap[offsets + p])
    wait(m)


@compiled
def _make_together(m: Memory, instruction: int, domain: int, p: int, column: int, out: int) -> None:
    """As `_make`, of a set of many elements, by all threads."""
    heap = m.heap
    offsets = heap[domain + D_OFFSETS]
    first, last = heap[offsets + p], heap[offsets + p + 1]
    problems = heap[column + p]
    wait(m)
    if problems != 0:
        word = _problem(m, instruction, first, last) if m.rank == 0 else 0
    else:
        word, _ = put_set_together(m, out, last - first)
        if m.rank == 0 and length(m, word) > m.elements:
            word = ELEMENTS - heap[instruction + OPERATION]
    if m.rank == 0:
        heap[column + p] = word


@compiled
def _collect(m: Memory, instruction: int, first: int, last: int, problems: int, out: int) -> None:
    """Write the results of one lane's elements behind `out`, and count those that keep the
    container from being made.
    """
    heap = m.heap
    extras, argument = heap[instruction + EXTRAS], heap[instruction + ARGS]
    source, far = argument_at(m, argument), argument_step(argument)
    found = 0
    for lane in range(first, last):
        word = heap[source + lane * far]
        if has_failed(word) or first_failure(m, extras, lane) != 0:
            found += 1
        heap[out + 1 + lane - first] = word
    heap[problems] = found


@compiled
def _make(m: Memory, instruction: int, domain: int, p: int, column: int, out: int) -> int:
    """Make the container of one lane of what `_collect` wrote; gives the place behind it."""
    heap = m.heap
    offsets, mode = heap[domain + D_OFFSETS], heap[instruction + MODE]
    first, last = heap[offsets + p], heap[offsets + p + 1]
    blocked = heap[heap[domain + D_BLOCKED] + p]
    if first == last and (has_failed(blocked) or blocked == MISSING):
        heap[column + p] = blocked
        return out
    if heap[column + p] != 0:
        heap[column + p] = _problem(m, instruction, first, last)
        return out
    kind = TUPLE
    if mode == TO_SAME:
        kind = kind_of(m, heap[heap[domain + D_SOURCE_A] + p * heap[domain + D_STEP_A]])
    if mode == TO_SET:
        word, end = put_set(m, out, last - first)
    else:
        word, end = put_list(m, out, kind, last - first)
    if mode <= TO_SET and length(m, word) > m.elements:
        heap[column + p] = ELEMENTS - heap[instruction + OPERATION]
        return out
    heap[column + p] = word
    return end


@compiled
def _problem(m: Memory, instruction: int, first: int, last: int) -> int:
    """The failure of a lane, of whose elements one failed."""
    heap = m.heap
    extras, argument = heap[instruction + EXTRAS], heap[instruction + ARGS]
    source, far = argument_at(m, argument), argument_step(argument)
    for lane in range(first, last):
        failure = first_failure(m, extras, lane)
        if failure != 0:
            return failure
        word = heap[source + lane * far]
        if has_failed(word):
            return word
    return 0


@compiled
def _count_made(m: Memory, instruction: int, domain: int, column: int) -> None:
    """Fail the lanes whose containers are too many in all."""
    heap = m.heap
    parent = heap[domain + D_PARENT]
    scopes = heap[parent + D_SCOPES]
    scope, total = -1, 0
    for p in range(heap[parent + D_SIZE]):
        word = heap[column + p]
        if is_reference(word):
            if heap[scopes + p] != scope:
                scope = heap[scopes + p]
                total = 0
            total += length(m, word)
            if total > m.total:
                heap[column + p] = TOTAL - heap[instruction + OPERATION]


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
        for p in range(m.rank, lanes, m.team):
            word = heap[heap[domain + D_BLOCKED] + p]
            if not has_failed(word):
                word = _match(m, instruction, domain, p, heap[offsets + p], heap[offsets + p + 1])
            heap[column + p] = word
        set_result(m, instruction, column)


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
        if matches > 0:
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
        for lane in range(m.rank, size, m.team):
            heap[column + lane] = heap[source + lane * step]
        wait(m)
        extras = heap[instruction + EXTRAS]
        _put_side(m, column, heap[instruction + ARGS + 1], heap[instruction + ARGS + 2], extras)
        extras += 1 + heap[extras]
        _put_side(m, column, heap[instruction + ARGS + 3], heap[instruction + ARGS + 4], extras)
        set_result(m, instruction, column)


@compiled
def _put_side(m: Memory, column: int, domain_slot: int, result: int, extras: int) -> None:
    heap = m.heap
    domain = slot_at(m, domain_slot)
    source, step, parents = argument_at(m, result), argument_step(result), heap[domain + D_PARENTS]
    for lane in range(m.rank, heap[domain + D_SIZE], m.team):
        word = first_failure(m, extras, lane)
        if word == 0:
            word = heap[source + lane * step]
        heap[column + heap[parents + lane]] = word
