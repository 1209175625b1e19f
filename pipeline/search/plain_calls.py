"""Plain calls of what is written otherwise: functions, comprehensions, choices and loops.

A search edits lines that are calls. What else a solver has becomes such calls where there are any
that mean the same, by and large: it is what a search begins with, and what it makes of that is run
and judged by itself. A function is called where it stands, or is made of combinators:

    lambda o: size(o) > 3        compose(rbind(greater, 3), size)
    [f(x) for x in c if p(x)]    apply(f, sfilter(c, p))
    a if t else b                branch(t, a, b)
    for x in c: o = paint(o, f(x))     o = paint(o, mapply(f, c))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from pipeline.frontend.program import (
    Assign,
    Assigned,
    Builtin,
    Call,
    Comprehension,
    Conditional,
    For,
    If,
    Lambda,
    Literal,
    Logic,
    Return,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.primitives.table import TABLE

_MOST_DEPTH: Final = 40
_MOST_WEIGHT: Final = 2_000
_FOLDED: Final = frozenset({"paint", "underpaint", "fill", "underfill"})
"""What comes to the same for the elements of a container one by one, and for them merged."""


class BoundFunction(NamedTuple):
    """A function with the values of the names around it."""

    function: Lambda
    values: dict[str, Any]


class NotPlain(Exception):
    """There are no such calls."""


@cache
def weight(value: Any) -> int:
    """How many calls, names and literals an expression has."""
    if value.__class__ is Call:
        return weight(value.function) + sum([weight(a) for a in value.arguments])
    if value.__class__ in (TupleLiteral, SetLiteral):
        return 1 + sum([weight(e) for e in value.elements])
    return 1


class PlainCalls:
    """Makes calls of expressions and blocks. Values: of names, expressions or closures."""

    def __init__(self) -> None:
        self._count = 0
        self._depth = 0

    def value(self, value: Any, values: dict[str, Any]) -> Any:
        """An expression as calls; NotPlain."""
        found = self._made(value, values)
        return self._combined(found) if found.__class__ is BoundFunction else found

    def _made(self, value: Any, values: dict[str, Any]) -> Any:
        kind = value.__class__
        if kind is Literal:
            return value
        if kind is Variable and value.name in values:
            return values[value.name]
        if kind is Builtin:
            return _writable(value)
        if kind is Lambda:
            return BoundFunction(value, values)
        rule = _RULES.get(kind)
        if rule is None:
            raise NotPlain
        return rule(self, value, values)

    def _call(self, value: Call, values: dict[str, Any]) -> Any:
        if value.function.__class__ is Builtin and value.function.row.name in _CALLS:
            return _CALLS[value.function.row.name](
                *[self.value(a, values) for a in value.arguments]
            )
        function = self._made(value.function, values)
        if function.__class__ is BoundFunction:
            return self._inlined(function, [self._made(a, values) for a in value.arguments])
        return Call(function, tuple([self.value(a, values) for a in value.arguments]))

    def _inlined(self, closure: BoundFunction, arguments: Sequence[Any]) -> Any:
        """What a call of a function comes to."""
        function = closure.function
        if len(arguments) != len(function.parameters) or self._depth > _MOST_DEPTH:
            raise NotPlain
        self._depth += 1
        inner = {**closure.values, **dict(zip(function.parameters, arguments, strict=True))}
        found = self.block(function.body, inner)
        self._depth -= 1
        if found is None:
            raise NotPlain
        return found

    def _elements(self, value: Any, values: dict[str, Any]) -> Any:
        return value.__class__(tuple([self.value(e, values) for e in value.elements]))

    def _conditional(self, value: Conditional, values: dict[str, Any]) -> Any:
        parts = [self.value(p, values) for p in (value.test, value.chosen, value.other)]
        return _row("branch", *parts)

    def _logic(self, value: Logic, values: dict[str, Any]) -> Any:
        name = "both" if value.is_and else "either"
        made, *others = [self.value(operand, values) for operand in value.operands]
        for other in others:
            made = _row(name, made, other)
        return made

    def _assigned(self, value: Assigned, values: dict[str, Any]) -> Any:
        values[value.name] = self.value(value.value, values)
        return values[value.name]

    def _comprehension(self, value: Comprehension, values: dict[str, Any]) -> Any:
        clause = value.clauses[0]
        if len(value.clauses) > 1 or not isinstance(clause.target, str):
            raise NotPlain
        container = self.value(clause.container, values)
        if value.kind == "let":
            return self.value(value.element, {**values, clause.target: container})
        if value.kind not in ("tuple", "set"):
            raise NotPlain
        return self._each(value.element, clause.target, clause.conditions, container, values)

    def _each(
        self,
        element: Any,
        target: str,
        conditions: Sequence[Any],
        container: Any,
        values: dict[str, Any],
        applied: str = "apply",
    ) -> Any:
        """An expression for the elements of a container that meet conditions."""
        own = self._fresh()
        inner = {**values, target: own}
        for condition in conditions:
            test = abstracted(own, self.value(condition, inner))
            container = _row("sfilter", container, test)
        made = self.value(element, inner)
        if made == own and applied == "apply":
            return container
        return _row(applied, abstracted(own, made), container)

    def _fresh(self) -> Variable:
        self._count += 1
        return Variable(f"?{self._count}")

    def _combined(self, closure: BoundFunction) -> Any:
        """A function as combinators."""
        names = [self._fresh() for _ in closure.function.parameters]
        body = self._inlined(closure, names)
        if len(names) == 1:
            return abstracted(names[0], body)
        is_call = body.__class__ is Call and list(body.arguments) == names
        if not is_call or any(_has(name, body.function) for name in names):
            raise NotPlain
        return body.function

    # -- statements

    def block(self, statements: Sequence[Any], values: dict[str, Any]) -> Any:
        """Run statements, which give names values; gives what is returned, or None."""
        for at, statement in enumerate(statements):
            kind = statement.__class__
            if kind is Return:
                return self.value(statement.value, values)
            if kind is Assign and isinstance(statement.target, str):
                made = values[statement.target] = self._made(statement.value, values)
                if made.__class__ is not BoundFunction and weight(made) > _MOST_WEIGHT:
                    raise NotPlain  # names that are used twice and twice again
            elif kind is If:
                return self.chosen(statement, statements[at + 1 :], values)
            elif kind is For:
                self.folded(statement, values)
            else:
                raise NotPlain
        return None

    def chosen(self, value: If, others: Sequence[Any], values: dict[str, Any]) -> Any:
        """A choice, and what is behind it on both sides."""
        test = self.value(value.test, values)
        sides = [dict(values), dict(values)]
        found = [
            self.block(side, own)
            for side, own in zip((value.then, value.otherwise), sides, strict=True)
        ]
        if found[0] is None and found[1] is None:
            for name in sides[0].keys() & sides[1].keys():
                first, second = sides[0][name], sides[1][name]
                values[name] = first if first == second else _row("branch", test, first, second)
            return self.block(others, values)
        found = [
            self.block(others, own) if returned is None else returned
            for returned, own in zip(found, sides, strict=True)
        ]
        if None in found:
            raise NotPlain
        return _row("branch", test, *found)

    def folded(self, value: For, values: dict[str, Any]) -> None:
        """A loop that puts something of each element into what it had."""
        body: Any = value.body
        conditions: list[Any] = []
        while len(body) == 1 and body[0].__class__ is If and not body[0].otherwise:
            conditions.append(body[0].test)
            body = body[0].then
        if len(body) != 1 or body[0].__class__ is not Assign or not isinstance(value.target, str):
            raise NotPlain
        name, call = _of_itself(body[0])
        if value.otherwise or call.function.row.name not in _FOLDED:
            raise NotPlain
        others: list[Any] = list(call.arguments[1:])
        container = self.value(value.container, values)
        made = self._each(others.pop(), value.target, conditions, container, values, "mapply")
        fixed = [self.value(part, values) for part in others]
        values[name] = Call(call.function, (values[name], *fixed, made))


def _of_itself(statement: Any) -> tuple[str, Any]:
    """What an assignment names, and the call of a row on what that was before; NotPlain."""
    name, call = statement.target, statement.value
    if call.__class__ is not Call or call.function.__class__ is not Builtin:
        raise NotPlain
    if name.__class__ is not str or call.arguments[0] != Variable(name):
        raise NotPlain
    return name, call


_RULES: Final[dict[Any, Any]] = {
    Call: PlainCalls._call,
    TupleLiteral: PlainCalls._elements,
    SetLiteral: PlainCalls._elements,
    Conditional: PlainCalls._conditional,
    Logic: PlainCalls._logic,
    Assigned: PlainCalls._assigned,
    Comprehension: PlainCalls._comprehension,
}

_WRITTEN: Final = {
    "plus": "add",
    "minus": "subtract",
    "times": "multiply",
    "negative": "invert",
    "equal": "equality",
    "exceeds": "greater",
    "negation": "flip",
}
"""What Python's operators are, as solvers name it, and calls of those that have no such name."""
_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "less": lambda a, b: _row("greater", b, a),
    "less_equal": lambda a, b: _row("flip", _row("greater", a, b)),
    "greater_equal": lambda a, b: _row("flip", _row("greater", b, a)),
    "unequal": lambda a, b: _row("flip", _row("equality", a, b)),
}


def _row(name: str, *arguments: Any) -> Call:
    if any(a.__class__ is BoundFunction for a in arguments):
        raise NotPlain
    return Call(Builtin(TABLE[name]), arguments)


def _writable(value: Builtin) -> Builtin:
    """The row as solvers name it; NotPlain where they can't."""
    row = TABLE.get(_WRITTEN.get(value.row.name, value.row.name))
    if row is None:
        raise NotPlain
    return Builtin(row)


def _has(name: Variable, value: Any) -> bool:
    """Whether an expression has a variable."""
    if value == name:
        return True
    return isinstance(value, tuple) and any(_has(name, part) for part in value)


def abstracted(name: Variable, body: Any) -> Any:
    """The function of a variable that gives an expression, made of combinators; NotPlain."""
    if body == name:
        return Builtin(TABLE["identity"])
    if body.__class__ is TupleLiteral and len(body.elements) == 2:
        body = _row("astuple", *body.elements)
    if body.__class__ is not Call or _has(name, body.function):
        raise NotPlain
    function, arguments = body.function, list(body.arguments)
    while len(arguments) > 1 and not _has(name, arguments[-1]):
        function = _row("rbind", function, arguments.pop())
    while len(arguments) > 1 and not _has(name, arguments[0]):
        function = _row("lbind", function, arguments.pop(0))
    if len(arguments) == 1 and arguments[0] == name:
        return function
    if len(arguments) == 1:
        return _row("compose", function, abstracted(name, arguments[0]))
    if len(arguments) == 2:
        return _row("fork", function, *[abstracted(name, a) for a in arguments])
    raise NotPlain
