"""Lines that differ in one part of their expression: what an edit tries in one place.

What a line means is a look-up, but finding out what to look up is a walk through its expression. It
is done once for all parts of a kind: with something in their place that nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pipeline.frontend.program import Builtin, Expression, Literal, Variable
from pipeline.ir.graph import Const
from pipeline.ir.types import Type
from pipeline.search.typed_lines import (
    STATIC_NUMBERS,
    Meaning,
    Shape,
    Shapes,
    name_of,
    register_of,
    shape_of,
)

_NO_REGISTER: Final = 1 << 20
"""What no draft has as a register."""
_ANY_REGISTER: Final = Variable(name_of(_NO_REGISTER))
_ANY_LITERAL: Final = Literal(object())


class _Gap(NamedTuple):
    """The shape with a stand-in for the part: which fill that is, and the operands of the others,
    before it and behind it.
    """

    shape: Shape
    place: int
    before: tuple[int, ...]
    behind: tuple[int, ...]


class VariedLines:
    """Lines `register = rebuild(part)` on registers of these types."""

    def __init__(
        self,
        shapes: Shapes,
        register: int,
        rebuild: Callable[[Any], Expression],
        types: Mapping[int, Type],
    ) -> None:
        self._shapes, self._types = shapes, types
        self._register, self._rebuild = register, rebuild
        self._gaps: dict[Any, _Gap | None] = {}
        self._meanings: dict[Any, Meaning | None] = {}
        self._functions: dict[Builtin, Meaning | None] | None = None

    def words(self, part: Any) -> tuple[tuple[int, ...], Type] | None:
        """The words of the line with this part, and its type; None where types don't fit, or it
        gives no data.
        """
        kind = part.__class__
        if kind is Builtin and part.row.name not in STATIC_NUMBERS:
            return self._with_function(part)
        if kind is Literal and part.value is not None:
            gap = self._gap(_ANY_LITERAL)
            if gap is not None:
                operand = self._shapes.constant(part.value)
                return self._filled(gap, part, operand, Const(part.value).type)
        elif kind is Variable:
            gap, register = self._gap(_ANY_REGISTER), register_of(part.name)
            if gap is not None and register not in gap.shape.fills:
                return self._filled(gap, register, register, self._types[register])
        return self._any(part)

    def _any(self, part: Any) -> tuple[tuple[int, ...], Type] | None:
        line = self._shapes.line(self._register, self._rebuild(part), self._types)
        return None if line is None else (line.words, line.type)

    def _gap(self, stand_in: Any) -> _Gap | None:
        """The shape with this in the part's place; None where it says something about the part that
        other parts don't.
        """
        if stand_in not in self._gaps:
            shape = shape_of(self._rebuild(stand_in))
            fill = stand_in if stand_in is _ANY_LITERAL else _NO_REGISTER
            self._gaps[stand_in] = None
            if fill in shape.fills:
                at = shape.fills.index(fill)
                operands = [self._operand(f) for f in shape.fills]
                before, behind = tuple(operands[:at]), tuple(operands[at + 1 :])
                self._gaps[stand_in] = _Gap(shape, at, before, behind)
        return self._gaps[stand_in]

    def _operand(self, fill: Any) -> int:
        if fill is _ANY_LITERAL:
            return 0
        return fill if fill.__class__ is int else self._shapes.constant(fill.value)

    def _filled(
        self, gap: _Gap, fill: int | Literal, operand: int, type_: Type
    ) -> tuple[tuple[int, ...], Type] | None:
        """The line where the part fills a gap."""
        key = gap.shape.expression, type_
        if key not in self._meanings:
            (expression, fills), at = gap.shape, gap.place
            shape = Shape(expression, (*fills[:at], fill, *fills[at + 1 :]))
            self._meanings[key] = self._shapes.meaning(shape, self._types)
        return self._line(self._meanings[key], (*gap.before, operand, *gap.behind))

    def _with_function(self, part: Builtin) -> tuple[tuple[int, ...], Type] | None:
        """The line with a function in the part's place, which is no operand."""
        gap = self._gap(_ANY_REGISTER)
        if gap is None:
            return self._any(part)
        if self._functions is None:
            self._functions = self._shapes.with_functions(gap.shape, gap.place, self._types)
        if part not in self._functions:
            shape = shape_of(self._rebuild(part))
            self._functions[part] = self._shapes.meaning(shape, self._types)
        return self._line(self._functions[part], (*gap.before, *gap.behind))

    def _line(
        self, meaning: Meaning | None, operands: tuple[int, ...]
    ) -> tuple[tuple[int, ...], Type] | None:
        if meaning is None or meaning.type is None:
            return None
        return (meaning.template, self._register, len(operands), *operands), meaning.type
