"""Kernels that make containers of known length, and convert."""

from __future__ import annotations

from typing import Final

from pipeline.kernels.heap import END, FULL, TOP
from pipeline.kernels.instruction import ARGS, D_SIZE, EXTRAS, MODE, OPERATION
from pipeline.kernels.structure.closers import TO_KEYS, TO_SET, TO_TUPLE
from pipeline.kernels.structure.places import (
    argument_at,
    argument_step,
    domain_of,
    has_room,
    set_result,
    take,
)
from pipeline.kernels.team import claim, wait
from pipeline.primitives.row import compiled
from pipeline.primitives.sorting import put_set
from pipeline.primitives.words import (
    CELLS,
    ELEMENTS,
    GRID,
    MISSING,
    NIL,
    NONE,
    SET,
    SHAPE,
    TUPLE,
    Memory,
    first_of_two,
    grid_words,
    has_failed,
    height,
    is_grid,
    is_missing,
    is_reference,
    kind_of,
    length,
    put_grid,
    put_holed,
    put_list,
    put_two,
    second_of_two,
    start,
    width,
)

AS_GRID: Final = 0
AS_TUPLE: Final = 1
AS_SET: Final = 2
AS_TWO: Final = 3
AS_IT_IS: Final = 4
"""Modes of `convert`."""


@compiled
def pack(m: Memory, at: int, count: int) -> None:
    """pack_tuple, pack_set, pack_keys: the values as one container."""
    for k in range(count):
        if not _pack(m, m.heap[at + k]):
            return


@compiled
def _pack(m: Memory, instruction: int) -> bool:
    heap = m.heap
    items = heap[heap[instruction + EXTRAS]]
    size = heap[domain_of(m, instruction) + D_SIZE]
    most = max(3, 1 + 2 * items)  # sorting a set takes as much again; a two-tuple takes 3
    if not has_room(m, size + size * most):
        return False
    column = take(m, size)
    out = heap[m.state + TOP]
    if m.team == 1:
        for lane in range(size):
            heap[column + lane], out = _pack_lane(m, instruction, lane, out)
        heap[m.state + TOP] = out
        wait(m)
    else:
        for lane in range(m.rank, size, m.team):
            heap[column + lane], _ = _pack_lane(m, instruction, lane, out + lane * most)
        take(m, size * most)
    set_result(m, instruction, column)
    return True


@compiled
def _pack_lane(m: Memory, instruction: int, lane: int, out: int) -> tuple[int, int]:
    """Make the container of one lane: its word or failure, and the place behind it."""
    heap = m.heap
    mode, operation = heap[instruction + MODE], heap[instruction + OPERATION]
    extras = heap[instruction + EXTRAS]
    items = heap[extras]
    failure = 0
    for k in range(items):
        argument = heap[extras + 1 + k]
        word = heap[argument_at(m, argument) + lane * argument_step(argument)]
        if failure == 0 and has_failed(word):
            failure = word
        heap[out + 1 + k] = word
    if failure != 0:
        return failure, out
    count = items
    if mode == TO_SET:
        word, end = put_set(m, out, items)
        count = length(m, word)
    elif mode == TO_TUPLE and items == 2:  # a two-tuple, which may be a pair or a cell
        word, end = put_two(m, out, heap[out + 1], heap[out + 2])
    else:
        word, end = put_list(m, out, TUPLE, items)
    if mode != TO_KEYS and count > m.elements:
        return ELEMENTS - operation, out
    return word, end


@compiled
def convert(m: Memory, at: int, count: int) -> None:
    """The values as another type; what the elements are stays."""
    for k in range(count):
        if not _convert(m, m.heap[at + k]):
            return


@compiled
def _convert(m: Memory, instruction: int) -> bool:
    heap = m.heap
    mode, operation = heap[instruction + MODE], heap[instruction + OPERATION]
    size = heap[domain_of(m, instruction) + D_SIZE]
    if not has_room(m, size):
        return False
    column = take(m, size)
    argument = heap[instruction + ARGS]
    source, step = argument_at(m, argument), argument_step(argument)
    before = result = 0
    for lane in range(m.rank, size, m.team):
        word = heap[source + lane * step]
        if word == before:  # as in what `repeat` made: a grid's rows need not be made again
            word = result
        elif not has_failed(word) and word != MISSING and mode != AS_IT_IS:
            before = word
            words = _conversion_words(m, mode, word)
            out = claim(m, m.state + TOP, words)
            if out + words >= heap[m.state + END]:
                heap[m.state + FULL] = 1
                break
            word, end = _converted(m, mode, word, out)
            if has_failed(word):
                word -= operation
            if m.team == 1:
                heap[m.state + TOP] = out if has_failed(word) else end
            result = word
        heap[column + lane] = word
    set_result(m, instruction, column)
    wait(m)
    return heap[m.state + FULL] == 0


@compiled
def _conversion_words(m: Memory, mode: int, word: int) -> int:
    if not is_reference(word):
        return 5
    if mode == AS_GRID:
        if is_grid(m, word) or length(m, word) == 0:
            return 1
        if not _is_even(m, word):
            return _row_words(m, word)
        return grid_words(length(m, word), _row_length(m, heap_first(m, word)))
    if kind_of(m, word) == GRID:
        return 1 + height(m, word) * (2 + width(m, word))
    return 1 + 2 * length(m, word)


@compiled
def _row_length(m: Memory, word: int) -> int:
    """How long a row of a grid to be is: a row of two integers may be a pair."""
    if word in (NIL, MISSING):
        return 0
    return length(m, word) if is_reference(word) else 2


@compiled
def _is_even(m: Memory, word: int) -> bool:
    """Whether the rows of a grid to be, at least one, are equally long and none is missing."""
    wide = _row_length(m, heap_first(m, word))
    for k in range(start(word), start(word) + length(m, word)):
        if m.heap[k] == MISSING or _row_length(m, m.heap[k]) != wide:
            return False
    return True


@compiled
def _row_words(m: Memory, word: int) -> int:
    """How many words `_put_ragged` takes."""
    words = 1
    for k in range(start(word), start(word) + length(m, word)):
        words += 2 + _row_length(m, m.heap[k])
    return words


@compiled
def _put_ragged(m: Memory, word: int, out: int) -> tuple[int, int]:
    """The rows of a ragged grid to be, each a tuple in the heap; NONE where a cell is missing."""
    heap, rows = m.heap, length(m, word)
    end = out + 1 + rows
    for i in range(rows):
        row = heap[start(word) + i]
        if row == MISSING or is_missing(row):
            return NONE, out
        wide = _row_length(m, row)
        if wide == 2 and not is_reference(row):
            heap[end + 1], heap[end + 2] = first_of_two(m, row), second_of_two(m, row)
        else:
            for j in range(wide):
                heap[end + 1 + j] = heap[start(row) + j]
                if heap[start(row) + j] == MISSING:
                    return NONE, out
        heap[out + 1 + i], end = put_list(m, end, TUPLE, wide)
    made, _ = put_list(m, out, TUPLE, rows)
    return made, end


@compiled
def heap_first(m: Memory, word: int) -> int:
    """The first element of a container."""
    return m.heap[start(word)]


@compiled
def _converted(m: Memory, mode: int, word: int, out: int) -> tuple[int, int]:
    if mode == AS_GRID:
        return _as_grid(m, word, out)
    if mode == AS_TUPLE:
        return _as_tuple(m, word, out)
    if mode == AS_SET:
        return _as_set(m, word, out)
    if is_reference(word) and kind_of(m, word) == TUPLE:
        if length(m, word) == 0:
            return NIL, out
        if length(m, word) == 1:
            return SHAPE, out
        return put_two(m, out, m.heap[start(word)], m.heap[start(word) + 1])
    return word, out


@compiled
def _as_grid(m: Memory, word: int, out: int) -> tuple[int, int]:
    if word == NIL:
        return put_grid(m, out, 0, 0)
    if not is_reference(word):  # two parts in one word, as of a cell: the first row is missing
        return NONE, out
    if is_grid(m, word):
        return word, out
    rows = length(m, word)
    if rows == 0:
        return put_grid(m, out, 0, 0)
    if not _is_even(m, word):
        return _put_ragged(m, word, out)
    wide = _row_length(m, heap_first(m, word))
    if rows * max(1, wide) > m.cells:
        return CELLS, out
    cells = 2 * (out + 1)
    for i in range(rows):
        row = m.heap[start(word) + i]
        if is_reference(row):
            for j in range(wide):
                m.colours[cells + i * wide + j] = m.heap[start(row) + j]
        elif wide == 2:
            m.colours[cells + i * wide] = first_of_two(m, row)
            m.colours[cells + i * wide + 1] = second_of_two(m, row)
    made, end = put_grid(m, out, rows, wide)
    put_holed(m, made)
    return made, end


@compiled
def _as_tuple(m: Memory, word: int, out: int) -> tuple[int, int]:
    heap = m.heap
    if word == NIL:
        return put_list(m, out, TUPLE, 0)
    if not is_reference(word):
        heap[out + 1] = first_of_two(m, word)
        heap[out + 2] = second_of_two(m, word)
        return put_list(m, out, TUPLE, 2)
    if kind_of(m, word) != GRID:
        return word, out
    rows, wide = height(m, word), width(m, word)
    cells = 2 * start(word)
    end = out + 1 + rows
    for i in range(rows):
        for j in range(wide):
            heap[end + 1 + j] = m.colours[cells + i * wide + j]
        heap[out + 1 + i], end = put_list(m, end, TUPLE, wide)
    result, _ = put_list(m, out, TUPLE, rows)
    return result, end


@compiled
def _as_set(m: Memory, word: int, out: int) -> tuple[int, int]:
    heap = m.heap
    if word == NIL:
        return put_list(m, out, SET, 0)
    if not is_reference(word):
        heap[out + 1] = first_of_two(m, word)
        heap[out + 2] = second_of_two(m, word)
        return put_set(m, out, 2)
    if kind_of(m, word) == SET:
        return word, out
    for k in range(length(m, word)):
        heap[out + 1 + k] = heap[start(word) + k]
    return put_set(m, out, length(m, word))
