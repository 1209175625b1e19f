"""Infer: give every node one type, forward from `I : Grid`, and make conversions explicit.

A row's overloads are tried in order; the first that needs the fewest conversions wins. A conversion
becomes a `convert` node right before its user, as the direct interpreter checks a value where it is
used.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pipeline.diagnostics import Diagnostic
from pipeline.ir.coerce import SEEN_AS_SET, bind, cost, join, substitute
from pipeline.ir.graph import Graph, Node
from pipeline.ir.types import (
    BOOLEAN,
    GRID,
    INTEGER,
    NOTHING,
    UNIONS,
    Type,
    make,
    set_of,
    tuple_of,
    two,
)
from pipeline.primitives.row import Primitive, Signature
from pipeline.primitives.table import INTERNAL, TABLE

MOST_LETTERS = 500
_A = make("a")
_ORDERED = ("order_by", "argmax_by", "argmin_by", "max_by", "min_by")
_SPOKEN = {
    "keep_by": "the condition",
    "order_by": "the key",
    "argmax_by": "the key",
    "argmin_by": "the key",
    "max_by": "the key",
    "min_by": "the key",
}


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


class _Untyped(Exception):
    """An argument was reported already."""


@cache
def choose(row: Primitive, arguments: tuple[Type, ...]) -> tuple[Signature, tuple[Type, ...], Type]:
    """The overload for these argument types, the types to convert to, and the result's; raises
    Mismatch.
    """
    best: tuple[int, Signature, tuple[Type, ...], Type] | None = None
    for signature in row.overloads:
        bindings: dict[str, Type] = {}
        parameters = [p for p in signature.parameters if isinstance(p, Type)]
        if not all(bind(p, a, bindings) for p, a in zip(parameters, arguments, strict=True)):
            continue
        targets = tuple(substitute(p, bindings) for p in parameters)
        costs = [cost(a, t) for a, t in zip(arguments, targets, strict=True)]
        if None in costs or _hidden_set(row, arguments, targets):
            continue
        total = sum(c for c in costs if c is not None)
        if best is None or total < best[0]:
            assert isinstance(signature.result, Type)
            best = (total, signature, targets, substitute(signature.result, bindings))
    if best is None:
        return _choose_union(row, arguments)
    return best[1:]


def _hidden_set(row: Primitive, arguments: tuple[Type, ...], targets: tuple[Type, ...]) -> bool:
    """Whether a tuple would become a set where a tuple could be meant as well.

    The direct interpreter has no types: it makes sets only where each overload takes one.
    """
    return any(
        target.head == "Set" and argument.head in ("Tuple", "Two") and k not in row.set_positions
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
    return Mismatch(f"{row.name} has no overload for ({given})")


def orderable(type_: Type) -> bool:
    """Whether keys of this type can be compared: Booleans, Integers and tuples of them."""
    if type_ in (BOOLEAN, INTEGER, NOTHING):
        return True
    return type_.head in ("Two", "Tuple") and all(orderable(a) for a in type_.args)


class _Inference:
    """The typed copy of one graph, as it grows."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[Node] = []
        self.copies: dict[Node, Node | None] = {}
        self.found: list[Diagnostic] = []

    def run(self) -> Graph | None:
        for node in self.graph.nodes:
            self.copies[node] = self._node(node)
        result = self.copies[self.graph.result]
        if self.found or result is None:
            return None
        if result.type is not GRID:
            try:
                result = self._convert(result, GRID, None, result)
            except Mismatch:
                message = f"a solver returns a grid, got {result.type}"
                self.found.append(Diagnostic(result.origin.span, "type-mismatch", message))
                return None
        return Graph(self.graph.name, tuple(self.nodes), result)

    def _node(self, node: Node) -> Node | None:
        try:
            domain = None if node.domain is None else self._copy(node.domain)
            args = tuple(self._copy(a) if isinstance(a, Node) else a for a in node.args)
            typed = self._typed(node, args, domain)
            if typed.type is not None and len(typed.type.text) > MOST_LETTERS:
                message = f"this value nests too deeply: its type has over {MOST_LETTERS} letters"
                raise Mismatch(message, code="too-deep")
            return typed
        except _Untyped:
            return None
        except Mismatch as problem:
            self._report(node, problem)
            return None

    def _copy(self, node: Node) -> Node:
        copy = self.copies[node]
        if copy is None:
            raise _Untyped
        return copy

    def _report(self, node: Node, problem: Mismatch) -> None:
        origin = node.origin
        span, notes = origin.span, [problem.note] if problem.note else []
        inner = node.op not in TABLE or node.op == "merge"
        if origin.call == node.op or (origin.call and inner and node.domain is None):
            if problem.argument is not None and problem.argument < len(origin.arguments):
                span = origin.arguments[problem.argument]
        else:
            notes.append("in a function value that is applied here")
        self.found.append(Diagnostic(span, problem.code, problem.message, tuple(notes)))

    def _add(
        self, node: Node, op: str, args: tuple[Any, ...], domain: Node | None, type_: Type | None
    ) -> Node:
        copy = Node(op, args, domain, node.origin, type_)
        self.nodes.append(copy)
        return copy

    def _convert(self, value: Any, target: Type, domain: Node | None, user: Node) -> Any:
        """The value as the target type: itself, or a new `convert` node in the domain."""
        if value.type is target:
            return value
        if cost(value.type, target) is None:
            raise Mismatch(f"expected {target}, got {value.type}")
        return self._add(user, "convert", (value,), domain, target)

    def _typed(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        rule = getattr(self, f"_type_{node.op}", None)
        if rule is not None:
            return rule(node, args, domain)
        row = TABLE.get(node.op) or INTERNAL[node.op]
        types = tuple(a.type for a in args)
        _, targets, result = choose(row, types)
        if node.op == "difference" and args[0] is args[1]:
            result = set_of(NOTHING) if result in UNIONS else make(result.head, (NOTHING,))
        if node.op in _ORDERED and not orderable(types[1].args[0]):
            raise Mismatch(f"the key gives {types[1].args[0]}, which has no order")
        args = tuple(self._convert(a, t, domain, node) for a, t in zip(args, targets, strict=True))
        return self._add(node, node.op, args, domain, result)

    # -- structural operations

    def _type_input(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self._add(node, "input", (), domain, GRID)

    def _container(self, value: Any, domain: Node | None, node: Node) -> Any:
        """The value as a tuple or a set."""
        if value.type.head in ("Tuple", "Set"):
            return value
        bindings: dict[str, Type] = {}
        target = tuple_of(_A)
        if not bind(target, value.type, bindings):
            raise Mismatch(f"a container is expected, got {value.type}")
        return self._convert(value, substitute(target, bindings), domain, node)

    def _opener(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        containers = tuple(self._container(a, domain, node) for a in args)
        return self._add(node, node.op, containers, domain, None)

    _type_each = _type_every = _type_probe = _type_zip = _type_cross = _opener

    def _masked(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        got = args[0].type
        if got not in (BOOLEAN, NOTHING):
            raise Mismatch(f"branch argument 1 'condition': expected Boolean, got {got}", 0)
        condition = self._convert(args[0], BOOLEAN, domain, node)
        return self._add(node, node.op, (condition,), domain, None)

    _type_where = _type_unless = _masked

    def _type_loop(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        if args[0].type is not INTEGER:
            raise Mismatch(f"power argument 2 'n': expected Integer, got {args[0].type}", 1)
        return self._add(node, "loop", args, domain, None)

    def _item(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        place = ("item", "left", "right").index(node.op)
        source = args[0].args[max(0, place - 1)]
        return self._add(node, node.op, args, domain, source.type.args[0])

    _type_item = _type_left = _type_right = _item

    def _type_state(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self._add(node, "state", args, domain, args[0].args[1].type)

    def _type_collect(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        opener, results, container = args
        is_set = container.type.head == "Set"
        type_ = set_of(results.type) if is_set else tuple_of(results.type)
        op = "set_of" if is_set else "tuple_of"
        return self._add(node, op, (opener, results), domain, type_)

    def _type_collect_tuple(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self._add(node, "tuple_of", args, domain, tuple_of(args[1].type))

    def _type_collect_set(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self._add(node, "set_of", args, domain, set_of(args[1].type))

    def _type_keys(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        return self._add(node, "keys", args, domain, tuple_of(args[1].type))

    def _type_first_match(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        opener, matches, _ = args
        if matches.type not in (BOOLEAN, NOTHING):
            raise Mismatch(f"the condition gives {matches.type}, expected Boolean")
        matches = self._convert(matches, BOOLEAN, opener, node)
        container = opener.args[0]
        args = (opener, matches, container)
        return self._add(node, "first_match", args, domain, container.type.args[0])

    def _type_select(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        condition, taken, a, untaken, b = args
        joined = join(a.type, b.type)
        if joined is None:
            raise Mismatch(f"branch chooses between functions that give {a.type} and {b.type}")
        a = self._convert(a, joined, taken, node)
        b = self._convert(b, joined, untaken, node)
        return self._add(node, "select", (condition, taken, a, untaken, b), domain, joined)

    def _type_looped(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        opener, result = args
        state = opener.args[1].type
        price = cost(result.type, state)
        if price is None or price >= SEEN_AS_SET:
            raise Mismatch(f"power repeats a function from {state} to {result.type}")
        result = self._convert(result, state, opener, node)
        return self._add(node, "looped", (opener, result), domain, state)

    def _type_pack_tuple(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        if len(args) == 2:
            return self._add(node, "pack_tuple", args, domain, two(args[0].type, args[1].type))
        args, element = self._joined(node, args, domain)
        return self._add(node, "pack_tuple", args, domain, tuple_of(element))

    def _type_pack_keys(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        args, element = self._joined(node, args, domain)
        return self._add(node, "pack_keys", args, domain, tuple_of(element))

    def _type_pack_set(self, node: Node, args: tuple[Any, ...], domain: Node | None) -> Node:
        args, element = self._joined(node, args, domain)
        return self._add(node, "pack_set", args, domain, set_of(element))

    def _joined(
        self, node: Node, args: tuple[Any, ...], domain: Node | None
    ) -> tuple[tuple[Any, ...], Type]:
        element: Type | None = args[0].type
        for arg in args[1:]:
            element = join(element, arg.type) if element is not None else None
        if element is None:
            kinds = " and ".join(dict.fromkeys(str(a.type) for a in args))
            raise Mismatch(f"a container can't hold both {kinds}")
        return tuple(self._convert(a, element, domain, node) for a in args), element


def infer(graph: Graph) -> tuple[Graph | None, list[Diagnostic]]:
    """The typed graph, or every node that has no type."""
    inference = _Inference(graph)
    return inference.run(), inference.found
