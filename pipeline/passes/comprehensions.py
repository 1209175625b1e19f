"""Comprehensions: the elements of a container in a domain, with conditions as choices in it.

What a clause inside another one makes is a container of its own for each element of the outer one;
those are merged. `any`, `all` and `first` look at places one after another, of which the one behind
the last always matches. See `oracle.execution` for what is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.frontend.program import Comprehension, Logic
from pipeline.ir.graph import Const
from pipeline.passes import encoded
from pipeline.passes.bodies import Body
from pipeline.passes.choices import is_data
from pipeline.passes.environment import LOST, UNASSIGNED, Environment, InnerEnvironment, names_in
from pipeline.passes.misfits import is_unlike
from pipeline.passes.symbols import STATIC, Bundle, Choice, Function, Unresolved, choice_of

if TYPE_CHECKING:
    from pipeline.passes.evaluating import Evaluator


class Comprehensions:
    """Runs comprehensions of one program."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.builder = evaluator.builder

    def run(self, expression: Comprehension, names: Environment) -> Any:
        """The symbol of a comprehension."""
        inner = InnerEnvironment(names)
        inner.assigned = frozenset(
            name for clause in expression.clauses for name in names_in(clause.target)
        )
        if expression.kind in ("tuple", "set"):
            return self._collected(expression, 0, inner)
        if expression.kind == "first":
            return self._first(expression, inner)
        if expression.kind == "let":
            value = self._container(expression, 0, inner)
            self.evaluator.bodies.assign(expression.clauses[0].target, value, inner)
            return self.evaluator.evaluate(expression.element, inner)
        return self._quantified(expression, 0, inner)

    # -- tuples and sets

    def _collected(self, expression: Comprehension, number: int, names: Environment) -> Any:
        """What a clause and those inside it make."""
        b, clause = self.builder, expression.clauses[number]
        is_last = number == len(expression.clauses) - 1
        container = self._container(expression, number, names)
        is_set = expression.kind == "set" and len(expression.clauses) == 1

        def element(item: Any) -> tuple[Any, Any]:
            """Whether an element is kept, and what is made of it."""
            self.evaluator.bodies.assign(clause.target, item, names)

            def value() -> Any:
                if not is_last:
                    return self._collected(expression, number + 1, names)
                return self.evaluator.evaluate(expression.element, names)

            if not clause.conditions:
                return Const(True), value()
            fits = self._fits(clause.conditions, names)
            if isinstance(fits, Const):
                return fits, value() if fits.value else Const(None)
            return fits, self.evaluator.bodies.fork(fits, value, lambda: Const(None), names)

        before = dict(names.function_scope())
        made = self._made(container, element, bool(clause.conditions), is_set)
        if not isinstance(container, Bundle):
            _lose(names, before)
        self.evaluator.mark(expression)
        if is_last:
            return made
        parts = b.primitive("merge", made)
        return b.primitive("as_set", parts) if expression.kind == "set" and number == 0 else parts

    def _container(self, expression: Comprehension, number: int, names: Environment) -> Any:
        scope = names if number else _around(names)  # where a target's name may be another variable
        container = self.evaluator.evaluate(expression.clauses[number].container, scope)
        self.evaluator.mark(expression)
        return container

    def _fits(self, conditions: tuple[Any, ...], names: Environment) -> Any:
        bodies = self.evaluator.bodies
        return bodies.test(Logic(True, conditions), names)

    def _made(self, container: Any, element: Any, has_conditions: bool, is_set: bool) -> Any:
        """The container that a clause makes."""
        b = self.builder
        if isinstance(container, Choice):
            return b.under(container, lambda one: self._made(one, element, has_conditions, is_set))
        if b.meant and is_data(container) and is_unlike(container.type):
            container = Bundle(False, (b.row("first", container), b.row("last", container)))
        if isinstance(container, Bundle):
            return self._made_of_known([element(item) for item in container.items], is_set)
        with b.elements("each", container) as domain:
            fits, results = element(domain.items[0])
            if isinstance(results, STATIC):
                _check_functions(results, has_conditions)
                code = encoded.encode(b, results, domain)
        if isinstance(results, STATIC):
            return encoded.collected(b, results, domain, code, is_set)
        results = b.data(results, "the element")
        if not has_conditions:
            return b.node("collect_set" if is_set else "collect_tuple", domain.opener, results)
        return self._kept(domain, fits, results, is_set)

    def _kept(self, domain: Any, fits: Any, results: Any, is_set: bool) -> Any:
        b = self.builder
        values = b.node("keys", domain.opener, results)
        kept = b.row("keep_by", values, b.node("keys", domain.opener, fits))
        return b.primitive("as_set", kept) if is_set else kept

    def _made_of_known(self, made: list[tuple[Any, Any]], is_set: bool) -> Any:
        """Of elements that are known one by one."""
        b = self.builder
        if all(isinstance(fits, Const) for fits, _ in made):
            return b.pack(is_set, [value for fits, value in made if fits.value])
        if any(isinstance(value, STATIC) for _, value in made):
            message = "which functions a comprehension keeps depends on data"
            raise Unresolved("unsupported-closure", message)
        values = b.node("pack_keys", *[b.data(value) for _, value in made])
        kept = b.row("keep_by", values, b.node("pack_keys", *[fits for fits, _ in made]))
        return b.primitive("as_set", kept) if is_set else kept

    # -- what looks no further than it must

    def _quantified(self, expression: Comprehension, number: int, names: Environment) -> Any:
        """`any`, or `all`: whether there is an element for which the rest is true, or false; of
        `next` whether there is an element.
        """
        b, clause = self.builder, expression.clauses[number]
        is_any = expression.kind != "all"
        bodies = self.evaluator.bodies
        container = self._container(expression, number, names)

        def decides(item: Any) -> Any:
            bodies.assign(clause.target, item, names)

            def rest() -> Any:
                if number + 1 < len(expression.clauses):
                    found = self._quantified(expression, number + 1, names)
                elif expression.kind == "first":
                    found = Const(True)
                else:
                    found = bodies.test(expression.element, names)
                return found if is_any else bodies.negated(found)

            if not clause.conditions:
                return rest()
            fits = self._fits(clause.conditions, names)
            return bodies.fork(fits, rest, lambda: Const(False), names)

        found, count = self._found(container, decides, names)
        self.evaluator.mark(expression)
        is_there = b.primitive("less", found, count)
        return is_there if is_any else bodies.negated(is_there)

    def _first(self, expression: Comprehension, names: Environment, number: int = 0) -> Any:
        """`next`: the element made of the first that fulfils the conditions.

        Of several clauses the first is looked through for an element for which those inside it find
        one, and then those once more.
        """
        clause = expression.clauses[number]
        is_last = number + 1 == len(expression.clauses)
        b, bodies = self.builder, self.evaluator.bodies
        container = self._container(expression, number, names)
        default: Any = None
        if expression.default is not None and number == 0:
            default = self.evaluator.evaluate(expression.default, _around(names))

        def rest() -> Any:
            return Const(True) if is_last else self._quantified(expression, number + 1, names)

        def decides(item: Any) -> Any:
            bodies.assign(clause.target, item, names)
            if not clause.conditions:
                return rest()
            fits = self._fits(clause.conditions, names)
            return bodies.fork(fits, rest, lambda: Const(False), names)

        found, count = self._found(container, decides, names)
        self.evaluator.mark(expression)

        def value() -> Any:
            bodies.assign(clause.target, self._item(container, found), names)
            if is_last:
                return self.evaluator.evaluate(expression.element, names)
            return self._first(expression, names, number + 1)

        def other() -> Any:
            return b.row("no_match", Const(0)) if default is None else default

        return bodies.fork(b.primitive("less", found, count), value, other, names)

    def _found(self, container: Any, decides: Any, names: Environment) -> tuple[Any, Any]:
        """The place of the first element that decides, the one behind the last if none does; and
        how many elements there are.
        """
        b, bodies = self.builder, self.evaluator.bodies
        if isinstance(container, STATIC) and not isinstance(container, Bundle):
            message = "`any`, `all` and `next` do not look at functions of which only data tells"
            raise Unresolved("unsupported-closure", message)
        if not isinstance(container, Bundle):
            container = b.data(container, "what is looked through")
        count = b.row("size", container)
        places = b.primitive("range_of", Const(0), b.row("increment", count), Const(1))
        before = dict(names.function_scope())
        with b.elements("probe", places) as domain:
            place = domain.items[0]
            matches = bodies.fork(
                b.primitive("less", place, count),
                lambda: decides(self._item(container, place)),
                lambda: Const(True),
                names,
            )
        _lose(names, before)
        return b.node("first_match", domain.opener, b.data(matches), places), count

    def _item(self, container: Any, place: Any) -> Any:
        """The element at a place of which it is known that there is one."""
        if isinstance(container, Bundle):
            return choice_of(container, place)
        return self.builder.row("item_at", container, place)


def _around(names: Environment) -> Environment:
    """The scope in which a comprehension stands."""
    assert names.outer is not None
    return names.outer


def _lose(names: Environment, before: dict[str, Any]) -> None:
    """Have no name keep what `:=` gave it for each element of a container."""
    scope = names.function_scope()
    for name, symbol in scope.items():
        if before.get(name, UNASSIGNED) is not symbol:
            scope[name] = LOST


def _check_functions(results: Any, has_conditions: bool) -> None:
    """Raise Unresolved for functions that a comprehension can't have as elements."""
    if has_conditions:
        message = "which functions a comprehension keeps depends on data"
        raise Unresolved("unsupported-closure", message)
    if any(_reads_target(part) for part in _functions(results)):
        message = "a comprehension makes functions that share its variables"
        note = "give each its own: `lambda x, k=k: ...`, or `apply(lambda k: lambda x: ..., ks)`"
        raise Unresolved("unsupported-closure", message, note)


def _functions(symbol: Any) -> list[Function]:
    """The functions in a symbol, those captured by others too."""
    if isinstance(symbol, Function):
        return [symbol, *[f for part in symbol.parts for f in _functions(part)]]
    if isinstance(symbol, Bundle):
        return [f for item in symbol.items for f in _functions(item)]
    return []


def _reads_target(function: Function) -> bool:
    """Whether a function reads a variable of the comprehension that it was made in."""
    return isinstance(function.invoke, Body) and function.invoke.reads_inner
