"""Loops: a body run for known elements, turn after turn, or once for all turns.

Where the elements are known one by one, functions among them, the body is run for each. Else a turn
stands before the loop, as it may change the types of variables, and those that are carried from one
turn to the next are the loop's state, packed into one value: the variables that the body assigns
and that it, or what comes later, reads. Where the second turn changes types as well, as that of
`old = g; g = tuple(...)`, the program is run anew (`symbols.Widened`). A body with a jump in it
ends with how it ended as well, and a lane goes on while that is no `break` and no `return`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from pipeline.frontend.program import For, While
from pipeline.ir.coerce import SEEN_AS_SET, cost, join
from pipeline.ir.graph import Const, Node
from pipeline.ir.status import Limits
from pipeline.ir.types import Type
from pipeline.passes.choices import is_chosen
from pipeline.passes.environment import (
    LOST,
    UNASSIGNED,
    Environment,
    Maybe,
    assigned_in,
    ends_early,
    exposed_in,
    lost,
    names_in,
    read_in,
)
from pipeline.passes.resolve import WRONG
from pipeline.passes.symbols import Bundle, Choice, Unresolved, Widened

if TYPE_CHECKING:
    from pipeline.passes.bodies import Bodies

MOST_KNOWN: Final = 8
"""How many turns of known data are run one by one."""
MOST_WIDENED: Final = 8
"""So many loops of a program begin with other types than their variables have."""
_Types = list[Type | None]
MOST_TURNS: Final = Limits().integer
"""A `while` ends before: its turns are counted against `Limits.turns`."""


class Repeating:
    """Runs the loops of one program."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies
        self.builder = bodies.builder
        self.loops = 0

    def known(self, container: Any) -> list[Any] | None:
        """The elements of a container that are known one by one; None where only data tells."""
        b = self.builder
        if isinstance(container, Bundle):
            return list(container.items)
        if not isinstance(container, Node) or container.type is None:
            return None
        if container.type.head == "Two":
            return [b.row("first", container), b.row("last", container)]
        if container.op == "pack_tuple" and len(container.args) <= MOST_KNOWN:
            same = all(arg.domain is container.domain for arg in container.args)
            return list(container.args) if same else None
        if container.op == "range_of" and all(isinstance(a, Const) for a in container.args):
            values = range(*[a.value for a in container.args])
            return [Const(value) for value in values] if len(values) <= MOST_KNOWN else None
        return None

    def run(self, part: For | While, home: Any, names: Environment, later: frozenset[str]) -> Any:
        """Run a loop, but for its `else`: how it ended, and with what it returned."""
        self.loops += 1
        turns = _Turns(self.bodies, part, home, names, later, self.loops)
        if isinstance(part, While):
            turns.repeat_while()
        else:
            container = self.bodies.evaluator.evaluate(part.container, names)
            self.bodies.evaluator.mark(part.container)
            self._run_over(turns, container, names)
        return turns.ended()

    def _run_over(
        self, turns: _Turns, container: Any, names: Environment, place: int = 0
    ) -> list[Any]:
        """The turns for the elements of a container; of one of several, from a place on, those of
        the one that is chosen.
        """
        if isinstance(container, Choice) and place < len(container.items) - 1:
            chosen = is_chosen(self.builder, container, place)
            self.bodies.fork_all(
                chosen,
                lambda: self._run_over(turns, container.items[place], names),
                lambda: self._run_over(turns, container, names, place + 1),
                names,
            )
        elif isinstance(container, Choice):
            self._run_over(turns, container.items[place], names)
        elif (known := self.known(container)) is not None:
            turns.run_known(known)
        else:
            turns.repeat_for(container)
        return []


class _Turns:
    """The turns of one loop. What it carries beside variables has names too: how its body ended,
    what it returned, and its turn.
    """

    def __init__(
        self,
        bodies: Bodies,
        part: For | While,
        home: Any,
        names: Environment,
        later: frozenset[str],
        number: int,
    ) -> None:
        self.how, self.value, self.turn = [f"%{w}{number}" for w in ("ended", "value", "turn")]
        self.number = number
        self.bodies = bodies
        self.builder = bodies.builder
        self.part = part
        self.names = names
        self.steps = tuple([(home, p) for p in part.body])
        self.home = home
        self.can_end = ends_early(part.body)
        target = part.target if isinstance(part, For) else ""
        needed = later | (exposed_in(part.body) - set(names_in(target)))
        if isinstance(part, While):
            needed |= read_in(part.test)
        self.live = needed
        assigned = [*names_in(target), *assigned_in(part.body)]
        if isinstance(part, While):
            assigned += assigned_in(part.test)
        self.assigned = frozenset(assigned)
        self.carried = [name for name in dict.fromkeys(assigned) if name in needed]
        if self.can_end:
            self.carried += [self.how, self.value]
            names[self.how], names[self.value] = Const(0), Const(None)

    def ended(self) -> tuple[Any, Any]:
        """How the loop ended, and with what."""
        if not self.can_end:
            return Const(0), Const(None)
        return self.names.pop(self.how), self.names.pop(self.value)

    # -- one turn

    def _turn(self, item: Any) -> list[Any]:
        """Run the body once; gives nothing, but leaves how it ended in the names."""
        if isinstance(self.part, For):
            self.bodies.assign(self.part.target, item, self.names)
        if not self.can_end:
            return self.bodies.run(self.steps, self.names, self.live, lambda kind, value: [])

        def finish(kind: int, value: Any) -> list[Any]:
            return [Const(0 if kind < 2 else kind), Const(None) if value is None else value]

        code, returned = self.bodies.run(self.steps, self.names, self.live, finish)
        self.names[self.how], self.names[self.value] = code, returned
        return []

    def _goes_on(self) -> Any:
        """Whether the body did not end the loop."""
        if not self.can_end:
            return Const(True)
        ended = self.names[self.how]
        if isinstance(ended, Const):
            return Const(ended.value == 0)
        return self.builder.row("equality", ended, Const(0))

    def run_known(self, items: list[Any]) -> None:
        """A turn for each of these."""
        rest = iter(items)

        def turn() -> list[Any]:
            return self._turn(next(rest))

        for _ in items:
            self.bodies.fork_all(self._goes_on(), turn, list, self.names, self.live)

    # -- as many turns as data tells

    def repeat_for(self, container: Any) -> None:
        """A turn for each element."""
        b = self.builder
        container = self._listed(container)
        count = b.row("size", container)

        def turns() -> list[Any]:
            self._vary()
            self._turn(b.row("item_at", container, Const(0)))
            self.names[self.turn] = Const(1)
            left = self._turns_left(self._goes_on(), count)
            self._loop(left, lambda: self._next(container))
            return []

        self.bodies.fork_all(b.row("positive", count), turns, list, self.names)

    def _next(self, container: Any) -> Any:
        """A turn of a loop over elements, and whether to go on."""
        turn = self.names[self.turn]
        self._turn(self.builder.row("item_at", container, turn))
        self.names[self.turn] = self.builder.row("increment", turn)
        return self._goes_on()

    def repeat_while(self) -> None:
        """Turns while the test holds."""

        def turns() -> list[Any]:
            self._vary()
            self.names[self.turn] = Const(0)
            going = self._next_while()
            left = self._turns_left(going, Const(MOST_TURNS))
            self._loop(left, self._next_while)
            return []

        self.bodies.fork_all(self._test(), turns, list, self.names)

    def _test(self) -> Any:
        self.bodies.evaluator.home = self.home
        assert isinstance(self.part, While)
        return self.bodies.test(self.part.test, self.names)

    def _next_while(self) -> Any:
        turn = self.builder.row("turns", self.builder.row("increment", self.names[self.turn]))
        self.names[self.turn] = turn
        self._turn(None)
        self.names[self.turn] = turn
        return self.bodies.fork(self._goes_on(), self._test, lambda: Const(False), self.names)

    def _vary(self) -> None:
        """Have no constant among what is carried: what the first turn does, all others do."""
        for name in self.carried:
            if isinstance(self.names[name], Const):
                self.names[name] = self.builder.row("carried", self.names[name])

    def _turns_left(self, going: Any, most: Any) -> Any:
        if isinstance(going, Const):
            return most if going.value else Const(1)
        return self.builder.row("branch", going, most, Const(1))

    def _listed(self, container: Any) -> Any:
        return self.builder.data(container, "what a loop runs over")

    def _loop(self, turns: Any, body: Any) -> None:
        """The turns behind the first one."""
        if isinstance(turns, Const) and turns.value == 1:
            self.names.pop(self.turn)
            return
        b = self.builder
        carried = [*self.carried, self.turn]
        state = _State(b, self.names, carried)
        state.widen(b.widened.get(self.number, ()))
        before = dict(self.names)
        with b.open("loop", ("state",), turns, state.pack()) as domain:
            types = state.types
            state.unpack(domain.items[0])
            going = body()
            result = state.pack()
            self._compare(types, state.types)
        more = () if isinstance(going, Const) and going.value else (going,)
        self.names.clear()
        self.names.update({n: before[n] for n in before if n not in self.assigned})
        state.unpack(b.node("looped", domain.opener, result, *more))
        self.names.pop(self.turn)

    def _compare(self, before: _Types, after: _Types) -> None:
        """Raise Widened where a turn makes of a variable what its type does not hold, and there is
        a type of both.
        """
        wider = [_wider(a, b) for a, b in zip(before, after, strict=True)]
        known = self.builder.widened
        if any(wider) and len(known) < MOST_WIDENED:
            old = known.get(self.number, [None] * len(wider))
            raise Widened(self.number, tuple([a or b for a, b in zip(wider, old, strict=True)]))


def _wider(before: Type | None, after: Type | None) -> Type | None:
    """The type of two turns, None where that of the first one does or where there is none."""
    if before is None or after is None or before is after or WRONG in (before, after):
        return None
    price = cost(after, before)
    is_held = price is not None and price < SEEN_AS_SET
    return None if is_held else join(before, after)


class _State:
    """The carried variables of a loop as one value. Those that the first turn left as they were
    known are not in it, nor those that have no value.
    """

    def __init__(self, builder: Any, names: Environment, carried: list[str]) -> None:
        self.builder = builder
        self.names = names
        self.carried = [name for name in carried if names[name] is not UNASSIGNED]
        self.maybe = [isinstance(names[name], Maybe) for name in self.carried]
        self.values: list[Any] = []

    def pack(self) -> Any:
        """The variables as they are now, in one value."""
        values: list[Any] = []
        for name, is_maybe in zip(self.carried, self.maybe, strict=True):
            symbol = self.names[name]
            if symbol is LOST:
                raise lost()
            if is_maybe:
                has_value = symbol.has_value if isinstance(symbol, Maybe) else Const(True)
                symbol = symbol.value if isinstance(symbol, Maybe) else symbol
                values.append(has_value)
            elif isinstance(symbol, Maybe) or symbol is UNASSIGNED:
                raise AssertionError(f"{name} lost its value in a loop")
            values.append(self._data(name, symbol))
        self.values = values
        packed = values[-1]
        for value in reversed(values[:-1]):
            packed = self.builder.row("capture", value, packed)
        return packed

    @property
    def types(self) -> _Types:
        """The types of the values that were packed last; None where they are not known yet."""
        return [self.builder.type_of(value) for value in self.values]

    def widen(self, types: Sequence[Type | None]) -> None:
        """Take the variables for values of these types, in the order in which they are packed."""
        rest = iter(types)
        for name, is_maybe in zip(self.carried if types else (), self.maybe, strict=False):
            if is_maybe:
                next(rest)
            type_, symbol = next(rest), self.names[name]
            if type_ is not None and isinstance(symbol, Maybe):
                self.names[name] = Maybe(symbol.has_value, self._as(symbol.value, type_))
            elif type_ is not None:
                self.names[name] = self._as(symbol, type_)

    def _as(self, symbol: Any, type_: Type) -> Any:
        return self.builder.node("widen", symbol, Const(type_.text))

    def _data(self, name: str, symbol: Any) -> Any:
        if not isinstance(symbol, Const | Node):
            spoken = "what the loop returns" if name.startswith("%") else repr(name)
            message = f"{spoken} is a function, or of one of several types, in a loop"
            raise Unresolved("unsupported-closure", message)
        return symbol

    def unpack(self, packed: Any) -> None:
        """Give the variables the values that are in one."""
        count = len(self.carried) + sum(self.maybe)
        values: list[Any] = []
        for _ in range(count - 1):
            values.append(self.builder.row("first", packed))
            packed = self.builder.row("last", packed)
        values.append(packed)
        rest = iter(values)
        for name, is_maybe in zip(self.carried, self.maybe, strict=True):
            self.names[name] = Maybe(next(rest), next(rest)) if is_maybe else next(rest)
