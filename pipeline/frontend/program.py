"""The parsed solver: names resolved, nothing evaluated, and where each part of it stands.

A statement knows nothing of its file, and of its place only what its own line says, so that all
programs in which the same line stands share one `Statement` (see `frontend.known_lines`). Names,
constants and primitives are shared too, wherever they stand: they have no place of their own. What
has one is a statement, its value, each call and tuple in it, and their arguments; it is found when
asked for (`Program.place`), by reading the line again, as hardly any program is asked.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.diagnostics import Span
from pipeline.primitives.row import Primitive

Place = tuple[int, int, int]
"""A range in a statement: its line, where 0 is the statement's first, column from 1, and width."""


class Variable(NamedTuple):
    """The value of an earlier statement, or the solver's parameter."""

    name: str


class Literal(NamedTuple):
    """A constant of the DSL, an integer, a boolean, or None."""

    value: Any


class Given(NamedTuple):
    """What a solver is given besides its grid; name: the operation that gives it."""

    name: str


class Builtin(NamedTuple):
    """A primitive, used as a value or called; written: what stands for it, if not its name."""

    row: Primitive
    written: str = ""


class Call(NamedTuple):
    """A call of a primitive or of a function value; arguments are in positional order."""

    function: Expression
    arguments: tuple[Expression, ...]


class TupleLiteral(NamedTuple):
    """`(x, y)` or `[x, y]`."""

    elements: tuple[Expression, ...]


class SetLiteral(NamedTuple):
    """`{x, y}`, at least one element."""

    elements: tuple[Expression, ...]


class Rest(NamedTuple):
    """`*name` in a target: a tuple of what the other names leave."""

    name: str


Target = str | Rest | tuple["Target", ...]
"""What a value is assigned to: a name, or one for each of its elements; "" for a value that nobody
names.
"""


class Lambda(NamedTuple):
    """A function, with or without a name of its own (`lambda`).

    defaults: of the last parameters, evaluated where the function stands. assigned: its parameters
    and all names that its body assigns, which are its own; any other name is that of the scope
    around it, with the value that it has there when the function is called.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: tuple[Expression, ...]
    body: Block
    assigned: frozenset[str]


class Conditional(NamedTuple):
    """`chosen if test else other`: of the two only one runs."""

    test: Expression
    chosen: Expression
    other: Expression


class Logic(NamedTuple):
    """`x and y`, `x or y`: the first operand that decides, those after it don't run."""

    is_and: bool
    operands: tuple[Expression, ...]


class Assigned(NamedTuple):
    """`(name := value)`; in a comprehension the name is that of the function around it."""

    name: str
    value: Expression


class Clause(NamedTuple):
    """`for target in container if condition if ...`."""

    target: Target
    container: Expression
    conditions: tuple[Expression, ...]


class Comprehension(NamedTuple):
    """`element for target in container if condition ...`, made into what `kind` says.

    tuple, set: a container of the elements. any, all: whether one, or each, holds. first: the first
    one, or else `default`, which is evaluated in any case; without a default there must be one.
    Those three look no further than they must. let: the element itself, where the target of the
    only clause is given the value of its `container`. The targets are known in it only.
    """

    kind: str
    element: Expression
    clauses: tuple[Clause, ...]
    default: Expression | None = None


class Assign(NamedTuple):
    """`target = value` in a block, or `target: type = value`, or a value that nobody names."""

    target: Target
    value: Expression


class If(NamedTuple):
    """`if test: ... else: ...`; an `elif` is an If in `otherwise`."""

    test: Expression
    then: Block
    otherwise: Block


class For(NamedTuple):
    """`for target in container: ... else: ...`; a set's elements in canonical order."""

    target: Target
    container: Expression
    body: Block
    otherwise: Block


class While(NamedTuple):
    """`while test: ... else: ...`; of at most `Limits.turns` turns."""

    test: Expression
    body: Block
    otherwise: Block


class Return(NamedTuple):
    """`return value`, at any place."""

    value: Expression


class Jump(NamedTuple):
    """`break` or `continue`."""

    is_break: bool


Block = tuple["Assign | If | For | While | Return | Jump", ...]


def ends(item: Any) -> bool:
    """Whether nothing behind this part of a block is ever reached from it."""
    if isinstance(item, If):
        return all(block and ends(block[-1]) for block in (item.then, item.otherwise))
    return isinstance(item, Return | Jump)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was reported as wrong; whatever depends on it is not reported again."""


Compound = Assign | If | For | While | Return
"""What stands in a block. As a statement of its own it is the value of a `Statement` that has no
target; `name = value` and the last `return` of a solver are `Statement`s themselves.
"""

Expression = (
    Variable
    | Literal
    | Given
    | Builtin
    | Call
    | TupleLiteral
    | SetLiteral
    | Lambda
    | Conditional
    | Logic
    | Assigned
    | Comprehension
    | Wrong
    | Compound
)
"""What can be the value of a statement; a compound is in no other expression."""


class StatementPlaces(NamedTuple):
    """Where the parts of one statement stand.

    target: the name assigned, or the value returned. parts: for each call and tuple, by its id, its
    own place and then those of its arguments or elements.
    """

    target: Place
    value: Place
    parts: dict[int, tuple[Place, ...]]


@dataclass(slots=True, eq=False)
class Statement:
    """`target = value`; the final return is a statement whose target is `return`.

    Any other statement has the target "", and a compound as its value. names: the variables of the
    solver in the value. line: the text of the line where the statement stands alone, which
    `known_places` is then read from; else `known_places` is given. Equal only to itself.
    """

    target: str
    value: Expression
    names: tuple[str, ...]
    line: str
    indent: int = 0
    known_places: StatementPlaces | None = None

    @property
    def places(self) -> StatementPlaces:
        """Where its parts stand."""
        if self.known_places is None:
            self.known_places = self._read_places()
        return self.known_places

    def _read_places(self) -> StatementPlaces:
        node: Any = ast.parse(self.line.strip(" ")).body[0]
        before = self.indent + 1

        def place(part: Any) -> Place:
            return 0, part.col_offset + before, part.end_col_offset - part.col_offset

        target = node.value if isinstance(node, ast.Return) else node.targets[0]
        return places_of(place(target), node.value, self.value, place)


def places_of(
    target: Place, node: ast.expr, value: Expression, place: Callable[[ast.AST], Place]
) -> StatementPlaces:
    """The places of a statement with this value, which is what `node` was parsed to."""
    parts: dict[int, tuple[Place, ...]] = {}
    _fill(parts, node, value, place)
    return StatementPlaces(target, place(node), parts)


def _fill(
    parts: dict[int, tuple[Place, ...]],
    node: Any,
    value: Expression,
    place: Callable[[ast.AST], Place],
) -> None:
    """Note the places of an expression and of all in it."""
    if isinstance(value, Call):
        nodes = node.args
        if node.keywords:
            assert isinstance(value.function, Builtin)
            given = {k.arg: k.value for k in node.keywords}
            nodes = [*nodes, *(given[name] for name in value.function.row.parameters[len(nodes) :])]
        _fill(parts, node.func, value.function, place)
        inner = value.arguments
    elif isinstance(value, TupleLiteral):
        nodes, inner = node.elts, value.elements
    else:
        return
    parts[id(value)] = (place(node), *[place(n) for n in nodes])
    for part, expression in zip(nodes, inner, strict=True):
        _fill(parts, part, expression, place)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """One solver; the last statement is its return.

    path: the file it is from. lines: the line, from 1, at which each statement begins. paths: the
    file of each statement, where some are of libraries.
    """

    name: str
    parameter: str
    statements: tuple[Statement, ...]
    path: str
    lines: tuple[int, ...]
    paths: tuple[str, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether a part of it is wrong: it can be checked further, but not run."""
        last = self.statements[-1]
        returns = last.target == "return" or ends(last.value)
        return not returns or any(isinstance(s.value, Wrong) for s in self.statements)

    def place(self, number: int, expression: Expression | None = None) -> Span:
        """Where a statement's value, or a call or tuple in it, stands; what has no place of its own
        stands where the value does.

        Without an expression: where the statement itself does, that is its target or the value that
        it returns. The statement's number counts from 0.
        """
        places = self.statements[number].places
        if expression is None:
            return self._span(number, places.target)
        if expression is self.statements[number].value:
            return self._span(number, places.value)
        return self._span(number, places.parts.get(id(expression), (places.value,))[0])

    def argument_places(self, number: int, expression: Expression) -> tuple[Span, ...]:
        """Where the arguments of a call, or the elements of a tuple, of a statement stand."""
        _, *inner = self.statements[number].places.parts.get(id(expression), ((0, 1, 1),))
        return tuple([self._span(number, place) for place in inner])

    def _span(self, number: int, place: Place) -> Span:
        line, column, width = place
        path = self.paths[number] if self.paths else self.path
        return Span(path, self.lines[number] + line, column, width)

    @property
    def begin(self) -> int:
        """The number of its first statement that is of no library."""
        return self.paths.index(self.path) if self.paths else 0
