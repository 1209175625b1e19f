"""Bottom up: values of the input, and of those values, and so on; programs without a parent.

What is enumerated are values, not programs: of all programs that make one value on all train
samples, the first stands for them. A function on each tuple of known values and constants is run
as one group, thousands of calls a time; what it makes is kept in a register if it is new.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.frontend.program import Builtin, Call
from pipeline.ir.graph import Const
from pipeline.ir.status import Limits
from pipeline.ir.types import GRID, Type
from pipeline.primitives.row import Primitive
from pipeline.search.candidate_rows import RowsWriter
from pipeline.search.drafts import Draft, alive
from pipeline.search.puzzles import Puzzle
from pipeline.search.stages import LIMITS, encoded
from pipeline.search.typed_lines import INPUT, Shapes, TypedLine, variable
from pipeline.search.value_bank import REGISTERS, BankRoom, Loader, ValueBank
from pipeline.search.vocabulary import Vocabulary, callable_on

ROOM: Final = BankRoom(words=1 << 25, values=1 << 17)
MOST_VALUES: Final = REGISTERS - 8
RESULT: Final = REGISTERS - 1
"""The register that a call's value is in until it is known to be new."""

LITERAL_SIZE: Final = 1
INPUT_SIZE: Final = 2
"""A constant counts as 1, so that a call on it comes before one on two values."""

LARGEST_GAP: Final = 8
"""Beyond this size there is no call only where there will be none."""
GROUP: Final = 4_096
"""Calls that are run together."""


class CallBlock(NamedTuple):
    """Calls of a row on every choice of operands, the last one's choices first."""

    row: Primitive
    types: tuple[Type, ...]
    choices: tuple[np.ndarray, ...]

    @property
    def calls(self) -> int:
        """How many calls."""
        return prod(map(len, self.choices))

    def words(self, template: int, first: int, last: int) -> np.ndarray:
        """Calls first to last as a bank reads them, a row of words each."""
        count = len(self.choices)
        words = np.empty((last - first, 3 + count), np.int64)
        words[:, :3] = template, RESULT, count
        at = np.arange(first, last)
        for k in range(count - 1, -1, -1):
            at, place = np.divmod(at, len(self.choices[k]))
            words[:, 3 + k] = self.choices[k][place]
        return words


class CallStretch(NamedTuple):
    """A stretch of a block that is run: its words, and what it gives."""

    row: Primitive
    type: Type
    words: np.ndarray


class Enumerated:
    """What an enumeration came to: how many calls were tried, how many values are different, and
    the different grids, as programs.
    """

    def __init__(self, puzzle: Puzzle, vocabulary: Vocabulary) -> None:
        self.puzzle, self.vocabulary = puzzle, vocabulary
        self.programs = self.values = 0
        self.registers: list[int] = []
        self._made: list[CallStretch] = []
        self._ends: list[int] = []
        self._needs: dict[int, dict[int, None]] = {INPUT: {}}
        constant = vocabulary.shapes.constant
        literals = [literal for values in vocabulary.literals.values() for literal in values]
        self._literals = {constant(literal.value): literal for literal in literals}
        self._same: list[np.ndarray] = []
        self._hashes: list[np.ndarray] = []

    def __len__(self) -> int:
        return len(self.registers)

    def note(self, row: Primitive, type_: Type, words: np.ndarray) -> None:
        """Note what makes the next registers."""
        self._made.append(CallStretch(row, type_, words))
        self._ends.append(len(words) + (self._ends[-1] if self._ends else 0))

    def _made_by(self, register: int) -> tuple[CallStretch, list[int]]:
        """What makes a register: the calls that it is one of, and its words."""
        at = bisect_right(self._ends, register - 1)
        made = self._made[at]
        words: list[int] = made.words[register - 1 - self._ends[at]].tolist()
        return made, words

    def note_grids(self, registers: Sequence[int], scores: np.ndarray) -> None:
        """Note that registers have grids, and how these score."""
        self.registers += registers
        self._same.append(scores["same"])
        self._hashes.append(scores["hash"][:, 0])

    @property
    def same(self) -> np.ndarray:
        """How many cells of each grid are right, -1 where its shape is another, for each sample."""
        return np.concatenate([np.zeros((0, len(self.puzzle.train)), np.int64), *self._same])

    @property
    def behaviour(self) -> np.ndarray:
        """The hashes of grids on the first sample."""
        return np.concatenate([np.zeros((0, 2), np.uint64), *self._hashes])

    def solved(self) -> list[int]:
        """The programs that are right on all samples."""
        areas = np.array([len(s.output) * len(s.output[0]) for s in self.puzzle.train])
        return np.flatnonzero((self.same == areas).all(axis=1)).tolist()

    def draft(self, k: int) -> Draft | None:
        """Program k; None where it has too many lines."""
        register = self.registers[k]
        return alive([self._line(r) for r in (*self._needs_of(register), register)], register)

    def edit(self, k: int) -> str:
        """How it was made."""
        return "enumeration"

    def parent(self, k: int) -> str:
        """Of what it was made."""
        return ""

    def _line(self, register: int) -> TypedLine:
        (row, type_, _), (template, _, *rest) = self._made_by(register)
        parts = tuple([variable(o) if o >= 0 else self._literals[o] for o in rest[1:]])
        return TypedLine(register, Call(Builtin(row), parts), type_, (template, register, *rest))

    def _needs_of(self, register: int) -> dict[int, None]:
        """The registers that one is made of, each after those that it needs."""
        if register not in self._needs:
            operands = [o for o in self._made_by(register)[1][3:] if o > 0]
            needs = [n for o in operands for n in (*self._needs_of(o), o)]
            self._needs[register] = dict.fromkeys(needs)
        return self._needs[register]


class Enumeration:
    """Enumerates values of one puzzle after another; one thread's."""

    def __init__(
        self,
        shapes: Shapes,
        load: Loader,
        limits: Limits = LIMITS,
        room: BankRoom = ROOM,
    ) -> None:
        self.shapes = shapes
        self.bank = ValueBank(shapes.templates, shapes.constants, load, limits, room)

    def run(self, puzzle: Puzzle, vocabulary: Vocabulary, programs: int) -> Enumerated:
        """Enumerate so many calls, the smallest programs first."""
        self.bank.use(encoded(puzzle.train))
        state = _Values(puzzle, vocabulary, self.bank)
        found = state.found
        size = 2
        while found.programs < programs and state.registers < MOST_VALUES:
            before = found.programs
            for block in _blocks(state, size):
                state.try_block(block, programs, size)
                if found.programs + state.waiting >= programs:
                    break
            state.run_waiting(size)
            if size > LARGEST_GAP and found.programs == before:
                break
            size += 1
        return found


class _Values:
    """The values of a puzzle so far, by size and type: operands of calls."""

    def __init__(self, puzzle: Puzzle, vocabulary: Vocabulary, bank: ValueBank) -> None:
        self.shapes, self.bank = vocabulary.shapes, bank
        self.found = Enumerated(puzzle, vocabulary)
        self.by_size: dict[int, dict[Type, list[np.ndarray]]] = {}
        self.registers = 1
        self.waiting = 0
        self._runs: list[CallStretch] = []
        self._seen: set[bytes] = set()
        self._moves = bank.moves
        for values in vocabulary.literals.values():
            for value in values:
                operand = self.shapes.constant(value.value)
                self._add(LITERAL_SIZE, Const(value.value).type, np.array([operand]))
        self._add(INPUT_SIZE, GRID, np.array([INPUT]))

    def _add(self, size: int, type_: Type, operands: np.ndarray) -> None:
        self.by_size.setdefault(size, {}).setdefault(type_, []).append(operands)

    def operands(self, size: int) -> dict[Type, np.ndarray]:
        """The values of a size, by type, that still are there."""
        kinds = self.by_size.get(size, {})
        found = {type_: np.concatenate(parts) for type_, parts in kinds.items()}
        if self.bank.moves == self._moves:
            return found
        return {t: values[self._is_there(values)] for t, values in found.items()}

    def _is_there(self, values: np.ndarray) -> np.ndarray:
        """Which operands are constants, or registers that did not lose their value."""
        found: np.ndarray = (values < 0) | self.bank.has_value(np.maximum(values, 0))
        return found

    # -- calls

    def try_block(self, block: CallBlock, programs: int, size: int) -> None:
        """Try calls until so many programs were tried in all."""
        first, count = 0, block.calls
        meaning = self.shapes.call(block.row, block.types)
        while first < count:
            left = programs - self.found.programs - self.waiting
            if left <= 0:
                return
            last = min(count, first + left, first + GROUP - self.waiting)
            if meaning is not None and meaning.type is not None:
                words = block.words(meaning.template, first, last)
                self._runs.append(CallStretch(block.row, meaning.type, words))
            self.waiting += last - first
            first = last
            if self.waiting == GROUP:
                self.run_waiting(size)

    def run_waiting(self, size: int) -> None:
        """Run the calls that were made, and keep what they make that is new."""
        runs, self._runs = self._runs, []
        self.found.programs += self.waiting
        self.waiting = 0
        if not runs:
            return
        writer = RowsWriter()
        writer.begin_group()
        for run in runs:
            writer.add(run.words.ravel(), np.arange(0, run.words.size + 1, run.words.shape[1]))
        begins = np.cumsum([0, *[len(run.words) for run in runs]])
        for part in self.bank.run(writer.made()):
            fresh = self._fresh(part.values, np.all(part.lanes_alive(self.bank.lanes), axis=1))
            self.found.values += len(fresh)
            fresh = fresh[: MOST_VALUES - self.registers]
            self._keep(runs, begins, part.first + fresh, part.values[fresh], size)

    def _fresh(self, values: np.ndarray, is_whole: Any) -> np.ndarray:
        """The places of what is new and fails in no lane, each once."""
        places = np.flatnonzero((values > 0) & is_whole)  # 0 is the input
        _, first = np.unique(values[places], return_index=True)
        places = places[np.sort(first)]
        keys = np.ascontiguousarray(self.bank.hashes(values[places])).view("V16").ravel().tolist()
        seen = self._seen
        is_new = np.array([key not in seen for key in keys], bool)
        seen.update(keys)
        return places[is_new]

    def _keep(
        self,
        runs: Sequence[CallStretch],
        begins: np.ndarray,
        places: np.ndarray,
        values: np.ndarray,
        size: int,
    ) -> None:
        """Give new values registers; see how grids score."""
        registers = np.arange(self.registers, self.registers + len(places))
        self.registers += len(places)
        self.bank.hold(registers, values)
        owners = np.searchsorted(begins, places, side="right") - 1
        ends = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(owners)]
        grids = []
        for begin, end in pairwise(ends):
            if begin == end:
                continue
            run, own = runs[owners[begin]], slice(begin, end)
            self.found.note(run.row, run.type, run.words[places[own] - begins[owners[begin]]])
            self._add(size, run.type, registers[own])
            if run.type is GRID:
                grids.append(np.arange(begin, end))
        if grids:
            chosen = np.concatenate(grids)
            self.found.note_grids(registers[chosen].tolist(), self.bank.scores(values[chosen]))


def _blocks(state: _Values, size: int) -> Iterator[CallBlock]:
    """Every call whose program has this size, of one to three arguments: first those of three, as
    two of these are constants mostly. A call of constants is one itself.
    """
    by_size = {k: state.operands(k) for k in range(1, size)}
    for count in (3, 1, 2):
        for sizes in _splits(size - 1, count):
            if all(k == LITERAL_SIZE for k in sizes):
                continue
            kinds = [by_size.get(k, {}) for k in sizes]
            for types in product(*kinds):
                choices = tuple([kinds[k][t] for k, t in enumerate(types)])
                for row in callable_on(types, None):
                    yield CallBlock(row, types, choices)


def _splits(total: int, count: int) -> Iterator[tuple[int, ...]]:
    """Every way to make a total of so many numbers, none below 1."""
    if count == 1:
        yield (total,)
        return
    for first in range(1, total - count + 2):
        for rest in _splits(total - first, count - 1):
            yield (first, *rest)
