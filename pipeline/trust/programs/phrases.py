"""Random Python expressions on DSL values, as text: calls of primitives beside operators, builtins,
comprehensions, conditionals, lambdas, subscripts and displays.

An expression is made for a type. What is a list in Python, a tuple here, stands only where both
are the same: where it is looked through, or made into a tuple.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import ClassVar, Final

from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INTEGER,
    PAIR,
    Type,
)
from pipeline.primitives.constants import CONSTANTS
from pipeline.trust.programs.expressions import rows_giving
from pipeline.trust.programs.in_scope import (
    ELEMENTS,
    ROW,
    TYPES,
    InScope,
)

Way = Callable[["Phrases", Type, int], str]

_LARGE = {"upscale", "hupscale", "vupscale", "repeat", "interval", "canvas", "shoot"}
"""Primitives that are given small constants only: their results would be too large."""


class Phrases:
    """Writes expressions for the scope at hand."""

    ways: ClassVar[Mapping[Type, tuple[Way, ...]]]
    library: ClassVar[Mapping[Type, tuple[Way, ...]]]
    simple: ClassVar[Mapping[Type, Way]]

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.scope = InScope()
        self.names = 0
        self.may_assign = True
        self.loops = 0
        self.imports: set[str] = set()

    # -- names

    def name(self, stem: str = "x") -> str:
        """A name that nothing has yet."""
        self.names += 1
        return f"{stem}{self.names}"

    def maybe(self, chance: float) -> bool:
        """True that often."""
        return self.rng.random() < chance

    def free(self, *words: str) -> bool:
        """Whether these words mean here what they mean in the DSL or in Python."""
        return not self.scope.taken.intersection(words)

    def kept_short(self, text: str) -> str:
        """An expression that may be longer than what it is made of: not so from turn to turn."""
        return f"{text}[:9]" if self.loops else text

    @contextmanager
    def within(self, variables: dict[str, Type]) -> Iterator[None]:
        """Write in a scope with more variables."""
        outer, self.scope = self.scope, self.scope.inner(variables)
        try:
            yield
        finally:
            self.scope = outer

    # -- expressions

    def expression(self, type_: Type, depth: int = 2) -> str:
        """An expression of a type."""
        known = self.scope.of_type(type_)
        if known and self.maybe(0.3 if depth > 0 else 0.75):
            return self.rng.choice(known[-6:])
        if depth > 0:
            ways = self.ways.get(type_, ())
            if self.maybe(0.05):
                ways = self.library.get(type_, ways)
            for _ in range(4):
                common = not ways or self.maybe(0.3)
                text = self.rng.choice(COMMON if common else ways)(self, type_, depth - 1)
                if text:
                    return text
        return self.simple[type_](self, type_, 0)

    def integer(self) -> str:
        """A constant of the DSL or a digit."""
        value = self.rng.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 9, -1, -2, 10))
        names = [name for name, other in CONSTANTS.items() if other == value and self.free(name)]
        plain = [name for name in names if type(CONSTANTS[name]) is int]
        return self.rng.choice(plain) if plain and self.maybe(0.5) else f"{value}"

    def condition(self, depth: int) -> str:
        """A truth value, or now and then another value that is taken for one."""
        type_ = self.rng.choice(TYPES) if self.maybe(0.12) else BOOLEAN
        return self.expression(type_, depth)

    def container(self, element: Type, depth: int) -> str:
        """What can be looked through, with elements of this type; raises KeyError."""
        if element is INTEGER and self.maybe(0.3) and self.free("range"):
            return self.range_()
        if element is PAIR and self.maybe(0.15) and self.free("enumerate"):
            return f"enumerate({self.expression(ROW, depth)})"
        if element is PAIR and self.maybe(0.15) and self.free("zip"):
            return f"zip({self.expression(ROW, depth)}, {self.expression(ROW, depth)})"
        if self.maybe(0.15) and element is not CELL:
            items = ", ".join(self.expression(element, depth - 1) for _ in range(3))
            return f"[{items}]" if self.maybe(0.5) else f"({items})"
        options = [whole for whole, part in ELEMENTS.items() if part is element]
        text = self.expression(self.rng.choice(options), depth)
        if self.maybe(0.08) and self.free("sorted"):
            return f"sorted({text})" if element in (INTEGER, PAIR) else text
        return text

    def range_(self) -> str:
        """A short range."""
        a, b = self.rng.randint(0, 2), self.rng.randint(0, 4)
        step = self.rng.choice((1, 2, -1))
        start, stop = (b, a - 1) if step < 0 else (a, b)
        plain = f"range({b})" if self.maybe(0.5) else f"range({start}, {stop}, {step})"
        known = self.scope.of_type(GRID)
        return (
            f"range(len({known[0]}))" if known and self.maybe(0.3) and self.free("len") else plain
        )

    def clause(
        self, element: Type, depth: int, may_hide: bool = True
    ) -> tuple[str, dict[str, Type]]:
        """`for target in container`, and the variables that it binds; they may hide others."""
        may, self.may_assign = self.may_assign, False
        text = self.container(element, depth)
        self.may_assign = may
        if element is PAIR and self.maybe(0.4):
            a, b = self.name("i"), self.name("j")
            return f"for {a}, {b} in {text}", {a: INTEGER, b: INTEGER}
        if element is CELL:
            v, p = self.name("v"), self.name("p")
            if self.maybe(0.3):
                i, j = self.name("i"), self.name("j")
                return f"for {v}, ({i}, {j}) in {text}", {v: INTEGER, i: INTEGER, j: INTEGER}
            return f"for {v}, {p} in {text}", {v: INTEGER, p: PAIR}
        hidden = [name for name in self.scope.variables if may_hide and self.maybe(0.04)]
        name = hidden[0] if hidden else self.name("e")
        return f"for {name} in {text}", {name: element}

    def comprehension(self, result: Type, depth: int) -> str:
        """`element for target in container if condition`, without its brackets."""
        element = self.rng.choice(tuple(ELEMENTS.values()))
        clause, variables = self.clause(element, depth)
        conditions = ""
        with self.within(variables):
            if self.maybe(0.15):
                second, more = self.clause(self.rng.choice(tuple(ELEMENTS.values())), 0, False)
                clause = f"{clause} {second}"
                self.scope.variables.update(more)
                self.scope.taken |= more.keys()
            for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
                conditions += f" if {self.condition(min(depth, 1))}"
            return f"{self.expression(result, depth)} {clause}{conditions}"

    def filtered(self, whole: Type, depth: int) -> str:
        """`x for x in container if condition` of a container's own elements."""
        element = ELEMENTS[whole]
        name = self.name("e")
        may, self.may_assign = self.may_assign, False
        text = self.expression(whole, depth)
        self.may_assign = may
        with self.within({name: element}):
            return f"{name} for {name} in {text} if {self.condition(depth)}"

    def looked_through(self, inner: str) -> str:
        """A comprehension as an argument that is looked through: a generator or a list."""
        return f"[{inner}]" if self.maybe(0.4) else inner

    def function(self, parameters: tuple[Type, ...], result: Type, depth: int = 1) -> str:
        """A function for arguments of these types: a name, a primitive, or a lambda."""
        known = [
            name
            for name, s in self.scope.functions.items()
            if s.result is result and s.parameters[: len(parameters)] == parameters
            if len(s.parameters) - s.optional <= len(parameters)
        ]
        if known and self.maybe(0.5):
            return self.rng.choice(known)
        if len(parameters) == 1 and self.maybe(0.4):
            rows = [n for n in _rows_from(parameters[0], result) if self.free(n)]
            if rows:
                return self.rng.choice(rows)
        names = {self.name("a"): type_ for type_ in parameters}
        with self.within(names):
            return f"lambda {', '.join(names)}: {self.expression(result, depth)}"

    def primitive(self, type_: Type, depth: int) -> str:
        """A call of a first-order primitive with this result."""
        rows = [
            (row, s)
            for row, s in rows_giving(type_)
            if row.published and self.free(row.name) and all(p in _CONCRETE for p in s.parameters)
            if not (self.loops and row.name in _LARGE)
        ]
        if not rows:
            return ""
        row, signature = self.rng.choice(rows)
        parts = []
        for parameter in signature.parameters:
            assert isinstance(parameter, Type)
            small = row.name in _LARGE and parameter in (INTEGER, PAIR)
            known = self.rng.choice(("2", "1", "3")) if parameter is INTEGER else "(2, 3)"
            parts.append(known if small else self.expression(parameter, depth))
        if self.maybe(0.06):
            parts[-1] = f"{row.parameters[-1]}={parts[-1]}"
        return f"{row.name}({', '.join(parts)})"


_CONCRETE = frozenset(TYPES)


@cache
def _rows_from(parameter: Type, result: Type) -> tuple[str, ...]:
    """The primitives of one argument of this type, with this result."""
    found = {
        row.name
        for row, signature in rows_giving(result)
        if row.published and row.arity == 1 and signature.parameters[0] is parameter
    }
    return tuple(sorted(found - _LARGE))


# -- ways of any type


def _primitive(w: Phrases, type_: Type, depth: int) -> str:
    return w.primitive(type_, depth)


def _conditional(w: Phrases, type_: Type, depth: int) -> str:
    a, b = w.expression(type_, depth), w.expression(type_, depth)
    return f"({a} if {w.condition(depth)} else {b})"


def _branch(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("branch"):
        return ""
    a, b = w.expression(type_, depth), w.expression(type_, depth)
    return f"branch({w.condition(depth)}, {a}, {b})"


def _called(w: Phrases, type_: Type, depth: int) -> str:
    """A call of a written function, or of a lambda on the spot."""
    known = [(name, s) for name, s in w.scope.functions.items() if s.result is type_]
    if known and w.maybe(0.8):
        name, s = w.rng.choice(known)
        count = len(s.parameters) - w.rng.randint(0, s.optional)
        args = ", ".join(w.expression(p, depth) for p in s.parameters[:count])
        return f"{name}({args})"
    parameter = w.rng.choice(TYPES)
    function = w.function((parameter,), type_, depth)
    return f"({function})({w.expression(parameter, depth)})"


def _applied(w: Phrases, type_: Type, depth: int) -> str:
    """A call of a function that combinators make."""
    middle = w.rng.choice(TYPES)
    inner, outer = (
        w.function((middle,), middle, depth),
        w.function((middle,), type_, depth),
    )
    value = w.expression(middle, depth)
    if w.maybe(0.4) and w.free("power"):
        same = w.function((type_,), type_, depth)
        return f"power({same}, {w.rng.randint(1, 3)})({w.expression(type_, depth)})"
    return f"compose({outer}, {inner})({value})" if w.free("compose") else ""


def _element(w: Phrases, type_: Type, depth: int) -> str:
    """An element of a container: by a primitive, a builtin or a subscript."""
    if type_ not in ELEMENTS.values():
        return ""
    options = [whole for whole, part in ELEMENTS.items() if part is type_]
    whole = w.rng.choice(options)
    text = w.expression(whole, depth)
    way = w.rng.randint(0, 5)
    if way == 0 and whole.head != "Set":
        return f"{text}[{w.rng.choice((0, -1, 1))}]"
    if way == 1:
        common = () if whole.head == "Set" else ("mostcommon", "leastcommon")
        name = w.rng.choice(("first", "last", *common))
        return f"{name}({text})" if w.free(name) else ""
    if way == 2:
        name = w.rng.choice(("max", "min"))
        key = w.function((type_,), INTEGER, depth)
        return f"{name}({text}, key={key})" if w.free(name) else ""
    if way == 3:
        name = w.rng.choice(("argmax", "argmin"))
        return f"{name}({text}, {w.function((type_,), INTEGER, depth)})" if w.free(name) else ""
    if way == 4:
        return (
            f"extract({text}, {w.function((type_,), BOOLEAN, depth)})" if w.free("extract") else ""
        )
    default = f", {w.expression(type_, depth)}" if w.maybe(0.7) else ""
    inner = w.filtered(whole, depth) if w.maybe(0.5) else w.comprehension(type_, depth)
    return f"next(({inner}){default})" if w.free("next") else ""


def _out_of_several(w: Phrases, type_: Type, depth: int) -> str:
    """A call of a function in a tuple or a list of functions."""
    parameter = w.rng.choice(TYPES)
    functions = ", ".join(w.function((parameter,), type_, depth) for _ in range(2))
    text = f"[{functions}]" if w.maybe(0.5) else f"({functions})"
    return f"{text}[{w.rng.choice((0, 1, -1))}]({w.expression(parameter, depth)})"


def _default(w: Phrases, type_: Type, depth: int) -> str:
    """`x or y`, `x and y` for their values."""
    a, b = w.expression(type_, depth), w.expression(type_, depth)
    return f"({a} {w.rng.choice(('or', 'and'))} {b})"


def _walrus(w: Phrases, type_: Type, depth: int) -> str:
    """`(name := value)` whose name is read beside it."""
    if type_ is not INTEGER or not w.may_assign:
        return ""
    name = w.name("w")
    value = w.expression(INTEGER, depth)
    return f"(({name} := {value}) * {w.rng.choice((name, 2))})"


COMMON: Final[tuple[Way, ...]] = (
    *(_primitive, _primitive, _primitive),
    *(_conditional, _branch, _called, _called, _applied, _element, _element, _out_of_several),
    *(_default, _walrus),
)
