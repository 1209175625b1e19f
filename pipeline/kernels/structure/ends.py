"""Kernels at both ends of a program: what lanes are given, and verdicts."""

from __future__ import annotations

from pipeline.kernels.instruction import (
    ARGS,
    D_OFFSETS,
    D_SIZE,
    D_SOURCE_A,
    D_SOURCE_B,
    EXTRAS,
    OPERATION,
)
from pipeline.kernels.structure.places import (
    argument_at,
    argument_step,
    domain_of,
    effect_failure,
    has_room,
    set_result,
    take,
)
from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import compare_grids
from pipeline.primitives.words import (
    CELLS,
    FAILED,
    MISSING,
    NONE,
    SHAPE,
    UNUSED,
    Memory,
    area,
    is_holed,
    is_ragged,
    is_reference,
)


@compiled
def inputs(m: Memory, at: int, count: int) -> None:
    """The input grids: the root's first source."""
    for k in range(count):
        instruction = m.heap[at + k]
        set_result(m, instruction, m.heap[domain_of(m, instruction) + D_SOURCE_A])


@compiled
def train_pairs(m: Memory, at: int, count: int) -> None:
    """The train pairs of each lane's task: a column of the root; NONE where there is no task."""
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        size = heap[domain + D_SIZE]
        if not has_room(m, size):
            return
        column = take(m, size)
        source = heap[domain + D_OFFSETS]
        for lane in range(m.rank, size, m.team):
            word = heap[source + lane] if source != 0 else 0
            heap[column + lane] = word if word != 0 else NONE - heap[instruction + OPERATION]
        set_result(m, instruction, column)


@compiled
def _first_told(m: Memory, extras: int, lane: int) -> int:
    """The failure of the first effect that failed in a lane, or 0; a statement whose value nobody
    uses may have ended.
    """
    for k in range(m.heap[extras]):
        word = effect_failure(m, m.heap[extras + 1 + k], lane)
        if word != 0 and (FAILED - word) & 31 != FAILED - UNUSED:
            return word
    return 0


@compiled
def verdict(m: Memory, at: int, count: int) -> None:
    """How each lane of a solver ended: its column holds the output grid or the failure, and behind
    it whether that is the expected grid, the root's second source (0 where nothing is expected).
    """
    heap = m.heap
    for k in range(count):
        instruction = heap[at + k]
        domain = domain_of(m, instruction)
        size = heap[domain + D_SIZE]
        if not has_room(m, 2 * size):
            return
        column = take(m, 2 * size)
        result = heap[instruction + ARGS]
        source, step = argument_at(m, result), argument_step(result)
        for lane in range(m.rank, size, m.team):
            word = _first_told(m, heap[instruction + EXTRAS], lane)
            if word == 0:
                word = heap[source + lane * step]
            if word == MISSING or is_holed(m, word):
                word = NONE - heap[instruction + OPERATION]
            if is_ragged(m, word):
                word = SHAPE - heap[instruction + OPERATION]
            if is_reference(word) and area(m, word) > m.cells:
                word = CELLS - heap[instruction + OPERATION]
            expected = heap[heap[domain + D_SOURCE_B] + lane]
            right = is_reference(word) and is_reference(expected)
            if right:
                right = compare_grids(m, word, expected) == 0
            heap[column + lane] = word
            heap[column + size + lane] = 1 if right else 0
        set_result(m, instruction, column)
