"""Random programs in the whole accepted language: ARC-DSL and the Python that is written around it.

A file of helpers, constants and one solver: reassignment, names of primitives as variables, nested
functions, unpacking, branches, loops with `break`, `continue` and early returns. Every variable has
one type at each place, so that most programs run; what a program returns is made of all variables
that it has at its end, so that a wrong value shows.

The text depends on the random numbers alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

from pipeline.ir.types import (
    BOOLEAN,
    GRID,
    INDICES,
    INTEGER,
    OBJECT,
    OBJECTS,
    PAIR,
    Type,
)
from pipeline.trust.programs.idioms import SIMPLE, WAYS
from pipeline.trust.programs.in_place import change_parts
from pipeline.trust.programs.in_scope import (
    ELEMENTS,
    GRIDS,
    INTS,
    PAIRS,
    ROW,
    TYPES,
    WrittenFunction,
)
from pipeline.trust.programs.library import LIBRARY
from pipeline.trust.programs.matches import match
from pipeline.trust.programs.phrases import Phrases

Lines = list[str]

SHADOWED: Final = (
    *("size", "color", "first", "shape", "trim", "box", "palette", "center", "order"),
    *("F", "ONE", "TWO", "DOWN", "len", "max", "sum", "abs", "filter", "map", "range", "min"),
)
"""Words that a program may use as names of its own."""

_MOST_SHOWN = 5


class _LanguageWriter(Phrases):
    """Writes one file."""

    ways = WAYS
    library = LIBRARY
    simple = SIMPLE

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.blocks = 0

    def write(self, statements: int) -> str:
        """The file's text, with one solver of about so many statements."""
        lines: Lines = []
        if self.maybe(0.15):
            lines += ["from dsl import *", ""]
        for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
            lines += self.constant() if self.maybe(0.4) else self.function_text(self.name("helper"))
        self.words()
        lines += self.solver(statements)
        lines = [*sorted(self.imports), *lines]
        return "\n".join(lines) + "\n"

    def words(self) -> None:
        """Choose words that the function to come uses as names of its own."""
        if self.maybe(0.3):
            self.scope.taken |= set(self.rng.sample(SHADOWED, 2))

    def constant(self) -> Lines:
        """A constant of the file."""
        name = self.name("OLD_")
        type_ = self.rng.choice((INTEGER, INTEGER, PAIR, ROW, BOOLEAN))
        text = self.simple[type_](self, type_, 0)
        self.scope.variables[name] = type_
        self.scope.fixed.add(name)
        return [f"{name} = {text}"]

    def solver(self, statements: int) -> Lines:
        """The solver."""
        parameter = "I" if self.maybe(0.8) else "grid"
        with self.within({parameter: GRID}):
            self.scope.result = GRID
            self.scope.taken.discard(parameter)
            body = ['"""What it does."""'] if self.maybe(0.05) else []
            for _ in range(statements):
                body += self.statement(2, in_loop=False)
            body += self.ending()
            note = ": Grid" if self.maybe(0.1) else ""
        return [f"def solve_xxxxxxxx({parameter}{note}):", *_indented(body)]

    # -- functions

    def function_text(self, name: str) -> Lines:
        """A function with a name, which is known from there on."""
        types = [self.rng.choice(TYPES) for _ in range(self.rng.choice((1, 1, 2)))]
        result = self.rng.choice(TYPES)
        names = {self.name("a"): type_ for type_ in types}
        optional = 1 if self.maybe(0.2) else 0
        head = list(names)
        if optional:
            default = self.simple[types[-1]](self, types[-1], 0)
            head[-1] = f"{head[-1]}={default}"
        self.scope.fixed |= self.scope.variables.keys()
        around, self.blocks = self.blocks, 0
        with self.within(names):
            self.words()
            self.scope.result = result
            self.scope.fixed = set(self.scope.variables) - names.keys()
            body = []
            for _ in range(self.rng.choice((0, 0, 1, 2))):
                body += self.statement(1, in_loop=False)
            body.append(f"return {self.expression(result, 2)}")
        self.blocks = around
        self.scope.functions[name] = WrittenFunction(tuple(types), result, optional)
        return [f"def {name}({', '.join(head)}):", *_indented(body)]

    # -- statements

    def statement(self, depth: int, in_loop: bool) -> Lines:
        """One statement; depth: how deep blocks may nest in it."""
        kinds = _KINDS if depth > 0 else _FLAT
        ways, weights = zip(*kinds, strict=True)
        while True:
            lines = self.rng.choices(ways, weights)[0](self, depth)
            if lines:
                break
        if in_loop and self.maybe(0.2):
            lines += [f"if {self.condition(1)}:", f"    {self.rng.choice(('break', 'continue'))}"]
        return lines

    def block(self, depth: int, in_loop: bool) -> Lines:
        """A block: what it assigns for the first time is known in it only."""
        before = dict(self.scope.variables)
        functions = dict(self.scope.functions)
        lines: Lines = []
        fixed = set(self.scope.fixed)
        self.blocks += 1
        for _ in range(self.rng.choice((1, 1, 2))):
            lines += self.statement(depth - 1, in_loop)
        self.blocks -= 1
        self.scope.variables, self.scope.functions = before, functions
        self.scope.fixed = fixed | (self.scope.fixed & before.keys())
        return lines

    def assign(self, depth: int) -> Lines:
        """A new variable, or several, or one that is a word of the DSL."""
        type_ = self.rng.choice(TYPES)
        text = self.expression(type_, 2)
        own = sorted(self.scope.taken.intersection(SHADOWED) - self.scope.variables.keys())
        name = own[0] if own and self.maybe(0.6) else self.name()
        names = [name] if self.maybe(0.9) else [name, self.name()]
        self.scope.variables.update(dict.fromkeys(names, type_))
        if len(names) == 1 and self.maybe(0.06):
            return [f"{name}: object = {text}"]
        return [f"{' = '.join(names)} = {text}"]

    def free_names(self) -> list[str]:
        """The variables that may be assigned again."""
        return [name for name in self.scope.variables if name not in self.scope.fixed]

    def assign_again(self, depth: int) -> Lines:
        """Another value for a variable; where no block is around, one of another type too."""
        names = self.free_names()
        if not names:
            return []
        name = self.rng.choice(names)
        type_ = self.scope.variables[name]
        if not self.blocks and self.maybe(0.25):
            type_ = self.rng.choice(TYPES)
        text = self.expression(type_, 2)
        self.scope.variables[name] = type_
        return [f"{name} = {text}"]

    def augment(self, depth: int) -> Lines:
        """`name += value` and its like."""
        names = [n for n in self.free_names() if self.scope.variables[n] in _AUGMENTED]
        if not names:
            return []
        name = self.rng.choice(names)
        type_ = self.scope.variables[name]
        operator = self.rng.choice(_AUGMENTED[type_])
        lines = [f"{name} {operator}= {self.expression(type_, 1)}"]
        if self.loops and type_.head == "Tuple":
            lines.append(f"{name} = {name}[:9]")
        if self.loops and type_ is INTEGER:
            lines.append(f"{name} %= 97")
        return lines

    def unpack(self, depth: int) -> Lines:
        """Several names for the parts of one value."""
        a, b = self.name(), self.name()
        if self.maybe(0.2):
            row = self.expression(ROW, 1)
            self.scope.variables.update({a: INTEGER, b: ROW})
            target = f"{a}, *{b}" if self.maybe(0.5) else f"*{b}, {a}"
            return [f"{target} = {row}", f"{b} = tuple({b})"] if self.free("tuple") else []
        if self.maybe(0.2):
            c = self.name()
            parts = [self.expression(t, 1) for t in (PAIR, INTEGER)]
            self.scope.variables.update({a: INTEGER, b: INTEGER, c: INTEGER})
            return [f"({a}, {b}), {c} = {parts[0]}, {parts[1]}"]
        if self.maybe(0.3):
            kinds = [self.rng.choice(TYPES) for _ in range(2)]
            values = ", ".join(self.expression(kind, 1) for kind in kinds)
            self.scope.variables.update({a: kinds[0], b: kinds[1]})
            return [f"{a}, {b} = {values}"]
        text = self.expression(PAIR, 2)
        self.scope.variables.update({a: INTEGER, b: INTEGER})
        return [f"{a}, {b} = {text}"]

    def name_function(self, depth: int) -> Lines:
        """A nested function, or a lambda that has a name."""
        name = self.name("f")
        if self.maybe(0.5):
            return self.function_text(name)
        parameters = tuple(self.rng.choice(TYPES) for _ in range(self.rng.choice((1, 1, 2))))
        result = self.rng.choice(TYPES)
        self.scope.fixed |= self.scope.variables.keys()
        text = self.function(parameters, result, 2)
        if len(parameters) == 1 and self.maybe(0.25) and self.free("compose"):
            inner = self.function(parameters, parameters[0], 1)
            text = f"compose({text}, {inner})"
        self.scope.functions[name] = WrittenFunction(parameters, result)
        return [f"{name} = {text}"]

    def other(self, depth: int) -> Lines:
        """What changes nothing, or fails the program."""
        way = self.rng.randint(0, 3)
        if way == 0:
            return ["pass"]
        if way == 1:
            grids = self.scope.of_type(GRID)
            return [f"assert {grids[0]} == {grids[0]}"] if grids else []
        return [self.expression(self.rng.choice(TYPES), 1)] if way == 2 else []

    # -- compound statements

    def choose(self, depth: int) -> Lines:
        """`if`, with `elif` and `else`; one that assigns one name on all sides."""
        head = f"if {self.condition(2)}:"
        if self.maybe(0.3):
            return self._chosen_name(head)
        lines = [head, *_indented(self.block(depth, False))]
        if self.maybe(0.25):
            lines += [f"elif {self.condition(1)}:", *_indented(self.block(depth, False))]
        if self.maybe(0.5):
            lines += ["else:", *_indented(self.block(depth, False))]
        return lines

    def _chosen_name(self, head: str) -> Lines:
        name, type_ = self.name(), self.rng.choice(TYPES)
        first, second = self.expression(type_, 2), self.expression(type_, 2)
        self.scope.variables[name] = type_
        return [head, f"    {name} = {first}", "else:", f"    {name} = {second}"]

    def leave(self, depth: int) -> Lines:
        """An early return."""
        text = self.expression(self.scope.result, 1)
        rare = self.expression(BOOLEAN, 1)
        return [f"if {rare} and {self.expression(BOOLEAN, 1)}:", f"    return {text}"]

    def iterate(self, depth: int) -> Lines:
        """`for`, whose body changes what was there before."""
        if self.maybe(0.1):
            return self._in_turn()
        element = self.rng.choice(tuple(ELEMENTS.values()))
        may, self.may_assign = self.may_assign, False
        head, variables = self.clause(element, 1, may_hide=False)
        self.may_assign = may
        if not self.free_names():
            return []
        before = dict(self.scope.variables)
        self.scope.variables.update(variables)
        self.scope.fixed |= variables.keys()
        body = self.repeated(depth)
        self.scope.variables = before
        lines = [f"{head}:", *_indented(body)]
        if self.maybe(0.12):
            lines += ["else:", *_indented(self.block(depth, False))]
        return lines

    def _in_turn(self) -> Lines:
        """One function after another on a variable."""
        names = self.free_names()
        if not names:
            return []
        name, each = self.rng.choice(names), self.name("f")
        type_ = self.scope.variables[name]
        functions = ", ".join(self.function((type_,), type_, 1) for _ in range(2))
        return [f"for {each} in ({functions}):", f"    {name} = {each}({name})"]

    def repeated(self, depth: int) -> Lines:
        """The body of a loop, which changes a variable at its end."""
        self.loops += 1
        self.blocks += 1
        body = self.block(depth, True)
        body += self.augment(0) or self.assign_again(0)
        self.blocks -= 1
        self.loops -= 1
        return body

    def repeat(self, depth: int) -> Lines:
        """`while`, with a counter."""
        if not self.free_names():
            return []
        name = self.name("n")
        before = dict(self.scope.variables)
        self.scope.variables[name] = INTEGER
        self.scope.fixed.add(name)
        more = f" and {self.condition(1)}" if self.maybe(0.4) else ""
        body = [f"{name} += 1", *self.repeated(depth)]
        lines = [f"{name} = 0", f"while {name} < {self.rng.randint(1, 4)}{more}:"]
        lines += _indented(body)
        self.scope.variables = {**before, name: INTEGER}
        return lines

    # -- the end

    def ending(self) -> Lines:
        """The return of what the last variables are, as one grid."""
        own = [n for n in self.scope.variables if n not in ("I", "grid")]
        shown = [n for n in own if not n.startswith("OLD_")][-_MOST_SHOWN:] or own
        grids = [n for n in shown if self.scope.variables[n] is GRID]
        if not shown or (grids and self.maybe(0.3)) or not self.free("tuple", "len", "sum"):
            return [f"return {self.expression(GRID, 2)}"]
        parts = [_FLATTENED[self.scope.variables[n]].replace("VALUE", n) for n in shown]
        return [f"result = {' + '.join(parts)}", "return (result[:60],)"]


def _indented(lines: Sequence[str]) -> Lines:
    return [f"    {line}" for line in lines] or ["    pass"]


_AUGMENTED: Final = {
    INTEGER: ("+", "-", "*", "|"),
    ROW: ("+",),
    PAIRS: ("+",),
    GRIDS: ("+",),
    INTS: ("|", "&", "-", "^"),
    INDICES: ("|", "&", "-"),
    OBJECT: ("|", "-"),
    OBJECTS: ("|", "-"),
}

_FLATTENED: Final[dict[Type, str]] = {
    INTEGER: "(VALUE, VALUE, 7)",
    BOOLEAN: "(int(VALUE), 1, 8)",
    PAIR: "VALUE",
    ROW: "VALUE[:9]",
    INTS: "tuple(VALUE)[:9]",
    PAIRS: "tuple(k_ for p_ in VALUE for k_ in p_)[:12]",
    INDICES: "tuple(k_ for p_ in VALUE for k_ in p_)[:12]",
    OBJECT: "tuple(k_ for v_, p_ in VALUE for k_ in (v_, p_[0], p_[1]))[:12]",
    OBJECTS: "tuple(k_ for o_ in VALUE for k_ in (len(o_), sum(v_ for v_, p_ in o_), 9))[:12]",
    GRID: "tuple(k_ for r_ in VALUE for k_ in r_)[:12]",
    GRIDS: "tuple(len(g_) for g_ in VALUE)[:9]",
}
"""A tuple of integers that says what a value is."""

StatementKind = Callable[[_LanguageWriter, int], Lines]
_FLAT: tuple[tuple[StatementKind, int], ...] = (
    (_LanguageWriter.assign, 10),
    (_LanguageWriter.assign_again, 8),
    (_LanguageWriter.augment, 5),
    (_LanguageWriter.unpack, 3),
    (_LanguageWriter.other, 1),
    (change_parts, 3),
)
_KINDS: tuple[tuple[StatementKind, int], ...] = (
    *_FLAT,
    (_LanguageWriter.name_function, 4),
    (_LanguageWriter.choose, 5),
    (match, 2),
    (_LanguageWriter.leave, 1),
    (_LanguageWriter.iterate, 6),
    (_LanguageWriter.repeat, 2),
)


def language_program(rng: random.Random, statements: int) -> str:
    """The text of a file with one random solver of about so many statements."""
    return _LanguageWriter(rng).write(statements)
