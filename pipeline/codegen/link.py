"""Link: the graphs of all solvers into one battery, equal nodes of all solvers computed once.

Nodes are shared across solvers as they are read, in the order of the solvers' names, so the battery
is the same whatever order they were generated in.

A node shared by several solvers is computed on the samples that any of them is wanted on: each set
of solvers that shares a node has a root domain of its own (`u3 = rt.lanes(1, 4)`), and a domain of
elements is opened once for each such set. The runtime cuts a column down to the lanes of its user.

Lines stand in groups of one operation, each under a comment that says how many: see `schedule`. A
line is still a node, not a group: a group's text would name hundreds of nodes, of which a reader
wants one, and an engine sees a group where lines of one operation follow each other: its image is
made of the same nodes in the same order.

All lines are one function: Python compiles 25,000 such lines in 0.6 s (measured).
"""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

from pipeline.codegen.emit import Names, lines_of
from pipeline.codegen.graph_text import GraphReader
from pipeline.codegen.schedule import schedule
from pipeline.engine.image import Image, image_of, lowered
from pipeline.engine.lower import Lowering
from pipeline.ir.graph import Graph, Node


@dataclass(frozen=True, slots=True)
class Linked:
    """The battery: `code` is batt.py, `link_map` (JSON) says what each solver's nodes became,
    `statistics` (JSON) how many nodes there are and how large the groups, and `image` is what
    engines run.
    """

    code: str
    link_map: str
    statistics: str
    image: Image


def link(graphs: Iterable[tuple[str, str]]) -> Linked:
    """Link solvers, given as (name, text of the graph) in any order, into one battery.

    Raises `graph_text.BadGraph`.
    """
    with _no_collections():
        linker = _Linker()
        reader = GraphReader()
        for name, text in sorted(graphs):
            linker.add(reader.read(name, text))
        groups = _Writer(linker.entries).groups(linker.graphs)
        nodes = sum(line.nodes for group in groups for line in group)
        return Linked(
            _code(linker.names, groups),
            linker.link_map(),
            _statistics(len(linker.names), nodes, groups),
            _image(linker, groups, nodes),
        )


@contextmanager
def _no_collections() -> Iterator[None]:
    """Let Python not look for garbage: what a link makes lives until its end, and looking at it
    again and again takes longer than making it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Entry:
    """One node of the battery, the end of a loop for the whole loop: what it is called, and the
    numbers of the solvers that use it. body: of a loop its nodes, itself the last. line: the number
    of its line; of a domain that of the one for all its users.
    """

    __slots__ = ("body", "line", "name", "node", "users")

    def __init__(self, number: int, node: Node, body: tuple[Node, ...]) -> None:
        self.node = node
        self.name = f"{'d' if node.type is None else 'n'}{number}"
        self.body = body
        self.users: list[int] = []
        self.line = -1


class _Line(NamedTuple):
    """One line of the battery, or one whole loop: the entry that it computes, the operation, the
    text, the numbers of the lines that make what it needs, and how many nodes it counts.

    A loop's operation names it too, as no two loops run together.
    """

    entry: _Entry | None
    operation: str
    text: str
    needs: list[int]
    nodes: int = 1


class _Linker:
    """The graphs so far, the nodes in all of them, and what each graph's nodes are called."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.graphs: list[Graph] = []
        self.entries: dict[Node, _Entry] = {}
        self.maps: list[str] = []

    def add(self, graph: Graph) -> None:
        """Take in the nodes of one solver."""
        solver = len(self.names)
        self.names.append(graph.name)
        self.graphs.append(graph)
        known, pairs = self.entries, []
        columns = domains = 0
        nodes = iter(graph.nodes)
        for node in nodes:
            body: tuple[Node, ...] = ()
            if node.op == "loop":
                body = _loop(node, nodes)
                node = body[-1]
                domains += sum(n.type is None for n in body)
                columns += sum(n.type is not None for n in body) - 1
            entry = known.get(node)
            if entry is None:
                entry = known[node] = _Entry(len(known) + 1, node, body)
            entry.users.append(solver)
            if node.type is None:
                domains += 1
                pairs.append(f'"d{domains}": "{entry.name}"')
            else:
                pairs.append(f'"n{columns}": "{entry.name}"')
                columns += 1
        self.maps.append(", ".join(pairs))

    def link_map(self) -> str:
        """For each solver its nodes' names in the battery: JSON, a line a solver."""
        rows = [f'  "{name}": {{{text}}}' for name, text in zip(self.names, self.maps, strict=True)]
        return "{\n" + ",\n".join(rows) + "\n}\n"


def _loop(opener: Node, rest: Iterator[Node]) -> tuple[Node, ...]:
    """The nodes of a loop, from its opener to its end."""
    body = [opener]
    for node in rest:
        body.append(node)
        if node.op == "looped" and node.args[0] is opener:
            break
    return tuple(body)


_Named = tuple[str, int]
"""What a line makes, and its number."""


class _Writer:
    """Writes entries as lines; domains are opened once for each set of solvers that uses them."""

    def __init__(self, entries: dict[Node, _Entry]) -> None:
        self.entries = entries
        self.lines: list[_Line] = []
        self.roots: dict[tuple[int, ...], _Named] = {}
        self.opened: dict[tuple[_Entry, tuple[int, ...]], _Named] = {}

    def groups(self, graphs: list[Graph]) -> list[list[_Line]]:
        """All lines of the battery's function, scheduled; verdicts come last."""
        for entry in self.entries.values():
            users = tuple(entry.users)
            if entry.node.type is None:
                self.domain(entry, users)
            else:
                self._column(entry, users)
        last = [self._verdict(solver, graph) for solver, graph in enumerate(graphs)]
        lines = self.lines
        numbers = schedule([line.operation for line in lines], [line.needs for line in lines])
        return [[lines[k] for k in group] for group in numbers] + ([last] if last else [])

    def _column(self, entry: _Entry, users: tuple[int, ...]) -> None:
        node, name = entry.node, entry.name
        if entry.body:
            names = _LoopNames(self, entry, users)
            text = "\n".join(lines_of(entry.body, repeat("", len(entry.body)), names))
            count = sum(n.op not in ("loop", "state") for n in entry.body)
            entry.line = self._add(_Line(entry, f"looped {name}", text, names.needs, count))
            return
        line = _LineNames(self, users)
        text = f"    {name}: {node.type} = {line.call(node)}"
        entry.line = self._add(_Line(entry, node.op, text, line.needs))

    def _verdict(self, solver: int, graph: Graph) -> _Line:
        names = _LineNames(self, (solver,))
        root, result = names.domain(None), names.name(graph.result)
        after = names.group(graph.effects)
        text = f"    rt.verdict({solver}, {root}, {result}, after={after})"
        return _Line(None, "verdict", text, [])

    def _add(self, line: _Line) -> int:
        self.lines.append(line)
        return len(self.lines) - 1

    def root(self, users: tuple[int, ...]) -> _Named:
        """The root domain of these users."""
        known = self.roots.get(users)
        if known is None:
            name = f"u{len(self.roots)}"
            text = f"    {name} = rt.lanes({', '.join(map(str, users))})"
            known = self.roots[users] = name, self._add(_Line(None, "lanes", text, [], 0))
        return known

    def domain(self, entry: _Entry, users: tuple[int, ...]) -> _Named:
        """A domain as opened for these users; opens it if it is not yet."""
        known = self.opened.get((entry, users))
        if known is None:
            names = _LineNames(self, users)
            call = names.call(entry.node)
            own = len(users) == len(entry.users)
            name = entry.name if own else f"{entry.name}_{len(self.opened)}"
            line = self._add(_Line(entry, entry.node.op, f"    {name} = {call}", names.needs))
            known = self.opened[entry, users] = name, line
            if own:
                entry.line = line
        return known


class _LineNames(Names):
    """What one line calls nodes, of which it has the domains of its users; `needs`: the lines that
    make what was named so far, each as often.
    """

    def __init__(self, writer: _Writer, users: tuple[int, ...]) -> None:
        super().__init__({})
        self.writer = writer
        self.users = users
        self.needs: list[int] = []

    def name(self, node: Node) -> str:
        """An entry's name."""
        entry = self.writer.entries[node]
        self.needs.append(entry.line)
        return entry.name

    def domain(self, domain: Node | None) -> str:
        """The name of a domain as opened for the users."""
        writer = self.writer
        if domain is None:
            name, line = writer.root(self.users)
        else:
            name, line = writer.domain(writer.entries[domain], self.users)
        self.needs.append(line)
        return name


class _LoopNames(_LineNames):
    """What the lines of a loop call nodes: those of its body `v1`, `v2`, ..."""

    def __init__(self, writer: _Writer, entry: _Entry, users: tuple[int, ...]) -> None:
        super().__init__(writer, users)
        states = {node.args[0]: node for node in entry.body if node.op == "state"}
        bodies: dict[Node, str] = {}
        names = self.names
        for node in entry.body[:-1]:
            if node.op == "state":
                continue
            names[node] = f"v{len(names) + len(bodies) + 1}"
            if node.op == "loop":
                names[states[node]] = f"v{len(names) + len(bodies) + 1}"
                bodies[node] = f"v{len(names) + len(bodies) + 1}"
        names[entry.node] = entry.name
        self.bodies = bodies

    def name(self, node: Node) -> str:
        """A name of the body's own, or an entry's."""
        return self.names.get(node) or super().name(node)

    def domain(self, domain: Node | None) -> str:
        """Likewise."""
        own = self.names.get(domain) if domain is not None else None
        return own or super().domain(domain)

    def body(self, loop: Node) -> str:
        """The name of a body's function."""
        return self.bodies[loop]


# -- what is written


def _code(names: list[str], groups: list[list[_Line]]) -> str:
    """The text of batt.py."""
    listed = "".join([f'    "{name}",\n' for name in names])
    count = sum(len(group) for group in groups)
    return "".join(
        [
            f'"""The battery: {len(names)} solvers linked, {count} lines in ',
            f'{len(groups)} groups. Generated; not to be edited."""\n\n',
            f"SOLVERS = (\n{listed})\n\n\n",
            "def evaluate(rt):\n",
            '    """Run all solvers on the lanes that `rt` wants from them."""\n',
            *map(_group_text, groups),
            '\n\nif __name__ == "__main__":\n',
            "    from pipeline.commands.standalone import main_battery\n\n",
            "    main_battery(evaluate, SOLVERS)\n",
        ]
    )


def _group_text(group: list[_Line]) -> str:
    lines = "\n".join([line.text for line in group])
    return f"    # {len(group)} x {group[0].operation.split()[0]}\n{lines}\n"


def _statistics(solvers: int, nodes: int, groups: list[list[_Line]]) -> str:
    """How many solvers, nodes and groups, and how many groups there are of each size: JSON."""
    sizes = Counter(len(group) for group in groups if group[0].operation != "lanes")
    facts: dict[str, Any] = {
        "solvers": solvers,
        "nodes": nodes,
        "groups": sizes.total(),
        "sizes": {str(size): sizes[size] for size in sorted(sizes)},
    }
    return json.dumps(facts, indent=1) + "\n"


def _image(linker: _Linker, groups: list[list[_Line]], nodes: int) -> Image:
    """What engines run: the nodes in the order of the lines."""
    low = Lowering()
    for group in groups:
        for line in group:
            if line.entry is not None:
                low.numbers_of(line.entry.body or (line.entry.node,))
    programs = [lowered(low, graph) for graph in linker.graphs]
    return image_of(low, linker.names, programs, nodes)
