"""The direct interpreter of what solvers take from Python: functions, conditions, loops.

Each construct is run as Python runs it, on plain values: names live in scopes, a function sees the
scope around it as it is when it is called, a block ends by running out, by a jump or by a return.
What is added is the account of totals (see `interpret`), for which these hold:

- a call of a function, a turn of a loop and an operand are part of the path to the running site;
- the elements of a comprehension are counted as `apply` counts them, those of a clause inside
  another one for all elements of the outer one together; what a clause makes is a container of its
  own, merged with those of the other elements; what conditions leave is counted as `keep_by` does;
- `any`, `all` and `first` look at elements one after another, each in totals of its own; they count
  the places of a container, of which there is one behind the last;
- a `for` takes elements by their places, a `while` counts its turns against `Limits.turns`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from pipeline.frontend.meanings import meaning_of
from pipeline.frontend.program import (
    Assign,
    Assigned,
    Block,
    Clause,
    Comprehension,
    Conditional,
    Expression,
    For,
    If,
    Jump,
    Lambda,
    Logic,
    Rest,
    Return,
    SetLiteral,
    Target,
    While,
)
from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.raising import container_places, set_places
from pipeline.primitives.row import Primitive, run_row
from pipeline.primitives.table import INTERNAL, PYTHON, TABLE

if TYPE_CHECKING:
    from pipeline.oracle.interpret import Lane


class Namespace(dict[str, Any]):
    """The names of a function, and the scope around it.

    assigned: the names that are its own; None where all are, as in a solver. A comprehension's
    scope owns its targets only.
    """

    __slots__ = ("assigned", "outer")

    def __init__(
        self, outer: Namespace | None = None, assigned: frozenset[str] | None = None, **values: Any
    ) -> None:
        super().__init__(values)
        self.outer = outer
        self.assigned = assigned

    def __missing__(self, name: str) -> Any:
        if self.outer is None or self.assigned is None or name in self.assigned:
            raise Failure("UNBOUND", name)
        return self.outer[name]

    def function_scope(self) -> Namespace:
        """The scope in which `:=` assigns: that of the function."""
        scope = self
        while isinstance(scope, _Inner):
            assert scope.outer is not None
            scope = scope.outer
        return scope


class _Inner(Namespace):
    """The scope of a comprehension."""

    __slots__ = ()


class Ended:
    """How a block ended before its end: by a jump, or with a value."""

    __slots__ = ("is_break", "is_return", "value")

    def __init__(self, value: Any = None, is_return: bool = False, is_break: bool = False) -> None:
        self.value = value
        self.is_return = is_return
        self.is_break = is_break


def holds(lane: Lane, value: Any) -> bool:
    """Whether Python takes a value for true."""
    return bool(run_row(INTERNAL["truth"], (value,), lane.limits))


def assign(lane: Lane, target: Target, value: Any, scope: Namespace) -> None:
    """Give a value, or its elements, the names of a target."""
    if isinstance(target, str):
        if target:
            scope[target] = value
        return
    assert isinstance(target, tuple)
    items = _items(lane, value, "unpacking")
    rest = next((k for k, part in enumerate(target) if isinstance(part, Rest)), None)
    behind = 0 if rest is None else len(target) - rest - 1
    fits = len(items) == len(target) if rest is None else len(items) >= len(target) - 1
    if not fits:
        raise Failure("SHAPE" if items else "EMPTY", "unpacking")
    for k, part in enumerate(target):
        if isinstance(part, Rest):
            scope[part.name] = tuple(items[k : len(items) - behind])
        else:
            assign(lane, part, items[k if rest is None or k < rest else k - len(target)], scope)


def _items(lane: Lane, container: Any, name: str = "each") -> Sequence[Any]:
    """The elements of a container, one after another."""
    if not isinstance(container, tuple | frozenset):
        lane.is_sure = isinstance(container, int)
        raise Failure("NONE" if container is None else "TYPE", name)
    return ordered(container)


def no_container(lane: Lane, row: Primitive, args: tuple[Any, ...]) -> Failure:
    """Why a row can't apply a function to elements."""
    is_looked_at = row.name != "prapply"
    lane.is_sure = is_looked_at and any(isinstance(args[k], int) for k in row.container_positions)
    return Failure("TYPE", row.name)


def is_sure(row: Primitive, args: tuple[Any, ...]) -> bool:
    """Whether the published code raises for sure: see `primitives.raising`."""
    numbers = any(isinstance(args[k], int) for k in container_places(row))
    return numbers or any(isinstance(args[k], frozenset) for k in set_places(row))


# -- expressions


def evaluate(lane: Lane, expression: Expression, scope: Namespace) -> Any:
    """The value of an expression that plain ARC-DSL has not."""
    return _EXPRESSIONS[type(expression)](lane, expression, scope)


def _set(lane: Lane, expression: SetLiteral, scope: Namespace) -> Any:
    return lane.packed(tuple([lane.evaluate(e, scope) for e in expression.elements]), frozenset)


def _conditional(lane: Lane, expression: Conditional, scope: Namespace) -> Any:
    chosen = holds(lane, lane.evaluate(expression.test, scope))
    return lane.evaluate(expression.chosen if chosen else expression.other, scope)


def _logic(lane: Lane, expression: Logic, scope: Namespace) -> Any:
    *operands, last = expression.operands
    for operand in operands:
        value = lane.evaluate(operand, scope)
        if holds(lane, value) is not expression.is_and:
            return value
    return lane.evaluate(last, scope)


def _assigned(lane: Lane, expression: Assigned, scope: Namespace) -> Any:
    value = lane.evaluate(expression.value, scope)
    scope.function_scope()[expression.name] = value
    return value


def _function(lane: Lane, expression: Lambda, scope: Namespace) -> Any:
    home = lane.home
    defaults = tuple([lane.evaluate(d, scope) for d in expression.defaults])
    count = len(expression.parameters)

    def run(*given: Any) -> Any:
        values = (*given, *defaults[len(defaults) - count + len(given) :]) if defaults else given
        return _called(lane, expression, values, Namespace(scope, expression.assigned), home)

    return lane.closure(count, run, id(expression))


def _called(
    lane: Lane, expression: Lambda, values: tuple[Any, ...], names: Namespace, home: int
) -> Any:
    """What a function gives for the values of its parameters."""
    saved = lane.prefix, lane.path, lane.home, lane.expression
    lane.prefix, lane.home = list(lane.path), home
    names.update(zip(expression.parameters, values, strict=True))
    ended = execute(lane, expression.body, names)
    lane.prefix, lane.path, lane.home, lane.expression = saved
    return None if ended is None else ended.value


def meant(lane: Lane, row: Primitive, args: tuple[Any, ...]) -> Any:
    """What a row gives for values that none of its overloads takes: see `frontend.meanings`."""
    found = None if row in lane.meant else meaning_of(row)
    if found is None:
        lane.is_sure = is_sure(row, args)
        raise Failure("TYPE", row.name)
    function, asks = found
    before, lane.meant = lane.meant, (*lane.meant, row)
    try:
        values = (*args, *map(lane.function, asks))
        return _called(lane, function, values, Namespace(None), lane.home)
    except Failure as failure:
        failure.operation = row.name  # and not a part of what it stands for
        raise
    finally:
        lane.meant = before


# -- comprehensions


def _comprehension(lane: Lane, expression: Comprehension, scope: Namespace) -> Any:
    prefix = lane.prefix
    if expression.kind in ("tuple", "set"):
        result = _collected(lane, expression, 0, scope)
    elif expression.kind == "first":
        result = _first(lane, expression, scope)
    elif expression.kind == "let":
        result = _let(lane, expression, scope)
    else:
        result = _quantified(lane, expression, 0, scope)
    lane.prefix = prefix
    return result


def _let(lane: Lane, expression: Comprehension, scope: Namespace) -> Any:
    """The element, where names have a value."""
    (clause,) = expression.clauses
    value = lane.evaluate(clause.container, scope)
    inner = _Inner(scope)
    inner.assigned = frozenset(_names(clause.target))
    assign(lane, clause.target, value, inner)
    return lane.evaluate(expression.element, inner)


def _collected(lane: Lane, expression: Comprehension, number: int, scope: Namespace) -> Any:
    """What a clause and those inside it make."""
    clause = expression.clauses[number]
    is_last = number == len(expression.clauses) - 1
    base = lane.prefix
    container = lane.evaluate(clause.container, scope)
    site = [*base, (id(expression), number)]
    functions, known = lane.functions_in(container)
    items = _items(lane, container)
    if not functions:
        lane.path = site
        lane.count("comprehension elements", len(items))
    values: list[Any] = []
    keys: list[bool] = []
    for k, item in enumerate(items):
        lane.prefix = [*site, k] if known else site
        inner = _Inner(scope)
        inner.assigned = frozenset(_names(clause.target))
        assign(lane, clause.target, item, inner)
        fits = all(holds(lane, lane.evaluate(c, inner)) for c in clause.conditions)
        keys.append(fits)
        if not fits:
            values.append(None)
        elif is_last:
            values.append(lane.evaluate(expression.element, inner))
        else:
            values.append(_collected(lane, expression, number + 1, inner))
    lane.prefix, lane.path = base, site
    is_set = expression.kind == "set" and len(expression.clauses) == 1
    made = _made(lane, values, keys if clause.conditions else None, is_set, known)
    if is_last:
        return made
    parts = lane.apply(TABLE["merge"], (made,))
    if expression.kind == "set" and number == 0:
        return lane.apply(PYTHON["as_set"], (parts,))
    return parts


def _made(lane: Lane, values: list[Any], keys: list[bool] | None, is_set: bool, known: bool) -> Any:
    """The container that a clause makes of its values, of which only those with a key stay."""
    if keys is not None:
        kept = run_row(INTERNAL["keep_by"], (tuple(values), tuple(keys)), lane.limits)
        if not known:
            lane.count("keep_by", len(kept))
        return lane.apply(PYTHON["as_set"], (kept,)) if is_set else kept
    result = lane.packed(tuple(values), frozenset if is_set else tuple)
    if not known:
        lane.count("comprehension", len(result))
    return result


def _probed(lane: Lane, expression: Comprehension, number: int, scope: Namespace) -> Any:
    """A clause for those that stop early: its site, and its elements, of which places are counted.

    There is one place more than elements: where none is found.
    """
    base = lane.prefix
    container = lane.evaluate(expression.clauses[number].container, scope)
    lane.path = site = [*base, (id(expression), number)]
    items = _items(lane, container)
    lane.apply(PYTHON["range_of"], (0, len(items) + 1, 1))
    return site, items


def _probe(lane: Lane, clause: Clause, item: Any, scope: Namespace) -> tuple[bool, Namespace]:
    """Whether an element fulfils a clause's conditions, and its scope."""
    inner = _Inner(scope)
    inner.assigned = frozenset(_names(clause.target))
    assign(lane, clause.target, item, inner)
    return all(holds(lane, lane.evaluate(c, inner)) for c in clause.conditions), inner


def _quantified(lane: Lane, expression: Comprehension, number: int, scope: Namespace) -> bool:
    """`any`, or `all`: looks for an element for which the rest is true, or false; of `next` whether
    there is an element.
    """
    is_any = expression.kind != "all"
    site, items = _probed(lane, expression, number, scope)
    totals = lane.totals
    for item in items:
        lane.prefix, lane.totals = site, {}
        fits, inner = _probe(lane, expression.clauses[number], item, scope)
        if fits:
            if number + 1 < len(expression.clauses):
                found = _quantified(lane, expression, number + 1, inner)
            elif expression.kind == "first":
                found = True
            else:
                found = holds(lane, lane.evaluate(expression.element, inner))
            if found is is_any:
                lane.totals = totals
                return is_any
    lane.totals = totals
    return not is_any


def _first(lane: Lane, expression: Comprehension, scope: Namespace, number: int = 0) -> Any:
    """`next`: the element made of the first that fulfils the conditions.

    Of several clauses the first is looked through for an element for which those inside it find
    one, and then those once more.
    """
    clause = expression.clauses[number]
    is_last = number + 1 == len(expression.clauses)
    base, totals = lane.prefix, lane.totals
    site, items = _probed(lane, expression, number, scope)
    asked = expression.default if number == 0 else None
    default = None if asked is None else lane.evaluate(asked, scope)
    for item in items:
        lane.prefix, lane.totals = site, {}
        fits, inner = _probe(lane, clause, item, scope)
        fits = fits and (is_last or _quantified(lane, expression, number + 1, inner))
        lane.totals = totals
        if fits:
            lane.prefix = base
            inner = _Inner(scope)
            inner.assigned = frozenset(_names(clause.target))
            assign(lane, clause.target, item, inner)
            if is_last:
                return lane.evaluate(expression.element, inner)
            return _first(lane, expression, inner, number + 1)
    lane.prefix = base
    if asked is None:
        raise Failure("NO_MATCH", "next")
    return default


def _names(target: Target) -> Sequence[str]:
    """The names in a target."""
    if isinstance(target, str):
        return (target,)
    if isinstance(target, Rest):
        return (target.name,)
    return [name for part in target for name in _names(part)]


_EXPRESSIONS: Final[dict[type, Callable[..., Any]]] = {
    SetLiteral: _set,
    Conditional: _conditional,
    Logic: _logic,
    Assigned: _assigned,
    Lambda: _function,
    Comprehension: _comprehension,
}


# -- blocks


def execute(lane: Lane, block: Block, scope: Namespace) -> Ended | None:
    """Run a block; None where it ran to its end."""
    for part in block:
        ended = _PARTS[type(part)](lane, part, scope)
        if ended is not None:
            return ended
    return None


def _assign(lane: Lane, part: Assign, scope: Namespace) -> None:
    assign(lane, part.target, lane.evaluate(part.value, scope), scope)


def _if(lane: Lane, part: If, scope: Namespace) -> Ended | None:
    chosen = holds(lane, lane.evaluate(part.test, scope))
    return execute(lane, part.then if chosen else part.otherwise, scope)


def _for(lane: Lane, part: For, scope: Namespace) -> Ended | None:
    base = lane.prefix
    container = lane.evaluate(part.container, scope)
    items = _items(lane, container)
    if len(items) > lane.limits.integer and not lane.functions_in(container)[0]:
        raise Failure("INTEGER", "size")  # turns are counted
    for turn, item in enumerate(items):
        lane.prefix = [*base, (id(part), turn)]
        assign(lane, part.target, item, scope)
        ended = execute(lane, part.body, scope)
        if ended is not None and (ended.is_return or ended.is_break):
            lane.prefix = base
            return ended if ended.is_return else None
    lane.prefix = base
    return execute(lane, part.otherwise, scope)


def _while(lane: Lane, part: While, scope: Namespace) -> Ended | None:
    base, turn = lane.prefix, 0
    while True:
        lane.prefix = [*base, (id(part), turn)]
        if not holds(lane, lane.evaluate(part.test, scope)):
            break
        turn += 1
        run_row(INTERNAL["turns"], (turn,), lane.limits)
        ended = execute(lane, part.body, scope)
        if ended is not None and (ended.is_return or ended.is_break):
            lane.prefix = base
            return ended if ended.is_return else None
    lane.prefix = base
    return execute(lane, part.otherwise, scope)


def _return(lane: Lane, part: Return, scope: Namespace) -> Ended:
    return Ended(lane.evaluate(part.value, scope), is_return=True)


def _jump(lane: Lane, part: Jump, scope: Namespace) -> Ended:
    return Ended(is_break=part.is_break)


_PARTS: Final[dict[type, Callable[..., Any]]] = {
    Assign: _assign,
    If: _if,
    For: _for,
    While: _while,
    Return: _return,
    Jump: _jump,
}
