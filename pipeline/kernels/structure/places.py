"""Where an instruction finds its arguments, puts its result, and what failed before it."""

from __future__ import annotations

from pipeline.kernels.heap import CONSTANTS, END, FULL, SLOTS, TOP
from pipeline.kernels.instruction import D_BLOCKED, DEST, DOMAIN
from pipeline.kernels.team import wait
from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory, has_failed


@compiled
def has_room(m: Memory, words: int) -> bool:
    """Whether so many words are free; notes it if not. The same for all threads of a team."""
    if m.heap[m.state + TOP] + words < m.heap[m.state + END]:
        return True
    m.heap[m.state + FULL] = 1
    return False


@compiled
def take(m: Memory, words: int) -> int:
    """The place of free words, which are taken, for the whole team."""
    place = m.heap[m.state + TOP]
    wait(m)
    if m.rank == 0:
        m.heap[m.state + TOP] = place + words
    wait(m)
    return place


@compiled
def slot_at(m: Memory, slot: int) -> int:
    """What a slot holds: where a column, or a domain's record, begins."""
    return m.heap[m.heap[m.state + SLOTS] + slot]


@compiled
def domain_of(m: Memory, instruction: int) -> int:
    """The record of the instruction's domain."""
    return slot_at(m, m.heap[instruction + DOMAIN])


@compiled
def set_slot(m: Memory, slot: int, place: int) -> None:
    """Say where what a slot stands for is."""
    if m.rank == 0:
        m.heap[m.heap[m.state + SLOTS] + slot] = place


@compiled
def set_result(m: Memory, instruction: int, place: int) -> None:
    """Say where the instruction's result is."""
    set_slot(m, m.heap[instruction + DEST], place)


@compiled
def argument_at(m: Memory, argument: int) -> int:
    """Where an argument's first word is: a column's, or a constant's."""
    if argument < 0:
        return m.heap[m.state + CONSTANTS] - 1 - argument
    return slot_at(m, argument)


@compiled
def argument_step(argument: int) -> int:
    """How far apart an argument's words for two lanes are: a constant is one word for all."""
    return 0 if argument < 0 else 1


@compiled
def first_failure(m: Memory, extras: int, lane: int) -> int:
    """The failure of the first effect that failed in a lane, or 0."""
    heap = m.heap
    for k in range(heap[extras]):
        word = effect_failure(m, heap[extras + 1 + k], lane)
        if word != 0:
            return word
    return 0


@compiled
def effect_failure(m: Memory, effect: int, lane: int) -> int:
    """The failure of an effect in a lane, or 0."""
    heap = m.heap
    place = slot_at(m, effect >> 1)
    if effect & 1:
        place = heap[place + D_BLOCKED]
    word = heap[place + lane]
    return word if has_failed(word) else 0
