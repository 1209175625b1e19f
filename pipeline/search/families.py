"""Families of changes: one place in a draft, and all that can stand there.

What a change makes of a line is written as words for a bank, for thousands of changes at once:
types and templates are looked up once for a family, and registers and constants are columns. A
change by itself is an expression, and its draft is made where somebody wants it (`edits.apply`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any, NamedTuple, Protocol

import numpy as np

from pipeline.frontend.program import Builtin, Call, Expression, Variable
from pipeline.ir.types import Type
from pipeline.primitives.row import Primitive
from pipeline.search.drafts import MOST_LINES, Draft
from pipeline.search.pieces import PieceColumn
from pipeline.search.typed_lines import Shapes, TypedLine, register_of, variable
from pipeline.search.varied_lines import VariedLines


class LineChange(NamedTuple):
    """Line `place` becomes `value`, after `before`, lines that are put before it; where `value` is
    a register, what used the line uses that.
    """

    place: int
    value: Expression
    before: tuple[TypedLine, ...] = ()
    kind: str = ""


class FamilyLines(NamedTuple):
    """What the line at a family's place becomes: for each change its words, from starts[k] to
    starts[k + 1], and its type; None where types don't fit, or nothing changes. before: lines that
    all of them have before them.
    """

    words: np.ndarray
    starts: np.ndarray
    types: Sequence[Type | None]
    before: tuple[TypedLine, ...] = ()


class Family(Protocol):
    """Changes of one line."""

    @property
    def place(self) -> int:
        """Which line changes."""

    def __len__(self) -> int: ...

    def change(self, k: int) -> LineChange:
        """Change number k."""

    def lines(self, draft: Draft, shapes: Shapes, chosen: np.ndarray) -> FamilyLines | None:
        """What the chosen changes make of the line; None where that depends on the whole draft."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Parts in the place of one in the line's expression; rebuild puts one there."""

    place: int
    rebuild: Callable[[Any], Expression]
    parts: Sequence[Any]

    def __len__(self) -> int:
        return len(self.parts)

    def change(self, k: int) -> LineChange:
        """See `Family`."""
        return LineChange(self.place, self.rebuild(self.parts[k]))

    def lines(self, draft: Draft, shapes: Shapes, chosen: np.ndarray) -> FamilyLines | None:
        """See `Family`."""
        old = draft.lines[self.place]
        varied = VariedLines(shapes, old.register, self.rebuild, draft.types())
        made: list[tuple[int, ...]] = []
        found: list[Type | None] = []
        for k in chosen.tolist():
            line = varied.words(self.parts[k])
            if line is None or line[0] == old.words:
                made.append(())
                found.append(None)
            else:
                made.append(line[0])
                found.append(line[1])
        starts = np.array([0, *accumulate(map(len, made))], np.int64)
        return FamilyLines(np.array([w for line in made for w in line], np.int64), starts, found)


@dataclass(frozen=True, slots=True)
class Redirected:
    """Registers that are used in the place of the line's."""

    place: int
    registers: Sequence[int]

    def __len__(self) -> int:
        return len(self.registers)

    def change(self, k: int) -> LineChange:
        """See `Family`."""
        return LineChange(self.place, variable(self.registers[k]))

    def lines(self, draft: Draft, shapes: Shapes, chosen: np.ndarray) -> FamilyLines | None:
        """See `Family`."""
        return None


@dataclass(frozen=True, slots=True)
class Called:
    """Calls of rows on every choice of arguments, which all give the line's type: row by row, and
    of a row the choices of the last argument first. types: of arguments; before: what stands
    before the line then, of which the calls make use.
    """

    place: int
    rows: Sequence[Primitive]
    choices: Sequence[Sequence[Any]]
    types: tuple[Type, ...]
    before: tuple[TypedLine, ...] = ()

    def __len__(self) -> int:
        return len(self.rows) * self._each

    @property
    def _each(self) -> int:
        return prod(map(len, self.choices))

    def change(self, k: int) -> LineChange:
        """See `Family`."""
        row, at = divmod(k, self._each)
        parts: list[Any] = []
        for each in reversed(self.choices):
            at, place = divmod(at, len(each))
            parts.append(each[place])
        return LineChange(
            self.place, Call(Builtin(self.rows[row]), tuple(parts[::-1])), self.before
        )

    def lines(self, draft: Draft, shapes: Shapes, chosen: np.ndarray) -> FamilyLines | None:
        """See `Family`."""
        if len(draft.lines) + len(self.before) > MOST_LINES:
            return None
        old, count = draft.lines[self.place], len(self.choices)
        templates = np.array([shapes.template_on(row, self.types) for row in self.rows], np.int64)
        row, at = np.divmod(chosen, self._each)
        words = np.empty((len(chosen), 3 + count), np.int64)
        words[:, 0] = templates[row]
        words[:, 1:3] = old.register, count
        for k in range(count - 1, -1, -1):
            at, place = np.divmod(at, len(self.choices[k]))
            words[:, 3 + k] = _operands(self.choices[k], shapes)[place]
        types: list[Type | None] = [old.type] * len(chosen)
        is_none = words[:, 0] < 0
        if not self.before:
            is_none |= chosen == self._place_of(old.value)
        for k in np.flatnonzero(is_none).tolist():
            types[k] = None
        return FamilyLines(
            words.ravel(), np.arange(0, words.size + 1, 3 + count), types, self.before
        )

    def _place_of(self, value: Any) -> int:
        """Which change makes this and so is none; -1 where no one does."""
        if value.__class__ is not Call or value.function.__class__ is not Builtin:
            return -1
        if len(value.arguments) != len(self.choices):
            return -1
        try:
            found = self.rows.index(value.function.row)
            for each, part in zip(self.choices, value.arguments, strict=True):
                found = found * len(each) + each.index(part)
        except ValueError:
            return -1
        return found


def _operands(parts: Sequence[Any], shapes: Shapes) -> np.ndarray:
    """Registers and constants as operands."""
    found = [
        register_of(p.name) if p.__class__ is Variable else shapes.constant(p.value) for p in parts
    ]
    return np.array(found, np.int64)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Calls of rows on a register that the line uses, which give its type: `value` is the line on
    register `free`, which has what they give.
    """

    place: int
    rows: Sequence[Primitive]
    part: Variable
    type: Type
    free: int
    value: Expression
    shapes: Shapes

    def __len__(self) -> int:
        return len(self.rows)

    def _words(self, k: int) -> tuple[int, ...]:
        template = self.shapes.template_on(self.rows[k], (self.type,))
        return template, self.free, 1, register_of(self.part.name)

    def change(self, k: int) -> LineChange:
        """See `Family`."""
        call = Call(Builtin(self.rows[k]), (self.part,))
        before = TypedLine(self.free, call, self.type, self._words(k))
        return LineChange(self.place, self.value, (before,))

    def lines(self, draft: Draft, shapes: Shapes, chosen: np.ndarray) -> FamilyLines | None:
        """See `Family`."""
        if len(draft.lines) == MOST_LINES:
            return None
        types = {**draft.types(), self.free: self.type}
        line = shapes.line(draft.lines[self.place].register, self.value, types)
        if line is None:
            return None
        words = np.array([self._words(k) + line.words for k in chosen.tolist()], np.int64)
        starts = np.arange(len(chosen) + 1) * (4 + len(line.words))
        return FamilyLines(words.ravel(), starts, [line.type] * len(chosen))


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of other solvers in the place of the line, behind what `before` has."""

    place: int
    column: PieceColumn
    before: tuple[TypedLine, ...] = ()

    def __len__(self) -> int:
        return len(self.column)

    def change(self, k: int) -> LineChange:
        """See `Family`."""
        lines = self.column.pieces[k]
        return LineChange(self.place, lines[-1].value, (*self.before, *lines[:-1]))

    def lines(self, draft: Draft, shapes: Shapes, chosen: np.ndarray) -> FamilyLines | None:
        """See `Family`."""
        old, column = draft.lines[self.place], self.column
        room = MOST_LINES - len(draft.lines) - len(self.before)
        if len(chosen) and int(column.counts[chosen].max()) > room + 1:
            return None
        words, starts, lasts = column.gathered(chosen)
        words[lasts + 1] = old.register
        types: list[Type | None] = [old.type] * len(chosen)
        if not self.before:
            alike = np.flatnonzero(np.diff(starts) == len(old.words))
            rows = words[starts[alike][:, None] + np.arange(len(old.words))]
            for k in alike[(rows == np.array(old.words)).all(axis=1)].tolist():
                types[k] = None
        return FamilyLines(words, starts, types, self.before)
