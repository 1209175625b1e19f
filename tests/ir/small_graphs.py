"""Graphs made by hand: what the passes would make, and what they must never make."""

from __future__ import annotations

from typing import Any

from pipeline.diagnostics import Span
from pipeline.ir.graph import Graph, Node, Origin
from pipeline.ir.types import parse_type

_ORIGIN = Origin("x", Span("a.py", 1, 1, 1))


class Hand:
    """Appends nodes; `graph` is made of them."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.origins: dict[Node, Origin] = {}

    def node(self, op: str, *args: Any, type_: str = "", domain: Node | None = None) -> Node:
        """A new node of a domain; its variable is x0, x1, ... ."""
        k = len(self.nodes)
        origin = Origin(f"x{k}", Span("a.py", k + 2, 5, 2))
        made = Node(op, args, domain, parse_type(type_) if type_ else None)
        self.nodes.append(made)
        self.origins[made] = origin
        return made

    def graph(self, result: Node, *effects: Node) -> Graph:
        """The graph of all nodes so far."""
        origins = tuple([self.origins.get(node, _ORIGIN) for node in self.nodes])
        return Graph("own/a", tuple(self.nodes), origins, result, effects)


def rows_counted() -> tuple[Hand, dict[str, Node]]:
    """`canvas(0, (maximum of the rows' sizes, 1))` after `flatten`, and its nodes by name."""
    hand = Hand()
    grid = hand.node("input", type_="Grid")
    rows = hand.node("convert", grid, type_="Tuple[Tuple[Integer]]")
    each = hand.node("each", rows)
    row = hand.node("item", each, type_="Tuple[Integer]", domain=each)
    wide = hand.node("spread", each, grid, type_="Grid", domain=each)
    size = hand.node("size", row, type_="Integer", domain=each)
    add = hand.node("add", size, size, type_="Integer", domain=each)
    sizes = hand.node("tuple_of", each, add, type_="Tuple[Integer]")
    sizes.effects = ((add,),)
    most = hand.node("maximum", sizes, type_="Integer")
    result = hand.node("mirror", grid, type_="Grid")
    named = {"grid": grid, "rows": rows, "each": each, "row": row, "wide": wide, "size": size}
    named |= {"add": add, "sizes": sizes, "most": most, "result": result}
    return hand, named
