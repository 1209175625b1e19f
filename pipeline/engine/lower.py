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

from pipeline.ir.graph import Const, Graph, Node
from pipeline.ir.types import GRID, NOTHING, UNIONS, Type, two
from pipeline.kernels.instruction import ARGS, STRIDE
from pipeline.kernels.structure import closers, domains, values
from pipeline.primitives.words import BIAS, FIELD

ROOT: Final = 0
"""The slot of the root domain."""

_MOST_ARGS: Final = STRIDE - ARGS
_NO_ARGS: Final = (0,) * _MOST_ARGS

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

    table: the fields of each instruction, as `instruction` names them, where CODE is a kernel's
    number, OPERATION 32 times an operation's, EXTRAS a place in `extras`. kernels, operations:
    their numbers by name, ascending. constants: words. slots: how many there are. count: how many
    instructions.
    """

    def __init__(self) -> None:
        self.table = array("q")
        self.extras = array("q", [0])
        self.constants = array("q")
        self.kernels: dict[str, int] = {}
        self.operations: dict[str, int] = {}
        self.slots = 1
        self.count = 0
        self._places: dict[Node | Const | None, int] = {None: ROOT}
        self._numbers: dict[Node, tuple[int, ...]] = {}
        self._verdicts: dict[tuple[int, tuple[int, ...]], tuple[int, int]] = {}
        self._constants: dict[int, int] = {}
        self._opened: dict[tuple[int, tuple[int, ...]], tuple[int, int]] = {}
        self._shared: list[int] = []
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

    def verdict(self, graph: Graph) -> tuple[int, int]:
        """How each lane of a graph ends, of which the nodes have instructions: the number of its
        instruction, and its slot.
        """
        key = self._places[graph.result], self._listed(graph.effects)
        known = self._verdicts.get(key)
        if known is None:
            slot = self._emit("verdict", ROOT, (key[0],), extras=key[1])
            known = self._verdicts[key] = (self.count - 1, slot)
        return known

    def place_of(self, node: Node) -> int:
        """The slot of a node that has instructions; `-1 - k` for constant k."""
        return self._places[node]

    # -- instructions

    def _lower(self, node: Node) -> tuple[int, ...]:
        begin = self.count
        self._shared.clear()
        rule = _RULES.get(node.op)
        domain = self._places[node.domain]
        if rule is None:
            place = self._emit(node.op, domain, self._arguments(node.args))
        else:
            place = rule(self, node, domain)
        self._places[node] = place
        found = self._numbers[node] = (*self._shared, *range(begin, self.count))
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
        code = self.kernels.setdefault(kernel, len(self.kernels))
        name = operation or kernel
        reported = self.operations.setdefault(name, len(self.operations))
        self._begin_group(kernel, domain, args, extras, is_alone)
        self._made.add(dest)
        place = 0
        if extras:
            place = len(self.extras)
            self.extras.extend(extras)
        row = (code, dest, domain, 32 * reported, place, mode, self._group, *args)
        self.table.extend(row)
        self.table.extend(_NO_ARGS[len(args) :])
        self.count += 1
        return dest

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
            word = value.value
            word = int(word) if isinstance(word, int) else _pair_word(*word)
            place = self._constants.get(word)
            if place is None:
                place = self._constants[word] = -1 - len(self._constants)
                self.constants.append(word)
            self._places[value] = place
        return place

    def _arguments(self, args: tuple[Any, ...]) -> tuple[int, ...]:
        return tuple([self._argument(a) for a in args])

    def _listed(self, effects: tuple[Node, ...]) -> tuple[int, ...]:
        """A list of effects as the kernels read it."""
        places = self._places
        return (len(effects), *[2 * places[e] + (e.type is None) for e in effects])

    # -- structural operations

    def _input(self, node: Node, domain: int) -> int:
        return self._emit("inputs", domain, ())

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
            self._shared.append(known[1])
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
        self._emit(
            "loop_test", domain, (loop, value, 0), operation="loop", dest=turn, is_alone=True
        )
        return turn

    def _state(self, node: Node, domain: int) -> int:
        """A loop's state has the slot behind that of its turns."""
        return domain + 1

    def _looped(self, node: Node, domain: int) -> int:
        opener, result = node.args
        turn = self._places[opener]
        test = self._numbers[opener][-1]
        row = test * STRIDE + ARGS
        loop = self.table[row]
        effects = self._listed(node.effects[0])
        back = test - self.count
        args = (loop, self._argument(result), back - 1)
        self._emit(
            "loop_end", turn, args, operation="loop", extras=effects, dest=loop, is_alone=True
        )
        self.table[row + 2] = self.count - 1 - test
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
            parts = [self._emit(op, domain, (x,)) for op in ("first", "last")]
            new = [
                self._convert(domain, part, s, t) for part, (s, t) in zip(parts, inner, strict=True)
            ]
            x = self._emit("capture", domain, tuple(new))
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
