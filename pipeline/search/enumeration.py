"""Bottom up: values of the input, and of those values, and so on; programs without a parent.

What is enumerated are values, not programs: of all programs that make one value on all train
samples, the first stands for them. A call of each function on each tuple of known values and
constants is run together with thousands of others; what it makes is kept if it is new.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import numpy as np

from pipeline.frontend.program import Builtin, Call, Literal
from pipeline.ir.graph import Const
from pipeline.ir.status import Limits
from pipeline.ir.types import GRID, Type
from pipeline.search.drafts import Draft, alive
from pipeline.search.puzzles import Puzzle
from pipeline.search.stages import LIMITS, encoded
from pipeline.search.typed_lines import INPUT, Shapes, TypedLine, variable
from pipeline.search.value_bank import REGISTERS, BankRoom, Loader, ValueBank
from pipeline.search.vocabulary import Vocabulary, callable_on

ROOM: Final = BankRoom(words=1 << 25, values=1 << 17)
MOST_VALUES: Final = REGISTERS - 8
INPUT_SIZE: Final = 2
"""A constant counts as 1, so that a call on it comes before one on two values."""

LARGEST_GAP: Final = 8
"""Beyond this size there is no call only where there will be none."""
GROUP: Final = 4_096
"""Calls that are run together."""


@dataclass(slots=True)
class KnownValue:
    """A value: the register that it is in, or the constant that it is; and how large its program
    is.
    """

    expression: Any
    type: Type
    size: int


@dataclass(slots=True)
class Enumerated:
    """What an enumeration came to: programs that are right on all train samples, different grids
    as programs, how many calls were tried and how many values are different.
    """

    solved: list[Draft] = field(default_factory=list)
    grids: list[Draft] = field(default_factory=list)
    programs: int = 0
    values: int = 0


class Enumeration:
    """Enumerates values of one puzzle after another; one thread's."""

    def __init__(self, shapes: Shapes, load: Loader, limits: Limits = LIMITS) -> None:
        self.shapes = shapes
        self.bank = ValueBank(shapes.templates, shapes.constants, load, limits, ROOM)

    def run(self, puzzle: Puzzle, vocabulary: Vocabulary, programs: int) -> Enumerated:
        """Enumerate so many calls, the smallest programs first."""
        self.bank.use(encoded(puzzle.train))
        state = _Values(puzzle, self.shapes, self.bank)
        for literals in vocabulary.literals.values():
            for literal in literals:
                state.add(KnownValue(literal, Const(literal.value).type, 1))
        size = 2
        while state.found.programs < programs and len(state.lines) < MOST_VALUES:
            before = state.found.programs
            calls = _calls(state, size)
            while group := _group(calls, min(GROUP, programs - state.found.programs)):
                state.try_calls(group, size)
            if size > LARGEST_GAP and state.found.programs == before:
                break
            size += 1
        return state.found


def _group(calls: Iterator[Call], most: int) -> list[Call]:
    found: list[Call] = []
    while len(found) < most:
        call = next(calls, None)
        if call is None:
            break
        found.append(call)
    return found


class _Values:
    """The values of a puzzle so far, by type and size."""

    def __init__(self, puzzle: Puzzle, shapes: Shapes, bank: ValueBank) -> None:
        self.puzzle, self.shapes, self.bank = puzzle, shapes, bank
        self.found = Enumerated()
        self.lines: dict[int, TypedLine] = {}
        self.by_size: dict[int, dict[Type, list[KnownValue]]] = {}
        self.types: dict[int, Type] = {INPUT: GRID}
        self.needs: dict[int, tuple[int, ...]] = {INPUT: ()}
        self.seen: set[bytes] = set()
        self.add(KnownValue(variable(INPUT), GRID, INPUT_SIZE))

    def add(self, value: KnownValue) -> None:
        """Let a value in."""
        self.by_size.setdefault(value.size, {}).setdefault(value.type, []).append(value)

    def try_calls(self, calls: Sequence[Call], size: int) -> None:
        """Run calls, and keep what they make that is new."""
        lines: array[int] = array("q")
        starts, made = [0], []
        register = len(self.lines) + 1
        for call in calls:
            line = self.shapes.line(register, call, self.types)
            if line is None:
                continue
            needs = dict.fromkeys(n for o in line.words[3:] if o > 0 for n in (*self.needs[o], o))
            for need in needs:
                lines.extend(self.lines[need].words)
            lines.extend(line.words)
            starts.append(len(lines))
            made.append((line, tuple(needs)))
        self.found.programs += len(calls)
        for part in self.bank.run(lines, starts):
            places = np.flatnonzero(part.values > 0)  # 0 is the input
            hashes = self.bank.hashes(part.values[places])
            whole = np.all(part.lanes_alive(self.bank.lanes)[places], axis=1)
            fresh = self._fresh(part.first + places, hashes, whole)
            self._keep([(made[k], part.values[k - part.first]) for k in fresh], size)

    def _fresh(self, places: np.ndarray, hashes: np.ndarray, whole: Any) -> list[int]:
        """The places of what is new and fails in no lane, each once."""
        found = []
        for k, row, is_whole in zip(places.tolist(), hashes, whole.tolist(), strict=True):
            key = row.tobytes()
            if is_whole and key not in self.seen:
                self.seen.add(key)
                found.append(k)
        return found

    def _keep(self, fresh: Sequence[tuple[Any, Any]], size: int) -> None:
        """Give new values registers; note which grids are right."""
        grids = [k for k, ((line, _), _) in enumerate(fresh) if line.type is GRID]
        values = np.array([fresh[k][1] for k in grids], np.int64)
        scores = self.bank.scores(values, hashed=False)
        areas = scores["height"] * scores["width"]
        right = dict(zip(grids, ((scores["same"] == areas) & (areas > 0)).all(axis=1), strict=True))
        for k, ((line, needs), _) in enumerate(fresh):
            self.found.values += 1
            register = len(self.lines) + 1
            if register >= MOST_VALUES:
                return
            template, _, *rest = line.words
            kept = TypedLine(register, line.value, line.type, (template, register, *rest))
            self.lines[register], self.types[register] = kept, line.type
            self.needs[register] = needs
            self.add(KnownValue(variable(register), line.type, size))
            if line.type is GRID:
                draft = alive([self.lines[n] for n in (*needs, register)], register)
                if draft is not None:
                    self.found.grids.append(draft)
                    if right[k]:
                        self.found.solved.append(draft)


def _calls(state: _Values, size: int) -> Iterator[Call]:
    """Every call whose program has this size, of one to three arguments: first those of three, as
    two of these are constants mostly.
    """
    by_size = {k: {t: list(v) for t, v in kinds.items()} for k, kinds in state.by_size.items()}
    for count in (3, 1, 2):
        for sizes in _splits(size - 1, count):
            kinds = [by_size.get(k, {}) for k in sizes]
            for types in product(*kinds):
                for row in callable_on(types, None):
                    function = Builtin(row)
                    for values in product(*(kinds[k][t] for k, t in enumerate(types))):
                        if any(v.expression.__class__ is not Literal for v in values):
                            yield Call(function, tuple([v.expression for v in values]))


def _splits(total: int, count: int) -> Iterator[tuple[int, ...]]:
    """Every way to make a total of so many numbers, none below 1."""
    if count == 1:
        yield (total,)
        return
    for first in range(1, total - count + 2):
        for rest in _splits(total - first, count - 1):
            yield (first, *rest)
