"""Random well-typed programs, for the comparison of the two answers that must agree.

A program is made forwards over a pool of typed variables (`expressions`), with functions made in
every way the language has (`callables`), and their shapes followed by `shapes`. Its
last statements put what was not used yet into the output grid, so that a wrong value shows.

The text depends on the random numbers alone: the same generator gives the same program, on every
machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from pipeline.frontend.program import Builtin, Call, Expression, Literal, TupleLiteral, Variable
from pipeline.ir.coerce import cost
from pipeline.ir.status import Failure
from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INDICES,
    INTEGER,
    NOTHING,
    NUMERICAL,
    OBJECT,
    PAIR,
    PATCH,
    UNIONS,
    Type,
    set_of,
    tuple_of,
)
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.row import FunctionType, Primitive
from pipeline.primitives.table import ROWS
from pipeline.trust.programs.callables import Functions, is_boolean
from pipeline.trust.programs.expressions import UNKNOWN, Made, ProgramVariable
from pipeline.trust.programs.rows import FIRST_ORDER
from pipeline.trust.programs.shapes import (
    Box,
    Open,
    Untyped,
    call,
    element_of,
    is_container,
    is_data,
    is_key,
)

NAMES = {(type(value), value): name for name, value in reversed(CONSTANTS.items())}
ROW = tuple_of(INTEGER)
_KEPT_FAILING = 0.04
_MOST_SHOWN = 2


class _ProgramWriter(Functions):
    """Writes one program, statement by statement."""

    def write(self, statements: int) -> str:
        """The program's text."""
        kinds = [kind for kind, _ in _KINDS]
        weights = [weight for _, weight in _KINDS]
        tries = 0
        while len(self.pool) <= statements and tries < 12 * statements:
            tries += 1
            kind = self.rng.choices(kinds, weights)[0]
            try:
                self.keep(kind(self))
            except Untyped:
                continue
        return self.text(self.ending())

    def keep(self, made: Made) -> ProgramVariable | None:
        """Name the expression, unless it fails on the probe grid; a few that fail are kept."""
        try:
            value = UNKNOWN if UNKNOWN in self.known.values() else self.run(made)
        except Failure:
            if not self.maybe(_KEPT_FAILING):
                return None
            value = UNKNOWN
        except Exception:
            value = UNKNOWN  # a fault of ours: the comparison is to see it
        return self.add(made, value)

    # -- statements

    def row_call(self) -> Made:
        """A first-order row."""
        row = self.rng.choice(FIRST_ORDER)
        return self.row(row, self.rng.choice(row.overloads))

    def container(self) -> Made:
        """A container of data, or of functions."""
        if self.maybe(0.14):
            held = self.pick(lambda shape: isinstance(shape, Box | Open))
            if held is not None:
                return held
        if self.maybe(0.1):
            return self.data(self.rng.choice((PAIR, GRID, CELL)))
        found = self.pick(lambda s: is_container(s) and s.args[0] is not NOTHING)
        return found or self.fresh(self.rng.choice((INDICES, OBJECT, ROW)), 1)

    def loop(self) -> Made:
        """A row that applies a function to the elements of one container."""
        row = self.rng.choice(_LOOPS)
        container = self.container()
        if _takes_containers(row) and is_data(container.shape):
            container = self.nested(container)
        element = element_of(container.shape)
        if element is None:
            raise Untyped
        function = self.function((element,), _wanted(row), 3)
        args = (function, container) if row.function_positions == (0,) else (container, function)
        return self.call(row.name, *args)

    def nested(self, container: Made) -> Made:
        """A container of containers."""
        if is_container(element_of(container.shape)):
            return container
        return self.pick(lambda s: is_container(s) and is_container(s.args[0])) or container

    def pairs(self) -> Made:
        """A row that applies a function to pairs of elements."""
        row = self.rng.choice(_PAIRED)
        containers = [self.container() for _ in range(2)]
        if _takes_tuples(row):
            containers = [
                self.call("totuple", c) if is_data(c.shape) and c.shape.head == "Set" else c
                for c in containers
            ]
        elements = tuple(element_of(c.shape) for c in containers)
        if None in elements:
            raise Untyped
        return self.call(row.name, self.function(elements, _wanted(row), 2), *containers)

    def rapplied(self) -> Made:
        """A container of functions applied to a value."""
        value = self.data(self.some_type(), 1)

        def suits(shape: Any) -> bool:
            if not isinstance(shape, Box | Open):
                return False
            try:
                element = element_of(shape)
                return element is not None and is_data(call(element, value.shape))
            except Untyped:
                return False

        held = self.pick(suits) if self.maybe(0.5) else None
        return self.call("rapply", held or self.box((value.shape,)), value)

    def function_value(self) -> Made:
        """A function, given a name."""
        params = tuple(self.some_type() for _ in range(1 if self.maybe(0.8) else 2))
        return self.function(params, is_data, 2)

    def direct(self) -> Made:
        """A call of a function value."""
        value = self.data(self.some_type(), 1)
        if self.maybe(0.15):
            other = self.data(self.some_type(), 1)
            two = self.function((value.shape, other.shape), is_data, 2)
            bound = self.call("rbind", two, other)
            return self.called(bound, value, call(bound.shape, value.shape))
        function = self.function((value.shape,), is_data, 2)
        if isinstance(function.expression, Builtin):
            raise Untyped
        return self.called(function, value, call(function.shape, value.shape))

    def functions(self) -> Made:
        """A container of known functions, maybe with data beside them."""
        params = (self.some_type(),)
        if self.maybe(0.15):
            pair = [self.function(params, is_data, 1), self.data(self.some_type(), 1)]
            return self.call("astuple", *(pair if self.maybe(0.7) else pair[::-1]))
        if self.maybe(0.1):
            made = [self.boxed([self.function(params, is_data, 1)]) for _ in range(2)]
            return self.call(self.rng.choice(("combine", "pair", "product")), *made)
        return self.box(params)

    def closures(self) -> Made:
        """Closures over the elements of a container, or pairs of functions and data."""
        container = self.pick(is_container) or self.fresh(INDICES, 1)
        params = (self.some_type(),)
        if self.maybe(0.3):
            box = self.box(params)
            if isinstance(box.shape, Box):
                return self.call(
                    "product", *((box, container) if self.maybe(0.7) else (container, box))
                )
        element = element_of(container.shape)
        if element is None or element is NOTHING:
            raise Untyped
        maker, _ = self.maker_of(element, params, 1)
        return self.call("apply", maker, container)

    def united(self) -> Made:
        """Data of one of two types, chosen by the data."""
        union = self.rng.choice((PATCH, NUMERICAL))
        sides = [self.data(member, 1) for member in UNIONS[union]]
        return self.call("branch", self.condition(), *sides)

    def emptied(self) -> Made:
        """An empty container of elements of no type."""
        same = self.pick(is_container)
        if same is None:
            raise Untyped
        shape = (tuple_of if same.shape.head == "Tuple" else set_of)(NOTHING)
        return self.call_as(shape, "difference", same, same)

    def missing(self) -> Made:
        """An integer that may be missing."""
        if self.maybe(0.5):
            return self.call("index", self.data(GRID), self.data(PAIR, 1))
        places = self.data(INDICES, 1)
        lookup = self.call("lbind", self.builtin("index"), self.data(GRID))
        condition = self.call("matcher", lookup, self.data(INTEGER))
        return self.call("sfilter", places, condition)

    # -- the end

    def ending(self) -> Made:
        """The expression to return: what was not used yet, as one grid."""
        unused = [e for e in reversed(self.pool) if not e.uses and is_data(e.shape)]
        if unused and unused[0].shape is GRID and self.maybe(0.35):
            return self._variable(unused[0])
        rows = []
        for entry in (unused or self.pool[-1:])[:_MOST_SHOWN]:
            try:
                rows.append(self.flat(self._variable(entry), 0))
            except Untyped:
                continue
        if not rows:
            return Made(Variable("I"), GRID)
        row = rows[0]
        for other in rows[1:]:
            row = self.call("combine", row, other)
        grid = self.call("repeat", row, self.literal(1, INTEGER))
        return self.call(self.rng.choice(("rot180", "rot270", "identity", "tophalf")), grid)

    def _variable(self, entry: ProgramVariable) -> Made:
        return Made(Variable(entry.name), entry.shape)

    def flat(self, made: Made, depth: int) -> Made:
        """All integers of the data as a tuple of integers; raises Untyped for what has none."""
        shape = made.shape
        if not isinstance(shape, Type) or depth > 4:
            raise Untyped
        if shape is ROW:
            return made
        if shape in (INTEGER, BOOLEAN):
            zero = self.literal(0, INTEGER)
            return self.call("astuple", self.call("add", zero, made), zero)
        if shape is PATCH:
            return self.flat(self.call("toindices", made), depth + 1)
        if shape is NUMERICAL:
            return self.call("add", made, self.literal((0, 0), PAIR))
        if shape is PAIR or shape is GRID:
            return made if shape is PAIR else self.call("merge", made)
        if shape.head == "Two":
            first, last = (self.flat(self.call(p, made), depth + 1) for p in ("first", "last"))
            return self.call("combine", first, last)
        if shape.head not in ("Tuple", "Set"):
            raise Untyped
        return self._flat_container(made, depth)

    def _flat_container(self, made: Made, depth: int) -> Made:
        if made.shape.head == "Set":
            made = self.call("totuple", made)
        element = made.shape.args[0]
        if element is INTEGER:
            return made
        if element is BOOLEAN:
            lift = self.call("lbind", self.builtin("add"), self.literal(0, INTEGER))
            return self.call("apply", lift, made)
        if element is NOTHING:
            return self.flat(self.call("size", made), depth + 1)
        if element.head == "Two" and cost(element, ROW) is None:
            parts = [self.call("apply", self.builtin(p), made) for p in ("first", "last")]
            return self.call("combine", *(self.flat(p, depth + 1) for p in parts))
        if element in UNIONS:
            return self.flat(self.call("size", made), depth + 1)
        return self.flat(self.call("merge", made), depth + 1)

    # -- text

    def text(self, result: Made) -> str:
        """The whole program; now and then a last argument is a keyword argument."""
        lines = [f"    {name} = {self.show(e)}\n" for name, e in self.statements]
        end = self.show(result.expression)
        name = f"x{len(self.pool)}"
        lines.append(f"    {name} = {end}\n    return {name}\n")
        return "def solve_xxxxxxxx(I):\n" + "".join(lines)

    def show(self, expression: Expression) -> str:
        """The text of an expression."""
        if isinstance(expression, Variable):
            return expression.name
        if isinstance(expression, Builtin):
            return expression.row.name
        if isinstance(expression, Literal):
            value = expression.value
            return NAMES.get((type(value), value)) or repr(value)
        if isinstance(expression, TupleLiteral):
            return f"({', '.join(map(self.show, expression.elements))})"
        assert isinstance(expression, Call)
        args = [self.show(a) for a in expression.arguments]
        if isinstance(expression.function, Builtin) and self.maybe(0.05):
            args[-1] = f"{expression.function.row.parameters[-1]}={args[-1]}"
        return f"{self.show(expression.function)}({', '.join(args)})"


def _wanted(row: Primitive) -> Callable[[Any], bool]:
    """What the function of a loop is to give."""
    function = row.overloads[0].parameters[row.function_positions[0]]
    assert isinstance(function, FunctionType)
    result = function.result
    if result.head in ("Tuple", "Set"):
        return is_container
    if result is BOOLEAN:
        return is_boolean
    return is_data if row.collects else is_key


def _takes_containers(row: Primitive) -> bool:
    """Whether the elements that a loop takes are containers."""
    taken = row.overloads[0].parameters[row.container_positions[0]]
    return isinstance(taken, Type) and taken.args[0].head in ("Tuple", "Set")


def _takes_tuples(row: Primitive) -> bool:
    """Whether the containers that a loop takes are tuples only."""
    places = row.container_positions
    return all(s.parameters[k].head == "Tuple" for s in row.overloads for k in places)


_OFTEN = {"apply": 4, "mapply": 3, "sfilter": 2}
"""Loops that are written more often than others."""

_ON_ELEMENTS = [row for row in ROWS if row.is_loop and row.function_positions]
_LOOPS = [
    row
    for row in _ON_ELEMENTS
    for _ in range(_OFTEN.get(row.name, 1))
    if len(row.container_positions) == 1
]
_PAIRED = [row for row in _ON_ELEMENTS if len(row.container_positions) == 2]
_KINDS: tuple[tuple[Callable[[_ProgramWriter], Made], int], ...] = (
    (_ProgramWriter.row_call, 34),
    (_ProgramWriter.loop, 30),
    (_ProgramWriter.pairs, 7),
    (_ProgramWriter.rapplied, 5),
    (_ProgramWriter.function_value, 7),
    (_ProgramWriter.direct, 6),
    (_ProgramWriter.functions, 4),
    (_ProgramWriter.closures, 5),
    (_ProgramWriter.united, 2),
    (_ProgramWriter.emptied, 1),
    (_ProgramWriter.missing, 3),
)


def random_program(rng: random.Random, statements: int) -> str:
    """The text of a random solver of about so many statements."""
    return _ProgramWriter(rng).write(statements)
