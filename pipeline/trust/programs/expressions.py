"""Random expressions that give data: variables of the program so far, constants, calls of
first-order rows.

A program is made forwards, and run while it is made, on a probe grid and under close limits: a
statement that fails there is mostly drawn again, as one that fails on nearly every grid hides all
that comes after it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    TupleLiteral,
    Variable,
)
from pipeline.ir.coerce import FALLIBLE, bind, cost, substitute
from pipeline.ir.status import Limits
from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INDICES,
    INTEGER,
    NOTHING,
    OBJECT,
    OBJECTS,
    PAIR,
    UNIONS,
    VARIABLES,
    Type,
    make,
    parse_type,
)
from pipeline.oracle.execution import Namespace
from pipeline.oracle.interpret import Lane
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.row import Primitive, Signature
from pipeline.primitives.table import TABLE
from pipeline.trust.programs.rows import FIRST_ORDER
from pipeline.trust.programs.shapes import Shape, Untyped, pack, primitive, row_function

Grid = tuple[tuple[int, ...], ...]
PROBE_LIMITS: Final = Limits(elements=300, cells=900, total=1_500, turns=30)
UNKNOWN: Final = object()
PAIRS: Final = tuple(v for v in CONSTANTS.values() if isinstance(v, tuple))
ANY_TYPE: Final = tuple(
    parse_type(text)
    for text in (
        *["Integer"] * 4,
        *["Pair", "Indices", "Object"] * 2,
        *["Boolean", "Grid", "Cell", "Tuple[Integer]", "Set[Integer]", "Tuple[Pair]"],
        *["(Boolean, Integer)", "(Indices, Integer)", "Objects", "Tuple[Grid]"],
    )
)
"""What an unbound type variable stands for where no variable of the program fits."""


@dataclass(frozen=True, slots=True)
class Made:
    """An expression and its shape."""

    expression: Expression
    shape: Any


@dataclass(slots=True, eq=False)
class ProgramVariable:
    """A variable of the program: its value on the probe grid, and how often it was used."""

    name: str
    shape: Any
    value: Any
    uses: int = 0


def small_grid(rng: random.Random) -> Grid:
    """A random grid of few colours; now and then it is empty, has no columns, or is larger."""
    most = 13 if rng.random() < 0.03 else 6
    height, width = rng.randint(1, most), rng.randint(1, most)
    if rng.random() < 0.04:
        height, width = rng.choice(((0, 0), (1, 0), (3, 0), (1, 8), (8, 1)))
    palette = [0, *(rng.randint(0, 9) for _ in range(rng.randint(0, 3)))]
    return tuple(tuple([rng.choice(palette) for _ in range(width)]) for _ in range(height))


@cache
def rows_giving(type_: Type) -> tuple[tuple[Primitive, Signature], ...]:
    """The rows, with their overloads, whose result is just this type."""
    return tuple(
        (row, signature)
        for row in FIRST_ORDER
        for signature in row.overloads
        if signature.result is type_
    )


@cache
def takes(target: Type, given: Type) -> bool:
    """Whether a value of the given type can always stand for one of the target type."""
    price = cost(given, target)
    return price is not None and price < FALLIBLE and given is not NOTHING


def may_be(target: Type, given: Type) -> bool:
    """Whether a value of the given type can stand for one of the target type; of a union's, one of
    either.
    """
    return takes(target, given) or target in UNIONS.get(given, ())


_MISSING = 0.03
"""How often a value is one that is missing."""


class Values:
    """The program so far, and what can be said with it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lane = Lane(PROBE_LIMITS)
        grid = small_grid(rng)
        self.known = Namespace()
        self.known["I"] = grid
        self.pool = [ProgramVariable("I", GRID, grid, 1)]
        self.statements: list[tuple[str, Expression]] = []

    # -- expressions

    def literal(self, value: Any, type_: Type) -> Made:
        """A constant."""
        return Made(Literal(value), type_)

    def builtin(self, name: str) -> Made:
        """A primitive as a value."""
        return Made(Builtin(TABLE[name]), row_function(TABLE[name]))

    def call(self, name: str, *args: Made) -> Made:
        """A call of a primitive; raises Untyped."""
        return self.call_as(primitive(name, *[a.shape for a in args]), name, *args)

    def call_as(self, shape: Shape, name: str, *args: Made) -> Made:
        """A call of a primitive that is known to give this shape."""
        arguments = tuple([a.expression for a in args])
        return Made(Call(Builtin(TABLE[name]), arguments), shape)

    def tuple_of(self, *items: Made) -> Made:
        """A tuple literal."""
        shape = pack(False, [i.shape for i in items])
        return Made(TupleLiteral(tuple([i.expression for i in items])), shape)

    # -- variables

    def pick(self, suits: Callable[[Any], bool]) -> Made | None:
        """A variable whose shape suits; rather one not used yet, and no empty container."""
        entries, weights = [], []
        for k, entry in enumerate(self.pool):
            if suits(entry.shape):
                weight = 4.0 if not entry.uses else 1.0 + k / len(self.pool)
                if isinstance(entry.value, tuple | frozenset) and not entry.value:
                    weight *= 0.1
                entries.append(entry)
                weights.append(weight)
        if not entries:
            return None
        entry = self.rng.choices(entries, weights)[0]
        return Made(Variable(entry.name), entry.shape)

    def maybe(self, chance: float) -> bool:
        """True that often."""
        return self.rng.random() < chance

    # -- data

    def value(self, pattern: Type, bindings: dict[str, Type], depth: int) -> Made:
        """Data for a parameter, whose variables are bound to fit; raises Untyped."""
        target = substitute(pattern, bindings)
        if not target.has_variables:
            return self.data(target, depth)

        def suits(shape: Any) -> bool:
            if not isinstance(shape, Type):
                return False
            trial = dict(bindings)
            return bind(pattern, shape, trial) and takes(substitute(pattern, trial), shape)

        found = None if self.maybe(0.12) else self.pick(suits)
        if found is None:
            for name in sorted(VARIABLES):
                bindings.setdefault(name, self.rng.choice(ANY_TYPE))
            found = self.data(substitute(pattern, bindings), depth)
        if not bind(pattern, found.shape, bindings):
            raise Untyped
        return found

    def data(self, type_: Type, depth: int = 1) -> Made:
        """Data that can be used as this type: a variable, a constant, or an expression of some
        depth.
        """
        constant = 0.55 if type_ in (INTEGER, PAIR) else 0.35 if type_ is BOOLEAN else 0.12
        if self.maybe(constant):
            return self.fresh(type_, depth)
        if self.maybe(0.02):
            return self.pick(lambda s: isinstance(s, Type) and cost(s, type_) is not None) or (
                self.fresh(type_, depth)
            )
        found = self.pick(lambda s: isinstance(s, Type) and may_be(type_, s))
        return found or self.fresh(type_, depth)

    def fresh(self, type_: Type, depth: int = 1) -> Made:
        """Data of this type that is no variable."""
        if depth > 0 and self.maybe(0.4):
            options = rows_giving(type_)
            if options:
                row, signature = self.rng.choice(options)
                return self.row(row, signature, depth - 1)
        if depth < -6:
            raise Untyped
        if self.maybe(_MISSING):
            return self.nothing(type_)
        rule = _BASIC.get(type_) or _BASIC_HEADS.get(type_.head)
        if rule is None:
            raise Untyped
        return rule(self, type_, depth - 1)

    def nothing(self, type_: Type) -> Made:
        """What the published code gives where there is nothing: None, or `()` for a pair."""
        if type_ is INTEGER:
            outside = self.literal(self.rng.choice(((-1, 0), (0, 99))), PAIR)
            return self.call("index", Made(Variable("I"), GRID), outside)
        if type_ is PAIR and self.maybe(0.7):
            none = self.call("ofcolor", Made(Variable("I"), GRID), self.literal(11, INTEGER))
            return self.call(self.rng.choice(("ulcorner", "centerofmass")), none)
        return self.literal(None, NOTHING)

    def row(self, row: Primitive, signature: Signature, depth: int = 1) -> Made:
        """A call of a first-order row."""
        bindings: dict[str, Type] = {}
        args = [self.value(p, bindings, depth) for p in _data_parameters(signature)]
        return self.call(row.name, *args)

    def integer(self) -> Made:
        """A constant integer, mostly a digit."""
        rng = self.rng
        value = rng.randint(0, 3) if rng.random() < 0.5 else rng.randint(-2, 10)
        return self.literal(rng.choice((12, 100, -7)) if rng.random() < 0.02 else value, INTEGER)

    def length(self) -> Made:
        """A small positive constant."""
        return self.literal(self.rng.randint(1, 3), INTEGER)

    # -- programs

    def run(self, made: Made) -> Any:
        """The value on the probe grid; raises Failure, or whatever else goes wrong."""
        self.lane.path = []
        return self.lane.evaluate(made.expression, self.known)

    def add(self, made: Made, value: Any) -> ProgramVariable:
        """Give the expression a name: one more statement."""
        for name in variables_of(made.expression):
            for entry in self.pool:
                entry.uses += entry.name == name
        entry = ProgramVariable(f"x{len(self.pool)}", made.shape, value)
        self.pool.append(entry)
        self.statements.append((entry.name, made.expression))
        self.known[entry.name] = value
        return entry


def _data_parameters(signature: Signature) -> list[Type]:
    return [p for p in signature.parameters if isinstance(p, Type)]


def variables_of(expression: Expression) -> Iterator[str]:
    """The names of variables in an expression."""
    if isinstance(expression, Variable):
        yield expression.name
    elif isinstance(expression, TupleLiteral):
        for element in expression.elements:
            yield from variables_of(element)
    elif isinstance(expression, Call):
        for part in (expression.function, *expression.arguments):
            yield from variables_of(part)


def _boolean(v: Values, type_: Type, depth: int) -> Made:
    if depth > -2 and v.maybe(0.5):
        return v.call(v.rng.choice(("even", "positive")), v.data(INTEGER, depth))
    return v.literal(v.maybe(0.5), BOOLEAN)


def _pair(v: Values, type_: Type, depth: int) -> Made:
    if v.maybe(0.6):
        return v.literal(v.rng.choice(PAIRS), PAIR)
    if v.maybe(0.5):
        return v.tuple_of(v.integer(), v.integer())
    return v.call("astuple", v.data(INTEGER, depth), v.data(INTEGER, depth))


def _grid(v: Values, type_: Type, depth: int) -> Made:
    if v.maybe(0.25):
        return v.call("canvas", v.data(INTEGER, depth), v.tuple_of(v.length(), v.length()))
    return Made(Variable("I"), GRID)


def _indices(v: Values, type_: Type, depth: int) -> Made:
    name = v.rng.choice(("ofcolor", "asindices", "neighbors", "ineighbors", "initset"))
    if name == "ofcolor":
        return v.call(name, v.data(GRID, depth), v.integer())
    return v.call(name, v.data(GRID if name == "asindices" else PAIR, depth))


def _object(v: Values, type_: Type, depth: int) -> Made:
    if v.maybe(0.4):
        return v.call("recolor", v.integer(), v.data(INDICES, depth))
    return v.call("asobject", v.data(GRID, depth))


def _objects(v: Values, type_: Type, depth: int) -> Made:
    name = v.rng.choice(("objects", "objects", "partition", "fgpartition"))
    flags = [v.literal(v.maybe(0.5), BOOLEAN) for _ in range(3 if name == "objects" else 0)]
    return v.call(name, v.data(GRID, depth), *flags)


def _two(v: Values, type_: Type, depth: int) -> Made:
    return v.call("astuple", *(v.data(part, depth) for part in type_.args))


def _set(v: Values, type_: Type, depth: int) -> Made:
    one = v.call("initset", v.data(type_.args[0], depth))
    return v.call("insert", v.data(type_.args[0], depth), one) if v.maybe(0.5) else one


def _tuple(v: Values, type_: Type, depth: int) -> Made:
    element = type_.args[0]
    choice = v.rng.random()
    if choice < 0.3:
        return v.call("totuple", v.data(make("Set", (element,)), depth))
    if choice < 0.5:
        return v.call("repeat", v.data(element, depth), v.length())
    return v.tuple_of(*(v.data(element, depth) for _ in range(v.rng.randint(3, 4))))


def _union(v: Values, type_: Type, depth: int) -> Made:
    condition = v.data(BOOLEAN, depth)
    return v.call("branch", condition, *(v.data(member, depth) for member in UNIONS[type_]))


_BASIC: dict[Type, Callable[[Values, Type, int], Made]] = {
    INTEGER: lambda v, type_, depth: v.integer(),
    BOOLEAN: _boolean,
    PAIR: _pair,
    CELL: _two,
    GRID: _grid,
    INDICES: _indices,
    OBJECT: _object,
    OBJECTS: _objects,
}
_BASIC_HEADS: dict[str, Callable[[Values, Type, int], Made]] = {
    "Two": _two,
    "Set": _set,
    "Tuple": _tuple,
    "Patch": _union,
    "Numerical": _union,
}
