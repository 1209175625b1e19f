"""Nodes made by hand and lowered at once, by functions that `reference.ReferenceRuntime` can run.

    def sizes(rt):
        d = rt.lanes(0)
        return rt.size(d, rt.palette(d, rt.input(d)))

    made = ByHand()
    sizes(made)
    made.image()

What a column's type is matters to conversions alone, which say it themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engine.image import Image, image_of
from pipeline.engine.lower import Lowering
from pipeline.ir.graph import Const, Node
from pipeline.ir.operations import CLOSERS, ITEMS, OPENERS
from pipeline.ir.types import GRID, Type, parse_type


@dataclass(frozen=True, eq=False)
class Lanes:
    """The root domain, for some solvers."""

    users: tuple[int, ...]


class ByHand:
    """Takes the calls of generated code; `users` has for each instruction the solvers that need it,
    `verdicts` for each solver the slot of its verdicts.
    """

    def __init__(self) -> None:
        self.low = Lowering()
        self.users: list[tuple[int, ...]] = []
        self.verdicts: dict[int, int] = {}
        self.lanes_of: dict[Node, Lanes] = {}

    def image(self, names: Sequence[str] = ("test",)) -> Image:
        """The program, for solvers of these names."""
        programs = [
            ([n for n, users in enumerate(self.users) if k in users], self.verdicts[k])
            for k in sorted(self.verdicts)
        ]
        return image_of(self.low, names, programs)

    def slot_of(self, node: Node) -> int:
        """Where a column goes."""
        return self.low.place_of(node)

    def __getattr__(self, op: str) -> Callable[..., Node]:
        if op.startswith("_"):
            raise AttributeError(op)

        def made(d: Any, *args: Any, after: Any = ()) -> Node:
            if op in ITEMS or op == "spread":
                return self._node(op, (d, *args), d, GRID)
            if op == "select":
                return self._node(op, args, d, GRID, tuple(after))
            if op in CLOSERS:
                outer = d.domain or self.lanes_of[d]
                return self._node(op, (d, *args), outer, GRID, (after,))
            return self._node(op, args, d, None if op in OPENERS else GRID)

        return made

    def lanes(self, *solvers: int) -> Lanes:
        """The root, for these solvers."""
        return Lanes(solvers)

    def convert(self, d: Any, x: Any, source: str, target: str) -> Node:
        """A value of a type as another."""
        if isinstance(x, Node):
            x.type = parse_type(source)
        return self._node("convert", (x,), d, parse_type(target))

    def looped(self, d: Any, turns: Any, state: Any, body: Callable[..., Any]) -> Node:
        """A loop."""
        loop = self._node("loop", (turns, state), d, None)
        result, after = body(loop, self._node("state", (loop,), loop, GRID))
        return self._node("looped", (loop, result), d, GRID, (after,))

    def verdict(self, solver: int, d: Lanes, result: Node, after: Any) -> None:
        """How each lane of a solver ends."""
        self.verdicts[solver] = self.low.verdict(result, tuple(after))[1]
        self._note(d)

    def _node(
        self, op: str, args: Sequence[Any], d: Any, type_: Type | None, effects: Any = ()
    ) -> Node:
        lanes = d if isinstance(d, Lanes) else self.lanes_of[d]
        parts = tuple(a if isinstance(a, Node) else Const(a) for a in args)
        node = Node(op, parts, None if d is lanes else d, type_, effects)
        self.lanes_of[node] = lanes
        self.low.numbers_of([node])
        self._note(lanes)
        return node

    def _note(self, lanes: Lanes) -> None:
        """Who needs the instructions that are new."""
        self.users += [lanes.users] * (self.low.count - len(self.users))
