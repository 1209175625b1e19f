"""A bank of values: candidates that share values, evaluated line by line, each value made once.

A search makes thousands of programs that differ in a line. Here a *value* is a column that stays in
the heap, known by what made it (a template and its operands) and by what it is (a 128-bit hash of
all its lanes): a line whose operands are known values costs a look-up, a line that makes what is
known already costs its run and then nothing. What a candidate is given as:

    line    TEMPLATE DEST COUNT OPERAND...    an operand is a register, or `-1 - k` for constant k

A *template* is the instructions of a line with holes for its operands (see `engine.template`):
they are written out behind each other, run, and forgotten; only the column of the result stays.

The record of a bank and of a job (a list of candidates) are words of the heap, by the names below.
A value's slot is its number + 1: slot 0 is the root domain's. On a GPU nothing of this is used.
"""

from __future__ import annotations

from typing import Final

from pipeline.kernels.drive import drive
from pipeline.kernels.heap import END, FULL, JUMP, SLOTS, TOP
from pipeline.kernels.instruction import STRIDE
from pipeline.kernels.scoring import (
    S_HEIGHT,
    S_SAME,
    S_WIDTH,
    SCORE_WORDS,
    ended,
    hash_of,
    mixed,
    put_score,
    same_cells,
)
from pipeline.kernels.structure.places import effect_failure, slot_at
from pipeline.primitives.row import compiled
from pipeline.primitives.words import (
    FAILED,
    GRID,
    REFERENCES,
    UNUSED,
    Memory,
    has_failed,
    height,
    is_grid,
    is_reference,
    width,
)

K_LANES: Final = 0
K_VALUES: Final = 1
"""How many values there are, and how many there can be."""
K_MOST: Final = 2
K_KEYS: Final = 3
"""The table of what made values: words LOW HIGH VALUE + 1, found by hash; and its size less 1."""
K_KEYS_MASK: Final = 4
K_KEYS_USED: Final = 5
K_HASHES: Final = 6
"""The table of what values are; likewise."""
K_HASHES_MASK: Final = 7
K_INFO: Final = 8
"""For each value `V_WORDS` words."""
K_TEMPLATES: Final = 9
"""Where each template is."""
K_CODE: Final = 10
"""Room for the instructions of one line."""
K_REGISTERS: Final = 11
K_DEAD: Final = 12
"""For each lane whether the candidate has failed in it."""
K_SCRATCH: Final = 13
"""The first slot that lines use for what does not stay."""
K_RUN: Final = 14
"""How many lines were run since the bank was made, and how many were known."""
K_KNOWN: Final = 15
K_CONSTANTS: Final = 16
"""The slot of constant 0: each has a column, as any operand has."""
K_INPUTS: Final = 17
"""Where the column of the inputs is, which is value 0."""
K_FREE: Final = 18
"""How many candidates had no line that was not known."""
K_WORDS: Final = 19

V_FAILED: Final = 0
"""In how many lanes a value has failed."""
V_STAMP: Final = 1
"""The number of the job that last used it."""
V_LOW: Final = 2
V_HIGH: Final = 3
V_WORDS: Final = 4

T_COUNT: Final = 0
"""How many instructions."""
T_WORDS: Final = 1
"""How many words of code: instructions, and what they list."""
T_RELOCATIONS: Final = 2
T_EFFECTS: Final = 3
T_RESULT: Final = 4
"""The slot of the result among the line's own, or `-1 - k` where it is operand k."""
T_TYPE: Final = 5
"""A number for the type of the result; that of grids is `GRIDS`."""
T_HEAD: Final = 6
"""Then the code, the relocations (place, what, factor), the effects."""

R_CODE: Final = -1
"""What a relocation adds: where the code begins, the first of the line's slots, or an operand."""
R_SLOT: Final = -2

J_COUNT: Final = 0
J_STARTS: Final = 1
"""Where it is listed where each candidate begins, relative to `J_LINES`, and the last one ends."""
J_LINES: Final = 2
J_VALUES: Final = 3
"""Where the value goes that each candidate comes to: -1 where it fails in all lanes."""
J_ALIVE: Final = 4
"""Where bits go, `mask_words` a candidate: in which lanes it has not failed."""
J_DONE: Final = 5
"""How many candidates are done: all, unless there was no room."""
J_STAMP: Final = 6
J_WORDS: Final = 7

BITS: Final = 60
"""How many lanes a word of `J_ALIVE` has."""

GRIDS: Final = 1
NO_ROOM: Final = -1
NOT_FAILED: Final = -(1 << 40)
NOT_GRID: Final = -(1 << 50)
"""What headers become in a hash: less than any word that is no reference."""
M32: Final = 0xFFFFFFFF


@compiled
def run_candidates(m: Memory, bank: int, job: int) -> None:
    """Run the candidates of a job up to the first for which there is no room."""
    heap = m.heap
    starts, lines = heap[job + J_STARTS], heap[job + J_LINES]
    words = (heap[bank + K_LANES] + BITS - 1) // BITS
    if heap[bank + K_VALUES] == 0:
        low, high = _hash_of_column(m, heap[bank + K_INPUTS], heap[bank + K_LANES], GRIDS)
        _kept(m, bank, heap[bank + K_INPUTS], 0, low, high, 0, heap[TOP])
    for k in range(heap[job + J_COUNT]):
        heap[job + J_DONE] = k
        alive = heap[job + J_ALIVE] + k * words
        before = heap[bank + K_RUN]
        value = _run_candidate(
            m, bank, lines + heap[starts + k], lines + heap[starts + k + 1], heap[job + J_STAMP]
        )
        if heap[FULL] != 0:
            return
        heap[heap[job + J_VALUES] + k] = value
        _put_alive(m, bank, alive, words, value)
        if heap[bank + K_RUN] == before:
            heap[bank + K_FREE] += 1
    heap[job + J_DONE] = heap[job + J_COUNT]


@compiled
def _run_candidate(m: Memory, bank: int, at: int, end: int, stamp: int) -> int:
    """The value of a candidate's last line; -1 where every lane has failed, or for want of room."""
    heap = m.heap
    lanes, registers, dead = heap[bank + K_LANES], heap[bank + K_REGISTERS], heap[bank + K_DEAD]
    for lane in range(lanes):
        heap[dead + lane] = 0
    heap[FULL] = 0
    alive = lanes
    value = 0
    while at < end:
        value = _value_of(m, bank, at, stamp)
        if value < 0:
            heap[FULL] = 1
            return NO_ROOM
        heap[registers + heap[at + 1]] = value
        if heap[heap[bank + K_INFO] + value * V_WORDS + V_FAILED] != 0:
            column = slot_at(m, value + 1)
            for lane in range(lanes):
                if heap[dead + lane] == 0 and has_failed(heap[column + lane]):
                    heap[dead + lane] = 1
                    alive -= 1
            if alive == 0:
                return -1
        at += 3 + heap[at + 2]
    return value


@compiled
def _put_alive(m: Memory, bank: int, out: int, words: int, value: int) -> None:
    """Write in which lanes the candidate has not failed."""
    heap = m.heap
    dead = heap[bank + K_DEAD]
    for k in range(words):
        heap[out + k] = 0
    if value < 0:
        return
    for lane in range(heap[bank + K_LANES]):
        if heap[dead + lane] == 0:
            heap[out + lane // BITS] |= 1 << (lane % BITS)


@compiled
def _operand(m: Memory, bank: int, at: int, k: int) -> int:
    """The slot of a line's operand."""
    operand = m.heap[at + 3 + k]
    if operand < 0:
        return m.heap[bank + K_CONSTANTS] - 1 - operand
    return m.heap[m.heap[bank + K_REGISTERS] + operand] + 1


@compiled
def _value_of(m: Memory, bank: int, at: int, stamp: int) -> int:
    """The value of a line: a known one, or a new one; `NO_ROOM`."""
    heap = m.heap
    low, high = _key_of(m, bank, at)
    keys, mask = heap[bank + K_KEYS], heap[bank + K_KEYS_MASK]
    place = keys + 3 * (low & mask)
    while heap[place + 2] != 0:
        if heap[place] == low and heap[place + 1] == high:
            value = heap[place + 2] - 1
            heap[heap[bank + K_INFO] + value * V_WORDS + V_STAMP] = stamp
            heap[bank + K_KNOWN] += 1
            return value
        place += 3
        if place > keys + 3 * mask:
            place = keys
    if 2 * heap[bank + K_KEYS_USED] > mask:
        return NO_ROOM
    value = _made(m, bank, at, stamp)
    if value >= 0:
        heap[place], heap[place + 1], heap[place + 2] = low, high, value + 1
        heap[bank + K_KEYS_USED] += 1
        heap[bank + K_RUN] += 1
    return value


@compiled
def _key_of(m: Memory, bank: int, at: int) -> tuple[int, int]:
    """The hash of a line: its template and operands."""
    heap = m.heap
    template, count = heap[at], heap[at + 2]
    h1, h2, h3, h4 = mixed(0, 0, 0, 0, template, count, 0, 0)
    k = 0
    while k < count:
        a, b = _operand(m, bank, at, k), 0
        if k + 1 < count:
            b = _operand(m, bank, at, k + 1)
        h1, h2, h3, h4 = _with(h1, h2, h3, h4, a, b)
        k += 2
    return ended(h1, h2, h3, h4, 8 * count)


@compiled
def _made(m: Memory, bank: int, at: int, stamp: int) -> int:
    """Run a line and keep what it makes, or find it among what is known; `NO_ROOM`."""
    heap = m.heap
    template = heap[heap[bank + K_TEMPLATES] + heap[at]]
    top = heap[TOP]
    _write_code(m, bank, template, at)
    count = heap[template + T_COUNT]
    heap[FULL] = 0
    heap[JUMP] = 0
    code = heap[bank + K_CODE]
    drive(m, code, count)
    if heap[FULL] != 0:
        heap[TOP] = top
        return NO_ROOM
    column = _column_of(m, bank, template, at)
    if column < 0:
        heap[TOP] = top
        return NO_ROOM
    failed = 0
    for lane in range(heap[bank + K_LANES]):
        failed += 1 if has_failed(heap[column + lane]) else 0
    low, high = _hash_of_column(m, column, heap[bank + K_LANES], heap[template + T_TYPE])
    return _kept(m, bank, column, failed, low, high, stamp, top)


@compiled
def _kept(
    m: Memory, bank: int, column: int, failed: int, low: int, high: int, stamp: int, top: int
) -> int:
    """The number of a value, a new one or that of an equal one; `NO_ROOM`."""
    heap = m.heap
    hashes, mask, info = heap[bank + K_HASHES], heap[bank + K_HASHES_MASK], heap[bank + K_INFO]
    place = hashes + 3 * (low & mask)
    while heap[place + 2] != 0:
        if heap[place] == low and heap[place + 1] == high:
            heap[TOP] = top
            value = heap[place + 2] - 1
            heap[info + value * V_WORDS + V_STAMP] = stamp
            return value
        place += 3
        if place > hashes + 3 * mask:
            place = hashes
    value = heap[bank + K_VALUES]
    if value >= heap[bank + K_MOST]:
        heap[TOP] = top
        return NO_ROOM
    heap[place], heap[place + 1], heap[place + 2] = low, high, value + 1
    heap[bank + K_VALUES] = value + 1
    heap[heap[SLOTS] + value + 1] = column
    about = info + value * V_WORDS
    heap[about + V_FAILED] = failed
    heap[about + V_STAMP] = stamp
    heap[about + V_LOW] = low
    heap[about + V_HIGH] = high
    return value


@compiled
def _write_code(m: Memory, bank: int, template: int, at: int) -> None:
    """Write the instructions of a line: first a list of where they are, then they themselves."""
    heap = m.heap
    count, words = heap[template + T_COUNT], heap[template + T_WORDS]
    listed = heap[bank + K_CODE]
    code = listed + count
    for k in range(count):
        heap[listed + k] = code + k * STRIDE
    source = template + T_HEAD
    for k in range(words):
        heap[code + k] = heap[source + k]
    relocation = source + words
    for _ in range(heap[template + T_RELOCATIONS]):
        what = heap[relocation + 1]
        if what == R_CODE:
            amount = code
        elif what == R_SLOT:
            amount = heap[bank + K_SCRATCH]
        else:
            amount = _operand(m, bank, at, what)
        heap[code + heap[relocation]] += heap[relocation + 2] * amount
        relocation += 3


@compiled
def _column_of(m: Memory, bank: int, template: int, at: int) -> int:
    """The column of a line's result, with the failures of all that can fail it; `NO_ROOM`."""
    heap = m.heap
    scratch, result = heap[bank + K_SCRATCH], heap[template + T_RESULT]
    if result < 0:
        source = slot_at(m, _operand(m, bank, at, -1 - result))
    else:
        source = slot_at(m, scratch + result)
    effects = heap[template + T_EFFECTS]
    listed = template + T_HEAD + heap[template + T_WORDS] + 3 * heap[template + T_RELOCATIONS]
    column = -1
    lanes = heap[bank + K_LANES]
    for k in range(effects):
        effect = heap[listed + k] + 2 * scratch
        for lane in range(lanes):
            word = effect_failure(m, effect, lane)
            if word == 0 or (FAILED - word) & 31 == FAILED - UNUSED:
                continue
            if column < 0 and has_failed(heap[source + lane]):
                continue
            if column < 0:
                column = heap[TOP]
                if column + lanes >= heap[END]:
                    return NO_ROOM
                heap[TOP] = column + lanes
                for other in range(lanes):
                    heap[column + other] = heap[source + other]
            heap[column + lane] = word
    return source if column < 0 else column


# -- hashes


@compiled
def _hash_of_column(m: Memory, column: int, lanes: int, seed: int) -> tuple[int, int]:
    """The hash of all values of a column, of whatever type; what fails fails, for whatever reason.

    A container is its header and then its elements, so no two values read alike.
    """
    heap = m.heap
    h1, h2, h3, h4 = mixed(0, 0, 0, 0, seed, lanes, 0, 0)
    count = 1
    held, holds = 0, False
    # A stack of places and how many words are left there, in the scratch of `sorting.compare`.
    base, depth = m.scratch, 0
    heap[base], heap[base + 1] = column, lanes
    while depth >= 0:
        frame = base + 2 * depth
        if heap[frame + 1] == 0:
            depth -= 1
            continue
        word = heap[heap[frame]]
        heap[frame] += 1
        heap[frame + 1] -= 1
        token = word
        if has_failed(word):
            token = FAILED
        elif is_reference(word):
            place = REFERENCES - word
            token = NOT_FAILED - heap[place]
            if heap[place] & 3 == GRID:
                token = NOT_GRID
                low, high = hash_of(m, word)
                h1, h2, h3, h4 = _with(h1, h2, h3, h4, low, high)
                count += 1
            else:
                depth += 1
                heap[frame + 2], heap[frame + 3] = place + 1, heap[place] >> 2
        if holds:
            h1, h2, h3, h4 = _with(h1, h2, h3, h4, held, token)
            count += 1
        held, holds = token, not holds
    if holds:
        h1, h2, h3, h4 = _with(h1, h2, h3, h4, held, 0)
    return ended(h1, h2, h3, h4, 2 * count + (1 if holds else 0))


@compiled
def _with(h1: int, h2: int, h3: int, h4: int, a: int, b: int) -> tuple[int, int, int, int]:
    """The state of a hash after two more words."""
    return mixed(h1, h2, h3, h4, a & M32, (a >> 32) & M32, b & M32, (b >> 32) & M32)


# -- scores


@compiled
def score_values(m: Memory, bank: int, job: int) -> None:
    """Write the scores of values, for each those of its lanes. The job's values are listed where
    candidates' values go, its scores go to `J_LINES`, and where the expected grids are listed is
    said in `J_STARTS`. Without hashes, which take as long as a comparison, unless `J_STAMP` is 1.
    """
    heap = m.heap
    lanes, out = heap[bank + K_LANES], heap[job + J_LINES]
    for k in range(heap[job + J_COUNT]):
        column = slot_at(m, heap[heap[job + J_VALUES] + k] + 1)
        for lane in range(lanes):
            expected = heap[heap[job + J_STARTS] + lane]
            word = heap[column + lane]
            if heap[job + J_STAMP] == 1:
                put_score(m, out, word, expected)
            else:
                _put_same(m, out, word, expected)
            out += SCORE_WORDS


@compiled
def _put_same(m: Memory, out: int, word: int, expected: int) -> None:
    """Write the score of an output, without its hash."""
    heap = m.heap
    for k in range(SCORE_WORDS):
        heap[out + k] = 0
    heap[out + S_SAME] = -1
    if is_grid(m, word):
        heap[out + S_HEIGHT] = height(m, word)
        heap[out + S_WIDTH] = width(m, word)
        heap[out + S_SAME] = same_cells(m, word, expected)
