"""Choices: what is done with one of several symbols, where only the data tells which one it is.

Whatever uses a choice is run for each of its symbols, each in a domain of its own that has only the
lanes where that one is chosen, so that nothing of the others can fail them. Of data that has one
type the results are joined (`select`), else they are a choice again. What those capture inside the
domains is brought out of them, with nothing (`void`) where the symbol is not the chosen one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pipeline.ir.graph import Const, Node, ancestors
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


class _Sides(NamedTuple):
    """The two domains of a condition."""

    condition: Node
    taken: Node
    untaken: Node


def under(b: Any, choice: Choice, body: Callable[[Any], Any]) -> Any:
    """The body's result for the symbol chosen."""
    known = b.assumed.get(choice.selector) if is_choice_of_data(choice) else None
    groups: dict[Any, list[int]] = {}
    for place, item in enumerate(choice.items):
        if known is None or place in known:
            groups.setdefault(_same_as(item), []).append(place)
    return _under(b, choice, list(groups.values()), body)


def each_known(b: Any, choice: Choice, body: Callable[[Any], Any]) -> Any:
    """The same, of a body that makes no nodes: it is run for all symbols right here."""
    results = tuple([body(item) for item in choice.items])
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
    sides = _Sides(condition, taken, untaken)
    if b.fails_surely(taken, untaken):
        return b.wrong("select")
    if is_data(a) and is_data(c):
        try:
            return b.typed("select", condition, taken, a, untaken, c)
        except Mismatch:
            pass
    for side in (a, c):
        if isinstance(side, Poison):
            raise Unresolved("")
    before = b.nodes
    choice = Choice(condition, (_outside(b, sides, a, True), _outside(b, sides, c, False)))
    if b.nodes == before and before > begin + 2:
        _select(b, sides, True, _within(b, taken, "place"))
    return choice


def is_data(symbol: Any) -> bool:
    """Whether it is a node or a literal."""
    return isinstance(symbol, Node | Const)


def _outside(b: Any, sides: _Sides, symbol: Any, is_taken: bool) -> Any:
    """The symbol of one side, without the domain of that side."""
    opener = sides.taken if is_taken else sides.untaken
    inside = [n for n in dict.fromkeys(leaves(symbol)) if opener in ancestors(n.domain)]
    if any(n.domain is not opener for n in inside):
        message = "a closure captures data of a domain inside its own"
        raise Unresolved("unsupported-closure", message)
    return fill(symbol, {n: _select(b, sides, is_taken, n) for n in inside}) if inside else symbol


def _select(b: Any, sides: _Sides, is_taken: bool, value: Any) -> Node:
    """The value of one side, and nothing on the other."""
    nothing = _within(b, sides.untaken if is_taken else sides.taken, "void")
    a, c = (value, nothing) if is_taken else (nothing, value)
    node: Node = b.node("select", sides.condition, sides.taken, a, sides.untaken, c)
    return node


def _within(b: Any, opener: Node, name: str) -> Any:
    with b.within(opener):
        return b.row(name, Const(0))
