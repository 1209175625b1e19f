"""What must hold of a graph after each pass; a breach is a fault of ours and names the pass."""

from __future__ import annotations

from pipeline.ir.graph import Const, Graph, Node, ancestors
from pipeline.ir.operations import CLOSERS, DOMAIN_PLACES, OPENERS, home_of
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
    if any(e not in seen or e.domain is not None for e in graph.effects):
        raise Broken(f"after {after}: an effect is not of the root\n{print_graph(graph)}")


def _breach(node: Node, seen: set[Node], stage: int) -> str:
    """What is wrong with a node, "" if nothing; this runs for every node after every pass."""
    domain = node.domain
    if domain is not None and domain not in seen:
        return "uses a node before it is made"
    if domain is not None and domain.op not in OPENERS:
        return "its domain is no opener"
    places = DOMAIN_PLACES.get(node.op, ())
    for k, arg in enumerate(node.args):
        if type(arg) is Const:
            continue
        if arg not in seen:
            return "uses a node before it is made"
        if (arg.op in OPENERS) is not (k in places):
            return "takes a domain for a column, or a column for a domain"
        if node.op == "collect" and k == 2:
            continue  # `infer` asks this one for the kind of container, nothing asks for its value
        if stage < 2 and arg.domain is not domain and not _visible(arg, node):
            return "uses a value of a domain that does not enclose it"
    if stage >= 1 and (node.type is None) is not (node.op in OPENERS):
        return "has no type"
    return _breach_flat(node, seen, places) if stage >= 2 else ""


def _visible(arg: Node, node: Node) -> bool:
    around = ancestors(node.domain)
    inner = [node.args[k] for k in CLOSERS.get(node.op, ())]
    return arg.domain in around or any(arg.domain in ancestors(d) for d in inner) or arg in around


def _breach_flat(node: Node, seen: set[Node], places: tuple[int, ...]) -> str:
    domain = node.domain
    inner = CLOSERS.get(node.op, ())
    if node.op == "spread":
        source = node.args[1]
        if domain is not node.args[0] or source.domain is not domain.domain:
            return "spreads by more than one level"
        return ""
    for k, arg in enumerate(node.args):
        if type(arg) is Const or k in places:
            continue
        if arg.domain is not home_of(node.op, k, node.args, domain):
            return f"argument {k + 1} is of another domain"
    if len(node.effects) != len(inner):
        return "its effects are missing"
    for k, group in zip(inner, node.effects, strict=True):
        for effect in group:
            if effect not in seen or effect.domain is not node.args[k]:
                return "an effect is not of the domain that it closes"
    return ""
