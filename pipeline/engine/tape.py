"""The tape: generated code as instructions for the compiled kernels.

`trace` runs a generated function on a recorder, which notes each line as one instruction (a loop as
three and its body, a conversion inside containers as the domains and closers that it takes) instead
of computing anything. What the recorder gives back are handles of slots.

A block of lanes is always run for a set of solvers that are all wanted on all of its samples: so
the root domains of all sets of solvers are one here, and a domain that is opened for several sets
of solvers is opened once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.ir.types import GRID, NOTHING, UNIONS, Type, parse_type, two
from pipeline.kernels.structure import closers, domains, values
from pipeline.primitives.table import INTERNAL, TABLE
from pipeline.primitives.words import BIAS, FIELD

ROOT: Final = 0
"""The slot of the root domain."""

Effects = tuple[Any, ...]

_OPENERS: Final = {
    "each": domains.EACH,
    "every": domains.EVERY,
    "probe": domains.PROBE,
    "zip": domains.ZIP,
    "cross": domains.CROSS,
    "where": domains.WHERE,
    "unless": domains.UNLESS,
}
_CONVERSIONS: Final = {
    "Grid": values.AS_GRID,
    "Tuple": values.AS_TUPLE,
    "Set": values.AS_SET,
    "Two": values.AS_TWO,
}


@dataclass(slots=True, eq=False)
class Instruction:
    """One call of a kernel; see `instruction` for the fields. args are slots and constants."""

    kernel: str
    dest: int
    domain: int
    operation: str
    args: tuple[int, ...]
    extras: tuple[int, ...] | None
    mode: int
    users: set[int]
    is_alone: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DomainHandle:
    """A domain of the program: its slot, and the solvers for which it was opened."""

    slot: int
    users: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class ColumnHandle:
    """A column of the program."""

    slot: int


@dataclass(slots=True)
class Tape:
    """Instructions in order of execution. constants are words; verdicts maps a solver's number to
    the slot of its verdicts; slots is how many there are. native_nodes counts the lines of which
    instructions were made.
    """

    instructions: list[Instruction] = field(default_factory=list)
    constants: list[int] = field(default_factory=list)
    verdicts: dict[int, int] = field(default_factory=dict)
    slots: int = 1
    native_nodes: int = 0

    @property
    def kernels(self) -> list[str]:
        """The kernels that it calls, by name."""
        return sorted({i.kernel for i in self.instructions})


def trace(evaluate: Callable[[Any], None]) -> Tape:
    """The program of a generated function."""
    recorder = Recorder()
    evaluate(recorder)
    return recorder.program


class Recorder:
    """What generated code calls, as it calls `reference.ReferenceRuntime`."""

    def __init__(self) -> None:
        self.program = Tape()
        self._constants: dict[int, int] = {}
        self._opened: dict[Any, tuple[int, Instruction]] = {}

    def __getattr__(self, name: str) -> Callable[..., ColumnHandle]:
        row = TABLE.get(name) or INTERNAL.get(name)
        if row is None or row.native is None:
            raise AttributeError(f"no compiled operation {name!r}")

        def record(d: DomainHandle, *args: Any) -> ColumnHandle:
            return self._record(name, d, args)

        setattr(self, name, record)
        return record

    # -- recording

    def _new_slot(self) -> int:
        slot = self.program.slots
        self.program.slots += 1
        return slot

    def _argument(self, value: Any) -> int:
        """A column's slot, or a literal's constant as `-1 - k`."""
        if type(value) is ColumnHandle:
            return value.slot
        word = int(value) if isinstance(value, int) else _pair_word(*value)
        known = self._constants.get(word)
        if known is None:
            known = self._constants[word] = -1 - len(self._constants)
            self.program.constants.append(word)
        return known

    def _record(
        self,
        kernel: str,
        d: DomainHandle,
        args: tuple[Any, ...],
        *,
        operation: str = "",
        extras: tuple[int, ...] | None = None,
        mode: int = 0,
    ) -> ColumnHandle:
        slot = self._new_slot()
        self.program.native_nodes += 1
        places = tuple(self._argument(a) for a in args)
        self._add(
            Instruction(
                kernel, slot, d.slot, operation or kernel, places, extras, mode, set(d.users)
            )
        )
        return ColumnHandle(slot)

    def _add(self, instruction: Instruction) -> int:
        self.program.instructions.append(instruction)
        return len(self.program.instructions) - 1

    # -- roots and results

    def lanes(self, *solvers: int) -> DomainHandle:
        """The root, for these solvers."""
        return DomainHandle(ROOT, frozenset(solvers))

    def input(self, d: DomainHandle) -> ColumnHandle:
        """The input grids."""
        return self._record("inputs", d, ())

    def verdict(self, solver: int, d: DomainHandle, result: Any, after: Effects) -> None:
        """How each lane of a solver ended."""
        column = self._record("verdict", d, (result,), extras=_effects(after))
        self.program.verdicts[solver] = column.slot

    # -- domains

    def _open(self, op: str, d: DomainHandle, *args: Any) -> DomainHandle:
        self.program.native_nodes += 1
        places = tuple(self._argument(a) for a in args)
        key = (op, d.slot, places)
        known = self._opened.get(key)
        if known is None:
            slot = self._new_slot()
            made = Instruction(
                "open_domains", slot, d.slot, "apply", places, None, _OPENERS[op], set(d.users)
            )
            self._add(made)
            known = self._opened[key] = (slot, made)
        known[1].users.update(d.users)
        return DomainHandle(known[0], d.users)

    def each(self, d: DomainHandle, container: Any) -> DomainHandle:
        """Open the elements of a container, counted."""
        return self._open("each", d, container, container)

    def every(self, d: DomainHandle, container: Any) -> DomainHandle:
        """Open the elements of an encoded container, not counted."""
        return self._open("every", d, container, container)

    def probe(self, d: DomainHandle, container: Any) -> DomainHandle:
        """Open elements of which those after the first match do not count."""
        return self._open("probe", d, container, container)

    def zip(self, d: DomainHandle, a: Any, b: Any) -> DomainHandle:
        """Open the pairs of elements at the same place."""
        return self._open("zip", d, a, b)

    def cross(self, d: DomainHandle, a: Any, b: Any) -> DomainHandle:
        """Open all pairs: for each element of b each of a."""
        return self._open("cross", d, a, b)

    def where(self, d: DomainHandle, condition: Any) -> DomainHandle:
        """Open one lane where the condition holds."""
        return self._open("where", d, condition, condition)

    def unless(self, d: DomainHandle, condition: Any) -> DomainHandle:
        """Open one lane where the condition does not hold."""
        return self._open("unless", d, condition, condition)

    def item(self, d: DomainHandle) -> ColumnHandle:
        """The elements."""
        return self._record("item", d, ())

    def left(self, d: DomainHandle) -> ColumnHandle:
        """The elements of the first container, in each pair."""
        return self._record("item", d, ())

    def right(self, d: DomainHandle) -> ColumnHandle:
        """The elements of the second container, in each pair."""
        return self._record("item", d, (), mode=1)

    def spread(self, d: DomainHandle, x: Any) -> ColumnHandle:
        """A value of the parent domain, for each lane that the parent's lane opened."""
        return self._record("spread", d, (x,))

    # -- closers

    def tuple_of(self, d: DomainHandle, x: Any, after: Effects) -> ColumnHandle:
        """The results for all elements as a tuple."""
        return self._close(d, x, after, closers.TO_TUPLE)

    def set_of(self, d: DomainHandle, x: Any, after: Effects) -> ColumnHandle:
        """The results for all elements as a set."""
        return self._close(d, x, after, closers.TO_SET)

    def keys(self, d: DomainHandle, x: Any, after: Effects) -> ColumnHandle:
        """The keys of all elements, as they are."""
        return self._close(d, x, after, closers.TO_KEYS)

    def _close(self, d: DomainHandle, x: Any, after: Effects, mode: int) -> ColumnHandle:
        return self._record("close", d, (x,), operation="apply", extras=_effects(after), mode=mode)

    def first_match(
        self, d: DomainHandle, matches: Any, container: Any, after: Effects
    ) -> ColumnHandle:
        """The first element that matches."""
        extras = _effects(after)
        return self._record("first_match", d, (matches,), operation="extract", extras=extras)

    def select(
        self,
        d: DomainHandle,
        condition: Any,
        taken: DomainHandle,
        a: Any,
        untaken: DomainHandle,
        b: Any,
        after: tuple[Effects, Effects],
    ) -> ColumnHandle:
        """The results of the two sides of a condition, joined."""
        sides = (ColumnHandle(taken.slot), a, ColumnHandle(untaken.slot), b)
        extras = (*_effects(after[0]), *_effects(after[1]))
        return self._record("select", d, (condition, *sides), extras=extras)

    def looped(
        self,
        d: DomainHandle,
        turns: Any,
        state: Any,
        body: Callable[[DomainHandle, ColumnHandle], tuple[Any, Effects]],
    ) -> ColumnHandle:
        """Apply the body once less than `turns` times."""
        loop = self._record("loop_enter", d, (turns, state))
        turn, value = self._new_slot(), self._new_slot()
        users = set(d.users)
        test = Instruction("loop_test", turn, d.slot, "loop", (), None, 0, users, is_alone=True)
        begin = self._add(test)
        result, after = body(DomainHandle(turn, d.users), ColumnHandle(value))
        back = Instruction(
            "loop_end", loop.slot, turn, "loop", (), _effects(after), 0, set(users), is_alone=True
        )
        end = self._add(back)
        test.args = (loop.slot, value, end - begin)
        back.args = (loop.slot, self._argument(result), begin - end - 1)
        return loop

    def pack_tuple(self, d: DomainHandle, *items: Any) -> ColumnHandle:
        """The values as one tuple."""
        return self._pack(d, items, closers.TO_TUPLE)

    def pack_set(self, d: DomainHandle, *items: Any) -> ColumnHandle:
        """The values as one set."""
        return self._pack(d, items, closers.TO_SET)

    def pack_keys(self, d: DomainHandle, *items: Any) -> ColumnHandle:
        """The values as one tuple of keys."""
        return self._pack(d, items, closers.TO_KEYS)

    def _pack(self, d: DomainHandle, items: tuple[Any, ...], mode: int) -> ColumnHandle:
        listed = (len(items), *(self._argument(a) for a in items))
        return self._record("pack", d, (), operation="tuple", extras=listed, mode=mode)

    # -- conversions

    def convert(self, d: DomainHandle, x: Any, source: str, target: str) -> Any:
        """The values as another type: none, one or several instructions."""
        count = self.program.native_nodes
        result = self._convert(d, x, parse_type(source), parse_type(target))
        self.program.native_nodes = count + 1
        return result

    def _convert(self, d: DomainHandle, x: Any, source: Type, target: Type) -> Any:
        if not _looks_different(source, target):
            return x
        inner = _inner_change(source, target)
        if inner is None:
            mode = _CONVERSIONS.get(target.head, values.AS_IT_IS)
            return self._record("convert", d, (x,), mode=mode)
        if source.head == "Tuple" and target.head == "Two":
            x = self._record("convert", d, (x,), mode=values.AS_TWO)
            return self._convert(d, x, two(*source.args * 2), target)
        if source.head == "Two":
            parts = (self._record(op, d, (x,)) for op in ("first", "last"))
            new = tuple(
                self._convert(d, part, s, t) for part, (s, t) in zip(parts, inner, strict=True)
            )
            x = self._record("capture", d, new)
        else:
            opened = self.every(d, x)
            changed = self._convert(opened, self.item(opened), *inner[0])
            x = self._close(opened, changed, (), closers.TO_SAME)
        if source.head == target.head:
            return x
        return self._record("convert", d, (x,), mode=_CONVERSIONS[target.head])


def _effects(after: Effects) -> tuple[int, ...]:
    """A list of effects as the kernels read it."""
    return (len(after), *(2 * e.slot + (type(e) is DomainHandle) for e in after))


def _pair_word(i: int, j: int) -> int:
    return (i + BIAS) << FIELD | (j + BIAS)


def _looks_different(source: Type, target: Type) -> bool:
    """Whether a value of one type has other words as one of the other type."""
    if source is target or source is NOTHING or target in UNIONS:
        return False
    if source.head == target.head:
        return any(_looks_different(s, t) for s, t in zip(source.args, target.args, strict=True))
    return target.head in _CONVERSIONS


def _inner_change(source: Type, target: Type) -> tuple[tuple[Type, Type], ...] | None:
    """The parts' types before and after, where the parts are to be converted themselves."""
    if source is GRID or target is GRID:
        return None
    many = len(source.args)
    targets = target.args if target.head == "Two" else target.args * many
    sources = source.args if source.head == "Two" else source.args * len(targets)
    pairs = tuple(zip(sources, targets, strict=True))
    return pairs if any(_looks_different(s, t) for s, t in pairs) else None
