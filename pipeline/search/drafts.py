"""Drafts: whole programs while a search edits them, and their way from text and back.

A draft is lines whose last one is the output; each register is given a value once, by a line before
those that use it. Lines that no other needs are left out, so a draft has no dead ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pipeline.frontend.program import (
    Assign,
    Builtin,
    Call,
    For,
    If,
    Lambda,
    Literal,
    Program,
    Return,
    SetLiteral,
    Statement,
    TupleLiteral,
    Variable,
)
from pipeline.ir.types import GRID, ROWS, Type
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE
from pipeline.search.plain_calls import BoundFunction, NotPlain, PlainCalls, weight
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


# -- from programs


def draft_of(program: Program, shapes: Shapes) -> Draft | None:
    """The draft of a program; None where there are no plain calls for it (see `plain_calls`), or it
    gives no grid.
    """
    values: dict[str, Any] = {program.parameter: variable(INPUT)}
    reader, plain = _DraftReader(shapes), PlainCalls()
    try:
        for at, statement in enumerate(program.statements):
            value: Any = statement.value
            if isinstance(value, For):
                plain.folded(value, values)
                continue
            if isinstance(value, If):
                found = plain.chosen(value, _block(program.statements[at + 1 :]), values)
                return reader.ended(found)
            if isinstance(value, Lambda):
                values[statement.target] = BoundFunction(value, values)
                continue
            made = plain.value(value, values)
            if statement.target == "return":
                return reader.ended(made)
            made = reader.read(made) if statement.target else None
            if made is None:
                return None
            values[statement.target] = made
    except NotPlain:
        return None
    return None


def _block(statements: Sequence[Statement]) -> list[Any]:
    """The statements of a program as those of a block."""
    return [
        Return(s.value)
        if s.target == "return"
        else Assign(s.target, s.value)
        if s.target
        else s.value
        for s in statements
    ]


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
            if value in self.shapes.functions:
                return value
            value = self._with_parts(value, Call, (value.function, *value.arguments))
        elif value.__class__ in (TupleLiteral, SetLiteral):
            value = self._with_parts(value, value.__class__, value.elements)
        else:
            return value
        if value is None:
            return None
        shape = shape_of(value)
        meaning = self.shapes.meaning(shape, self.types)
        if meaning is None:
            return None
        if meaning.type is None:
            if not shape.fills:
                self.shapes.functions.add(value)
            return value
        line = self.shapes.line_of(len(self.lines) + 1, value, shape, meaning)
        self.lines.append(line)
        self.types[line.register] = line.type
        return variable(line.register)

    def ended(self, value: Any) -> Draft | None:
        """The draft whose output is this value, without dead lines; None if it is no grid. Rows of
        one length are one, but for their type: a line that changes nothing says so.
        """
        made = None if value is None else self.read(value)
        if made.__class__ is not Variable:
            return None
        if self.types[register_of(made.name)] is ROWS:
            same = Call(Builtin(TABLE["replace"]), (made, Literal(0), Literal(0)))
            made = self.read(same)
            if made is None:
                return None
        register = register_of(made.name)
        return alive(self.lines, register) if self.types[register] is GRID else None

    def _with_parts(self, value: Any, kind: type, parts: tuple[Any, ...]) -> Any:
        made = [self.read(part) for part in parts]
        if None in made:
            return None
        return Call(made[0], tuple(made[1:])) if kind is Call else kind(tuple(made))


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
