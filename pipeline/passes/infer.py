"""Infer: give every node one type, forward from `I : Grid`, and make conversions explicit.

A row's overloads are tried in order; the first that needs the fewest conversions wins. A conversion
becomes a `convert` node right before its user, as the direct interpreter checks a value where it is
used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from pipeline.ir.coerce import SEEN_AS_SET, bind, cost, join, substitute
from pipeline.ir.graph import Const, Node
from pipeline.ir.types import (
    BOOLEAN,
    GRID,
    INTEGER,
    NOTHING,
    TEXT,
    TRAIN_PAIRS,
    UNIONS,
    Type,
    make,
    parse_type,
    set_of,
    tuple_of,
    two,
)
from pipeline.ir.written import written
from pipeline.primitives.row import Primitive, Signature
from pipeline.primitives.table import BY_NAME, on_change

MOST_LETTERS = 500
_A = make("a")
_ORDERED = (
    "order_by",
    "order_down",
    "argmax_by",
    "argmin_by",
    "argmax_or",
    "argmin_or",
    "max_by",
    "min_by",
)
_SPOKEN = dict.fromkeys(_ORDERED, "the key")


class Mismatch(Exception):
    """A node that has no type: the message, and which argument is wrong (None: the whole)."""

    def __init__(
        self,
        message: str,
        argument: int | None = None,
        note: str = "",
        code: str = "type-mismatch",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.argument = argument
        self.note = note


@cache
def choose(row: Primitive, arguments: tuple[Type, ...]) -> tuple[Signature, tuple[Type, ...], Type]:
    """The overload for these argument types, the types to convert to, and the result's; raises
    Mismatch.
    """
    found = _best(row, row.overloads, arguments)
    if found is None and not any(map(_has_text, arguments)):  # its words are those of an integer
        found = _best(row, row.otherwise, arguments)
    return found or _choose_union(row, arguments)


def _has_text(type_: Type) -> bool:
    return type_ is TEXT or any(map(_has_text, type_.args))


def _best(
    row: Primitive, overloads: tuple[Signature, ...], arguments: tuple[Type, ...]
) -> tuple[Signature, tuple[Type, ...], Type] | None:
    best: tuple[int, Signature, tuple[Type, ...], Type] | None = None
    for signature in overloads:
        bindings: dict[str, Type] = {}
        parameters = [p for p in signature.parameters if isinstance(p, Type)]
        if not all(bind(p, a, bindings) for p, a in zip(parameters, arguments, strict=True)):
            continue
        targets = tuple(substitute(p, bindings) for p in parameters)
        costs = [cost(a, t) for a, t in zip(arguments, targets, strict=True)]
        if None in costs or _hidden_set(row, arguments, targets, parameters):
            continue
        total = sum(c for c in costs if c is not None)
        if best is None or total < best[0]:
            assert isinstance(signature.result, Type)
            best = (total, signature, targets, substitute(signature.result, bindings))
    return None if best is None else best[1:]


def _hidden_set(
    row: Primitive,
    arguments: tuple[Type, ...],
    targets: tuple[Type, ...],
    parameters: Sequence[Type],
) -> bool:
    """Whether a tuple would become a set where a tuple could be meant as well.

    The direct interpreter has no types: it makes sets only where each overload takes one.
    """
    return any(
        target.head == "Set"
        and argument.head in ("Tuple", "Two")
        and (k not in row.set_positions or parameters[k] in row.keeps_tuples)
        for k, (argument, target) in enumerate(zip(arguments, targets, strict=True))
    )


def _choose_union(
    row: Primitive, arguments: tuple[Type, ...]
) -> tuple[Signature, tuple[Type, ...], Type]:
    """The overload where an argument is of one of two types: the row must do for both."""
    place = next((k for k, a in enumerate(arguments) if a in UNIONS), None)
    if place is None:
        raise _mismatch(row, arguments)
    union = arguments[place]
    before, after = arguments[:place], arguments[place + 1 :]
    members = UNIONS[union]
    (signature, targets, a), (_, others, b) = (choose(row, (*before, m, *after)) for m in members)
    result = join(a, b)
    same = targets[:place] == others[:place] and targets[place + 1 :] == others[place + 1 :]
    if result is None or not same or (targets[place], others[place]) != members:
        raise _mismatch(row, arguments)
    return signature, (*targets[:place], union, *targets[place + 1 :]), result


def _mismatch(row: Primitive, arguments: tuple[Type, ...]) -> Mismatch:
    """Name the first argument that no overload takes, given those before it."""
    alive = list(row.overloads)
    bindings: list[dict[str, Type]] = [{} for _ in alive]
    for k, argument in enumerate(arguments):
        kept = []
        for signature, bound in zip(alive, bindings, strict=True):
            parameter = signature.parameters[k]
            assert isinstance(parameter, Type)
            trial = dict(bound)
            fits = bind(parameter, argument, trial)
            if fits and cost(argument, substitute(parameter, trial)) is not None:
                kept.append((signature, trial))
        if not kept:
            wanted = [
                str(substitute(s.parameters[k], b))  # type: ignore[arg-type]
                for s, b in zip(alive, bindings, strict=True)
            ]
            expected = " or ".join(dict.fromkeys(wanted))
            if row.name in _SPOKEN and k == 1:
                expected = expected.removeprefix("Tuple[").removesuffix("]")
                got = str(argument.args[0])
                return Mismatch(f"{_SPOKEN[row.name]} gives {got}, expected {expected}")
            if row.name == "turns":
                return Mismatch(f"power argument 2 'n': expected {expected}, got {argument}", 1)
            where = f"{row.name} argument {k + 1} '{row.parameters[k]}'"
            return Mismatch(f"{where}: expected {expected}, got {argument}", k)
        alive = [s for s, _ in kept]
        bindings = [b for _, b in kept]
    given = ", ".join(map(str, arguments))
    return Mismatch(f"{written(row.name)} has no overload for ({given})")


@cache
def _call_types(op: str, types: tuple[Type, ...]) -> tuple[str, tuple[Type, ...] | None, Type]:
    """The row that does it, what its arguments are converted to, None where they all are that
    already, and the type of its result; raises Mismatch.
    """
    row = BY_NAME[op]
    signature, targets, result = choose(row, types)
    if row.same_as:
        op = row.same_as[row.overloads.index(signature)] or op
    _check_depth(result)
    return op, (None if targets == types else targets), result


on_change(_call_types.cache_clear)


@cache
def _converts(source: Type, target: Type) -> bool:
    return cost(source, target) is not None


def _check_depth(type_: Type) -> None:
    if len(type_.text) > MOST_LETTERS:
        message = f"this value nests too deeply: its type has over {MOST_LETTERS} letters"
        raise Mismatch(message, code="too-deep")


Add = Callable[[str, tuple[Any, ...], Node | None, Type | None], Node]
"""What makes a typed node: see `flatten.Flattening.add`."""


class Inference:
    """Makes typed nodes of those that `resolve` makes; raises Mismatch for one that has no type."""

    def __init__(self, add: Add) -> None:
        self.add = add

    def make(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """The node, after those that convert its arguments."""
        rule = _RULES.get(op)
        if rule is None:
            return self._row(op, args, domain)
        node = rule(self, op, args, domain)
        if node.type is not None and len(node.type.text) > MOST_LETTERS:
            _check_depth(node.type)
        return node

    def _row(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        types: tuple[Type, ...]
        if len(args) == 1:
            types = (args[0].type,)
        elif len(args) == 2:
            types = args[0].type, args[1].type
        else:
            types = tuple([a.type for a in args])
        op, targets, result = _call_types(op, types)
        if op == "difference" and args[0] is args[1]:
            result = set_of(NOTHING) if result in UNIONS else make(result.head, (NOTHING,))
        if targets is not None:
            args = self._strict(BY_NAME[op], args, targets, domain)
            args = tuple([self._convert(a, t, domain) for a, t in zip(args, targets, strict=True)])
        return self.add(op, args, domain, result)

    def _strict(
        self, row: Primitive, args: tuple[Any, ...], targets: tuple[Type, ...], domain: Node | None
    ) -> tuple[Any, ...]:
        """The arguments; a tuple that stands for a two-tuple must be one of two, unless the row
        looks at no more than two parts.
        """
        for k, (arg, target) in enumerate(zip(args, targets, strict=True)):
            if target.head == "Two" and arg.type.head == "Tuple" and k not in row.leads:
                arg = self.add("two_parts", (arg,), domain, arg.type)
                args = (*args[:k], arg, *args[k + 1 :])
        return args

    def result(self, node: Any, domain: Node | None = None) -> Any:
        """What a solver returns, as a grid."""
        if node.type is not GRID and cost(node.type, GRID) is None:
            raise Mismatch(f"a solver returns a grid, got {node.type}")
        return self._convert(node, GRID, domain)

    def _convert(self, value: Any, target: Type, domain: Node | None) -> Any:
        """The value as the target type: itself, or a `convert` node in the domain."""
        if value.type is target:
            return value
        if not _converts(value.type, target):
            raise Mismatch(f"expected {target}, got {value.type}")
        return self.add("convert", (value,), domain, target)

    def _at(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """The places of a two-tuple have each a type, so one that is known is taken by itself."""
        container, place = args
        known = isinstance(place, Const) and place.value in (0, 1, -1, -2)
        if known and container.type.head == "Two":
            return self._row("last" if place.value & 1 else "first", (container,), domain)
        return self._row(op, args, domain)

    # -- structural operations

    def _input(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add("input", (), domain, GRID)

    def _train_pairs(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add(op, (), domain, TRAIN_PAIRS)

    def _container(self, value: Any, domain: Node | None) -> Any:
        """The value as a tuple or a set."""
        if value.type.head in ("Tuple", "Set"):
            return value
        bindings: dict[str, Type] = {}
        target = tuple_of(_A)
        if not bind(target, value.type, bindings):
            raise Mismatch(f"a container is expected, got {value.type}")
        return self._convert(value, substitute(target, bindings), domain)

    def _opener(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        containers = tuple([self._container(a, domain) for a in args])
        return self.add(op, containers, domain, None)

    def _masked(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add(op, (self._convert(args[0], BOOLEAN, domain),), domain, None)

    def _truth(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Any:
        """A Boolean as it is, of any other value whether Python takes it for true."""
        if args[0].type in (BOOLEAN, NOTHING):
            return self._convert(args[0], BOOLEAN, domain)
        return self.add("truth", args, domain, BOOLEAN)

    def _flip(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add("flip", (self._truth("truth", args, domain),), domain, BOOLEAN)

    def _loop(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        turns, *rest = args
        if turns.type is NOTHING:  # that of what fails the lane before, as a loop over a number
            turns = self._convert(turns, INTEGER, domain)
        if turns.type is not INTEGER:
            raise Mismatch(f"power argument 2 'n': expected Integer, got {turns.type}", 1)
        return self.add("loop", (turns, *rest), domain, None)

    def _item(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        place = ("item", "left", "right").index(op)
        source = args[0].args[max(0, place - 1)]
        return self.add(op, args, domain, source.type.args[0])

    def _state(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add("state", args, domain, args[0].args[1].type)

    def _collect(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        opener, results, container = args
        is_set = container.type.head == "Set"
        type_ = set_of(results.type) if is_set else tuple_of(results.type)
        return self.add("set_of" if is_set else "tuple_of", (opener, results), domain, type_)

    def _collect_tuple(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add("tuple_of", args, domain, tuple_of(args[1].type))

    def _collect_set(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add("set_of", args, domain, set_of(args[1].type))

    def _keys(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self.add("keys", args, domain, tuple_of(args[1].type))

    def _first_match(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        opener, matches, _ = args
        container = opener.args[0]
        return self.add("first_match", (opener, matches, container), domain, container.type.args[0])

    def _select(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        condition, taken, a, untaken, b = args
        joined = join(a.type, b.type)
        if joined is None:
            raise Mismatch(f"branch chooses between functions that give {a.type} and {b.type}")
        a = self._convert(a, joined, taken)
        b = self._convert(b, joined, untaken)
        return self.add("select", (condition, taken, a, untaken, b), domain, joined)

    def _narrow(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """A value of a union as one of a member of it, which it is known to be."""
        value, place = args
        return self.add("convert", (value,), domain, UNIONS[value.type][place.value])

    def _widen(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """A value as one of a type, by its name, to which it always converts."""
        value, name = args
        return self._convert(value, parse_type(name.value), domain)

    def _ascending(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """A tuple as the set of its elements."""
        (value,) = args
        return self.add("convert", args, domain, set_of(value.type.args[0]))

    def _text(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """An integer as the text that has this place."""
        return self.add("convert", args, domain, TEXT)

    def _looped(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        opener, result, *more = args
        state = opener.args[1].type
        price = cost(result.type, state)
        if price is None or price >= SEEN_AS_SET:
            raise Mismatch(f"power repeats a function from {state} to {result.type}")
        ends = (self._convert(result, state, opener), *more)
        return self.add("looped", (opener, *ends), domain, state)

    def _pack_tuple(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        if not args:
            return self.add("pack_tuple", args, domain, tuple_of(NOTHING))
        if len(args) == 2:
            return self.add("pack_tuple", args, domain, two(args[0].type, args[1].type))
        args, element = self._joined(args, domain)
        return self.add("pack_tuple", args, domain, tuple_of(element))

    def _pack_keys(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        args, element = self._joined(args, domain)
        return self.add("pack_keys", args, domain, tuple_of(element))

    def _pack_set(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        if not args:
            return self.add("pack_set", args, domain, set_of(NOTHING))
        args, element = self._joined(args, domain)
        return self.add("pack_set", args, domain, set_of(element))

    def _joined(self, args: tuple[Any, ...], domain: Node | None) -> tuple[tuple[Any, ...], Type]:
        element: Type | None = args[0].type if args else NOTHING
        for arg in args[1:]:
            element = join(element, arg.type) if element is not None else None
        if element is None:
            kinds = " and ".join(dict.fromkeys(str(a.type) for a in args))
            raise Mismatch(f"a container can't hold both {kinds}")
        return tuple([self._convert(a, element, domain) for a in args]), element


_Rule = Callable[[Inference, str, tuple[Any, ...], Node | None], Node]
_RULES: dict[str, _Rule] = {
    "input": Inference._input,
    "train_pairs": Inference._train_pairs,
    **dict.fromkeys(("each", "every", "probe", "zip", "cross"), Inference._opener),
    **dict.fromkeys(("where", "unless"), Inference._masked),
    "truth": Inference._truth,
    "flip": Inference._flip,
    "loop": Inference._loop,
    **dict.fromkeys(("item", "left", "right"), Inference._item),
    "state": Inference._state,
    "collect": Inference._collect,
    "collect_tuple": Inference._collect_tuple,
    "collect_set": Inference._collect_set,
    "keys": Inference._keys,
    "first_match": Inference._first_match,
    "select": Inference._select,
    "looped": Inference._looped,
    "narrow": Inference._narrow,
    "widen": Inference._widen,
    "ascending": Inference._ascending,
    "text": Inference._text,
    "pack_tuple": Inference._pack_tuple,
    "pack_keys": Inference._pack_keys,
    "pack_set": Inference._pack_set,
    "at": Inference._at,
}
"""The types of the structural operations, and of rows for which they decide what is done."""
