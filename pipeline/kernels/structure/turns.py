"""Kernels of loops: enter once; then test, body and end for each turn."""

from __future__ import annotations

from pipeline.kernels.heap import JUMP
from pipeline.kernels.instruction import (
    ARGS,
    D_BLOCKED,
    D_OFFSETS,
    D_PARENT,
    D_PARENTS,
    D_SCOPES,
    D_SIZE,
    D_WORDS,
    EXTRAS,
    MODE,
)
from pipeline.kernels.structure.places import (
    argument_at,
    argument_step,
    domain_of,
    first_failure,
    has_room,
    set_result,
    set_slot,
    slot_at,
    take,
)
from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory, has_failed


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
        for lane in range(m.rank, size, m.team):
            number = heap[at_turns + lane * argument_step(turns)]
            word = heap[at_state + lane * argument_step(state)]
            heap[column + lane] = number if has_failed(number) else word
            heap[column + size + lane] = 0 if has_failed(number) else number - 1
        set_result(m, instruction, column)


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
        column = slot_at(m, heap[instruction + ARGS])
        size = 0
        for lane in range(lanes):
            size += _goes_on(m, column, lanes, lane)
        if size == 0:
            if m.rank == 0:
                heap[m.state + JUMP] = heap[instruction + ARGS + 2]
            continue
        room = D_WORDS + 2 * lanes + 1 + 3 * size
        if not has_room(m, room):
            return
        record = take(m, room)
        if m.rank == 0:
            _open_turn(m, parent, column, record, size)
        set_result(m, instruction, record)
        set_slot(m, heap[instruction + ARGS + 1], record + room - size)


@compiled
def _goes_on(m: Memory, column: int, lanes: int, lane: int) -> int:
    """1 for a lane that has a turn left, else 0."""
    return 1 if m.heap[column + lanes + lane] > 0 and not has_failed(m.heap[column + lane]) else 0


@compiled
def _open_turn(m: Memory, parent: int, column: int, record: int, size: int) -> None:
    """Write the domain of a turn: its record, and behind it all that it names, states last."""
    heap = m.heap
    lanes = heap[parent + D_SIZE]
    offsets = record + D_WORDS
    blocked = offsets + lanes + 1
    parents = blocked + lanes
    scopes = parents + size
    state = scopes + size
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
        if _goes_on(m, column, lanes, lane):
            heap[parents + live] = lane
            heap[scopes + live] = heap[heap[parent + D_SCOPES] + lane]
            heap[state + live] = heap[column + lane]
            live += 1
    heap[offsets + lanes] = live


@compiled
def loop_end(m: Memory, at: int, count: int) -> None:
    """Take over the results of a turn and jump to the test.

    Arguments: the loop's column, the body's result, how far to jump; in MODE 1 also whether a lane
    goes on.
    """
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        lanes = heap[heap[domain + D_PARENT] + D_SIZE]
        stops = heap[instruction + MODE] == 1
        column = slot_at(m, heap[instruction + ARGS])
        result = heap[instruction + ARGS + 1]
        source, step = argument_at(m, result), argument_step(result)
        more = heap[instruction + ARGS + 3] if stops else result
        more_at, more_step = argument_at(m, more), argument_step(more)
        for lane in range(m.rank, heap[domain + D_SIZE], m.team):
            word = first_failure(m, heap[instruction + EXTRAS], lane)
            if word == 0:
                word = heap[source + lane * step]
            place = column + heap[heap[domain + D_PARENTS] + lane]
            heap[place] = word
            goes_on = not stops or heap[more_at + lane * more_step] > 0
            heap[place + lanes] = heap[place + lanes] - 1 if goes_on else 0
        if m.rank == 0:
            heap[m.state + JUMP] = heap[instruction + ARGS + 2]
