"""Bodies: functions that are written out, and what is run under a condition.

A call of a function runs its block right here, on symbols, in a scope of its own. Of a condition
that only data tells both sides are run, each in a domain of the lanes that take it (`where`,
`unless`), and what they give a name is selected by the condition behind them. A block of which a
side ends early, by a return or a jump, has its rest in the sides that do not: so what a block ends
with is known at each of its ends, and is selected as any other value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pipeline.frontend.program import (
    Assign,
    Builtin,
    Call,
    Conditional,
    Expression,
    For,
    If,
    Jump,
    Lambda,
    Logic,
    Rest,
    Return,
    Target,
    While,
    Wrong,
    ends,
)
from pipeline.ir.coerce import join
from pipeline.ir.graph import Const, Node
from pipeline.passes.choices import Fork, each_known
from pipeline.passes.environment import (
    BREAKS,
    CONTINUES,
    FALLS,
    RETURNS,
    UNASSIGNED,
    Environment,
    InnerEnvironment,
    Maybe,
    assigned_often,
    ends_early,
    ends_of,
    exposed_in,
    free_names,
    late_names,
    returns,
)
from pipeline.passes.repeating import Repeating
from pipeline.passes.symbols import Bundle, Choice, Function, Unresolved, alternatives
from pipeline.primitives.table import PYTHON

if TYPE_CHECKING:
    from pipeline.passes.evaluating import Evaluator

Steps = tuple[tuple[Any, Any], ...]
"""Parts of blocks, each with the number of the statement that it stands in (see `Evaluator.home`).
"""
Finish = Callable[[int, Any], list[Any]]
"""What a block comes to at one of its ends, which is `FALLS`, ... or `RETURNS` with a value."""


OwnNames = tuple[frozenset[str], frozenset[str], tuple[str, ...]]
MOST_FUNCTIONS: Final = 2_000
_named: dict[int, tuple[Lambda, OwnNames]] = {}
"""By identity, since all programs share what they share of functions."""


def names_of(function: Lambda) -> OwnNames:
    """The names that a function assigns more than once, those that functions made in it read when
    they are called, and those that it reads of the scopes around it.
    """
    known = _named.get(id(function))
    if known is not None:
        return known[1]
    if len(_named) >= MOST_FUNCTIONS:
        _named.clear()
    found = assigned_often(function.body), late_names(function.body), free_names(function)
    _named[id(function)] = function, found
    return found


class Body:
    """What a call of a function runs. `captured`: the names of the parts that the function has, as
    they were when it was made; behind them are the defaults.
    """

    def __init__(
        self,
        bodies: Bodies,
        expression: Lambda,
        names: Environment,
        captured: tuple[str, ...],
        reads_inner: bool,
    ) -> None:
        self.bodies = bodies
        self.expression = expression
        self.names = names
        self.captured = captured
        self.reads_inner = reads_inner
        self.often, self.late, _ = names_of(expression)
        self.home = bodies.evaluator.home

    def __call__(self, builder: Any, parts: tuple[Any, ...], *args: Any) -> Any:
        expression, evaluator = self.expression, self.bodies.evaluator
        around = Environment(self.names, frozenset(self.captured))
        around.update(zip(self.captured, parts, strict=False))
        defaults = parts[len(self.captured) :]
        missing = len(expression.parameters) - len(args)
        given = (*args, *defaults[len(defaults) - missing :]) if missing else args
        names = Environment(around, expression.assigned, self.often)
        names.update(zip(expression.parameters, given, strict=True))
        saved = evaluator.home, evaluator.sink.mark
        evaluator.home = self.home
        steps = tuple([(self.home, part) for part in expression.body])
        (result,) = self.bodies.run(steps, names, self.late, returned)
        evaluator.home, evaluator.sink.mark = saved
        return result


def _is_negation(expression: Call) -> bool:
    """Whether a call is `not x`."""
    function = expression.function
    return isinstance(function, Builtin) and function.row is PYTHON["negation"]


def _item_of(place: int, container: Bundle) -> Any:
    return container.items[place]


def returned(kind: int, value: Any) -> list[Any]:
    """What a function gives at an end of its block."""
    return [value if kind == RETURNS else Const(None)]


class Bodies:
    """Runs the blocks of one program."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.builder = evaluator.builder
        self.repeating = Repeating(self)
        self.made: list[Body] = []

    def end(self) -> None:
        """Let go of everything, and let the functions do so: see `Evaluator.end`."""
        for body in self.made:
            body.__dict__.clear()
        self.__dict__.clear()

    # -- functions

    def function(self, expression: Lambda, names: Environment) -> Function:
        """A function that is written out."""
        evaluate = self.evaluator.evaluate
        captured, parts, reads_inner = [], [], False
        for name in names_of(expression)[2]:
            owner = names.owner(name)
            symbol = owner[name]
            many = self.evaluator.often if owner.outer is None else owner.many
            reads_inner = reads_inner or isinstance(owner, InnerEnvironment)
            if symbol is not UNASSIGNED and symbol.__class__ is not Maybe and name not in many:
                captured.append(name)
                parts.append(symbol)
        defaults = [evaluate(default, names) for default in expression.defaults]
        body = Body(self, expression, names, tuple(captured), reads_inner)
        self.made.append(body)
        function = self.builder.closure(len(expression.parameters), body, *parts, *defaults)
        function.optional = len(defaults)
        function.key = None
        return function

    # -- conditions

    def truth(self, symbol: Any) -> Any:
        """What Python takes a symbol for: a Boolean."""
        return self.builder.condition(symbol)

    def negated(self, symbol: Any) -> Any:
        """The opposite of a Boolean."""
        if isinstance(symbol, Const):
            return Const(not symbol.value)
        return self.builder.row("flip", symbol)

    def test(self, expression: Expression, names: Environment) -> Any:
        """Whether an expression holds: of `and`, `or` and `not` only the truth of operands counts,
        which may be of any types.
        """
        if isinstance(expression, Logic):
            first, *others = expression.operands
            found = self.test(first, names)
            if not others:
                return found
            self.evaluator.mark(expression)

            def rest() -> Any:
                return self.test(Logic(expression.is_and, tuple(others)), names)

            if expression.is_and:
                return self.fork(found, rest, lambda: Const(False), names)
            return self.fork(found, lambda: Const(True), rest, names)
        if isinstance(expression, Call) and _is_negation(expression):
            found = self.test(expression.arguments[0], names)
            self.evaluator.mark(expression)
            return self.negated(found)
        return self.truth(self.evaluator.evaluate(expression, names))

    def conditional(self, expression: Conditional, names: Environment) -> Any:
        """`chosen if test else other`."""
        evaluate = self.evaluator.evaluate
        test = self.test(expression.test, names)
        self.evaluator.mark(expression)
        return self.fork(
            test,
            lambda: evaluate(expression.chosen, names),
            lambda: evaluate(expression.other, names),
            names,
        )

    def logic(self, expression: Logic, names: Environment) -> Any:
        """`x and y`, `x or y`."""
        first, *others = expression.operands
        value = self.evaluator.evaluate(first, names)
        if not others:
            return value
        test = self.truth(value)
        self.evaluator.mark(expression)

        def rest() -> Any:
            return self.logic(Logic(expression.is_and, tuple(others)), names)

        if expression.is_and:
            return self.fork(test, rest, lambda: value, names)
        return self.fork(test, lambda: value, rest, names)

    def fork(
        self, test: Any, chosen: Callable[[], Any], other: Callable[[], Any], names: Environment
    ) -> Any:
        """What one of two sides gives, and what it leaves in the names."""

        def listed(side: Callable[[], Any]) -> Callable[[], list[Any]]:
            return lambda: [side()]

        (result,) = self.fork_all(test, listed(chosen), listed(other), names)
        return result

    def fork_all(
        self,
        test: Any,
        chosen: Callable[[], list[Any]],
        other: Callable[[], list[Any]],
        names: Environment,
        live: frozenset[str] | None = None,
    ) -> list[Any]:
        """The same of sides that give several symbols each. live: the names that are read later,
        with those that are no variables; None for all.
        """
        if isinstance(test, Const):
            return chosen() if test.value else other()
        b, names = self.builder, names.function_scope()
        before = dict(names)
        with b.open("where", (), test) as domain:
            taken, a = domain.opener, chosen()
        after_a = dict(names)
        names.clear()
        names.update(before)
        with b.open("unless", (), test) as domain:
            untaken, c = domain.opener, other()
        fork = Fork(b, test, taken, untaken)
        for name in dict.fromkeys((*after_a, *names)):
            x, y = after_a.get(name, UNASSIGNED), names.get(name, UNASSIGNED)
            if live is None or name in live or name.startswith("%"):
                if x is not y:
                    names[name] = fork.merge(x, y)
            elif x is not y:
                names.pop(name, None)
        results = [fork.merge(x, y) for x, y in zip(a, c, strict=True)]
        fork.close()
        return results

    # -- blocks

    def assign(self, target: Target, symbol: Any, names: Environment) -> None:
        """Give a symbol, or its elements, the names of a target."""
        if isinstance(target, str):
            if target:
                names[target] = symbol
            return
        assert isinstance(target, tuple)
        parts = self._parts(target, symbol)
        for part, value in zip(target, parts, strict=True):
            if isinstance(part, Rest):
                names[part.name] = value
            else:
                self.assign(part, value, names)

    def _parts(self, target: tuple[Target, ...], symbol: Any) -> list[Any]:
        """The symbols for the names of a target."""
        b, count = self.builder, len(target)
        rest = next((k for k, part in enumerate(target) if isinstance(part, Rest)), None)
        known = None if rest is not None and _is_tuple(symbol) else self.repeating.known(symbol)
        if known is not None:
            return _known_parts(b, known, count, rest)
        if isinstance(symbol, Choice) and rest is None:
            options = list(alternatives(symbol))
            if all(isinstance(o, Bundle) and len(o.items) == count for o in options):
                return [each_known(b, symbol, partial(_item_of, k)) for k in range(count)]
        if isinstance(symbol, Choice):
            return [b.under(symbol, partial(self._part_of, target, k)) for k in range(count)]
        container = b.data(symbol, "what is unpacked")
        behind = 0 if rest is None else count - rest - 1
        if rest is None:
            container = b.row("unpacked", container, Const(count))
            return [b.row("item_at", container, Const(k)) for k in range(count)]
        container = b.row("unpacked_most", container, Const(count - 1))
        parts: list[Any] = [b.row("item_at", container, Const(k)) for k in range(rest)]
        parts.append(b.row("between", container, Const(rest), Const(behind)))
        size = b.row("size", container) if behind else None
        for k in range(behind, 0, -1):
            parts.append(b.row("item_at", container, b.row("subtract", size, Const(k))))
        return parts

    def _part_of(self, target: tuple[Target, ...], place: int, symbol: Any) -> Any:
        """The symbol for one name of a target."""
        return self._parts(target, symbol)[place]

    def run(
        self, steps: Steps, names: Environment, live: frozenset[str], finish: Finish
    ) -> list[Any]:
        """Run parts one after another; what they come to. live: the names that are read later."""
        for k, (home, part) in enumerate(steps):
            self.evaluator.home = home
            rest = steps[k + 1 :]
            if isinstance(part, Assign):
                self.assign(part.target, self.evaluator.evaluate(part.value, names), names)
            elif isinstance(part, Return):
                return finish(RETURNS, self.evaluator.evaluate(part.value, names))
            elif isinstance(part, Jump):
                return finish(BREAKS if part.is_break else CONTINUES, None)
            elif isinstance(part, If):
                ended = self._if(part, home, rest, names, live, finish)
                if ended is not None:
                    return ended
            elif isinstance(part, Wrong):
                raise Unresolved("")
            else:
                assert isinstance(part, For | While)
                later = live | exposed_in([*part.otherwise, *(p for _, p in rest)])
                if returns((part,)) or ends_early(part.otherwise):
                    return self._loop(part, home, rest, names, (later, live), finish)
                self._loop(part, home, (), names, (later, later), _nothing)
        return finish(FALLS, None)

    def _if(
        self,
        part: If,
        home: Any,
        rest: Steps,
        names: Environment,
        live: frozenset[str],
        finish: Finish,
    ) -> list[Any] | None:
        """An `if`; what the block comes to where the rest of it was run as well."""
        test = self.test(part.test, names)
        self.evaluator.mark(part.test)
        sides = [tuple([(home, p) for p in side]) for side in (part.then, part.otherwise)]
        if isinstance(test, Const):
            side = sides[0 if test.value else 1]
            if ends_early([p for _, p in side]):
                return self.run((*side, *rest), names, live, finish)
            self.run(side, names, live | exposed_in([p for _, p in rest]), _nothing)
            return None
        later = live | exposed_in([p for _, p in rest])
        if ends_early((part,)):
            if not rest or any(side and ends(side[-1][1]) for side in sides):
                a, c = [
                    lambda side=side: self.run((*side, *rest), names, live, finish)
                    for side in sides
                ]
                return self.fork_all(test, a, c, names, live)
            a, c = [lambda side=side: self.run(side, names, later, _as_it_is) for side in sides]
            ended = self.fork_all(test, a, c, names, later)
            return self._rest_or(part, ended, rest, names, live, finish)
        a, c = [lambda side=side: self.run(side, names, later, _nothing) for side in sides]
        self.fork_all(test, a, c, names, later)
        return None

    def _rest_or(
        self,
        part: If,
        ended: list[Any],
        rest: Steps,
        names: Environment,
        live: frozenset[str],
        finish: Finish,
    ) -> list[Any]:
        """The rest of a block behind an `if` of which both sides may reach it, where one did."""
        how = ended[0]
        kinds = sorted(ends_of((part,)))
        return self.fork_all(
            self._is(how, FALLS),
            lambda: self.run(rest, names, live, finish),
            lambda: self._finished(kinds, ended, names, live, finish),
            names,
            live,
        )

    def _finished(
        self,
        kinds: list[int],
        ended: list[Any],
        names: Environment,
        live: frozenset[str],
        finish: Finish,
    ) -> list[Any]:
        """What a block comes to that ended in one of these ways, of which data tells."""
        how, value = ended
        first, *others = kinds
        if not others:
            return finish(first, value)
        return self.fork_all(
            self._is(how, first),
            lambda: finish(first, value),
            lambda: self._finished(others, ended, names, live, finish),
            names,
            live,
        )

    def _loop(
        self,
        part: For | While,
        home: Any,
        rest: Steps,
        names: Environment,
        live: tuple[frozenset[str], frozenset[str]],
        finish: Finish,
    ) -> list[Any]:
        """A loop, and what it may skip: its `else`, and the rest of the block after a return."""
        later, behind = live
        ended, value = self.repeating.run(part, home, names, later)
        otherwise = tuple([(home, p) for p in part.otherwise])

        def without_break() -> list[Any]:
            return self.run((*otherwise, *rest), names, behind, finish)

        def broken() -> list[Any]:
            return self.run(rest, names, behind, finish)

        def not_returned() -> list[Any]:
            if not otherwise:
                return broken()
            return self.fork_all(self._is(ended, FALLS), without_break, broken, names, behind)

        returned = self._is(ended, RETURNS)
        return self.fork_all(returned, lambda: finish(RETURNS, value), not_returned, names, behind)

    def _is(self, ended: Any, kind: int) -> Any:
        if isinstance(ended, Const):
            return Const(ended.value == kind)
        return self.builder.row("equality", ended, Const(kind))


def _is_tuple(symbol: Any) -> bool:
    """Whether it is a two-tuple of one type, which may be empty."""
    is_two = isinstance(symbol, Node) and symbol.type is not None and symbol.type.head == "Two"
    return is_two and join(*symbol.type.args) is not None


def _nothing(kind: int, value: Any) -> list[Any]:
    return []


def _as_it_is(kind: int, value: Any) -> list[Any]:
    return [Const(kind), Const(None) if value is None else value]


def _known_parts(builder: Any, known: list[Any], count: int, rest: int | None) -> list[Any]:
    if len(known) != count if rest is None else len(known) < count - 1:
        message = f"a tuple of {len(known)} is unpacked into {count} names"
        raise Unresolved("type-mismatch", message)
    if rest is None:
        return known
    behind = count - rest - 1
    middle = builder.pack(False, known[rest : len(known) - behind])
    return [*known[:rest], middle, *known[len(known) - behind :]]
