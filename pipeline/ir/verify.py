"""What must hold of a graph after each pass; a breach is a fault of ours and names the pass."""

from __future__ import annotations

from pipeline.ir.graph import CLOSERS, ITEMS, OPENERS, Const, Graph, Node, ancestors
from pipeline.ir.text import print_graph
from pipeline.ir.types import GRID

STAGES = ("resolve", "infer", "flatten", "intern")


class Broken(AssertionError):
    """A pass made a graph that is none; the message holds the pass, the breach and the IR."""


def verify(graph: Graph, after: str) -> None:
    """Raise Broken unless the graph is well formed for the stage named."""
    stage = STAGES.index(after)
    seen: set[Node] = set()
    for node in graph.nodes:
        breach = _breach(node, seen, stage)
        if breach:
            raise Broken(f"after {after}: {node.op}: {breach}\n{print_graph(graph)}")
        seen.add(node)
    if graph.result not in seen or graph.result.domain is not None:
        raise Broken(f"after {after}: the result is not a node of the root\n{print_graph(graph)}")
    if stage >= 1 and graph.result.type is not GRID:
        raise Broken(f"after {after}: the result is no grid\n{print_graph(graph)}")


def _breach(node: Node, seen: set[Node], stage: int) -> str:
    args = [a for a in node.args if not isinstance(a, Const)]
    if any(a not in seen for a in args) or (node.domain is not None and node.domain not in seen):
        return "uses a node before it is made"
    if node.domain is not None and node.domain.op not in OPENERS:
        return "its domain is no opener"
    if any(
        (a.op in OPENERS) != _takes_domain(node, k)
        for k, a in enumerate(node.args)
        if not isinstance(a, Const)
    ):
        return "takes a domain for a column, or a column for a domain"
    if stage >= 1 and (node.type is None) != (node.op in OPENERS):
        return "has no type"
    if stage >= 2:
        return _breach_flat(node, seen)
    if any(not _visible(a, node) for a in args):
        return "uses a value of a domain that does not enclose it"
    return ""


def _takes_domain(node: Node, place: int) -> bool:
    if node.op in ITEMS or node.op == "spread":
        return place == 0
    return place in CLOSERS.get(node.op, ())


def _visible(arg: Node, node: Node) -> bool:
    around = ancestors(node.domain)
    inner = [node.args[k] for k in CLOSERS.get(node.op, ())]
    return arg.domain in around or any(arg.domain in ancestors(d) for d in inner) or arg in around


def _breach_flat(node: Node, seen: set[Node]) -> str:
    inner = CLOSERS.get(node.op, ())
    for k, arg in enumerate(node.args):
        if isinstance(arg, Const) or (_takes_domain(node, k) and arg.op in OPENERS):
            continue
        if node.op == "spread":
            if node.domain is not node.args[0] or arg.domain is not node.domain.domain:
                return "spreads by more than one level"
        elif arg.domain is not (node.args[k - 1] if k - 1 in inner else node.domain):
            return f"argument {k + 1} is of another domain"
    if len(node.effects) != len(inner):
        return "its effects are missing"
    for k, group in zip(inner, node.effects, strict=True):
        if any(e not in seen or e.domain is not node.args[k] for e in group):
            return "an effect is not of the domain that it closes"
    return ""
