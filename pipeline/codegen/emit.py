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
from collections.abc import Iterator
from typing import Any

from pipeline.ir.graph import CLOSERS, ITEMS, OPENERS, Const, Graph, Node
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

    def value(self, value: Any) -> str:
        """An argument: a literal or a node's name."""
        return repr(value.value) if isinstance(value, Const) else self.names[value]

    def domain(self, domain: Node | None) -> str:
        """The name of a domain."""
        return "d0" if domain is None else self.names[domain]

    def group(self, effects: tuple[Node, ...]) -> str:
        """Effects as a tuple display."""
        inner = ", ".join(self.names[e] for e in effects)
        return f"({inner},)" if len(effects) == 1 else f"({inner})"

    def call(self, node: Node) -> str:
        """The right-hand side of a node's line."""
        args = [self.value(a) for a in node.args]
        if node.op == "convert":
            args += [repr(str(node.args[0].type)), repr(str(node.type))]
        if node.op == "looped":
            loop = node.args[0]
            args = [*(self.value(a) for a in loop.args), f"t{self.names[loop][1:]}"]
        elif node.op in CLOSERS:
            groups = [self.group(g) for g in node.effects]
            after = groups[0] if len(groups) == 1 else f"({', '.join(groups)})"
            args.append(f"after={after}")
        if _names_domain(node):
            args.insert(0, self.domain(node.domain))
        return f"rt.{node.op}({', '.join(args)})"


def _names_domain(node: Node) -> bool:
    """Whether the line begins with the domain: not if it has it, or its elements', anyway."""
    if node.op in ITEMS or node.op == "spread":
        return False
    return node.op not in CLOSERS or node.op in ("select", "looped")


def lines_of(graph: Graph, names: Names) -> Iterator[str]:
    """The lines of nodes in order, bodies of loops as indented functions."""
    loops: list[Node] = []
    states = {node.args[0]: names.names[node] for node in graph.nodes if node.op == "state"}
    for node, origin in zip(graph.nodes, graph.origins, strict=True):
        pad = "    " * (len(loops) + 1)
        name = names.names[node]
        note = f"  # {origin.variable}"
        if node.op == "loop":
            yield f"{pad}def t{name[1:]}({name}, {states[node]}):{note}"
            loops.append(node)
        elif node.op == "state":
            continue
        elif node.op == "looped":
            loops.pop()
            result = names.value(node.args[1])
            yield f"{pad}return {result}, {names.group(node.effects[0])}"
            pad = pad[4:]
            yield f"{pad}{name}: {node.type} = {names.call(node)}{note}"
        else:
            kind = "" if node.op in OPENERS else f": {node.type}"
            yield f"{pad}{name}{kind} = {names.call(node)}{note}"


def emit(graph: Graph) -> str:
    """The module of one solver."""
    names = Names(names_of(graph.nodes))
    result = names.names[graph.result]
    after = names.group(graph.effects)
    body = "\n".join(lines_of(graph, names))
    end = f"    rt.verdict(solver, d0, {result}, after={after})\n"
    return HEAD.format(name=graph.name) + body + "\n" + end + TAIL.format(name=graph.name)


def emit_map(graph: Graph) -> str:
    """The source map: for each node of the module, where in the source it comes from, as JSON.

    `{"path": ..., "nodes": {"n5": [line, column, width, "x11"], ...}}`, one node a line.
    """
    names = names_of(graph.nodes)
    rows = []
    for node, origin in zip(graph.nodes, graph.origins, strict=True):
        span = origin.span
        entry = f"[{span.line}, {span.column}, {span.width}, {_quoted(origin.variable)}]"
        rows.append(f'  "{names[node]}": {entry}')
    path = json.dumps(graph.origins[0].span.path)
    return f'{{"path": {path}, "nodes": {{\n' + ",\n".join(rows) + "\n}}\n"


def _quoted(name: str) -> str:
    """A variable's name in JSON; json.dumps takes ten times as long, and most names are plain."""
    return f'"{name}"' if name.isascii() else json.dumps(name)
