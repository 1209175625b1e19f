"""A bank of values in memory: candidates that share values, evaluated line by line.

A search makes thousands of programs that differ in a line. Here a *value* is a column that stays in
the heap, known by what made it (a template and its operands) and by what it is (a 128-bit hash of
all its lanes): a line whose operands are known values costs a look-up, a line that makes what is
known already costs its run and then nothing. What made a value is known by the hashes of its
operands, not by their numbers, so that numbers may change (see `value_room`).

    line    TEMPLATE DEST COUNT OPERAND...    an operand is a register, or `-1 - k` for constant k

A candidate is a row of lines, and its *group*'s: what is before the row, and what is behind it. The
candidates of a group stand together; what is before is run once for all of them, what is behind
once for each value that rows come to. So programs that differ from one program in what one of its
lines is are a group, however long they are.

A register holds a value and in which lanes it, or anything that it was made of, has failed. So the
register of a candidate's last line says where the candidate fails, as a program has no dead lines;
those of a group that a candidate has no use for count for nothing.

A *template* is the instructions of a line with holes for its operands (see `search.template`):
they are written out behind each other, run, and forgotten; only the column of the result stays.

The record of a bank and of a job (a list of candidates) are words of the heap, by the names below.
A value's slot is its number + 1: slot 0 is the root domain's. On a GPU nothing of this is used.
"""

from __future__ import annotations

from pipeline.kernels.bank_fields import (
    BITS,
    DEAD,
    GRIDS,
    J_ALIVE,
    J_COUNT,
    J_DONE,
    J_GROUPS,
    J_LINES,
    J_MISSING,
    J_ROWS,
    J_STAMP,
    J_VALUES,
    K_ALL,
    K_CODE,
    K_CONSTANTS,
    K_FAILS,
    K_FREE,
    K_GROUP,
    K_HASHES,
    K_HASHES_MASK,
    K_INFO,
    K_INPUTS,
    K_KEYS,
    K_KEYS_MASK,
    K_KEYS_USED,
    K_KNOWN,
    K_LANES,
    K_MASK_WORDS,
    K_MASKS,
    K_MOST,
    K_REGISTERS,
    K_RUN,
    K_SCRATCH,
    K_TEMPLATES,
    K_VALUES,
    LISTED,
    NO_ROOM,
    R_CODE,
    R_SLOT,
    T_COUNT,
    T_EFFECTS,
    T_HEAD,
    T_NUMBER,
    T_RELOCATIONS,
    T_RESULT,
    T_TYPE,
    T_WORDS,
    V_FAILED,
    V_GROUP,
    V_HIGH,
    V_LOW,
    V_ROW,
    V_SIZE,
    V_STAMP,
    V_WORDS,
)
from pipeline.kernels.bank_hash import hash_of_column, with_two
from pipeline.kernels.drive import drive
from pipeline.kernels.heap import END, FULL, JUMP, SLOTS, TOP
from pipeline.kernels.instruction import STRIDE
from pipeline.kernels.scoring import (
    S_HEIGHT,
    S_SAME,
    S_WIDTH,
    SCORE_WORDS,
    ended,
    mixed,
    put_score,
    same_cells,
)
from pipeline.kernels.structure.places import effect_failure, slot_at
from pipeline.primitives.row import compiled
from pipeline.primitives.words import (
    FAILED,
    UNUSED,
    Memory,
    has_failed,
    height,
    is_grid,
    width,
)


@compiled
def run_candidates(m: Memory, bank: int, job: int) -> None:
    """Run the candidates of a job up to the first for which there is no room, or no template."""
    heap = m.heap
    lines, words = heap[job + J_LINES], heap[bank + K_MASK_WORDS]
    if heap[bank + K_VALUES] == 0:
        low, high = hash_of_column(m, heap[bank + K_INPUTS], heap[bank + K_LANES], GRIDS)
        _kept(m, bank, heap[bank + K_INPUTS], low, high, 0, heap[TOP])
    current = -1
    for k in range(heap[job + J_COUNT]):
        heap[job + J_DONE] = k
        row = heap[job + J_ROWS] + 3 * k
        group = heap[job + J_GROUPS] + 4 * heap[row]
        before = heap[bank + K_RUN]
        register = 0
        if heap[row] != current:
            current = heap[row]
            heap[bank + K_GROUP] += 1
            register = _run_lines(m, bank, job, lines + heap[group], lines + heap[group + 1])
        if register >= 0:
            register = _run_lines(m, bank, job, lines + heap[row + 1], lines + heap[row + 2])
        if register < 0:
            return
        out = heap[job + J_ALIVE] + k * words
        twin = _twin(m, bank, register, k)
        if twin >= 0:
            heap[heap[job + J_VALUES] + k] = heap[heap[job + J_VALUES] + twin]
            for w in range(words):
                heap[out + w] = heap[heap[job + J_ALIVE] + twin * words + w]
        else:
            value = heap[heap[bank + K_REGISTERS] + register]
            if heap[group + 2] < heap[group + 3]:
                at, end = lines + heap[group + 2], lines + heap[group + 3]
                register = _run_lines(m, bank, job, at, end)
                if register < 0:
                    _forget_twin(m, bank, value)
                    return
            heap[heap[job + J_VALUES] + k] = heap[heap[bank + K_REGISTERS] + register]
            masks = heap[bank + K_MASKS] + register * words
            for w in range(words):
                heap[out + w] = heap[heap[bank + K_ALL] + w] & ~heap[masks + w]
        if heap[bank + K_RUN] == before:
            heap[bank + K_FREE] += 1
    heap[job + J_DONE] = heap[job + J_COUNT]


@compiled
def _twin(m: Memory, bank: int, register: int, row: int) -> int:
    """The first row of the group that came to the same, or -1: then this one is the first."""
    heap = m.heap
    value, words = heap[heap[bank + K_REGISTERS] + register], heap[bank + K_MASK_WORDS]
    if value < 0:
        return -1
    own, failed = heap[bank + K_MASKS] + register * words, heap[bank + K_FAILS] + value * words
    for w in range(words):
        if heap[own + w] != heap[failed + w]:
            return -1  # what it was made of fails elsewhere too
    about = heap[bank + K_INFO] + value * V_WORDS
    if heap[about + V_GROUP] == heap[bank + K_GROUP]:
        return heap[about + V_ROW]
    heap[about + V_GROUP] = heap[bank + K_GROUP]
    heap[about + V_ROW] = row
    return -1


@compiled
def _forget_twin(m: Memory, bank: int, value: int) -> None:
    """Say that the first row that came to a value was not done."""
    if value >= 0:
        m.heap[m.heap[bank + K_INFO] + value * V_WORDS + V_GROUP] = 0


@compiled
def _run_lines(m: Memory, bank: int, job: int, at: int, end: int) -> int:
    """Run lines; the register of the last one, 0 for none; `NO_ROOM` where they are not all run."""
    heap = m.heap
    words, registers = heap[bank + K_MASK_WORDS], heap[bank + K_REGISTERS]
    masks, info = heap[bank + K_MASKS], heap[bank + K_INFO]
    register = 0
    while at < end:
        register, count = heap[at + 1], heap[at + 2]
        own = masks + register * words
        for w in range(words):
            failed = 0
            for k in range(count):
                if heap[at + 3 + k] >= 0:
                    failed |= heap[masks + heap[at + 3 + k] * words + w]
            heap[own + w] = failed
        value = DEAD
        if not _is_all(m, bank, own):
            value = _value_of(m, bank, job, at)
            if value == NO_ROOM:
                return NO_ROOM
            if heap[info + value * V_WORDS + V_FAILED] != 0:
                for w in range(words):
                    heap[own + w] |= heap[heap[bank + K_FAILS] + value * words + w]
                if _is_all(m, bank, own):
                    value = DEAD
        heap[registers + register] = value
        at += 3 + count
    return register


@compiled
def _is_all(m: Memory, bank: int, mask: int) -> bool:
    """Whether all lanes are in a mask."""
    heap = m.heap
    every, words = heap[bank + K_ALL], heap[bank + K_MASK_WORDS]
    w = 0
    while w < words and heap[mask + w] == heap[every + w]:
        w += 1
    return w == words


@compiled
def _operand(m: Memory, bank: int, at: int, k: int) -> int:
    """The slot of a line's operand."""
    operand = m.heap[at + 3 + k]
    if operand < 0:
        return m.heap[bank + K_CONSTANTS] - 1 - operand
    return m.heap[m.heap[bank + K_REGISTERS] + operand] + 1


@compiled
def _value_of(m: Memory, bank: int, job: int, at: int) -> int:
    """The value of a line: a known one, or a new one; `NO_ROOM`."""
    heap = m.heap
    low, high = _key_of(m, bank, at)
    keys, mask = heap[bank + K_KEYS], heap[bank + K_KEYS_MASK]
    place = keys + 3 * (low & mask)
    while heap[place + 2] != 0:
        if heap[place] == low and heap[place + 1] == high:
            value = heap[place + 2] - 1
            heap[heap[bank + K_INFO] + value * V_WORDS + V_STAMP] = heap[job + J_STAMP]
            heap[bank + K_KNOWN] += 1
            return value
        place += 3
        if place > keys + 3 * mask:
            place = keys
    template = heap[heap[bank + K_TEMPLATES] + heap[at] % LISTED]
    if template == 0 or heap[template + T_NUMBER] != heap[at]:
        heap[job + J_MISSING] = heap[at] + 1
        return NO_ROOM
    if 2 * heap[bank + K_KEYS_USED] > mask:
        return NO_ROOM
    value = _made(m, bank, template, at, heap[job + J_STAMP])
    if value >= 0:
        heap[place], heap[place + 1], heap[place + 2] = low, high, value + 1
        heap[bank + K_KEYS_USED] += 1
        heap[bank + K_RUN] += 1
    return value


@compiled
def _key_of(m: Memory, bank: int, at: int) -> tuple[int, int]:
    """The hash of a line: its template, and what its operands are."""
    heap = m.heap
    count, registers = heap[at + 2], heap[bank + K_REGISTERS]
    h1, h2, h3, h4 = mixed(0, 0, 0, 0, heap[at], count, 0, 0)
    for k in range(count):
        operand = heap[at + 3 + k]
        a, b = operand, 0
        if operand >= 0:
            about = heap[bank + K_INFO] + heap[registers + operand] * V_WORDS
            a, b = heap[about + V_LOW], heap[about + V_HIGH]
        h1, h2, h3, h4 = with_two(h1, h2, h3, h4, a, b)
    return ended(h1, h2, h3, h4, 16 * count)


@compiled
def _made(m: Memory, bank: int, template: int, at: int, stamp: int) -> int:
    """Run a line and keep what it makes, or find it among what is known; `NO_ROOM`."""
    heap = m.heap
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
    low, high = hash_of_column(m, column, heap[bank + K_LANES], heap[template + T_TYPE])
    return _kept(m, bank, column, low, high, stamp, top)


@compiled
def _kept(m: Memory, bank: int, column: int, low: int, high: int, stamp: int, top: int) -> int:
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
    heap[about + V_FAILED] = _put_failed(m, bank, value, column)
    heap[about + V_STAMP] = stamp
    heap[about + V_LOW] = low
    heap[about + V_HIGH] = high
    heap[about + V_SIZE] = heap[TOP] - top
    heap[about + V_GROUP] = 0
    return value


@compiled
def _put_failed(m: Memory, bank: int, value: int, column: int) -> int:
    """Write in which lanes a value has failed; in how many."""
    heap = m.heap
    words = heap[bank + K_MASK_WORDS]
    out = heap[bank + K_FAILS] + value * words
    for w in range(words):
        heap[out + w] = 0
    failed = 0
    for lane in range(heap[bank + K_LANES]):
        if has_failed(heap[column + lane]):
            heap[out + lane // BITS] |= 1 << (lane % BITS)
            failed += 1
    return failed


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


# -- scores


@compiled
def score_values(m: Memory, bank: int, job: int) -> None:
    """Write the scores of values, for each those of its lanes. The job's values are listed where
    candidates' values go, its scores go to `J_LINES`, and where the expected grids are listed is
    said in `J_ROWS`. Without hashes, which take as long as a comparison, unless `J_STAMP` is 1.
    """
    heap = m.heap
    lanes, out = heap[bank + K_LANES], heap[job + J_LINES]
    for k in range(heap[job + J_COUNT]):
        column = slot_at(m, heap[heap[job + J_VALUES] + k] + 1)
        for lane in range(lanes):
            expected = heap[heap[job + J_ROWS] + lane]
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
