"""Kernels that open domains and give their elements."""

from __future__ import annotations

from typing import Final

from pipeline.kernels.instruction import (
    ARGS,
    D_BLOCKED,
    D_CROSS,
    D_OFFSETS,
    D_PARENT,
    D_PARENTS,
    D_SCOPES,
    D_SIZE,
    D_SOURCE_A,
    D_SOURCE_B,
    D_STEP_A,
    D_STEP_B,
    D_WORDS,
    MODE,
    OPERATION,
)
from pipeline.kernels.structure.places import (
    argument_at,
    argument_step,
    domain_of,
    has_room,
    set_result,
    take,
)
from pipeline.kernels.team import wait
from pipeline.primitives.row import compiled
from pipeline.primitives.words import MISSING, NONE, TOTAL, Memory, has_failed, length, start

EACH: Final = 0
ZIP: Final = 1
CROSS: Final = 2
EVERY: Final = 3
PROBE: Final = 4
WHERE: Final = 5
UNLESS: Final = 6
"""Modes of `open_domains`; those up to CROSS count what they open."""


@compiled
def open_domains(m: Memory, at: int, count: int) -> None:
    """each, every, probe, zip, cross, where, unless: a lane for each element, pair or truth."""
    for k in range(count):
        if not _open(m, m.heap[at + k]):
            return


@compiled
def _open(m: Memory, instruction: int) -> bool:
    heap = m.heap
    mode = heap[instruction + MODE]
    parent = domain_of(m, instruction)
    lanes = heap[parent + D_SIZE]
    if not has_room(m, D_WORDS + 2 * lanes + 1):
        return False
    record = take(m, D_WORDS + 2 * lanes + 1)
    offsets = record + D_WORDS
    blocked = offsets + lanes + 1
    if m.rank == 0:
        heap[record + D_PARENT] = parent
        heap[record + D_OFFSETS] = offsets
        heap[record + D_BLOCKED] = blocked
        heap[record + D_CROSS] = mode == CROSS
        a, b = heap[instruction + ARGS], heap[instruction + ARGS + 1]
        heap[record + D_SOURCE_A], heap[record + D_STEP_A] = argument_at(m, a), argument_step(a)
        heap[record + D_SOURCE_B], heap[record + D_STEP_B] = argument_at(m, b), argument_step(b)
    wait(m)
    _measure_lanes(m, record, mode, heap[instruction + OPERATION])
    wait(m)
    if m.rank == 0:
        counted = mode <= CROSS
        heap[record + D_SIZE] = _count_lanes(m, record, counted, heap[instruction + OPERATION])
    wait(m)
    size = heap[record + D_SIZE]
    if not has_room(m, 2 * size):
        return False
    parents = take(m, 2 * size)
    if m.rank == 0:
        heap[record + D_PARENTS] = parents
        heap[record + D_SCOPES] = parents + size
    wait(m)
    _fill_lanes(m, record, mode == PROBE)
    set_result(m, instruction, record)
    return True


@compiled
def _measure_lanes(m: Memory, record: int, mode: int, operation: int) -> None:
    """Fill in how many lanes each lane opens, where the offsets will be, and what failed."""
    heap = m.heap
    parent, offsets, blocked = (
        heap[record + D_PARENT],
        heap[record + D_OFFSETS],
        heap[record + D_BLOCKED],
    )
    at_a, step_a = heap[record + D_SOURCE_A], heap[record + D_STEP_A]
    at_b, step_b = heap[record + D_SOURCE_B], heap[record + D_STEP_B]
    for lane in range(m.rank, heap[parent + D_SIZE], m.team):
        a, b = heap[at_a + lane * step_a], heap[at_b + lane * step_b]
        failure = a if has_failed(a) else b if has_failed(b) else 0
        if failure == 0 and mode < WHERE and (a == MISSING or b == MISSING):
            # What a conversion opens stays missing: see `closers`.
            failure = MISSING if mode == EVERY else NONE - operation
        heap[blocked + lane] = failure
        heap[offsets + lane] = _amount(m, mode, a, b) if failure == 0 else 0


@compiled
def _count_lanes(m: Memory, record: int, counted: int, operation: int) -> int:
    """From how many lanes each lane opens to the offsets; gives how many lanes these are."""
    heap = m.heap
    parent, offsets, blocked = (
        heap[record + D_PARENT],
        heap[record + D_OFFSETS],
        heap[record + D_BLOCKED],
    )
    scopes = heap[parent + D_SCOPES]
    scope, total, size = -1, 0, 0
    for lane in range(heap[parent + D_SIZE]):
        amount = heap[offsets + lane]
        heap[offsets + lane] = size
        if counted and heap[blocked + lane] == 0:
            if heap[scopes + lane] != scope:
                scope = heap[scopes + lane]
                total = 0
            total += amount
            if total > m.total:
                heap[blocked + lane] = TOTAL - operation
                amount = 0
        size += amount
    heap[offsets + heap[parent + D_SIZE]] = size
    return size


@compiled
def _amount(m: Memory, mode: int, a: int, b: int) -> int:
    if mode == WHERE:
        return 1 if a > 0 else 0
    if mode == UNLESS:
        return 1 if a <= 0 else 0
    if mode == ZIP:
        return min(length(m, a), length(m, b))
    if mode == CROSS:
        return length(m, a) * length(m, b)
    return length(m, a)


@compiled
def _fill_lanes(m: Memory, record: int, fresh: int) -> None:
    """Fill in each lane's parent and scope; fresh: each lane is a scope of its own."""
    heap = m.heap
    parent, offsets = heap[record + D_PARENT], heap[record + D_OFFSETS]
    parents, scopes = heap[record + D_PARENTS], heap[record + D_SCOPES]
    outer = heap[parent + D_SCOPES]
    p = 0
    if m.team == 1:
        for p in range(heap[parent + D_SIZE]):
            for lane in range(heap[offsets + p], heap[offsets + p + 1]):
                heap[parents + lane] = p
                heap[scopes + lane] = lane if fresh else heap[outer + p]
        return
    for lane in range(m.rank, heap[record + D_SIZE], m.team):
        while lane >= heap[offsets + p + 1]:
            p += 1
        heap[parents + lane] = p
        heap[scopes + lane] = lane if fresh else heap[outer + p]


@compiled
def spread(m: Memory, at: int, count: int) -> None:
    """A value of the parent domain, for each lane that the parent's lane opened."""
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        size = heap[domain + D_SIZE]
        if not has_room(m, size):
            return
        column = take(m, size)
        argument = heap[instruction + ARGS]
        source, step, parents = (
            argument_at(m, argument),
            argument_step(argument),
            heap[domain + D_PARENTS],
        )
        for lane in range(m.rank, size, m.team):
            heap[column + lane] = heap[source + heap[parents + lane] * step]
        set_result(m, instruction, column)


@compiled
def item(m: Memory, at: int, count: int) -> None:
    """item and left (mode 0), right (mode 1): the elements that a domain was opened for."""
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        size = heap[domain + D_SIZE]
        if not has_room(m, size):
            return
        column = take(m, size)
        offsets = heap[domain + D_OFFSETS]
        of_right = heap[instruction + MODE] == 1
        if m.team == 1:
            for p in range(heap[heap[domain + D_PARENT] + D_SIZE]):
                first = heap[offsets + p]
                opened = heap[offsets + p + 1] - first
                if opened > 0:
                    _elements(m, domain, p, of_right, column + first, opened)
        else:
            parents = heap[domain + D_PARENTS]
            for lane in range(m.rank, size, m.team):
                p = heap[parents + lane]
                k = lane - heap[offsets + p]
                heap[column + lane] = _element(m, domain, p, of_right, k)
        set_result(m, instruction, column)


@compiled
def _elements(m: Memory, domain: int, p: int, of_right: int, target: int, opened: int) -> None:
    heap = m.heap
    a = heap[heap[domain + D_SOURCE_A] + p * heap[domain + D_STEP_A]]
    b = heap[heap[domain + D_SOURCE_B] + p * heap[domain + D_STEP_B]]
    if heap[domain + D_CROSS] == 0:
        source = start(b) if of_right else start(a)
        for k in range(opened):
            heap[target + k] = heap[source + k]
        return
    inner = length(m, a)
    for k in range(opened):
        heap[target + k] = heap[start(b) + k // inner] if of_right else heap[start(a) + k % inner]


@compiled
def _element(m: Memory, domain: int, p: int, of_right: int, k: int) -> int:
    """Element k of those that a lane opened."""
    heap = m.heap
    a = heap[heap[domain + D_SOURCE_A] + p * heap[domain + D_STEP_A]]
    b = heap[heap[domain + D_SOURCE_B] + p * heap[domain + D_STEP_B]]
    if heap[domain + D_CROSS] != 0:
        inner = length(m, a)
        k = k // inner if of_right else k % inner
    return heap[start(b if of_right else a) + k]
