"""Lower: flattened graphs to the instructions of the compiled kernels.

A node is one instruction (a loop three and its body, a conversion inside containers the domains and
closers that it takes, one that changes nothing none at all). Nodes are shared by programs, and so
are their instructions: what a program adds are those of nodes that no program before it had. So
`numbers_of` gives a program as the numbers of its instructions, and a block of lanes is run for any
programs by the sorted numbers of all of them.

Instructions stand in the order in which they were made, in which each comes after what it reads;
the body of a loop stands together. Instructions of one kernel that follow each other, of which none
reads another's result, are one group (see `instruction`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np

from pipeline.ir.graph import Const, Node
from pipeline.ir.types import GRID, NOTHING, UNIONS, Type, two
from pipeline.kernels.instruction import (
    ARGS,
    CODE,
    DEST,
    DOMAIN,
    EXTRAS,
    GROUP,
    MODE,
    OPERATION,
    STRIDE,
)
from pipeline.kernels.structure import closers, domains, values
from pipeline.primitives.words import BIAS, FIELD, MISSING

ROOT: Final = 0
"""The slot of the root domain."""

_PARTS: Final = 5
"""What is kept of an instruction beside its arguments: its kind, and the fields that are its own.
Two lists that are made an array at once: an array that grows by twelve fields takes 1.2 us.
"""

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
_CLOSERS: Final = {
    "tuple_of": closers.TO_TUPLE,
    "set_of": closers.TO_SET,
    "keys": closers.TO_KEYS,
}
_PACKS: Final = {
    "pack_tuple": closers.TO_TUPLE,
    "pack_set": closers.TO_SET,
    "pack_keys": closers.TO_KEYS,
}


class Lowering:
    """The instructions of all graphs so far.

    kernels, operations: their numbers by name, ascending. extras, constants: words. slots: how many
    there are. count: how many instructions; `table` has their fields. grouped: whether groups are
    as large as can be; else each instruction is one, which costs a CPU ten nanoseconds a call and
    saves looking for them. slots: the first one that is free. literals: constants that are there,
    and where; by default none.
    """

    def __init__(
        self,
        grouped: bool = True,
        slots: int = 1,
        literals: tuple[array[int], dict[int, int]] | None = None,
    ) -> None:
        self.grouped = grouped
        self._fields: list[int] = []
        self._args: list[int] = []
        self._kinds: dict[tuple[str, str, int, int], int] = {}
        self._row_kinds: dict[str, int] = {}
        self._kind_fields: list[tuple[int, int, int, int]] = []
        self.extras = array("q", [0])
        self.constants, self._constants = literals or (array("q"), {})
        self.kernels: dict[str, int] = {}
        self.operations: dict[str, int] = {}
        self.slots = slots
        self.count = 0
        self._places: dict[Node | Const | None, int] = {None: ROOT}
        self._numbers: dict[Node, tuple[int, ...]] = {}
        self._verdicts: dict[tuple[int, tuple[int, ...]], tuple[int, int]] = {}
        self._tests: dict[Node, int] = {}
        self._opened: dict[tuple[int, tuple[int, ...]], tuple[int, int]] = {}
        self._shared: tuple[int, ...] = ()
        self._group = 0
        self._kernel = ""
        self._made: set[int] = set()

    def numbers_of(self, nodes: Iterable[Node]) -> list[int]:
        """The numbers of the instructions of nodes, each of which comes after what it needs."""
        numbers: list[int] = []
        known = self._numbers
        for node in nodes:
            found = known.get(node)
            if found is None:
                found = self._lower(node)
            numbers += found
        return numbers

    def verdict(self, result: Node, effects: tuple[Node, ...]) -> tuple[int, int]:
        """How each lane of a program with this result and these effects ends, all of which have
        instructions: the number of its instruction, and its slot.
        """
        key = self._places[result], self._listed(effects)
        known = self._verdicts.get(key)
        if known is None:
            slot = self._emit("verdict", ROOT, (key[0],), extras=key[1])
            known = self._verdicts[key] = (self.count - 1, slot)
        return known

    def place_of(self, node: Node) -> int:
        """The slot of a node that has instructions; `-1 - k` for constant k."""
        return self._places[node]

    def put(self, node: Node, slot: int) -> None:
        """Say where a node is that has no instructions here."""
        self._places[node] = slot

    # -- instructions

    def _lower(self, node: Node) -> tuple[int, ...]:
        rule = _RULES.get(node.op)
        if rule is None and not self.grouped:
            return self._lower_row(node)
        begin = self.count
        domain = self._places[node.domain]
        if rule is None:
            place = self._emit(node.op, domain, self._arguments(node.args))
        else:
            place = rule(self, node, domain)
        self._places[node] = place
        found = (begin,) if self.count == begin + 1 else tuple(range(begin, self.count))
        if self._shared:
            found, self._shared = self._shared + found, ()
        self._numbers[node] = found
        return found

    def _lower_row(self, node: Node) -> tuple[int, ...]:
        """What `_emit` does for a row, as nearly all nodes are, where each instruction is a group.

        In one piece: calls take half of the time.
        """
        args = self._arguments(node.args)
        kind = self._row_kinds.get(node.op)
        if kind is None:
            kind = self._row_kinds[node.op] = self._kind(node.op, "", 0, len(args))
        slot, number = self.slots, self.count
        self.slots = slot + 1
        self.count = number + 1
        self._group += 1
        self._fields += kind, slot, self._places[node.domain], 0, self._group
        self._args += args
        self._places[node] = slot
        found = self._numbers[node] = (number,)
        return found

    def _emit(
        self,
        kernel: str,
        domain: int,
        args: tuple[int, ...],
        *,
        operation: str = "",
        extras: tuple[int, ...] = (),
        mode: int = 0,
        dest: int = -1,
        is_alone: bool = False,
    ) -> int:
        """Append an instruction; gives its slot, a new one unless it is given."""
        if dest < 0:
            dest = self.slots
            self.slots += 1
        kind = self._kind(kernel, operation, mode, len(args))
        if self.grouped:
            self._begin_group(kernel, domain, args, extras, is_alone)
            self._made.add(dest)
        else:
            self._group += 1
        place = 0
        if extras:
            place = len(self.extras)
            self.extras.extend(extras)
        self._fields += kind, dest, domain, place, self._group
        self._args += args
        self.count += 1
        return dest

    def _kind(self, kernel: str, operation: str, mode: int, many: int) -> int:
        """The number of what calls of a kernel have in common: their fields CODE, OPERATION and
        MODE, and how many arguments they have.
        """
        known = self._kinds.get((kernel, operation, mode, many))
        if known is not None:
            return known
        code = self.kernels.setdefault(kernel, len(self.kernels))
        reported = self.operations.setdefault(operation or kernel, len(self.operations))
        self._kind_fields.append((code, 32 * reported, mode, many))
        number = self._kinds[kernel, operation, mode, many] = len(self._kinds)
        return number

    def table(self, begin: int = 0) -> np.ndarray:
        """The fields of the instructions from a number on, a row each, as `instruction` names them:
        CODE is a kernel's number, OPERATION 32 times an operation's, EXTRAS a place in `extras`.
        """
        kinds, dest, domain, place, group = (
            np.array(array("q", self._fields[begin * _PARTS :]), np.int64).reshape(-1, _PARTS).T
        )
        code, reported, mode, many = np.array(self._kind_fields, np.int64).reshape(-1, 4)[kinds].T
        table = np.zeros((len(kinds), STRIDE), np.int64)
        columns = {
            CODE: code,
            DEST: dest,
            DOMAIN: domain,
            OPERATION: reported,
            EXTRAS: place,
            MODE: mode,
            GROUP: group,
        }
        for column, values_ in columns.items():
            table[:, column] = values_
        args = np.array(array("q", self._args[len(self._args) - int(many.sum()) :]), np.int64)
        rows = np.repeat(np.arange(len(kinds)), many)
        within = np.arange(len(args)) - np.repeat(np.cumsum(many) - many, many)
        table[rows, ARGS + within] = args
        return table

    def _begin_group(
        self,
        kernel: str,
        domain: int,
        args: tuple[int, ...],
        extras: tuple[int, ...],
        is_alone: bool,
    ) -> None:
        """Begin a new group, unless the next instruction belongs to the last one's. What it reads
        of its extras are items, or effects: the slot of an effect is half of it.
        """
        made = self._made
        if (
            kernel == self._kernel
            and not is_alone
            and domain not in made
            and made.isdisjoint(args)
            and (not extras or made.isdisjoint(extras))
            and (not extras or made.isdisjoint([e >> 1 for e in extras]))
        ):
            return
        self._group += 1
        self._kernel = "" if is_alone else kernel
        made.clear()

    def _argument(self, value: Any) -> int:
        """A column's slot, or a literal's constant as `-1 - k`."""
        place = self._places.get(value)
        if place is None:
            word = constant_word(value.value)
            place = self._constants.get(word)
            if place is None:
                place = self._constants[word] = -1 - len(self._constants)
                self.constants.append(word)
            self._places[value] = place
        return place

    def _arguments(self, args: tuple[Any, ...]) -> tuple[int, ...]:
        places = self._places
        try:
            if len(args) == 1:
                return (places[args[0]],)
            if len(args) == 2:
                return places[args[0]], places[args[1]]
            return tuple([places[a] for a in args])
        except KeyError:  # a literal for the first time
            return tuple([self._argument(a) for a in args])

    def _listed(self, effects: tuple[Node, ...]) -> tuple[int, ...]:
        """A list of effects as the kernels read it; a literal, which has no slot, fails no lane."""
        places = self._places
        listed = [2 * places[e] + (e.type is None) for e in effects if places[e] >= 0]
        return (len(listed), *listed)

    # -- structural operations

    def _input(self, node: Node, domain: int) -> int:
        return self._emit("inputs", domain, ())

    def _given(self, node: Node, domain: int) -> int:
        return self._emit(node.op, domain, ())

    def _opener(self, node: Node, domain: int) -> int:
        args = self._arguments(node.args if len(node.args) == 2 else node.args * 2)
        if node.op == "every":
            return self._every(domain, args)
        return self._open(domain, args, _OPENERS[node.op])

    def _open(self, domain: int, args: tuple[int, ...], mode: int) -> int:
        return self._emit("open_domains", domain, args, operation="apply", mode=mode)

    def _every(self, domain: int, args: tuple[int, ...]) -> int:
        """The elements of an encoded container, which a conversion may have opened, or will."""
        known = self._opened.get((domain, args))
        if known is not None:
            self._shared += (known[1],)
            return known[0]
        slot = self._open(domain, args, domains.EVERY)
        self._opened[domain, args] = slot, self.count - 1
        return slot

    def _item(self, node: Node, domain: int) -> int:
        return self._emit("item", domain, (), mode=int(node.op == "right"))

    def _spread(self, node: Node, domain: int) -> int:
        return self._emit("spread", domain, (self._argument(node.args[1]),))

    def _closer(self, node: Node, domain: int) -> int:
        opener, value = node.args
        return self._close(
            self._places[opener], self._argument(value), node.effects[0], _CLOSERS[node.op]
        )

    def _close(self, opened: int, value: int, effects: tuple[Node, ...], mode: int) -> int:
        extras = self._listed(effects)
        return self._emit("close", opened, (value,), operation="apply", extras=extras, mode=mode)

    def _first_match(self, node: Node, domain: int) -> int:
        opener, matches, _ = node.args
        extras = self._listed(node.effects[0])
        opened = self._places[opener]
        return self._emit(
            "first_match", opened, (self._argument(matches),), operation="extract", extras=extras
        )

    def _select(self, node: Node, domain: int) -> int:
        extras = (*self._listed(node.effects[0]), *self._listed(node.effects[1]))
        return self._emit("select", domain, self._arguments(node.args), extras=extras)

    def _pack(self, node: Node, domain: int) -> int:
        listed = (len(node.args), *self._arguments(node.args))
        mode = _PACKS[node.op]
        return self._emit("pack", domain, (), operation="tuple", extras=listed, mode=mode)

    def _loop(self, node: Node, domain: int) -> int:
        """The opener of a loop: what enters it, and the test at the head of each turn."""
        loop = self._emit("loop_enter", domain, self._arguments(node.args))
        turn, value = self.slots, self.slots + 1
        self.slots += 2
        self._tests[node] = len(self._args)
        self._emit(
            "loop_test", domain, (loop, value, 0), operation="loop", dest=turn, is_alone=True
        )
        return turn

    def _state(self, node: Node, domain: int) -> int:
        """A loop's state has the slot behind that of its turns."""
        return domain + 1

    def _looped(self, node: Node, domain: int) -> int:
        opener, result, *more = node.args
        turn = self._places[opener]
        test = self._numbers[opener][-1]
        at = self._tests.pop(opener)
        loop = self._args[at]
        effects = self._listed(node.effects[0])
        back = test - self.count
        args = (loop, self._argument(result), back - 1, *map(self._argument, more))
        self._emit(
            "loop_end",
            turn,
            args,
            operation="loop",
            extras=effects,
            mode=len(more),
            dest=loop,
            is_alone=True,
        )
        self._args[at + 2] = self.count - 1 - test
        return loop

    # -- conversions

    def _conversion(self, node: Node, domain: int) -> int:
        (value,) = node.args
        assert node.type is not None
        return self._convert(domain, self._argument(value), value.type, node.type)

    def _convert(self, domain: int, x: int, source: Type, target: Type) -> int:
        """A value as another type: none, one or several instructions."""
        if not _looks_different(source, target):
            return x
        inner = _inner_change(source, target)
        if inner is None:
            mode = _CONVERSIONS.get(target.head, values.AS_IT_IS)
            return self._emit("convert", domain, (x,), mode=mode)
        if source.head == "Tuple" and target.head == "Two":
            x = self._emit("convert", domain, (x,), mode=values.AS_TWO)
            return self._convert(domain, x, two(*source.args * 2), target)
        if source.head == "Two":
            parts = [self._emit(op, domain, (x,)) for op in ("first_part", "last_part")]
            whole = x
            new = [
                self._convert(domain, part, s, t) for part, (s, t) in zip(parts, inner, strict=True)
            ]
            x = self._emit("joined_parts", domain, (whole, *new))
        else:
            opened = self._every(domain, (x, x))
            item = self._emit("item", opened, ())
            changed = self._convert(opened, item, *inner[0])
            x = self._close(opened, changed, (), closers.TO_SAME)
        if source.head == target.head:
            return x
        return self._emit("convert", domain, (x,), mode=_CONVERSIONS[target.head])


_Rule = Callable[[Lowering, Node, int], int]
_RULES: Final[dict[str, _Rule]] = {
    "input": Lowering._input,
    "train_pairs": Lowering._given,
    **dict.fromkeys(_OPENERS, Lowering._opener),
    **dict.fromkeys(("item", "left", "right"), Lowering._item),
    "spread": Lowering._spread,
    **dict.fromkeys(_CLOSERS, Lowering._closer),
    "first_match": Lowering._first_match,
    "select": Lowering._select,
    **dict.fromkeys(_PACKS, Lowering._pack),
    "loop": Lowering._loop,
    "state": Lowering._state,
    "looped": Lowering._looped,
    "convert": Lowering._conversion,
}
"""What the structural operations become; all others are a kernel of their own name."""


def constant_word(value: Any) -> int:
    """The word of a literal."""
    if value is None:
        return MISSING
    if isinstance(value, int):
        return int(value)
    i, j = value
    word: int = (i + BIAS) << FIELD | (j + BIAS)
    return word


def _looks_different(source: Type, target: Type) -> bool:
    """Whether a value of one type has other words as one of the other type."""
    if source is target or source is NOTHING or source in UNIONS or target in UNIONS:
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
