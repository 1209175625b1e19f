"""Where an instruction finds its arguments, puts its result, and what failed before it."""

from __future__ import annotations

from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory, has_failed
from pipeline.runtime.heap import CONSTANTS, END, FULL, SLOTS, TOP
from pipeline.runtime.instruction import D_BLOCKED, DEST, DOMAIN


@compiled
def has_room(m: Memory, words: int) -> bool:
    """Whether so many words are free; notes it if not."""
    if m.heap[TOP] + words < m.heap[END]:
        return True
    m.heap[FULL] = 1
    return False


@compiled
def take(m: Memory, words: int) -> int:
    """The place of free words, which are taken."""
    place = m.heap[TOP]
    m.heap[TOP] = place + words
    return place


@compiled
def domain_of(m: Memory, instruction: int) -> int:
    """The record of the instruction's domain."""
    return m.heap[m.heap[SLOTS] + m.heap[instruction + DOMAIN]]


@compiled
def set_slot(m: Memory, instruction: int, place: int) -> None:
    """Say where the instruction's result is."""
    m.heap[m.heap[SLOTS] + m.heap[instruction + DEST]] = place


@compiled
def argument_at(m: Memory, argument: int) -> int:
    """Where an argument's first word is: a column's, or a constant's."""
    if argument < 0:
        return m.heap[CONSTANTS] - 1 - argument
    return m.heap[m.heap[SLOTS] + argument]


@compiled
def argument_step(argument: int) -> int:
    """How far apart an argument's words for two lanes are: a constant is one word for all."""
    return 0 if argument < 0 else 1


@compiled
def first_failure(m: Memory, extras: int, lane: int) -> int:
    """The failure of the first effect that failed in a lane, or 0."""
    heap = m.heap
    slots = heap[SLOTS]
    for k in range(heap[extras]):
        effect = heap[extras + 1 + k]
        place = heap[slots + (effect >> 1)]
        if effect & 1:
            place = heap[place + D_BLOCKED]
        word = heap[place + lane]
        if has_failed(word):
            return word
    return 0
