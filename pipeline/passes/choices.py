"""Choices: what is done with one of several symbols, where only the data tells which one it is.

Whatever uses a choice is run for each of its symbols, each in a domain of its own that has only the
lanes where that one is chosen, so that nothing of the others can fail them. Of data that has one
type the results are joined (`select`), else they are a choice again. What those capture inside the
domains is brought out of them, with nothing (None) where the symbol is not the chosen one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipeline.ir.graph import Const, Node, ancestors
from pipeline.passes.environment import UNASSIGNED, Maybe
from pipeline.passes.infer import Mismatch
from pipeline.passes.symbols import (
    Choice,
    Function,
    Poison,
    Unresolved,
    fill,
    is_choice_of_data,
    leaves,
)

Body = Callable[[], Any]


def under(b: Any, choice: Choice, body: Callable[[Any], Any]) -> Any:
    """The body's result for the symbol chosen."""
    b.peeks += 1
    known = b.assumed.get(choice.selector) if is_choice_of_data(choice) else None
    groups: dict[Any, list[int]] = {}
    for place, item in enumerate(choice.items):
        if known is None or place in known:
            groups.setdefault(_same_as(item), []).append(place)
    return _under(b, choice, list(groups.values()), body)


def each_known(
    b: Any, choice: Choice, body: Callable[[Any], Any], made: dict[int, Any] | None = None
) -> Any:
    """The same, of a body that makes no nodes: it is run for all symbols right here.

    Each symbol is looked at once (`made`), since choices between choices share what they choose.
    """
    b.peeks += 1
    made = {} if made is None else made
    for item in choice.items:
        if id(item) not in made:
            made[id(item)] = (
                each_known(b, item, body, made) if isinstance(item, Choice) else body(item)
            )
    results = tuple([made[id(item)] for item in choice.items])
    if not all(is_data(r) for r in results):
        return Choice(choice.selector, results, choice.is_condition)
    value = results[-1]
    for k in range(len(results) - 2, -1, -1):
        value = b.choose(is_chosen(b, choice, k), results[k], value)
    return value


def _same_as(item: Any) -> Any:
    """What is equal for symbols that are the same."""
    if isinstance(item, Function):
        return item.serial, tuple([id(part) for part in item.parts])
    return id(item)


def _under(b: Any, choice: Choice, groups: Sequence[list[int]], body: Callable[[Any], Any]) -> Any:
    places, *others = groups
    item = choice.items[places[0]]
    if not others:
        return body(item)
    condition = is_chosen(b, choice, places[0])
    for place in places[1:]:
        condition = b.row("either", condition, is_chosen(b, choice, place))
    selector = choice.selector
    rest = [place for group in others for place in group]
    return masked(
        b,
        condition,
        lambda: _assuming(b, selector, places, lambda: body(item)),
        lambda: _assuming(b, selector, rest, lambda: _under(b, choice, others, body)),
    )


def is_chosen(b: Any, choice: Choice, place: int) -> Any:
    """The condition under which a symbol is the chosen one."""
    if choice.is_condition:
        return choice.selector
    return b.row("equality", choice.selector, Const(place))


def _assuming(b: Any, selector: Node, places: list[int], body: Body) -> Any:
    """The body's result where it is known to be one of these places that is chosen."""
    before = b.assumed
    b.assumed = {**before, selector: frozenset(places)}
    try:
        return body()
    finally:
        b.assumed = before


def masked(b: Any, condition: Any, then: Body, otherwise: Body) -> Any:
    """The result of one of two bodies: each runs only where the condition, a Boolean, holds or
    does not.
    """
    if isinstance(condition, Const):
        return then() if condition.value else otherwise()
    begin = b.nodes
    with b.open("where", (), condition) as domain:
        taken, a = domain.opener, then()
    with b.open("unless", (), condition) as domain:
        untaken, c = domain.opener, otherwise()
    is_used = b.nodes > begin + 2
    fork = Fork(b, condition, taken, untaken)
    result = fork.merge(a, c)
    if is_used:
        fork.close()
    return result


def apart(b: Any, body: Body) -> Maybe:
    """The result of a body that is run in a domain of its own, where reading it fails as it did."""
    condition = b.row("carried", Const(True))
    with b.open("where", (), condition) as domain:
        taken, result = domain.opener, body()
    with b.open("unless", (), condition) as domain:
        fork = Fork(b, condition, taken, domain.opener)
    return Maybe(fork.merge(Const(True), Const(False)), fork.merge(result, Const(None)))


def is_data(symbol: Any) -> bool:
    """Whether it is a node or a literal."""
    return isinstance(symbol, Node | Const)


class Fork:
    """Two sides of a condition that were run: what they give is one symbol behind them."""

    def __init__(self, builder: Any, test: Node, taken: Node, untaken: Node) -> None:
        self.builder = builder
        self.test = test
        self.taken = taken
        self.untaken = untaken
        self.is_closed = False
        builder.note_sides(taken, untaken)

    def merge(self, a: Any, b: Any) -> Any:
        """One symbol for one of each side."""
        if a is b and is_data(a) and not self._is_inside(a):
            return a
        self.builder.peeks += not (is_data(a) and is_data(b))
        if UNASSIGNED in (a, b) or Maybe in (a.__class__, b.__class__):
            return self._maybe(a, b)
        if is_data(a) and is_data(b):
            try:
                return self._select(a, b)
            except Mismatch:
                pass
        if isinstance(a, Poison) or isinstance(b, Poison):
            raise Unresolved("")
        if a is b and not self._leaves(a, self.taken, self.untaken):
            return a
        return Choice(self.test, (self._lifted(a, True), self._lifted(b, False)))

    def close(self) -> None:
        """Have the failures of both sides told, if nothing else did."""
        if not self.is_closed:
            self._select(Const(True), Const(True))

    def _select(self, a: Any, b: Any) -> Any:
        node = self.builder.typed("select", self.test, self.taken, a, self.untaken, b)
        self.is_closed = True
        return node

    def _maybe(self, a: Any, b: Any) -> Any:
        """A name that has no value in some lanes."""
        (has_a, value_a), (has_b, value_b) = _taken_apart(a), _taken_apart(b)
        return Maybe(self.merge(has_a, has_b), self.merge(value_a, value_b))

    def _is_inside(self, leaf: Any) -> bool:
        around = ancestors(leaf.domain)
        return self.taken in around or self.untaken in around

    def _leaves(self, symbol: Any, *openers: Node) -> list[Node]:
        """What a symbol captures inside of domains."""
        found = [
            n
            for n in dict.fromkeys(leaves(symbol))
            if not set(openers).isdisjoint(ancestors(n.domain))
        ]
        if any(n.domain not in openers for n in found):
            message = "a closure captures data of a domain inside its own"
            raise Unresolved("unsupported-closure", message)
        return found

    def _lifted(self, symbol: Any, is_taken: bool) -> Any:
        """A symbol of one side behind it: missing in the lanes of the other one."""
        nothing = Const(None)
        lifted: dict[Node, Any] = {}
        for leaf in self._leaves(symbol, self.taken if is_taken else self.untaken):
            sides = (leaf, nothing) if is_taken else (nothing, leaf)
            lifted[leaf] = self._select(*sides)
        return fill(symbol, lifted) if lifted else symbol


def _taken_apart(symbol: Any) -> tuple[Any, Any]:
    """Whether a symbol has a value, and which."""
    if symbol is UNASSIGNED:
        return Const(False), Const(None)
    if isinstance(symbol, Maybe):
        return symbol.has_value, symbol.value
    return Const(True), symbol
