"""Kernels of loops: enter once; then test, body and end for each turn."""

from __future__ import annotations

from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory, has_failed
from pipeline.runtime.heap import JUMP, SLOTS
from pipeline.runtime.instruction import (
    ARGS,
    D_BLOCKED,
    D_OFFSETS,
    D_PARENT,
    D_PARENTS,
    D_SCOPES,
    D_SIZE,
    D_WORDS,
    EXTRAS,
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


@compiled
def loop_enter(m: Memory, at: int, count: int) -> None:
    """Begin a loop: its column holds the states, and behind it the turns left."""
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        size = heap[domain_of(m, instruction) + D_SIZE]
        if not has_room(m, 2 * size):
            return
        column = take(m, 2 * size)
        turns, state = heap[instruction + ARGS], heap[instruction + ARGS + 1]
        at_turns, at_state = argument_at(m, turns), argument_at(m, state)
        for lane in range(size):
            number = heap[at_turns + lane * argument_step(turns)]
            word = heap[at_state + lane * argument_step(state)]
            heap[column + lane] = number if has_failed(number) else word
            heap[column + size + lane] = 0 if has_failed(number) else number - 1
        set_slot(m, instruction, column)


@compiled
def loop_test(m: Memory, at: int, count: int) -> None:
    """Open the lanes that have a turn left, or leave the loop.

    Arguments: the loop's column, the slot of the state in the turn, how far to jump to leave.
    """
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        parent = domain_of(m, instruction)
        lanes = heap[parent + D_SIZE]
        column = heap[heap[SLOTS] + heap[instruction + ARGS]]
        size = 0
        for lane in range(lanes):
            if heap[column + lanes + lane] > 0 and not has_failed(heap[column + lane]):
                size += 1
        if size == 0:
            heap[JUMP] = heap[instruction + ARGS + 2]
            continue
        if not has_room(m, D_WORDS + 2 * lanes + 1 + 3 * size):
            return
        record = take(m, D_WORDS)
        offsets, blocked = take(m, lanes + 1), take(m, lanes)
        parents, scopes, state = take(m, size), take(m, size), take(m, size)
        heap[record + D_SIZE] = size
        heap[record + D_PARENT] = parent
        heap[record + D_OFFSETS] = offsets
        heap[record + D_BLOCKED] = blocked
        heap[record + D_PARENTS] = parents
        heap[record + D_SCOPES] = scopes
        live = 0
        for lane in range(lanes):
            heap[offsets + lane] = live
            heap[blocked + lane] = 0
            if heap[column + lanes + lane] > 0 and not has_failed(heap[column + lane]):
                heap[parents + live] = lane
                heap[scopes + live] = heap[heap[parent + D_SCOPES] + lane]
                heap[state + live] = heap[column + lane]
                live += 1
        heap[offsets + lanes] = live
        set_slot(m, instruction, record)
        heap[heap[SLOTS] + heap[instruction + ARGS + 1]] = state


@compiled
def loop_end(m: Memory, at: int, count: int) -> None:
    """Take over the results of a turn and jump to the test.

    Arguments: the loop's column, the body's result, how far to jump.
    """
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        lanes = heap[heap[domain + D_PARENT] + D_SIZE]
        column = heap[heap[SLOTS] + heap[instruction + ARGS]]
        result = heap[instruction + ARGS + 1]
        source, step = argument_at(m, result), argument_step(result)
        for lane in range(heap[domain + D_SIZE]):
            word = first_failure(m, heap[instruction + EXTRAS], lane)
            if word == 0:
                word = heap[source + lane * step]
            heap[column + heap[heap[domain + D_PARENTS] + lane]] = word
        for lane in range(lanes):
            heap[column + lanes + lane] -= 1
        heap[JUMP] = heap[instruction + ARGS + 2]
