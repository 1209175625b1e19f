"""Drafts: whole programs while a search edits them, and their way from text and back.

A draft is lines whose last one is the output; each register is given a value once, by a line before
those that use it. Lines that no other needs are left out, so a draft has no dead ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Program,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.ir.types import GRID, Type
from pipeline.primitives.constants import CONSTANTS
from pipeline.search.typed_lines import INPUT, Shapes, TypedLine, register_of, shape_of, variable

MOST_LINES: Final = 64
MOST_WORDS: Final = 400
"""Of a draft: what is longer is no program that anybody reads."""


class Draft(NamedTuple):
    """A program. The register behind its largest is free."""

    lines: tuple[TypedLine, ...]

    @property
    def size(self) -> int:
        """How many calls, names and literals it has."""
        return sum([weight(line.value) for line in self.lines])

    @property
    def free(self) -> int:
        """A register that it does not use."""
        return 1 + max([line.register for line in self.lines], default=INPUT)

    def types(self) -> dict[int, Type]:
        """The type of each register."""
        found = {line.register: line.type for line in self.lines}
        found[INPUT] = GRID
        return found

    def words(self) -> list[int]:
        """The draft as a bank reads it."""
        return [word for line in self.lines for word in line.words]


@cache
def weight(value: Any) -> int:
    """How many calls, names and literals an expression has."""
    if value.__class__ is Call:
        return weight(value.function) + sum([weight(a) for a in value.arguments])
    if value.__class__ in (TupleLiteral, SetLiteral):
        return 1 + sum([weight(e) for e in value.elements])
    return 1


# -- from programs


def draft_of(program: Program, shapes: Shapes) -> Draft | None:
    """The draft of a program; None where it is not written in plain calls, or gives no grid."""
    values: dict[str, Expression] = {program.parameter: variable(INPUT)}
    reader = _DraftReader(shapes)
    for statement in program.statements:
        value = substituted(statement.value, values) if statement.target else None
        value = None if value is None else reader.read(value)
        if value is None:
            return None
        if statement.target == "return":
            return ended(reader.lines, value, reader.types)
        values[statement.target] = value
    return None


class _DraftReader:
    """Makes lines of expressions: each call that gives data has one of its own."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.lines: list[TypedLine] = []
        self.types: dict[int, Type] = {INPUT: GRID}

    def read(self, value: Any) -> Any:
        """What stands for an expression: the register of its value, or itself where it is a
        function or a constant; None where its types don't fit.
        """
        if value.__class__ is Call:
            value = self._with_parts(value, Call, (value.function, *value.arguments))
        elif value.__class__ in (TupleLiteral, SetLiteral):
            value = self._with_parts(value, value.__class__, value.elements)
        else:
            return value
        meaning = None if value is None else self.shapes.meaning(shape_of(value), self.types)
        if meaning is None:
            return None
        if meaning.type is None:
            return value
        line = self.shapes.line(len(self.lines) + 1, value, self.types)
        assert line is not None
        self.lines.append(line)
        self.types[line.register] = line.type
        return variable(line.register)

    def _with_parts(self, value: Any, kind: type, parts: tuple[Any, ...]) -> Any:
        made = [self.read(part) for part in parts]
        if None in made:
            return None
        return Call(made[0], tuple(made[1:])) if kind is Call else kind(tuple(made))


def ended(lines: Sequence[TypedLine], value: Expression, types: Mapping[int, Type]) -> Draft | None:
    """The draft whose output is this value, without dead lines; None if it is no grid."""
    if value.__class__ is not Variable or types[register_of(value.name)] is not GRID:
        return None
    return alive(lines, register_of(value.name))


def alive(lines: Sequence[TypedLine], output: int) -> Draft | None:
    """The lines that an output needs, the output last; None where it is the input, or too long."""
    needed = {output}
    kept: list[TypedLine] = []
    for line in reversed(lines):
        if line.register in needed:
            kept.append(line)
            needed.update(line.words[3:])
    if not kept or len(kept) > MOST_LINES:
        return None
    return Draft(tuple(kept[::-1]))


def substituted(value: Any, values: Mapping[str, Expression]) -> Any:
    """The expression with other ones in the place of names; None for what is no plain call."""
    kind = value.__class__
    if kind is Variable:
        return values.get(value.name)
    if kind is Literal or kind is Builtin:
        return value
    if kind is Call:
        parts = [substituted(p, values) for p in (value.function, *value.arguments)]
        return None if None in parts else Call(parts[0], tuple(parts[1:]))
    if kind is TupleLiteral or kind is SetLiteral:
        parts = [substituted(e, values) for e in value.elements]
        return None if None in parts else kind(tuple(parts))
    return None


# -- to text


_NAMES: Final = {
    (value.__class__, value): name for name, value in reversed(list(CONSTANTS.items()))
}


def text_of(draft: Draft, name: str = "candidate", comments: Iterable[str] = ()) -> str:
    """The text of a draft: a call a line, as people write them, constants by their names."""
    writer = _DraftWriter()
    for line in draft.lines:
        writer.names[line.register] = writer.line(line.value)
    body = [f"    {line}\n" for line in writer.lines]
    head = "".join([f"# {comment}\n" for comment in comments])
    last = writer.names[draft.lines[-1].register]
    return f"{head}def solve_{name}(I):\n{''.join(body)}    return {last}\n"


class _DraftWriter:
    """Writes lines: function values get lines of their own, each once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[int, str] = {INPUT: "I"}
        self._known: dict[Any, str] = {}

    def line(self, value: Any) -> str:
        """Write an expression as a line; gives its name."""
        text = self._text(value)
        if text not in self._known:
            self._known[text] = f"x{len(self.lines) + 1}"
            self.lines.append(f"{self._known[text]} = {text}")
        return self._known[text]

    def _text(self, value: Any) -> str:
        if value.__class__ is Call:
            parts = ", ".join([self._atom(a) for a in value.arguments])
            return f"{self._atom(value.function)}({parts})"
        if value.__class__ in (TupleLiteral, SetLiteral):
            parts = ", ".join([self._atom(e) for e in value.elements])
            if value.__class__ is SetLiteral:
                return f"{{{parts}}}"
            return f"({parts},)" if len(value.elements) == 1 else f"({parts})"
        return self._atom(value)

    def _atom(self, value: Any) -> str:
        if value.__class__ is Variable:
            return self.names[register_of(value.name)]
        if value.__class__ is Literal:
            return _NAMES.get((value.value.__class__, value.value)) or repr(value.value)
        if value.__class__ is Builtin:
            name: str = value.row.name
            return name
        return self.line(value)
