"""Flatten: make what crosses a domain's border explicit.

After it, every argument of a node lives in the node's own domain: an outer value used inside a
domain comes in by `spread`, one level at a time. And every closer lists the nodes whose failures it
reports (`effects`), in program order: the first that failed is how the lane failed, whatever order
the nodes are run in later.

`infer` runs before this pass, not after it: the conversions that it inserts can fail a lane, and so
are effects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pipeline.ir.coerce import FALLIBLE, cost
from pipeline.ir.graph import CLOSERS, ITEMS, OPENERS, Const, Graph, Node
from pipeline.ir.types import BOOLEAN, GRID, INTEGER, NUMERICAL
from pipeline.primitives.table import INTERNAL, TABLE

_UNSURE = (INTEGER, NUMERICAL, GRID)
"""What a row checks though it is total: an integer may be missing, the input grid too large."""

_NEVER_FAIL = ITEMS | {"input", "spread", "where", "unless", "loop"}


def is_fallible(node: Node) -> bool:
    """Whether the operation itself can fail a lane; a failed argument is its own node's matter."""
    if node.op in _NEVER_FAIL:
        return False
    if node.op == "convert":
        price = cost(node.args[0].type, node.type)  # type: ignore[arg-type]
        return price is None or price >= FALLIBLE
    if node.op in OPENERS or node.op in CLOSERS or node.op.startswith("pack_"):
        return True
    row = TABLE.get(node.op) or INTERNAL[node.op]
    takes_unsure = any(a.type in _UNSURE for a in node.args if isinstance(a, Node))
    return not (row.total and node.type is BOOLEAN and not (takes_unsure and not row.accepts_none))


class _Flattening:
    """The flat copy of one graph, as it grows."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.copies: dict[Node | None, Node | None] = {None: None}
        self.spreads: dict[tuple[Node, Node], Node] = {}
        self.fallible: dict[Node | None, list[Node]] = defaultdict(list)

    def add(self, node: Node) -> None:
        domain = self.copies[node.domain]
        inner = CLOSERS.get(node.op, ())
        args: list[Any] = []
        for k, arg in enumerate(node.args):
            if isinstance(arg, Const):
                args.append(arg)
                continue
            copy = self.copies[arg]
            assert copy is not None
            if k - 1 in inner:
                args.append(self._inside(copy, args[k - 1], node))
            elif arg.op in OPENERS:
                args.append(copy)
            else:
                args.append(self._inside(copy, domain, node))
        flat = Node(node.op, tuple(args), domain, node.origin, node.type)
        flat.effects = tuple(self._effects(args[k]) for k in inner)
        self.nodes.append(flat)
        self.copies[node] = flat
        if is_fallible(flat):
            self.fallible[domain].append(flat)

    def _inside(self, value: Node, domain: Node | None, user: Node) -> Node:
        """The value as a column of the domain."""
        if isinstance(value, Const) or value.domain is domain:
            return value
        assert domain is not None, "a value left its domain"
        outer = self._inside(value, domain.domain, user)
        key = (outer, domain)
        if key not in self.spreads:
            spread = Node("spread", (domain, outer), domain, user.origin, value.type)
            self.nodes.append(spread)
            self.spreads[key] = spread
        return self.spreads[key]

    def _effects(self, domain: Node | None) -> tuple[Node, ...]:
        return prune(self.fallible[domain])


def prune(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Drop each node whose failures the next one passes on, as it takes the node as an argument."""
    kept: list[Node] = []
    for node in nodes:
        if kept and any(arg is kept[-1] for arg in node.args):
            kept[-1] = node
        else:
            kept.append(node)
    return tuple(kept)


def flatten(graph: Graph) -> Graph:
    """The flat form of a typed graph."""
    flattening = _Flattening()
    for node in graph.nodes:
        flattening.add(node)
    result = flattening.copies[graph.result]
    assert result is not None
    return Graph(graph.name, tuple(flattening.nodes), result, flattening._effects(None))
