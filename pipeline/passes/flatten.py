"""Flatten: make what crosses a domain's border explicit.

After it, every argument of a node lives in the node's own domain: an outer value used inside a
domain comes in by `spread`, one level at a time. And every closer lists the nodes whose failures it
reports (`effects`), in program order: the first that failed is how the lane failed, whatever order
the nodes are run in later.

`infer` stands before this pass, not after it: the conversions that it inserts can fail a lane, and
so are effects.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from pipeline.ir.coerce import FALLIBLE, cost
from pipeline.ir.graph import Const, Node
from pipeline.ir.operations import ALWAYS_MAY_FAIL, CLOSERS, NEVER_FAIL, home_of
from pipeline.ir.types import BOOLEAN, GRID, INTEGER, NUMERICAL, TEXT, Type
from pipeline.passes.intern import Fresh
from pipeline.primitives.table import BY_NAME

_UNSURE = (INTEGER, NUMERICAL, GRID)
"""What a row checks though it is total: an integer may be missing, the input grid too large."""
_SELDOM = frozenset({*NEVER_FAIL, "convert"})
"""What may give other values than Booleans and not be able to fail."""


def is_fallible(op: str, args: tuple[Any, ...], type_: Type | None) -> bool:
    """Whether an operation itself can fail a lane; a failed argument is its own node's matter."""
    if op in NEVER_FAIL:
        return False
    if op == "convert":
        assert type_ is not None
        return may_fail(args[0].type, type_)
    if type_ is not BOOLEAN or op in ALWAYS_MAY_FAIL:
        return True
    row = BY_NAME[op]
    takes_unsure = any(a.type in _UNSURE for a in args if isinstance(a, Node))
    return not (row.total and not (takes_unsure and not row.accepts_none))


@cache
def may_fail(source: Type, target: Type) -> bool:
    """Whether a conversion can fail a lane; a text is made of its place, a literal."""
    if target is TEXT:
        return False
    price = cost(source, target)
    return price is None or price >= FALLIBLE


class Flattening:
    """Makes nodes flat. `fallible` has for each domain the nodes in it that can fail a lane, in
    order, each as often as the program has it.
    """

    def __init__(self, sink: Fresh) -> None:
        self.node = sink.node
        self.fallible: dict[Node | None, list[Node]] = {None: []}
        self.spreads: dict[tuple[Node, Node], Node] = {}

    def add(self, op: str, args: tuple[Any, ...], domain: Node | None, type_: Type | None) -> Node:
        """A node that is typed."""
        if op in CLOSERS:
            node = self._closer(op, args, domain, type_)
            self.fallible[domain].append(node)
            return node
        if domain is not None:
            args = self._placed(args, domain)
        node = self.node(op, args, domain, type_)
        if type_ is None:
            self.fallible[node] = []
        is_sure = type_ is not BOOLEAN and op not in _SELDOM
        if is_sure or is_fallible(op, args, type_):
            self.fallible[domain].append(node)
        return node

    def _closer(
        self, op: str, args: tuple[Any, ...], domain: Node | None, type_: Type | None
    ) -> Node:
        inner = CLOSERS[op]
        placed = [
            arg if k in inner else self._inside(arg, home_of(op, k, args, domain))
            for k, arg in enumerate(args)
        ]
        effects = tuple([prune(self.fallible[args[k]]) for k in inner])
        return self.node(op, tuple(placed), domain, type_, effects)

    def _placed(self, args: tuple[Any, ...], domain: Node) -> tuple[Any, ...]:
        """The arguments as columns of the domain, an opener as it is."""
        for arg in args:
            if arg.domain is not domain and arg.__class__ is Node and arg.type is not None:
                return tuple([a if a.type is None else self._inside(a, domain) for a in args])
        return args

    def _inside(self, value: Any, domain: Node | None) -> Any:
        """The value as a column of the domain."""
        if value.__class__ is Const or value.domain is domain:
            return value
        assert domain is not None, "a value left its domain"
        outer = self._inside(value, domain.domain)
        key = (outer, domain)
        known = self.spreads.get(key)
        if known is None:
            known = self.node("spread", (domain, outer), domain, value.type)
            self.spreads[key] = known
        return known

    def effects(self) -> tuple[Node, ...]:
        """What of the root can fail the lane."""
        return prune(self.fallible[None])


def prune(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Each node once, but those whose failures the next one passes on, as it takes the node as an
    argument.
    """
    return tuple(dict.fromkeys(kept_of(nodes)))


def kept_of(nodes: Iterable[Node]) -> list[Node]:
    """Nodes but those whose failures the next one passes on."""
    kept: list[Node] = []
    last: Node | None = None
    for node in nodes:
        if last in node.args:
            kept[-1] = node
        else:
            kept.append(node)
        last = node
    return kept
