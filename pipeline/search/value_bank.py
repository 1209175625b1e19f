"""A bank of values in memory: candidates in, the numbers of the values that they come to out.

See `kernels.bank` for what a candidate is and how it is run. A bank is of some samples, its lanes,
all of which every candidate is run on; `use` gives it others. It is one heap, and one thread's.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.engine.cpu import KERNEL
from pipeline.engine.engine import Block, put_roots
from pipeline.engine.samples import Samples
from pipeline.ir.status import Limits
from pipeline.kernels import bank as fields
from pipeline.kernels.heap import CONSTANTS, SLOTS, TOP, Heap
from pipeline.kernels.instruction import CODE, D_SOURCE_A, D_SOURCE_B, STRIDE
from pipeline.kernels.names import BANK
from pipeline.kernels.scoring import SCORE, SCORE_WORDS
from pipeline.search.template import ConstantTable, Template

REGISTERS: Final = 1 << 16
SLOTS_A_LINE: Final = 4_096
CODE_WORDS: Final = 1 << 16
MOST_CONSTANTS: Final = 4_096
MOST_TEMPLATES: Final = 1 << 18
JOB_WORDS: Final = 1 << 19
PART: Final = 4_096
"""Candidates that are run by one call."""

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

    Numbers mean nothing once the bank was emptied.
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
    of processor time that its thread spent in kernels.
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
        self.epochs = 0
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
        self._listed = heap.take(MOST_TEMPLATES)
        self._code, self._registers = heap.take(CODE_WORDS), heap.take(REGISTERS)
        self._room_for_jobs = heap.take(JOB_WORDS)
        self._listed_end = self._room_for_jobs + JOB_WORDS
        at = heap.take(self.room.template_words)
        self._loaded = 0, at
        self._templates_end = at + self.room.template_words
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
        self._dead = heap.take(count)
        columns = heap.take(MOST_CONSTANTS * count)
        slots = self._slots + 1 + self.room.values + SLOTS_A_LINE
        words[slots : slots + MOST_CONSTANTS] = columns + count * np.arange(MOST_CONSTANTS)
        self._columns, self._constants_loaded = columns, 0
        self.lanes = count
        self._base = int(words[TOP])
        self._mask_words = -(-count // fields.BITS)
        record = words[self._record : self._record + fields.K_WORDS]
        record[:] = 0
        record[fields.K_LANES] = count
        record[fields.K_MOST] = self.room.values
        record[fields.K_KEYS], record[fields.K_HASHES] = self._tables
        record[fields.K_KEYS_MASK] = 4 * self.room.values - 1
        record[fields.K_HASHES_MASK] = 2 * self.room.values - 1
        record[fields.K_INFO] = self._info
        record[fields.K_TEMPLATES] = self._listed
        record[fields.K_CODE] = self._code
        record[fields.K_REGISTERS] = self._registers
        record[fields.K_DEAD] = self._dead
        record[fields.K_INPUTS] = self._inputs
        record[fields.K_SCRATCH] = 1 + self.room.values
        record[fields.K_CONSTANTS] = 1 + self.room.values + SLOTS_A_LINE
        self.empty()

    def empty(self) -> None:
        """Forget all values: a new epoch, which begins with the input, value 0 in register 0."""
        words = self.heap.words
        words[TOP] = self._base
        for table, size in zip(self._tables, (4, 2), strict=True):
            words[table : table + 3 * size * self.room.values] = 0
        words[self._record + fields.K_KEYS_USED] = 0
        words[self._record + fields.K_VALUES] = 0
        words[self._registers] = 0
        self.epochs += 1

    # -- candidates

    def run(self, lines: array[int], starts: Sequence[int]) -> Iterator[BankRun]:
        """Run candidates, which `starts` cuts out of the lines: candidate k is from starts[k] to
        starts[k + 1]. They come in parts, as they are done: where the bank is full it is emptied,
        and what candidates came to before that has to be looked at before the next part is asked
        for.
        """
        first, last = 0, len(starts) - 1
        self._load_templates()
        while first < last:
            size = min(last - first, PART)
            while size > 1 and starts[first + size] - starts[first] > JOB_WORDS // 2:
                size //= 2
            is_new = self.known <= 1
            found = self._run_part(lines, starts[first : first + size + 1], first)
            done = len(found.values)
            if done:
                yield found
                first += done
            elif is_new:
                alive = np.zeros((1, self._mask_words), np.int64)
                yield BankRun(first, np.full(1, TOO_LARGE), alive)
                first += 1
            if done < size:
                self.empty()

    def _run_part(self, lines: array[int], starts: Sequence[int], first: int) -> BankRun:
        words, mask = self.heap.words, self._mask_words
        count, begin = len(starts) - 1, starts[0]
        values = self._room_for_jobs + count
        alive = values + count
        listed = alive + count * mask
        at = listed + 1
        size = starts[-1] - begin
        if at + size > self._listed_end:
            return self._run_part(lines, starts[: 1 + count // 2], first)
        words[self._room_for_jobs : values + 1] = np.array(starts, np.int64) - begin
        values += 1
        alive += 1
        words[at : at + size] = np.frombuffer(lines, np.int64)[begin : begin + size]
        self.stamp += 1
        job = words[self._job : self._job + fields.J_WORDS]
        job[:] = count, self._room_for_jobs, at, values, alive, 0, self.stamp
        self._call(self._run_code)
        done = int(job[fields.J_DONE])
        masks = words[alive : alive + done * mask].reshape(done, mask)
        return BankRun(first, words[values : values + done].copy(), masks.copy())

    def _call(self, code: Callable[[int, int, int, int], None]) -> None:
        """Run a kernel on the job that is written."""
        begun = time.thread_time()
        places = self.heap.words.ctypes.data, self.heap.colours.ctypes.data
        code(*places, self._record, self._job)
        self.seconds += time.thread_time() - begun

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
        """The scores of values of this epoch against the expected grids: `SCORE` records, a row of
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
        job[:] = count, self._expected, out, self._room_for_jobs, 0, 0, int(hashed)
        self._call(self._score_code)
        rows = words[out : out + count * self.lanes * SCORE_WORDS].copy()
        found: np.ndarray = rows.view(SCORE).reshape(count, self.lanes)
        return found

    def hashes(self, values: np.ndarray) -> np.ndarray:
        """The two words of the hash of each value, over all lanes."""
        about = self.heap.words[self._info : self._info + fields.V_WORDS * self.room.values]
        rows: np.ndarray = about.reshape(-1, fields.V_WORDS)[values, fields.V_LOW :].copy()
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
        for template in self.templates[count:]:
            codes = self._load(template.kernels)
            size = len(template.words)
            if at + size > self._templates_end or count >= MOST_TEMPLATES:
                raise MemoryError("there is no room for more templates")
            words[at : at + size] = template.words
            code = at + fields.T_HEAD + CODE
            for k, name in enumerate(template.kernels):
                words[code + k * STRIDE] = codes[name]
            words[self._listed + count] = at
            count, at = count + 1, at + size
        self._loaded = count, at
        begin = self._constants_loaded
        constants = np.array(self.constants.words[begin:], np.int64)
        if len(self.constants.words) > MOST_CONSTANTS:
            raise MemoryError("there is no room for more constants")
        if len(constants):
            words[self._constants + begin : self._constants + begin + len(constants)] = constants
            at = self._columns + begin * self.lanes
            words[at : at + len(constants) * self.lanes] = np.repeat(constants, self.lanes)
            self._constants_loaded = begin + len(constants)
