"""The IR as text, one line a node: `n4: Indices = ofcolor(n0, 3)  # x2`, indented by domain."""

from __future__ import annotations

from typing import Any

from pipeline.ir.graph import Graph, Node, depth
from pipeline.ir.operations import OPENERS


def names_of(nodes: tuple[Node, ...]) -> dict[Node, str]:
    """Names in order: d1, d2, ... for openers, n0, n1, ... for the rest."""
    names: dict[Node, str] = {}
    columns = domains = 0
    for node in nodes:
        if node.op in OPENERS:
            domains += 1
            names[node] = f"d{domains}"
        else:
            names[node] = f"n{columns}"
            columns += 1
    return names


def print_graph(graph: Graph) -> str:
    """All nodes, the effects of closers in braces, and the result."""
    names = names_of(graph.nodes)

    def show(value: Any) -> str:
        return names.get(value, "?") if isinstance(value, Node) else repr(value)

    lines = [f"graph {graph.name}"]
    for node, origin in zip(graph.nodes, graph.origins, strict=True):
        kind = f": {node.type}" if node.type is not None else ""
        after = "".join(" {" + " ".join(map(show, group)) + "}" for group in node.effects)
        pad = "  " * (depth(node.domain) + 1)
        args = ", ".join(map(show, node.args))
        note = f"  # {origin.variable}"
        lines.append(f"{pad}{show(node)}{kind} = {node.op}({args}){after}{note}")
    after = " {" + " ".join(map(show, graph.effects)) + "}" if graph.effects else ""
    lines.append(f"  return {show(graph.result)}{after}")
    return "\n".join(lines)
