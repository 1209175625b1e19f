"""Evaluating: expressions on symbols, in the scope of a solver or of a function.

Plain ARC-DSL is in here; functions that are written out, conditions and comprehensions are run by
`bodies` and `comprehensions`, which are told of here by kind of expression.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final, NamedTuple

from pipeline.frontend.program import (
    Assign,
    Assigned,
    Builtin,
    Call,
    Comprehension,
    Conditional,
    Expression,
    Given,
    Lambda,
    Literal,
    Logic,
    Program,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.ir.graph import Const
from pipeline.passes.bodies import Bodies
from pipeline.passes.comprehensions import Comprehensions
from pipeline.passes.environment import (
    LOST,
    UNASSIGNED,
    Environment,
    Maybe,
    assigned_often,
    block_of,
    lost,
)
from pipeline.passes.intern import Fresh
from pipeline.passes.resolve import Builder
from pipeline.passes.symbols import Poison, Symbol, Unresolved
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import PYTHON

_NEGATION: Final = PYTHON["negation"]


class Inside(NamedTuple):
    """An expression of another statement than the one that runs: of a function that it calls."""

    number: int
    expression: Expression


class Evaluator:
    """Runs expressions. number: the statement that runs; home: the one that they stand in, another
    one in a function that is called. has_assigned: whether an expression gave a name a value.
    """

    def __init__(self, builder: Builder, sink: Fresh, program: Program) -> None:
        self.program = program
        self.builder = builder
        self.sink = sink
        self.home = 0
        self.number = 0
        self.has_assigned = False

    @cached_property
    def bodies(self) -> Bodies:
        """What runs functions, conditions and blocks."""
        return Bodies(self)

    @cached_property
    def comprehensions(self) -> Comprehensions:
        """What runs comprehensions."""
        return Comprehensions(self)

    @cached_property
    def often(self) -> frozenset[str]:
        """The names that the solver assigns more than once, or in a loop."""
        given = Assign(self.program.parameter, Literal(None))
        return assigned_often((given, *block_of(self.program)))

    def end(self) -> None:
        """Let go of everything: it is in circles, which only Python's collector frees."""
        if "bodies" in self.__dict__:
            self.bodies.end()
        self.__dict__.clear()

    def mark(self, expression: Expression) -> None:
        """Say where the nodes come from that are made next."""
        home = self.home
        self.sink.mark = expression if home == self.number else Inside(home, expression)

    def evaluate(self, expression: Expression, names: Environment) -> Symbol:
        """The symbol of an expression."""
        kind = expression.__class__
        if kind is Call:
            return self._call(expression, names)  # type: ignore[arg-type]
        if kind is Variable:
            found = names[expression.name]  # type: ignore[union-attr]
            if found is UNASSIGNED or found.__class__ is Maybe:
                return self._checked(found)
            return found
        if kind is Literal:
            return Const(expression.value)  # type: ignore[union-attr]
        if kind is Builtin:
            return self.builder.function(expression.row)  # type: ignore[union-attr]
        if kind is TupleLiteral:
            return self._tuple(expression, names)  # type: ignore[arg-type]
        return self._other(expression, names)

    def _other(self, expression: Expression, names: Environment) -> Symbol:
        """What plain ARC-DSL has not."""
        if isinstance(expression, Lambda):
            return self.bodies.function(expression, names)
        if isinstance(expression, Conditional):
            return self.bodies.conditional(expression, names)
        if isinstance(expression, Logic):
            return self.bodies.logic(expression, names)
        if isinstance(expression, Assigned):
            value = names.function_scope()[expression.name] = self.evaluate(expression.value, names)
            self.has_assigned = True
            return value
        if isinstance(expression, Comprehension):
            return self.comprehensions.run(expression, names)
        if isinstance(expression, Given):
            self.mark(expression)
            return self.builder.node(expression.name)
        if isinstance(expression, SetLiteral):
            items = [self.evaluate(e, names) for e in expression.elements]
            self.mark(expression)
            return self.builder.pack(True, _known(items))
        return Poison()

    def _checked(self, found: Any) -> Symbol:
        """A name that may have no value, where it is read."""
        if found is UNASSIGNED:
            return self.builder.row("unbound", Const(0))
        if found is LOST:
            raise lost()
        self.builder.row("bound", found.has_value)
        symbol: Symbol = found.value
        return symbol

    def _tuple(self, expression: TupleLiteral, names: Environment) -> Symbol:
        items = _known([self.evaluate(e, names) for e in expression.elements])
        self.mark(expression)
        if len(items) == 2:
            return self.builder.primitive("astuple", *items)
        return self.builder.pack(False, items)

    def _call(self, expression: Call, names: Environment) -> Symbol:
        function = expression.function
        if function.__class__ is Builtin:
            row: Primitive = function.row
            if row is _NEGATION:
                return self.bodies.test(expression, names)
            arguments = []
            for part in expression.arguments:
                kind = part.__class__
                if kind is Call:
                    arguments.append(self._call(part, names))  # type: ignore[arg-type]
                else:
                    arguments.append(self.evaluate(part, names))
            home = self.home
            self.sink.mark = expression if home == self.number else Inside(home, expression)
            return self.builder.primitive(row.name, *arguments)
        called = self.evaluate(function, names)
        arguments = [self.evaluate(a, names) for a in expression.arguments]
        self.mark(expression)
        return self.builder.call(called, *arguments)


def _known(items: list[Symbol]) -> list[Symbol]:
    if any(isinstance(i, Poison) for i in items):
        raise Unresolved("")
    return items
