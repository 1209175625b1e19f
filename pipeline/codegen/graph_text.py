"""A flattened graph as a short text, and back: what a build keeps of a solver for its link.

    [3,[3],"input|Grid|",[0],"ofcolor|Indices|_;3",[0,1],"fill|Grid|_;4;_",[0,1,2]]

A list in JSON: the number of the result and those of the effects, then for each node what it is and
to which nodes it refers. What it is: operation, type (none: it opens a domain) and arguments, `_`
for a node; of a closer also how many effects each of its domains has. It refers to its domain, its
arguments and its effects; the first node is number 1, and 0 is the root. Where nodes come from is
left out: nothing that a comment or a blank line changes is in it.

A reader makes equal nodes of all texts one node. Most nodes of a battery are known when they are
read, so a node is looked up by what it is and refers to before any part of it is made.
"""

from __future__ import annotations

import json
import sys
from ast import literal_eval
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from pipeline.ir.graph import Const, Graph, Node
from pipeline.ir.operations import CLOSERS
from pipeline.ir.types import Type, parse_type
from pipeline.passes.intern import Generations, Interned


class BadGraph(ValueError):
    """A text that is no graph, or one of another version; the message names the solver."""


def write_graph(graph: Graph) -> str:
    """The text of a graph."""
    numbers: dict[Any, int] = {None: 0}
    rows: list[Any] = []
    for node in graph.nodes:
        refers = [numbers[node.domain]]
        words = []
        for arg in node.args:
            if arg.__class__ is Const:
                words.append(repr(arg.value))
            else:
                words.append("_")
                refers.append(numbers[arg])
        what = f"{node.op}|{node.type or ''}|{';'.join(words)}"
        if node.op in CLOSERS:
            what = f"{what}|{';'.join([str(len(group)) for group in node.effects])}"
            refers += [numbers[effect] for group in node.effects for effect in group]
        rows += (what, refers)
        numbers[node] = len(numbers)
    head = [numbers[graph.result], [numbers[effect] for effect in graph.effects]]
    return json.dumps(head + rows, separators=(",", ":"))


class _Shape(NamedTuple):
    """What a node is; args: None stands for a node. effects: how many each domain has."""

    op: str
    args: tuple[Const | None, ...]
    type: Type | None
    effects: tuple[int, ...]


class GraphReader:
    """Reads graphs; equal nodes of all that it has read are one node."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape] = {}
        self._known: dict[tuple[Any, ...], Node] = {}
        self._loops = Interned(Generations(sys.maxsize))

    def read(self, name: str, text: str) -> Graph:
        """The graph of the solver of this name; raises BadGraph."""
        try:
            result, effects, *rows = json.loads(text)
            nodes: list[Any] = [None]
            if '"loop|' in text:
                made = self._read_with_loops(rows, nodes)
            else:
                self._read_plain(rows, nodes)
                made = tuple(nodes[1:])
            return Graph(name, made, (), nodes[result], tuple([nodes[k] for k in effects]))
        except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
            raise BadGraph(f"{name}: not the graph of a solver: {error!r}") from None

    def _read_plain(self, rows: list[Any], nodes: list[Any]) -> None:
        """Append the nodes of a graph without loops."""
        known, add, at = self._known, nodes.append, nodes.__getitem__
        for what, refers in _pairs(rows):
            key = (what, *map(at, refers))
            node = known.get(key)
            if node is None:
                node = known[key] = Node(*self._parts(what, key[1:]))
            add(node)

    def _read_with_loops(self, rows: list[Any], nodes: list[Any]) -> tuple[Node, ...]:
        """Append the nodes of a graph as they are numbered; gives those that it has."""
        loops = self._loops
        loops.begin()
        for what, refers in _pairs(rows):
            key = (what, *[nodes[k] for k in refers])
            if what.startswith(("loop|", "looped|")):
                nodes.append(loops.node(*self._parts(what, key[1:])))
                continue
            node = self._known.get(key)
            if node is None:
                node = self._known[key] = Node(*self._parts(what, key[1:]))
            loops.made[node] = None
            nodes.append(node)
        return tuple(loops.made)

    def _parts(self, what: str, refers: tuple[Any, ...]) -> tuple[Any, ...]:
        """Operation, arguments, domain, type and effects of a node."""
        shape = self._shapes.get(what)
        if shape is None:
            shape = self._shapes[what] = _shape(what)
        op, args, type_, counts = shape
        rest = iter(refers)
        domain = next(rest)
        args = tuple([next(rest) if arg is None else arg for arg in args])
        if not counts:
            return op, args, domain, type_, ()
        return op, args, domain, type_, tuple([tuple(islice(rest, n)) for n in counts])


def _pairs(rows: list[Any]) -> Iterator[tuple[str, list[int]]]:
    return zip(rows[::2], rows[1::2], strict=True)


def _shape(what: str) -> _Shape:
    op, type_, args, *counts = what.split("|")
    words = args.split(";") if args else []
    return _Shape(
        op,
        tuple([None if word == "_" else Const(literal_eval(word)) for word in words]),
        parse_type(type_) if type_ else None,
        tuple([int(count) for count in counts[0].split(";")]) if counts else (),
    )
