"""Intern: equal nodes become one node (hash-consing).

Two nodes are equal if operation, domain, type, arguments and effects are. The first of them stays,
so that program order, and with it which failure comes first, is kept. A `loop` is never merged with
another: it stands for its body, which is not among its arguments.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.graph import Const, Graph, Node


def _key(node: Node, args: tuple[Any, ...]) -> tuple[Any, ...]:
    parts = tuple((type(a.value), a.value) if isinstance(a, Const) else id(a) for a in args)
    effects = tuple(tuple(id(e) for e in group) for group in node.effects)
    return (node.op, id(node.domain), node.type, parts, effects)


def intern(graph: Graph) -> Graph:
    """The graph with equal nodes merged."""
    known: dict[tuple[Any, ...], Node] = {}
    copies: dict[Node, Node] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        args = tuple(copies[a] if isinstance(a, Node) else a for a in node.args)
        domain = None if node.domain is None else copies[node.domain]
        copy = Node(node.op, args, domain, node.origin, node.type)
        copy.effects = tuple(_merged(group, copies) for group in node.effects)
        key = _key(copy, args)
        found = None if node.op == "loop" else known.get(key)
        if found is None:
            known[key] = found = copy
            nodes.append(copy)
        copies[node] = found
    effects = _merged(graph.effects, copies)
    return Graph(graph.name, tuple(nodes), copies[graph.result], effects)


def _merged(group: tuple[Node, ...], copies: dict[Node, Node]) -> tuple[Node, ...]:
    """The effects after merging, each once, where it came first."""
    return tuple(dict.fromkeys(copies[e] for e in group))
