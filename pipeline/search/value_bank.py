"""A bank of values in memory: candidates in, the numbers of the values that they come to out.

See `kernels.bank` for what a candidate is and how it is run. A bank is of some samples, its lanes,
all of which every candidate is run on; `use` gives it others. It is one heap, and one thread's.

It never grows. Where there is no room for a value, what is old and costly goes (see `value_room`);
where there is none for templates, all of them go and come again as they are used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.engine.cpu import KERNEL
from pipeline.engine.engine import Block, put_roots
from pipeline.engine.samples import Samples
from pipeline.ir.status import Limits
from pipeline.kernels import bank_fields as fields
from pipeline.kernels.heap import CONSTANTS, SLOTS, TOP, Heap
from pipeline.kernels.instruction import CODE, D_SOURCE_A, D_SOURCE_B, STRIDE
from pipeline.kernels.names import BANK
from pipeline.kernels.scoring import SCORE, SCORE_WORDS
from pipeline.search.candidate_rows import CandidateRows
from pipeline.search.template import ConstantTable, Template
from pipeline.search.value_room import gathered, kept_keys, put_in, staying

REGISTERS: Final = 1 << 16
SLOTS_A_LINE: Final = 4_096
CODE_WORDS: Final = 1 << 16
MOST_CONSTANTS: Final = 4_096
JOB_WORDS: Final = 1 << 19
PART: Final = 4_096
"""Candidates that are run by one call."""

FIRST_VALUES: Final = 1 << 11
"""For how many values there are tables at first: large ones take longer to empty than most puzzles
take to be judged.
"""

NOTHING: Final = -1
"""What a candidate comes to that fails in every lane."""
TOO_LARGE: Final = -2
"""What one comes to that does not fit an empty bank."""

Loader = Callable[[Sequence[str]], Mapping[str, int]]
"""Where the machine code of kernels begins, by name, of these at least."""


@dataclass(frozen=True, slots=True)
class BankRoom:
    """What a bank may take: words of its heap, values, and words for templates."""

    words: int = 1 << 25
    values: int = 1 << 17
    template_words: int = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class BankRun:
    """What some candidates came to, from number `first` on: for each the number of its value,
    `NOTHING` or `TOO_LARGE`, and in which lanes it did not fail, a row of words of `BITS` lanes.

    Numbers mean nothing once the next part was asked for: what stays then gets others.
    """

    first: int
    values: np.ndarray
    alive: np.ndarray

    def lanes_alive(self, lanes: int) -> np.ndarray:
        """In which lanes each candidate did not fail."""
        numbers = np.arange(lanes)
        bits: np.ndarray = self.alive[:, numbers // fields.BITS] >> (numbers % fields.BITS) & 1
        return bits.astype(bool)


class BankCounts(NamedTuple):
    """Lines that were run, lines that were known, candidates of which every line was known."""

    run: int
    known: int
    free: int


class ValueBank:
    """A bank of values: see the module.

    templates, constants: tables that may grow while it is used; all banks may share them. seconds:
    of processor time that its thread spent in kernels. moves: how often there was no room. held:
    how many registers, from the first on, keep their values from job to job; `DEAD` is in those of
    which the value went.
    """

    def __init__(
        self,
        templates: Sequence[Template],
        constants: ConstantTable,
        load: Loader,
        limits: Limits,
        room: BankRoom | None = None,
    ) -> None:
        self.templates, self.constants, self._load = templates, constants, load
        self.room = room or BankRoom()
        self.heap = heap = Heap(self.room.words, limits)
        self._run_code, self._score_code = (KERNEL(load(BANK)[name]) for name in BANK)
        self.moves = 0
        self.held = 1
        self.seconds = 0.0
        self.stamp = 0
        self._constants = heap.take(MOST_CONSTANTS)
        heap.words[CONSTANTS] = self._constants
        values = self.room.values
        self._slots = heap.take(1 + values + SLOTS_A_LINE + MOST_CONSTANTS)
        heap.words[SLOTS] = self._slots
        self._record = heap.take(fields.K_WORDS)
        self._job = heap.take(fields.J_WORDS)
        self._tables = [heap.take(3 * 4 * values), heap.take(3 * 2 * values)]
        self._info = heap.take(fields.V_WORDS * values)
        self._listed = heap.take(fields.LISTED)
        heap.words[self._listed : self._listed + fields.LISTED] = 0
        self._code, self._registers = heap.take(CODE_WORDS), heap.take(REGISTERS)
        self._room_for_jobs = heap.take(JOB_WORDS)
        self._listed_end = self._room_for_jobs + JOB_WORDS
        self._templates_at = heap.take(self.room.template_words)
        self._loaded = 0, self._templates_at
        self._templates_end = self._templates_at + self.room.template_words
        self._samples_at = int(heap.words[TOP])
        self._base = self._samples_at
        self.lanes = 0

    # -- samples

    def use(self, samples: Samples) -> None:
        """Run on these samples from here on; what is there is forgotten."""
        heap, words = self.heap, self.heap.words
        count = len(samples)
        words[TOP] = self._samples_at
        root = int(put_roots(heap.put_all, samples, [Block(0, count, None)])[0])
        words[self._slots] = root
        self._inputs = int(words[root + D_SOURCE_A])
        self._expected = int(words[root + D_SOURCE_B])
        self._mask_words = -(-count // fields.BITS)
        self._masks = heap.take(REGISTERS * self._mask_words)
        self._every = heap.put_all(_bits_of(count))
        fails = heap.take(self.room.values * self._mask_words)
        columns = heap.take(MOST_CONSTANTS * count)
        slots = self._slots + 1 + self.room.values + SLOTS_A_LINE
        words[slots : slots + MOST_CONSTANTS] = columns + count * np.arange(MOST_CONSTANTS)
        self._columns, self._constants_loaded = columns, 0
        self.lanes, self.held = count, 1
        self._part = max(1, min(PART, JOB_WORDS // 4 // (8 + self._mask_words)))
        self._base = int(words[TOP])
        record = words[self._record : self._record + fields.K_WORDS]
        record[:] = 0
        record[fields.K_LANES] = count
        record[fields.K_KEYS], record[fields.K_HASHES] = self._tables
        record[fields.K_INFO] = self._info
        record[fields.K_TEMPLATES] = self._listed
        record[fields.K_CODE] = self._code
        record[fields.K_REGISTERS] = self._registers
        record[fields.K_MASKS] = self._masks
        record[fields.K_FAILS], record[fields.K_ALL] = fails, self._every
        record[fields.K_MASK_WORDS] = self._mask_words
        record[fields.K_INPUTS] = self._inputs
        record[fields.K_SCRATCH] = 1 + self.room.values
        record[fields.K_CONSTANTS] = 1 + self.room.values + SLOTS_A_LINE
        self.empty()

    def empty(self) -> None:
        """Forget all values but the input, value 0 in register 0."""
        words = self.heap.words
        words[TOP] = self._base
        self._size_tables(min(FIRST_VALUES, self.room.values))
        for table in self._entries():
            table[:] = 0
        words[self._record + fields.K_KEYS_USED] = 0
        words[self._record + fields.K_VALUES] = 0
        words[self._registers] = 0
        words[self._masks : self._masks + self._mask_words] = 0
        self._drop(np.arange(1, self.held))
        self.moves += 1

    # -- candidates

    def run(self, rows: CandidateRows) -> Iterator[BankRun]:
        """Run candidates. They come in parts, as they are done: where the bank is full, values go,
        and what candidates came to before that has to be looked at before the next part is asked
        for.
        """
        first, last = 0, len(rows)
        self._load_templates()
        tried = 0
        while first < last:
            size = rows.fitting(first, min(last, first + self._part), JOB_WORDS // 2)
            found, missing = self._run_part(rows, first, first + size)
            done = len(found.values)
            if done:
                yield found
                first, tried = first + done, 0
            if done < size and missing < 0 and self._has_grown():
                continue
            if done < size and not self._has_made_room(missing, tried):
                alive = np.zeros((1, self._mask_words), np.int64)
                yield BankRun(first, np.full(1, TOO_LARGE), alive)
                first += 1
                tried = 0
            elif done < size:
                tried += missing < 0

    def _has_made_room(self, missing: int, tried: int) -> bool:
        """Make room where a part stopped; whether there was something left to do. missing: the
        template that it lacks, or -1. tried: how often it stopped there for want of room.
        """
        if missing >= 0:
            return self._load_missing(missing)
        if tried == 0:
            self.make_room()
        elif tried == 1:
            self.empty()
        return tried < 2

    def _run_part(self, rows: CandidateRows, first: int, last: int) -> tuple[BankRun, int]:
        """What the first candidates of these came to, and which template the next one lacks, -1
        for none.
        """
        words, mask, count = self.heap.words, self._mask_words, last - first
        part = rows.part(first, last)
        at = self._room_for_jobs
        places = []
        for listed in (part.rows.ravel(), part.groups.ravel(), part.words):
            words[at : at + len(listed)] = listed
            places.append(at)
            at += len(listed)
        values, alive = at, at + count
        assert alive + count * mask <= self._listed_end
        self.stamp += 1
        job = words[self._job : self._job + fields.J_WORDS]
        job[:] = count, places[0], places[2], values, alive, 0, self.stamp, places[1], 0
        self._call(self._run_code)
        done = int(job[fields.J_DONE])
        masks = words[alive : alive + done * mask].reshape(done, mask)
        found = BankRun(first, words[values : values + done].copy(), masks.copy())
        return found, int(job[fields.J_MISSING]) - 1

    def _call(self, code: Callable[[int, int, int, int], None]) -> None:
        """Run a kernel on the job that is written."""
        begun = time.thread_time()
        places = self.heap.words.ctypes.data, self.heap.colours.ctypes.data
        code(*places, self._record, self._job)
        self.seconds += time.thread_time() - begun

    # -- room

    def _size_tables(self, values: int) -> None:
        """Say that tables are for so many values."""
        record = self.heap.words[self._record : self._record + fields.K_WORDS]
        record[fields.K_MOST] = values
        record[fields.K_KEYS_MASK] = 4 * values - 1
        record[fields.K_HASHES_MASK] = 2 * values - 1

    def _entries(self) -> tuple[np.ndarray, np.ndarray]:
        """The table of what made values, and that of what they are, a row an entry."""
        words, record = self.heap.words, self._record
        keys, hashes = [
            words[table : table + 3 * (1 + int(words[record + mask]))].reshape(-1, 3)
            for table, mask in zip(
                self._tables, (fields.K_KEYS_MASK, fields.K_HASHES_MASK), strict=True
            )
        ]
        return keys, hashes

    def _has_grown(self) -> bool:
        """Make tables larger that are full, if they may be; whether they were and might."""
        words, record, known = self.heap.words, self._record, self.known
        most = int(words[record + fields.K_MOST])
        is_full = known >= most or 2 * words[record + fields.K_KEYS_USED] >= 4 * most
        if not is_full or most >= self.room.values:
            return False
        keys = self._entries()[0].copy()
        self._size_tables(min(4 * most, self.room.values))
        info = words[self._info : self._info + fields.V_WORDS * known].reshape(known, -1)
        self._index(keys, info, np.arange(known))
        return True

    def make_room(self) -> None:
        """Let go what is old and costly; what stays gets other numbers."""
        words, known, base = self.heap.words, self.known, self._base
        if known <= 1:
            self.empty()
            return
        info = words[self._info : self._info + fields.V_WORDS * known].reshape(known, -1)
        registers = words[self._registers : self._registers + self.held]
        room = len(words) - base
        stay = staying(info, registers[registers > 0], self.stamp, room)
        columns = words[self._slots + 1 + stay]
        moved = gathered(words[: words[TOP]], columns, self.lanes, base)
        if 2 * len(moved.words) > room:
            self.empty()
            return
        numbers = np.full(known, NOTHING, np.int64)
        numbers[stay] = np.arange(len(stay))
        words[base : base + len(moved.words)] = moved.words
        words[TOP] = base + len(moved.words)
        words[self._slots + 1 : self._slots + 1 + len(stay)] = moved.place(columns)
        info[: len(stay)] = info[stay]
        info[: len(stay), fields.V_GROUP] = 0
        fails = int(words[self._record + fields.K_FAILS])
        masks = words[fails : fails + known * self._mask_words].reshape(known, -1)
        masks[: len(stay)] = masks[stay]
        words[self._record + fields.K_VALUES] = len(stay)
        self._index(self._entries()[0], info[: len(stay)], numbers)
        kept = np.where(registers >= 0, numbers[registers], NOTHING)
        registers[:] = kept
        self._drop(np.flatnonzero(kept < 0))
        self.moves += 1

    def _index(self, known: np.ndarray, info: np.ndarray, numbers: np.ndarray) -> None:
        """Make the tables of values anew. known: the entries of what made them; numbers: what each
        value's is now.
        """
        keys, hashes = self._entries()
        entries = kept_keys(known, numbers, self.room.values)
        put_in(keys, entries)
        self.heap.words[self._record + fields.K_KEYS_USED] = len(entries)
        count = np.arange(1, len(info) + 1)
        columns = (info[:, fields.V_LOW], info[:, fields.V_HIGH], count)
        put_in(hashes, np.stack(columns, axis=1))

    def _drop(self, registers: np.ndarray) -> None:
        """Say that registers have no value."""
        words = self.heap.words
        words[self._registers + registers] = NOTHING
        masks = words[self._masks : self._masks + REGISTERS * self._mask_words]
        every = words[self._every : self._every + self._mask_words]
        masks.reshape(REGISTERS, -1)[registers] = every

    def hold(self, registers: np.ndarray, values: np.ndarray) -> None:
        """Put values that fail in no lane into registers, which are `held` from now on."""
        words = self.heap.words
        words[self._registers + registers] = values
        masks = words[self._masks : self._masks + REGISTERS * self._mask_words]
        masks.reshape(REGISTERS, -1)[registers] = 0
        self.held = max(self.held, int(registers.max(initial=0)) + 1)

    def has_value(self, registers: np.ndarray) -> np.ndarray:
        """Which held registers have a value."""
        found: np.ndarray = self.heap.words[self._registers + registers] >= 0
        return found

    @property
    def known(self) -> int:
        """How many values there are."""
        return int(self.heap.words[self._record + fields.K_VALUES])

    @property
    def taken(self) -> int:
        """How many words the values take."""
        return int(self.heap.words[TOP]) - self._base

    @property
    def counts(self) -> BankCounts:
        """What was done since `use`."""
        record = self.heap.words[self._record : self._record + fields.K_WORDS]
        return BankCounts(*[int(record[k]) for k in (fields.K_RUN, fields.K_KNOWN, fields.K_FREE)])

    # -- values

    def scores(self, values: np.ndarray, hashed: bool = True) -> np.ndarray:
        """The scores of values against the expected grids: `SCORE` records, a row of
        lanes for each. A value that is no grid has the score of a lane that failed. hashed: whether
        hashes are wanted; else they are 0.
        """
        lanes = self.lanes
        most = max(1, JOB_WORDS // (1 + lanes * SCORE_WORDS))
        cuts = range(0, len(values), most)
        parts = [self._score_part(values[k : k + most], hashed) for k in cuts]
        return np.concatenate(parts) if parts else np.zeros((0, lanes), SCORE)

    def _score_part(self, values: np.ndarray, hashed: bool) -> np.ndarray:
        words, count = self.heap.words, len(values)
        out = self._room_for_jobs + count
        words[self._room_for_jobs : out] = values
        job = words[self._job : self._job + fields.J_WORDS]
        job[:] = count, self._expected, out, self._room_for_jobs, 0, 0, int(hashed), 0, 0
        self._call(self._score_code)
        rows = words[out : out + count * self.lanes * SCORE_WORDS].copy()
        found: np.ndarray = rows.view(SCORE).reshape(count, self.lanes)
        return found

    def hashes(self, values: np.ndarray) -> np.ndarray:
        """The two words of the hash of each value, over all lanes."""
        about = self.heap.words[self._info : self._info + fields.V_WORDS * self.room.values]
        rows: np.ndarray = about.reshape(-1, fields.V_WORDS)[
            values, fields.V_LOW : fields.V_HIGH + 1
        ].copy()
        return rows

    def column(self, value: int) -> list[Any]:
        """A value in each lane, as plain values; a failure as one."""
        words = self.heap.words
        at = int(words[self._slots + 1 + value])
        return [self.heap.decode(int(word)) for word in words[at : at + self.lanes]]

    # -- templates

    def _load_templates(self) -> None:
        """Copy what is new of templates and constants into the heap."""
        words = self.heap.words
        count, at = self._loaded
        for number in range(count, len(self.templates)):
            if at + len(self.templates[number].words) > self._templates_end:
                break
            at = self._put_template(number, at)
        self._loaded = len(self.templates), at
        begin = self._constants_loaded
        constants = np.array(self.constants.words[begin:], np.int64)
        if len(self.constants.words) > MOST_CONSTANTS:
            raise MemoryError("there is no room for more constants")
        if len(constants):
            words[self._constants + begin : self._constants + begin + len(constants)] = constants
            at = self._columns + begin * self.lanes
            words[at : at + len(constants) * self.lanes] = np.repeat(constants, self.lanes)
            self._constants_loaded = begin + len(constants)

    def _put_template(self, number: int, at: int) -> int:
        """Write a template there; the place behind it."""
        words, template = self.heap.words, self.templates[number]
        codes = self._load(template.kernels)
        words[at : at + len(template.words)] = template.words
        code = at + fields.T_HEAD + CODE
        for k, name in enumerate(template.kernels):
            words[code + k * STRIDE] = codes[name]
        words[at + fields.T_NUMBER] = number
        words[self._listed + number % fields.LISTED] = at
        return at + len(template.words)

    def _load_missing(self, number: int) -> bool:
        """Load a template for which there was no room; whether there is any, now that all others
        have gone if need be.
        """
        count, at = self._loaded
        size = len(self.templates[number].words)
        if at + size > self._templates_end:
            at = self._templates_at
            self.heap.words[self._listed : self._listed + fields.LISTED] = 0
        if at + size > self._templates_end:
            return False
        self._loaded = count, self._put_template(number, at)
        return True


def _bits_of(lanes: int) -> np.ndarray:
    """The mask of all lanes."""
    left = lanes - fields.BITS * np.arange(-(-lanes // fields.BITS))
    bits: np.ndarray = (np.int64(1) << np.minimum(left, fields.BITS)) - 1
    return bits
