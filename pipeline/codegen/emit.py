"""Emit one solver: its flattened graph as a readable Python module, one line a node.

    n5: Grid = rt.fill(d0, n4, 4, n3)  # x11

The annotation is the node's type, `d0` the domain it lives in, the comment the source variable it
helps to compute. A closer's `after` lists its effects (see `passes.flatten`), the last of them left
out where it is the closed column itself. The body of a loop is a function of its own, called once
for each turn. The module holds nothing that a comment or blank line in the source changes, so that
such a change does not relink; positions are in the source map.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipeline.ir.graph import Const, Graph, Node
from pipeline.ir.operations import CLOSERS, OPENERS, OPERATIONS
from pipeline.ir.text import names_of

HEAD = '''"""{name}, flattened: one line a node. Generated; not to be edited."""


def solve(rt, solver=0):
    """Run the solver on the lanes that `rt` wants from it."""
    d0 = rt.lanes(solver)
'''

TAIL = """

if __name__ == "__main__":
    from pipeline.commands.standalone import main

    main(solve, "{name}")
"""


class Names:
    """What nodes are called in the text, and how calls are written."""

    def __init__(self, names: dict[Node, str]) -> None:
        self.names = names

    def name(self, node: Node) -> str:
        """What a node is called."""
        return self.names[node]

    def domain(self, domain: Node | None) -> str:
        """What a domain is called where lanes of it are asked for."""
        return "d0" if domain is None else self.names[domain]

    def body(self, loop: Node) -> str:
        """What the function of a loop's body is called."""
        return f"t{self.names[loop][1:]}"

    def value(self, value: Any) -> str:
        """An argument: a literal, a domain or a column."""
        if value.__class__ is Const:
            return repr(value.value)
        return self.domain(value) if value.type is None else self.name(value)

    def group(self, effects: tuple[Node, ...]) -> str:
        """Effects as a tuple display."""
        inner = ", ".join([self.name(e) for e in effects])
        return f"({inner},)" if len(effects) == 1 else f"({inner})"

    def call(self, node: Node) -> str:
        """The right-hand side of a node's line."""
        op = node.op
        args = [] if op in _HAVE_DOMAIN else [self.domain(node.domain)]
        if op == "looped":
            loop = node.args[0]
            args += [*map(self.value, loop.args), self.body(loop)]
            return f"rt.looped({', '.join(args)})"
        args += map(self.value, node.args)
        if op == "convert":
            args += [repr(str(node.args[0].type)), repr(str(node.type))]
        elif op in CLOSERS:
            groups = [self.group(g) for g in node.effects]
            after = groups[0] if len(groups) == 1 else f"({', '.join(groups)})"
            args.append(f"after={after}")
        return f"rt.{op}({', '.join(args)})"


_HAVE_DOMAIN = {row.name for row in OPERATIONS.values() if not row.names_domain}
"""Their lines do not begin with their domain, as they name it, or that of elements, anyway."""


def lines_of(nodes: Sequence[Node], notes: Iterable[str], names: Names) -> Iterator[str]:
    """The lines of nodes in order, each with its note behind it, bodies of loops as indented
    functions.
    """
    loops: list[Node] = []
    states = {node.args[0]: names.name(node) for node in nodes if node.op == "state"}
    for node, note in zip(nodes, notes, strict=True):
        pad = "    " * (len(loops) + 1)
        if node.op == "loop":
            yield f"{pad}def {names.body(node)}({names.domain(node)}, {states[node]}):{note}"
            loops.append(node)
        elif node.op == "state":
            continue
        elif node.op == "looped":
            loops.pop()
            result, *more = map(names.value, node.args[1:])
            ended = ", ".join([result, names.group(node.effects[0]), *more])
            yield f"{pad}return {ended}"
            pad = pad[4:]
            yield f"{pad}{names.name(node)}: {node.type} = {names.call(node)}{note}"
        else:
            kind = "" if node.op in OPENERS else f": {node.type}"
            yield f"{pad}{names.name(node)}{kind} = {names.call(node)}{note}"


def emit(graph: Graph) -> str:
    """The module of one solver."""
    names = Names(names_of(graph.nodes))
    result = names.names[graph.result]
    after = names.group(graph.effects)
    notes = [f"  # {origin.variable}" for origin in graph.origins]
    body = "\n".join(lines_of(graph.nodes, notes, names))
    end = f"    rt.verdict(solver, d0, {result}, after={after})\n"
    return HEAD.format(name=graph.name) + body + "\n" + end + TAIL.format(name=graph.name)


def emit_map(graph: Graph) -> str:
    """The source map: for each node of the module, where in the source it comes from, as JSON.

    `{"path": ..., "nodes": {"n5": [line, column, width, "x11"], ...}}`, one node a line. Behind
    that of a node which is from another file, a library, is the path of that.
    """
    names = names_of(graph.nodes)
    rows = []
    path = graph.origins[0].span.path
    for node, origin in zip(graph.nodes, graph.origins, strict=True):
        span = origin.span
        more = "" if span.path == path else f", {json.dumps(span.path)}"
        entry = f"[{span.line}, {span.column}, {span.width}, {_quoted(origin.variable)}{more}]"
        rows.append(f'  "{names[node]}": {entry}')
    return f'{{"path": {json.dumps(path)}, "nodes": {{\n' + ",\n".join(rows) + "\n}}\n"


def _quoted(name: str) -> str:
    """A variable's name in JSON; json.dumps takes ten times as long, and most names are plain."""
    return f'"{name}"' if name.isascii() else json.dumps(name)
