"""Intern: equal nodes are one node (hash-consing), as they are made, in all programs of a process.

Two nodes are equal if operation, arguments, domain, type and effects are. Their parts are interned
before them, so that comparing them is comparing identities. Of a program the first of equal nodes
stays where it was made, so that program order, and with it which failure comes first, is kept.

A loop stands for its body, which is not among its arguments: it is a new node until its end is
made, and then given up if a loop with an equal body is known.

The table is bounded: what was not asked for during a whole generation goes.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from pipeline.ir.graph import Node, ancestors
from pipeline.ir.types import Type

MOST_NODES: Final = 250_000
"""How many nodes make a generation: about 100 MiB."""


class Generations:
    """A dictionary that forgets: it keeps what was put or asked for in this generation or the one
    before.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.young: dict[Any, Any] = {}
        self.old: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        """What was put under a key, None if it is not known."""
        found = self.young.get(key)
        if found is None and self.old:
            found = self.old.get(key)
            if found is not None:
                self.young[key] = found
        return found

    def put(self, key: Any, value: Any) -> None:
        """Keep a value."""
        self.young[key] = value

    def age(self) -> None:
        """Begin a new generation where this one is full."""
        if len(self.young) > self.most:
            self.old, self.young = self.young, {}

    def forget(self) -> None:
        """Forget everything."""
        self.old, self.young = {}, {}


LOOPS: Final = ("loop", "looped")


class StatementNodes(dict[Node, Any]):
    """The nodes that a statement asked for, in order, each with what asked for it; equal only to
    itself, so that what is known of it can be kept by it.
    """

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


NODES: Final = Generations(MOST_NODES)
"""The nodes of all programs of this process."""


class Fresh:
    """What makes nodes: each a new one. `made` has them in order, each with what `mark` was."""

    def __init__(self) -> None:
        self.made = StatementNodes()
        self.mark: Any = None

    def begin(self) -> None:
        """Begin a statement: `made` has its nodes from here on."""
        self.made = StatementNodes()
        self.mark = None

    def node(
        self,
        op: str,
        args: tuple[Any, ...],
        domain: Node | None,
        type_: Type | None,
        effects: tuple[tuple[Node, ...], ...] = (),
    ) -> Node:
        """A node of a domain."""
        node = Node(op, args, domain, type_, effects)
        self.made[node] = self.mark
        return node


class Interned(Fresh):
    """What makes nodes that are not known, and gives those that are."""

    def __init__(self, known: Generations = NODES) -> None:
        super().__init__()
        self.known = known
        self.young, self.old = known.young, known.old
        self.loops: list[int] = []

    def begin(self) -> None:
        """Begin a statement: see `Fresh`. A loop that was left has no end."""
        super().begin()
        self.loops.clear()

    def node(
        self,
        op: str,
        args: tuple[Any, ...],
        domain: Node | None,
        type_: Type | None,
        effects: tuple[tuple[Node, ...], ...] = (),
    ) -> Node:
        """The node of a domain that is this."""
        made = self.made
        key = (op, args, domain, type_, effects)
        node = self.young.get(key)
        if node is None:
            node = self.old.get(key) if self.old else None
            if node is None:
                if op in LOOPS:
                    return self._loop(key)
                node = Node(op, args, domain, type_, effects)
            self.young[key] = node
        if node not in made:
            made[node] = self.mark
        return node

    def _loop(self, key: tuple[Any, ...]) -> Node:
        """A new loop's opener, or the end of one."""
        if key[0] == "looped":
            return self._looped(key)
        self.loops.append(len(self.made))
        node = Node(*key)
        self.made[node] = self.mark
        return node

    def _looped(self, key: tuple[Any, ...]) -> Node:
        """The end of a loop: that of a known one with an equal body, if there is one.

        What the body needs of the domains around the loop is made before it.
        """
        _, (opener, *results), _, type_, effects = key
        since = list(islice(self.made.items(), self.loops.pop(), None))
        inside = [(n, mark) for n, mark in since if opener in ancestors(n.domain)]
        body = [opener, *(n for n, _ in inside)]
        place: dict[Any, Any] = {node: k for k, node in enumerate(body)}
        text = tuple(_local(node, place) for node in body)
        ends = tuple([place.get(result, result) for result in results])
        body_key = (text, ends, *_local_effects(effects, place), type_)
        found = self.known.get(body_key)
        marks = dict(since)
        for node in marks:
            del self.made[node]
        outside = {n: mark for n, mark in since if n not in place}
        self.made.update(outside)
        if found is None:
            body.append(Node(*key))
            found = tuple(body)
            self.known.put(body_key, found)
        for part in found:
            self.made[part] = marks.get(part, self.mark)
        end: Node = found[-1]
        return end


def _local(node: Node, place: dict[Any, Any]) -> tuple[Any, ...]:
    """What a node of a loop's body is, other nodes of the body by their places."""
    args = tuple([place.get(a, a) for a in node.args])
    effects = _local_effects(node.effects, place)
    return node.op, args, place.get(node.domain, node.domain), node.type, effects


def _local_effects(
    effects: tuple[tuple[Node, ...], ...], place: dict[Any, Any]
) -> tuple[tuple[Any, ...], ...]:
    return tuple([tuple([place.get(e, e) for e in group]) for group in effects])
