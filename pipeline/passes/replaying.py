"""Replaying: what a statement makes, of what it made of other nodes of the same types.

The passes look at types, at which nodes are the same, and at literals. So a statement that was run
makes for other nodes of the same types, of which the same ones are the same, the same nodes on
these: its recipe. That it is found to be so again is looked at when it is followed; where one node
more is the same as another, the statement is run. Where the passes looked at more, as they do where
types don't fit (`Builder.peeks`), there is no recipe; nor is there one for loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Final, NamedTuple

from pipeline.ir.graph import Const, Node
from pipeline.ir.types import Type
from pipeline.passes.evaluating import Inside
from pipeline.passes.intern import LOOPS, Fresh, Generations, StatementNodes
from pipeline.passes.symbol_keys import key_of
from pipeline.passes.symbols import Bundle, Function, Symbol

MOST_RECIPES: Final = 20_000
MOST_PARTS: Final = 64
"""How many parts a function may have, for what it is to be looked at."""

RECIPES: Final = Generations(MOST_RECIPES)
"""By shape: the recipe, or what it can be made of; False where there is none."""

_Pick = Callable[[list[Any]], tuple[Any, ...]]


class KnownStatement(NamedTuple):
    """What a statement made: its value and what that is in a key, None where it can be in none; the
    nodes that it asked for; of those of the root that can fail a lane the first, and all but those
    whose failures the next one passes on; what it counts against the limits; and whether types did
    not fit, so that it is run otherwise where nobody uses it.
    """

    result: Symbol
    key: Any
    made: StatementNodes
    first: Node | None
    effects: list[Node]
    nodes: int
    steps: int
    is_doubtful: bool = False


class Example(NamedTuple):
    """What a statement made of some nodes."""

    leaves: tuple[Node, ...]
    statement: KnownStatement


class RecipeStep(NamedTuple):
    """How a node is made: arguments, domain and effects are places among what there is so far."""

    op: str
    args: _Pick
    domain: int
    type: Type | None
    effects: tuple[_Pick, ...]
    mark: Any


class Recipe(NamedTuple):
    """What there is first, behind the root and the leaves: literals; then what is made, step by
    step. The others are as in a `KnownStatement`, as places.
    """

    literals: tuple[Const, ...]
    made: tuple[RecipeStep, ...]
    result: int
    first: int
    effects: _Pick
    nodes: int
    steps: int


class Shapeless(Exception):
    """A symbol of which more matters than types."""


def shape_of(symbol: Any, leaves: dict[Node, int]) -> Any:
    """What of a symbol matters besides the nodes in it, which are added to the leaves; raises
    Shapeless.
    """
    kind = symbol.__class__
    if kind is Node:
        return leaves.setdefault(symbol, len(leaves)), symbol.type
    if kind is Const:
        return symbol
    return _shape_of_parts(symbol, leaves, [0])


def _shape_of_parts(symbol: Any, leaves: dict[Node, int], count: list[int]) -> Any:
    kind = symbol.__class__
    if kind is Node or kind is Const:
        return shape_of(symbol, leaves)
    count[0] += 1
    if count[0] > MOST_PARTS or not isinstance(symbol, Function | Bundle) or symbol.key is None:
        raise Shapeless
    if isinstance(symbol, Bundle):
        if symbol.is_set and len(symbol.items) > 1:
            raise Shapeless
        return symbol.is_set, *[_shape_of_parts(item, leaves, count) for item in symbol.items]
    if symbol.row is not None:
        return symbol.row
    if symbol.stamp:
        raise Shapeless
    if _is_closed(symbol):
        return key_of(symbol), symbol.arity, symbol.optional
    parts = [_shape_of_parts(part, leaves, count) for part in symbol.parts]
    return symbol.invoke, symbol.arity, symbol.optional, *parts


def _is_closed(function: Function) -> bool:
    """Whether a function holds literals and functions that do, so that its key is its shape."""
    if function.is_closed is None:
        function.is_closed = not function.stamp and all(
            part.__class__ is Const or (part.__class__ is Function and _is_closed(part))
            for part in function.parts
        )
    return function.is_closed


def recipe_of(leaves: tuple[Node, ...], found: KnownStatement) -> Recipe | None:
    """The recipe of what a statement made of these nodes, None where it has none."""
    literals = dict.fromkeys(a for n in found.made for a in n.args if a.__class__ is Const)
    places: dict[Any, int] = {v: k for k, v in enumerate((None, *leaves, *literals))}
    made: list[RecipeStep] = []
    try:
        for node, mark in found.made.items():
            if node in places or node.op in LOOPS or mark.__class__ is Inside:
                return None
            args = _picking(places[arg] for arg in node.args)
            effects = tuple([_picking(places[e] for e in group) for group in node.effects])
            made.append(RecipeStep(node.op, args, places[node.domain], node.type, effects, mark))
            places[node] = len(places)
        result, first = places[found.result], places[found.first]
        effects_of_root = _picking(places[e] for e in found.effects)
    except KeyError:
        return None
    counts = found.nodes, found.steps
    return Recipe(tuple(literals), tuple(made), result, first, effects_of_root, *counts)


def _picking(places: Iterable[int]) -> _Pick:
    """What gives the values at some places."""
    listed = tuple(places)
    if len(listed) > 1:
        return itemgetter(*listed)
    begin = listed[0] if listed else 0
    return lambda values: tuple(values[begin : begin + len(listed)])


def follow(recipe: Recipe, leaves: Iterable[Node], sink: Fresh) -> KnownStatement | None:
    """What the recipe makes of these nodes, also in `sink.made`; None where some are the same that
    were not when it was made: then it does not hold.
    """
    values: list[Any] = [None, *leaves, *recipe.literals]
    node = sink.node
    for op, args, domain, type_, effects, mark in recipe.made:
        sink.mark = mark
        reported = tuple([pick(values) for pick in effects]) if effects else ()
        values.append(node(op, args(values), values[domain], type_, reported))
    if len({*values}) != len(values):
        return None
    result, first = values[recipe.result], values[recipe.first]
    effects_of_root = list(recipe.effects(values))
    counts = recipe.nodes, recipe.steps
    return KnownStatement(result, result, sink.made, first, effects_of_root, *counts)
