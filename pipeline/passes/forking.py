"""Forks: two sides of a condition that only data decides, and one symbol for what each gives."""

from __future__ import annotations

from typing import Any

from pipeline.ir.coerce import join
from pipeline.ir.graph import Const, Node, ancestors
from pipeline.passes.environment import UNASSIGNED, Maybe
from pipeline.passes.symbols import Choice, fill, leaves


class Fork:
    """Two sides of a condition that were run: what they give is one symbol behind them."""

    def __init__(self, builder: Any, test: Any, taken: Node, untaken: Node) -> None:
        self.builder = builder
        self.test = test
        self.taken = taken
        self.untaken = untaken
        self.is_closed = False

    def merge(self, a: Any, b: Any) -> Any:
        """One symbol for one of each side."""
        if a is b or (isinstance(a, Const) and a is b):
            return a
        if UNASSIGNED in (a, b) or Maybe in (a.__class__, b.__class__):
            return self._maybe(a, b)
        if isinstance(a, Const | Node) and isinstance(b, Const | Node) and _can_join(a, b):
            return self._select(a, b)
        return Choice(self.test, (self._lifted(a, True), self._lifted(b, False)))

    def close(self) -> None:
        """Have the failures of both sides told, if nothing else did."""
        if not self.is_closed:
            self._select(Const(True), Const(True))

    def _select(self, a: Any, b: Any) -> Any:
        self.is_closed = True
        return self.builder.node("select", self.test, self.taken, a, self.untaken, b)

    def _maybe(self, a: Any, b: Any) -> Any:
        """A name that has no value in some lanes."""
        (has_a, value_a), (has_b, value_b) = _taken_apart(a), _taken_apart(b)
        return Maybe(self.merge(has_a, has_b), self.merge(value_a, value_b))

    def _lifted(self, symbol: Any, is_taken: bool) -> Any:
        """A symbol of one side behind it: missing in the lanes of the other one."""
        domain = self.taken if is_taken else self.untaken
        nothing = Const(None)
        lifted: dict[Node, Any] = {}
        for leaf in leaves(symbol):
            if leaf not in lifted and domain in ancestors(leaf.domain):
                sides = (leaf, nothing) if is_taken else (nothing, leaf)
                lifted[leaf] = self._select(*sides)
        return fill(symbol, lifted) if lifted else symbol


def _can_join(a: Any, b: Any) -> bool:
    return a.type is None or b.type is None or join(a.type, b.type) is not None


def _taken_apart(symbol: Any) -> tuple[Any, Any]:
    """Whether a symbol has a value, and which."""
    if symbol is UNASSIGNED:
        return Const(False), Const(None)
    if isinstance(symbol, Maybe):
        return symbol.has_value, symbol.value
    return Const(True), symbol
