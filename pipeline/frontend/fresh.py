"""Lists and sets that nobody else knows: those that a function may change in place.

A value here never changes, so `xs.append(x)` can only mean that `xs` is another value from then on.
In Python it means that only as long as no other name, container or function has the same list. So a
variable is *fresh* from the display, the comprehension or the call that makes its list until it is
read where what reads it could keep it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

_MAKERS: Final = {"list": "list", "sorted": "list", "set": "set"}


@dataclass(frozen=True, eq=False)
class Making:
    """One making of a list or a set; kind: which of them."""

    kind: str


@dataclass(slots=True)
class _Loop:
    """A loop around the place at hand: what was fresh before it, and what became of that in it."""

    before: frozenset[Making]
    changed: dict[Making, ast.AST] = field(default_factory=dict)
    kept: set[Making] = field(default_factory=set)


@dataclass(slots=True)
class Unshared:
    """The fresh variables of one function while it is read.

    shared: the names that functions inside it read, which are never fresh.
    """

    made: dict[str, Making] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    loops: list[_Loop] = field(default_factory=list)

    def assign(self, name: str, kind: str = "") -> None:
        """A name has a new value: one that was just made, of a kind, or any other."""
        self.made.pop(name, None)
        if kind and name not in self.shared:
            self.made[name] = Making(kind)

    def keep(self, name: str, by_function: bool = False) -> None:
        """A name is read where its value may be kept, perhaps by a function, whenever that runs."""
        if by_function:
            self.shared.add(name)
        made = self.made.pop(name, None)
        if made is not None:
            for loop in self.loops:
                loop.kept.add(made)

    def change(self, name: str, node: ast.AST) -> Making | None:
        """A name's value is to be changed; None where another may have it."""
        made = self.made.get(name)
        if made is not None:
            for loop in self.loops:
                loop.changed[made] = node
        return made

    def enter(self) -> None:
        """A loop begins."""
        self.loops.append(_Loop(frozenset(self.made.values())))

    def leave(self, before: dict[str, Making]) -> list[ast.AST]:
        """A loop ends: the changes in it of what an earlier turn may have kept.

        What was fresh before it is fresh after it if it is still the same.
        """
        loop = self.loops.pop()
        self.made = {k: v for k, v in self.made.items() if before.get(k) is v}
        return [node for made, node in loop.changed.items() if made in loop.before & loop.kept]

    def join(self, other: dict[str, Making]) -> None:
        """Only what is fresh on both ways to a place is fresh there."""
        mine, self.made = self.made, {}
        older = {made for loop in self.loops for made in loop.before}
        for name in mine.keys() & other.keys():
            one, two = mine[name], other[name]
            if one is two or (one.kind == two.kind and one in older):
                self.made[name] = one
            elif one.kind == two.kind:
                self.made[name] = two if two in older else Making(one.kind)


def kind_made(node: ast.expr) -> str:
    """Whether an expression makes a list or a set that nobody else has; empty for any other."""
    if isinstance(node, ast.List | ast.ListComp):
        return "list"
    if isinstance(node, ast.Set | ast.SetComp):
        return "set"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _MAKERS.get(node.func.id, "")
    return ""
