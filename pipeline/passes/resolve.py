"""Resolve: a program with function values to a first-order graph (defunctionalisation).

The program is run on symbols. Data is nodes; function values are known at compile time, so a call
of one runs its body right here, with the caller's arguments, and leaves only calls of first-order
rows. Functions applied to the elements of a container run in a domain (see `ir.graph`), once for
all elements. Containers of functions unroll; closures made by `apply` are one piece of code and a
column for each value captured.

Order matters: nodes are made in the order in which the direct interpreter runs the operations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

from pipeline.ir.graph import Const, Node, ancestors, depth
from pipeline.ir.types import Type
from pipeline.ir.types import make as make_type
from pipeline.passes import static
from pipeline.passes.infer import Mismatch
from pipeline.passes.symbols import (
    STATIC,
    Bundle,
    Choice,
    Encoded,
    Function,
    Poison,
    Unresolved,
    alternatives,
    bundle,
    leaves,
)
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import BY_NAME, mover

MOST_CALLS_DEEP = 64
MOST_DOMAINS_DEEP = 64
STEPS_A_NODE = 10
_DATA: Final = (Node, Const)
_SERIALS: Final = count(1)
"""In which order functions are made, in all programs of the process."""

_FUNCTIONS: Final[dict[str, Function]] = {}


@dataclass(slots=True)
class OpenDomain:
    """An open domain, until it is left: its opener, its element columns, and the symbols that they
    stand for. What raises inside leaves the statement, and the next one begins in the root.
    """

    builder: Builder
    outer: Node | None
    opener: Node
    codes: tuple[Node, ...]
    items: tuple[Any, ...]

    def __enter__(self) -> OpenDomain:
        return self

    def __exit__(self, *raised: object) -> None:
        self.builder.domain = self.outer


class Layer(Protocol):
    """The passes behind this one: they make of a node what the program is to have."""

    def make(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """The node; raises Mismatch where it has no type."""


class Ranked(Exception):
    """Functions are to be put in the order in which they were made, and some were made for another
    program: this one is to be run again by itself.
    """


WRONG: Final[Type] = make_type("Wrong")
"""The type of a node that was reported, and of all that depend on it."""


class Builder:
    """Makes nodes; the `expand` functions of `primitives.functions` call its public methods.

    report: is told of each node that has no type. is_wrong: whether there was one. recalled:
    whether functions that another program made are used. ranked: whether functions were put in the
    order in which they were made.
    """

    def __init__(
        self, layer: Layer, most_nodes: int, report: Callable[[str, Node | None, Mismatch], None]
    ) -> None:
        self.make = layer.make
        self.report = report
        self.domain: Node | None = None
        self.most_nodes = most_nodes
        self.most_steps = STEPS_A_NODE * most_nodes
        self.nodes = 0
        self.deep = 0
        self.steps = 0
        self.is_wrong = False
        self.recalled = False
        self.ranked = False

    # -- nodes

    def node(self, op: str, *args: Any) -> Node:
        """A node of the current domain."""
        if self.nodes >= self.most_nodes:
            raise self._too_large(f"the flattened program has more than {self.most_nodes} nodes")
        self.nodes += 1
        domain = self.domain
        if self.is_wrong and WRONG in (domain and domain.type, *(a.type for a in args)):
            return Node(op, args, domain, WRONG)
        try:
            return self.make(op, args, domain)
        except Mismatch as problem:
            self.is_wrong = True
            self.report(op, domain, problem)
            return Node(op, args, domain, WRONG)

    def _too_large(self, message: str) -> Unresolved:
        note = "raise `program.max_nodes` in config.yaml, or make the program smaller"
        return Unresolved("program-too-large", message, note)

    def _step(self) -> None:
        """Count one call: calls that make no nodes must come to an end as well."""
        self.steps += 1
        if self.steps > self.most_steps:
            raise self._too_large(f"the program inlines more than {self.steps - 1} calls")

    def row(self, name: str, *args: Any) -> Node:
        """The node of a first-order row; every argument must be data."""
        row = BY_NAME[name]
        for k, arg in enumerate(args):
            if arg.__class__ is not Node and arg.__class__ is not Const:
                if len(args) == row.arity:
                    self.data(arg, f"{name} argument {k + 1}")
                break
        return self._data_row(row, args)

    def _data_row(self, row: Primitive, args: tuple[Any, ...]) -> Node:
        if len(args) != len(row.parameters):
            message = f"{row.name} takes {row.arity} arguments, got {len(args)}"
            raise Unresolved("wrong-arity", message)
        return self.node(row.name, *args)

    def data(self, symbol: Any, what: str = "this argument") -> Const | Node:
        """The symbol, if it is data."""
        if isinstance(symbol, Const | Node):
            return symbol
        if isinstance(symbol, Poison):
            raise Unresolved("")
        kind = "a function" if isinstance(symbol, Function) else "made of functions"
        raise Unresolved("function-as-data", f"{what} is {kind}, expected data")

    def bundle(self, is_set: bool, items: list[Any]) -> Bundle:
        """A container with functions in it; a set's items each once and in order."""
        if is_set and len(items) > 1:
            self.ranked = True
            if self.recalled:
                raise Ranked
        return bundle(is_set, items)

    def condition(self, symbol: Any) -> Const | Node:
        """Whether Python takes the symbol for true: a Boolean is that already."""
        if isinstance(symbol, Function):
            return Const(True)
        if isinstance(symbol, Bundle):
            return Const(bool(symbol.items))
        value = self.data(symbol, "the condition")
        if isinstance(value, Const):
            return Const(bool(value.value))
        holds = self.node("truth", value)
        self.nodes -= int(holds is value)
        return holds

    # -- function values

    def function(self, row: Primitive) -> Function:
        """The primitive as a function value."""
        found = _FUNCTIONS.get(row.name)
        if found is None:
            found = _FUNCTIONS[row.name] = Function(row.arity, (0, row.name), row=row)
        return found

    def closure(self, arity: int, invoke: Callable[..., Any], *parts: Any) -> Function:
        """A new function value that runs `invoke(builder, parts, *arguments)`."""
        return Function(arity, (1, next(_SERIALS)), invoke=invoke, parts=parts)

    def is_static(self, symbol: Any) -> bool:
        """Whether the symbol is or holds a function value."""
        if isinstance(symbol, Poison):
            raise Unresolved("")
        return isinstance(symbol, STATIC)

    def literal(self, symbol: Any) -> int | None:
        """The integer that a constant is, None for anything else."""
        is_integer = isinstance(symbol, Const) and isinstance(symbol.value, int)
        return symbol.value if is_integer else None

    def bound(self, invoke: Callable[..., Any], function: Any, fixed: Any) -> Any:
        """The closure that is left when one parameter of a function is bound."""
        arity = _arity(function)
        if not 2 <= arity <= 4:
            raise Unresolved("wrong-arity", f"can't bind an argument of a function of {arity}")
        return self.closure(arity - 1, invoke, function, fixed)

    def call(self, symbol: Any, *args: Any) -> Any:
        """Apply a function value; its body becomes nodes of the current domain."""
        self._step()
        if isinstance(symbol, Choice):
            return self._call_choice(symbol, args)
        if symbol.__class__ is not Function:
            _arity(symbol)
        if not symbol.arity - symbol.optional <= len(args) <= symbol.arity:
            some = f"{symbol.arity} argument{'s' if symbol.arity != 1 else ''}"
            raise Unresolved("wrong-arity", f"the function takes {some}, got {len(args)}")
        if self.deep >= MOST_CALLS_DEEP:
            raise Unresolved("too-deep", f"function values nest more than {MOST_CALLS_DEEP} deep")
        self.deep += 1
        try:
            if symbol.row is not None:
                return self.primitive(symbol.row.name, *args)
            return symbol.invoke(self, symbol.parts, *args)
        finally:
            self.deep -= 1

    def primitive(self, name: str, *args: Any) -> Any:
        """Apply a primitive: expand it, or make its node."""
        row = BY_NAME[name]
        self._step()
        if row.expand is None:
            for arg in args:
                if arg.__class__ is not Node and arg.__class__ is not Const:
                    break
            else:
                if len(args) == len(row.parameters):
                    return self.node(name, *args)
        for arg in args:
            if isinstance(arg, Poison):
                raise Unresolved("")
        if row.expand is not None:
            return row.expand(self, *args)
        if any(isinstance(a, STATIC) for a in args):
            return static.apply_row(self, mover(row).name, args)
        return self.row(name, *args)

    # -- choices

    def choose(self, condition: Any, if_value: Any, else_value: Any) -> Any:
        """One of two symbols, of which one holds functions."""
        condition = self.condition(condition)
        if isinstance(condition, Const):
            return if_value if condition.value else else_value
        return Choice(condition, (if_value, else_value))

    def among(self, choice: Choice, body: Callable[[Any], Any]) -> Any:
        """The body's result for each item of a choice: a choice again, or data chosen from data."""
        results = tuple(body(item) for item in choice.items)
        if any(isinstance(r, STATIC) for r in results):
            return Choice(choice.selector, results, choice.is_condition)
        value = self.data(results[-1])
        for k in range(len(results) - 2, -1, -1):
            value = self.row("branch", self._is_chosen(choice, k), self.data(results[k]), value)
        return value

    def _is_chosen(self, choice: Choice, place: int) -> Node:
        if choice.is_condition:
            return choice.selector
        return self.row("equality", choice.selector, Const(place))

    def _call_choice(self, choice: Choice, args: tuple[Any, ...]) -> Any:
        """Call each function only where it is the chosen one."""
        groups: dict[Any, list[int]] = {}
        for place, item in enumerate(choice.items):
            key = item.serial if isinstance(item, Function) else id(item)
            groups.setdefault(key, []).append(place)
        return self._call_groups(choice, list(groups.values()), args)

    def _call_groups(self, choice: Choice, groups: list[list[int]], args: tuple[Any, ...]) -> Any:
        function = choice.items[groups[0][0]]
        if len(groups) == 1:
            return self.call(function, *args)
        condition = self._is_chosen(choice, groups[0][0])
        for place in groups[0][1:]:
            condition = self.row("either", condition, self._is_chosen(choice, place))
        with self._open("where", (), condition) as domain:
            taken, a = domain.opener, self.call(function, *args)
        with self._open("unless", (), condition) as domain:
            untaken, b = domain.opener, self._call_groups(choice, groups[1:], args)
        if isinstance(a, STATIC) or isinstance(b, STATIC):
            for opener, side in ((taken, a), (untaken, b)):
                if any(opener in ancestors(leaf.domain) for leaf in leaves(side)):
                    message = "a chosen function returns a function that captures new data"
                    raise Unresolved("unsupported-closure", message)
            return Choice(condition, (a, b))
        return self.node("select", condition, taken, self.data(a), untaken, self.data(b))

    # -- domains

    def _open(self, op: str, items: tuple[str, ...], *args: Any) -> OpenDomain:
        """Open a domain, with the columns of its elements."""
        if depth(self.domain) >= MOST_DOMAINS_DEEP:
            message = f"element domains and choices nest more than {MOST_DOMAINS_DEEP} deep"
            raise Unresolved("too-deep", message)
        opener = self.node(op, *args)
        outer, self.domain = self.domain, opener
        codes = tuple([self.node(item, opener) for item in items])
        return OpenDomain(self, outer, opener, codes, codes)

    def _elements(self, op: str, container: Any) -> OpenDomain:
        """Open a container's elements: data as it is, or encoded ones decoded."""
        if not isinstance(container, Encoded):
            return self._open(op, ("item",), self.data(container, "the container"))
        domain = self._open("every" if op == "each" else op, ("item",), container.node)
        domain.items = (container.decode(self, domain.codes[0]),)
        return domain

    def map(self, container: Any, body: Callable[[Any], Any]) -> Any:
        """The body's result for each element, in the kind of the container."""
        if isinstance(container, Choice):
            return self.among(container, lambda c: self.map(c, body))
        if isinstance(container, Bundle):
            return self.pack(container.is_set, [body(item) for item in container.items])
        with self._elements("each", container) as domain:
            results = body(domain.items[0])
            if isinstance(results, STATIC):
                code = static.encode(self, results, domain)
        if isinstance(results, STATIC):
            return static.encoded(self, results, domain, code, container)
        results = self.data(results, "the function's result")
        if isinstance(container, Encoded):
            if isinstance(container.is_set, Node):
                return self.node("collect", domain.opener, results, container.is_set)
            op = "collect_set" if container.is_set else "collect_tuple"
            return self.node(op, domain.opener, results)
        return self.node("collect", domain.opener, results, container)

    def zip(self, a: Any, c: Any, body: Callable[..., Any]) -> Any:
        """The body's result for each pair of elements at the same place, as a tuple."""
        with self._open("zip", ("left", "right"), self.data(a), self.data(c)) as domain:
            results = self.data(body(*domain.items), "the function's result")
        return self.node("collect_tuple", domain.opener, results)

    def cross(self, a: Any, c: Any, body: Callable[..., Any]) -> Any:
        """The body's result for each element of c and, within, each of a, as a set."""
        with self._open("cross", ("left", "right"), self.data(a), self.data(c)) as domain:
            results = self.data(body(*domain.items), "the function's result")
        return self.node("collect_set", domain.opener, results)

    def keyed(self, name: str, container: Any, body: Callable[[Any], Any], *more: Any) -> Any:
        """A row of `primitives.keyed` on a container, the body's result for each element, and more.

        More there is only of data.
        """
        if isinstance(container, Choice):
            return self.among(container, lambda c: self.keyed(name, c, body, *more))
        if more:
            container = self.data(container, "the container")
        if isinstance(container, Bundle):
            return static.keyed_bundle(self, name, container, body)
        with self._elements("each", container) as domain:
            key = body(domain.items[0])
            is_condition = name == "keep_by"
            keys = self.condition(key) if is_condition else self.data(key, "the function's result")
        keys = self.node("keys", domain.opener, keys)
        if not isinstance(container, Encoded):
            return self.row(name, container, keys, *more)
        result = self.row(name, container.node, keys)
        return static.keyed_result(self, name, result, container)

    def first_match(self, container: Any, body: Callable[[Any], Any]) -> Any:
        """The first element for which the body holds; those after it do not count."""
        if isinstance(container, Choice):
            return self.among(container, lambda c: self.first_match(c, body))
        if isinstance(container, Bundle):
            return static.first_of_bundle(self, container, body)
        with self._elements("probe", container) as domain:
            matches = self.condition(body(domain.items[0]))
        source = container.node if isinstance(container, Encoded) else container
        found = self.node("first_match", domain.opener, matches, source)
        return container.decode(self, found) if isinstance(container, Encoded) else found

    def first_place(self, matches: list[Callable[[], Any]]) -> Any:
        """Which of several conditions, run in turn until one holds, is the first to hold."""
        return self._first_place(matches, 0)

    def _first_place(self, matches: list[Callable[[], Any]], place: int) -> Any:
        if place == len(matches):
            return self.row("no_match", Const(place))
        condition = self.condition(matches[place]())
        with self._open("where", (), condition) as domain:
            taken, a = domain.opener, self.row("place", Const(place))
        with self._open("unless", (), condition) as domain:
            untaken, b = domain.opener, self._first_place(matches, place + 1)
        return self.node("select", condition, taken, a, untaken, b)

    def loop(self, turns: Any, state: Any, body: Callable[[Any], Any]) -> Any:
        """Apply the body to the state as many times, at least once.

        The first turn stands before the loop: it may change the state's type, the others not.
        """
        first = self.data(body(state), "the function's result")
        with self._open("loop", ("state",), self.data(turns), first) as domain:
            result = self.data(body(domain.items[0]), "the function's result")
        return self.node("looped", domain.opener, result)

    def pack(self, is_set: bool, items: list[Any]) -> Any:
        """A tuple or set of symbols: a bundle if there are functions among them, else a node."""
        if any(isinstance(item, STATIC) for item in items):
            return self.bundle(is_set, items)
        return self.node("pack_set" if is_set else "pack_tuple", *map(self.data, items))


def _arity(symbol: Any) -> int:
    """How many parameters a function value has."""
    if isinstance(symbol, Poison):
        raise Unresolved("")
    arities = set()
    for item in alternatives(symbol):
        if not isinstance(item, Function):
            raise Unresolved("data-as-function", "a function is expected here, got data")
        arities.add(item.arity)
    if len(arities) != 1:
        raise Unresolved("branch-mix", "a choice is between functions of different arity")
    return arities.pop()
