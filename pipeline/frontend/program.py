"""The parsed solver: names resolved, spans kept, nothing evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.diagnostics import Span
from pipeline.primitives.row import Primitive


class Variable(NamedTuple):
    """The value of an earlier statement, or the solver's parameter."""

    name: str
    span: Span


class Literal(NamedTuple):
    """A constant of the DSL, an integer or a boolean."""

    value: Any
    span: Span


class Builtin(NamedTuple):
    """A primitive, used as a value or called."""

    row: Primitive
    span: Span


class Call(NamedTuple):
    """A call of a primitive or of a function value; arguments are in positional order."""

    function: Expression
    arguments: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TupleLiteral:
    """`(x, y)`, at least one element."""

    elements: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was reported as wrong; whatever depends on it is not reported again."""

    span: Span


Expression = Variable | Literal | Builtin | Call | TupleLiteral | Wrong


@dataclass(frozen=True, slots=True)
class Statement:
    """`target = value`; the final return is a statement whose target is `return`."""

    target: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Program:
    """One solver; the last statement is its return."""

    name: str
    parameter: str
    statements: tuple[Statement, ...]

    @property
    def is_partial(self) -> bool:
        """Whether a part of it is wrong: it can be checked further, but not run."""
        returns = self.statements[-1].target == "return"
        return not returns or any(isinstance(s.value, Wrong) for s in self.statements)
