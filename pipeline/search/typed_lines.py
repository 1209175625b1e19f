"""Lines with types: what programs are while a search edits them, and where their types come from.

A line is an expression on registers, and what it is on a bank of values: the number of a template
and operands. Function values have no line of their own: they stand in the lines that use them, so
that what a line makes depends on values alone. A type is found by inference, once for each shape of
an expression: what it is on other registers of the same types is a look-up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.ir.graph import Const, Node
from pipeline.ir.types import GRID, Type
from pipeline.kernels.bank_fields import GRIDS
from pipeline.primitives.row import Primitive
from pipeline.search.lone_expressions import leaf, resolve_alone
from pipeline.search.template import ConstantTable, Template, template_of
from pipeline.search.value_bank import (
    CODE_WORDS,
    MOST_CONSTANTS,
    SLOTS_A_LINE,
    BankRoom,
)

INPUT: Final = 0
"""The register of the input grid."""

MOST_KNOWN: Final = 400_000
"""Shapes, those that mean nothing among them: some 500 MiB."""

STATIC_NUMBERS: Final = frozenset({"power", "repeat", "at"})
"""What does another thing for a number that is known than for one that is not: `repeat`, where it
repeats a function."""


class TypedLine(NamedTuple):
    """`register = value`. words: the line as a bank reads it."""

    register: int
    value: Expression
    type: Type
    words: tuple[int, ...]


class Meaning(NamedTuple):
    """What an expression of some shape is: data of a type, made by a template; or a function, or a
    container of functions, which has neither.
    """

    type: Type | None
    template: int


def name_of(register: int) -> str:
    """What expressions call a register."""
    return f"x{register}"


def variable(register: int) -> Variable:
    """The expression that is a register."""
    return _VARIABLES[register] if register < len(_VARIABLES) else Variable(name_of(register))


_VARIABLES: Final = [Variable(name_of(k)) for k in range(512)]
_REGISTERS: Final = {v.name: k for k, v in enumerate(_VARIABLES)}


def register_of(name: str) -> int:
    """The register that a name is."""
    found = _REGISTERS.get(name)
    return int(name[1:]) if found is None else found


class Shape(NamedTuple):
    """An expression with holes for registers and literals, and what fills them: registers'
    numbers, and the values of literals.
    """

    expression: Expression
    fills: tuple[int | Literal, ...]


class Shapes:
    """What all shapes of expressions mean that were asked for: templates for banks.

    Threads may share it. It only grows: once it is full, who uses it is to begin with a new one.
    functions: expressions that are functions whatever they stand among.
    """

    def __init__(self) -> None:
        self.templates: list[Template] = []
        self.constants = ConstantTable()
        self.functions: set[Expression] = set()
        self._known: dict[tuple[Expression, tuple[Type, ...]], Meaning | None] = {}
        self._types: dict[Type, int] = {GRID: GRIDS}
        self._words: dict[Any, int] = {}
        self._on: dict[tuple[Primitive, tuple[Type, ...]], Meaning | None] = {}
        self._with: dict[Any, dict[Builtin, Meaning | None]] = {}
        self._template_words = 0
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Whether banks have little room left for what is in it."""
        return (
            self._template_words > BankRoom().template_words
            or 2 * len(self.constants.words) > MOST_CONSTANTS
            or len(self._known) > MOST_KNOWN
        )

    def line(self, register: int, value: Expression, types: Mapping[int, Type]) -> TypedLine | None:
        """The line of an expression on registers of these types; None where types don't fit, or it
        gives no data.
        """
        shape = shape_of(value)
        meaning = self.meaning(shape, types)
        if meaning is None or meaning.type is None:
            return None
        return self.line_of(register, value, shape, meaning)

    def line_of(
        self, register: int, value: Expression, shape: Shape, meaning: Meaning
    ) -> TypedLine:
        """The line of an expression of which the shape, and what that means, is known: data."""
        assert meaning.type is not None
        operands = [f if isinstance(f, int) else self.constant(f.value) for f in shape.fills]
        words = (meaning.template, register, len(operands), *operands)
        return TypedLine(register, value, meaning.type, words)

    def meaning(self, shape: Shape, types: Mapping[int, Type]) -> Meaning | None:
        """What a shape means on these types; None where they don't fit."""
        filled = _types_of(shape.fills, types)
        key = shape.expression, filled
        try:
            return self._known[key]
        except KeyError:
            pass
        with self._lock:
            if key not in self._known:
                self._known[key] = self._made(shape.expression, filled)
            return self._known[key]

    def _made(self, expression: Expression, types: Sequence[Type]) -> Meaning | None:
        leaves = {_hole(k): leaf(_hole(k), type_) for k, type_ in enumerate(types)}
        found = resolve_alone(expression, leaves)
        if found is None:
            return None
        result = found.result
        if not isinstance(result, Node):
            return None if isinstance(result, Const) else Meaning(None, -1)
        assert result.type is not None
        number = self._types.setdefault(result.type, len(self._types) + 1)
        template = template_of(
            found.nodes, result, found.effects, list(leaves.values()), number, self.constants
        )
        if template.slots > SLOTS_A_LINE or template.code_words > CODE_WORDS:
            return None
        self._template_words += len(template.words)
        self.templates.append(template)
        return Meaning(result.type, len(self.templates) - 1)

    def with_functions(
        self, shape: Shape, place: int, types: Mapping[int, Type]
    ) -> dict[Builtin, Meaning | None]:
        """What expressions mean that have a function where this shape has a fill: those that were
        asked for, for who asks for more to add.
        """
        fills = (*shape.fills[:place], *shape.fills[place + 1 :])
        return self._with.setdefault((shape.expression, place, _types_of(fills, types)), {})

    def call(self, row: Primitive, types: tuple[Type, ...]) -> Meaning | None:
        """What a call of a row on values of these types means, all of them operands."""
        key = row, types
        try:
            return self._on[key]
        except KeyError:
            pass
        holes = tuple([Variable(_hole(k)) for k in range(len(types))])
        shape = Shape(Call(Builtin(row), holes), tuple(range(len(types))))
        found = self._on[key] = self.meaning(shape, dict(enumerate(types)))
        return found

    def template_on(self, row: Primitive, types: tuple[Type, ...]) -> int:
        """The template of such a call; -1 where types don't fit, or it gives no data."""
        meaning = self.call(row, types)
        return -1 if meaning is None else meaning.template

    def constant(self, value: Any) -> int:
        """The operand that a literal is."""
        key = value.__class__, value
        found = self._words.get(key)
        if found is None:
            with self._lock:
                found = self._words[key] = self.constants.operand(value)
        return found


def _types_of(fills: Sequence[int | Literal], types: Mapping[int, Type]) -> tuple[Type, ...]:
    return tuple([types[f] if isinstance(f, int) else Const(f.value).type for f in fills])


def _hole(k: int) -> str:
    return _HOLES[k].name if k < len(_HOLES) else f"p{k}"


_HOLES: Final = [Variable(f"p{k}") for k in range(64)]


def shape_of(value: Expression) -> Shape:
    """The shape of an expression: for a plain call, which most are, without a walk."""
    fills: list[int | Literal] = []
    return Shape(_holed(value, fills), tuple(fills))


def _holed(value: Any, fills: list[int | Literal]) -> Any:
    kind = value.__class__
    if kind is Variable:
        return _next_hole(register_of(value.name), fills)
    if kind is Literal:
        return value if value.value is None else _next_hole(value, fills)
    if kind is Builtin:
        return value
    if kind is Call:
        function = value.function
        if function.__class__ is Builtin:
            if function.row.name in STATIC_NUMBERS:
                first, second = value.arguments
                fixed = second if second.__class__ is Literal else _holed(second, fills)
                return Call(function, (_holed(first, fills), fixed))
            return Call(function, tuple([_holed(a, fills) for a in value.arguments]))
        return Call(_holed(function, fills), tuple([_holed(a, fills) for a in value.arguments]))
    if kind is TupleLiteral or kind is SetLiteral:
        return kind(tuple([_holed(e, fills) for e in value.elements]))
    raise TypeError(f"a line of a search can't have a {kind.__name__}")


def _next_hole(fill: int | Literal, fills: list[int | Literal]) -> Variable:
    """The hole that this fills: a register fills one however often it is used."""
    if fill.__class__ is int and fill in fills:
        k = fills.index(fill)
    else:
        k = len(fills)
        fills.append(fill)
    return _HOLES[k] if k < len(_HOLES) else Variable(f"p{k}")


def moved(lines: Sequence[TypedLine], places: dict[int, int], begin: int) -> tuple[TypedLine, ...]:
    """The lines on other registers: those in `places` as it says, their own from `begin` on.

    `places` then says where each line's value is. No two may become one, and none another type.
    """
    made = []
    for line in lines:
        template, _, count, *operands = line.words
        renamed = [places[o] if o >= 0 else o for o in operands]
        value = replaced(line.value, places)
        words = (template, begin, count, *renamed)
        made.append(TypedLine(begin, value, line.type, words))
        places[line.register] = begin
        begin += 1
    return tuple(made)


def retyped(
    lines: Sequence[TypedLine], changed: set[int], types: dict[int, Type], shapes: Shapes
) -> list[TypedLine] | None:
    """The lines, typed again where they use a register that has changed; None where types don't
    fit. What changes by that is added to `changed` and `types`.
    """
    made = []
    for line in lines:
        new: TypedLine | None = line
        if not changed.isdisjoint(uses(line.value)):
            new = shapes.line(line.register, line.value, types)
        if new is None:
            return None
        if new.type is not line.type:
            types[line.register] = new.type
            changed.add(line.register)
        made.append(new)
    return made


def replaced(value: Any, places: Mapping[int, int]) -> Any:
    """The expression with other registers in the place of some."""
    kind = value.__class__
    if kind is Variable:
        register = register_of(value.name)
        found = places.get(register, register)
        return value if found == register else variable(found)
    if kind is Call:
        arguments = tuple([replaced(a, places) for a in value.arguments])
        return Call(replaced(value.function, places), arguments)
    if kind is TupleLiteral or kind is SetLiteral:
        return kind(tuple([replaced(e, places) for e in value.elements]))
    return value


def uses(value: Any) -> Iterator[int]:
    """The registers that an expression uses."""
    kind = value.__class__
    if kind is Variable:
        yield register_of(value.name)
    elif kind is Call:
        yield from uses(value.function)
        for part in value.arguments:
            yield from uses(part)
    elif kind is TupleLiteral or kind is SetLiteral:
        for part in value.elements:
            yield from uses(part)
