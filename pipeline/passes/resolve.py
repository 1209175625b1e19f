"""Resolve: a program with function values to a first-order graph (defunctionalisation).

The program is run on symbols. Data is nodes; function values are known at compile time, so a call
of one runs its body right here, with the caller's arguments, and leaves only calls of first-order
rows. Functions applied to the elements of a container run in a domain (see `ir.graph`), once for
all elements. Containers of functions unroll; closures made by `apply` are one piece of code and a
column for each value captured.

Order matters: nodes are made in the order in which the direct interpreter runs the operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

from pipeline.diagnostics import Diagnostic
from pipeline.frontend.program import Lambda
from pipeline.ir.graph import Const, Node, ancestors, depth
from pipeline.ir.operations import CONTAINER_OPENERS, MASKS
from pipeline.ir.types import NOTHING, Type
from pipeline.ir.types import make as make_type
from pipeline.ir.written import written
from pipeline.passes import choices, misfits, static, visiting
from pipeline.passes.infer import Mismatch
from pipeline.passes.symbols import (
    STATIC,
    Bundle,
    Choice,
    Encoded,
    Function,
    Poison,
    Stamped,
    Unresolved,
    alternatives,
    bundle,
)
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import BY_NAME

MOST_CALLS_DEEP = 64
MOST_CHOSEN = 4
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
    prefix: tuple[Const | Node, ...]

    def __enter__(self) -> OpenDomain:
        return self

    def __exit__(self, *raised: object) -> None:
        self.builder.domain, self.builder.prefix = self.outer, self.prefix


class Layer(Protocol):
    """The passes behind this one: they make of a node what the program is to have."""

    def make(self, op: str, args: tuple[Any, ...], domain: Node | None) -> Node:
        """The node; raises Mismatch where it has no type."""


class Ranked(Exception):
    """Functions are to be put in the order in which they were made, and some were made for another
    program: this one is to be run again by itself.
    """


NO_FUNCTION: Final = "a function is expected here, got data"
WRONG: Final[Type] = make_type("Wrong")
"""The type of a node that was reported, and of all that depend on it."""


class Builder:
    """Makes nodes; the `expand` functions of `primitives.functions` call its public methods.

    describe: says what is wrong with a node that has no type. report: is told of it. is_wrong:
    whether there was one. recalled: whether functions that another program made are used. ranked:
    whether it was looked at which functions they are, or in which order they were made. peeks: how
    often it was looked at more of nodes than their types and which are the same, or at which
    functions are. assumed: of choices which of their places can be the chosen one, in this domain.
    misfits: for each domain in which a lane is sure to fail, as types don't fit, what is wrong.
    doubts: how often types did not fit. is_unheeded: whether nobody uses what is made, and types
    that don't fit are no failure. is_stamped: whether functions are stamped, with the elements, in
    `prefix`, for which they are made (see `codes`). widened: of loops by number, what they begin
    with (see `repeating`). written: makes the function value of a function
    that is written out, which captures nothing. meant: the rows that are run as `frontend.meanings`
    has them, and instead: what is said of types that don't fit in there.
    """

    written: Callable[[Lambda], Function]

    def __init__(
        self,
        layer: Layer,
        most_nodes: int,
        describe: Callable[[str, Node | None, Mismatch], Diagnostic],
        report: Callable[[Diagnostic], None],
        is_stamped: bool = False,
    ) -> None:
        self.make = layer.make
        self.describe = describe
        self.report = report
        self.is_stamped = is_stamped
        self.widened: Mapping[int, tuple[Type | None, ...]] = {}
        self.prefix: tuple[Const | Node, ...] = ()
        self.serials = count(1)
        self.assumed: dict[Node, frozenset[int]] = {}
        self.doubts = 0
        self.peeks = 0
        self.is_unheeded = False
        self.meant: tuple[Primitive, ...] = ()
        self.instead: Diagnostic | None = None
        self.misfits: dict[Node | None, Diagnostic] = {}
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
            return self.wrong(op, problem)

    def typed(self, op: str, *args: Any) -> Node:
        """A node of the current domain; raises Mismatch where it has no type."""
        if self.nodes >= self.most_nodes:
            raise self._too_large(f"the flattened program has more than {self.most_nodes} nodes")
        self.nodes += 1
        if self.is_wrong and WRONG in (*(a.type for a in args), self.domain and self.domain.type):
            return Node(op, args, self.domain, WRONG)
        return self.make(op, args, self.domain)

    # -- types that don't fit

    def wrong(self, op: str, problem: Mismatch | None = None) -> Node:
        """The node of what is wrong, which is reported unless it was."""
        self.is_wrong = True
        if problem is not None:
            self.doubts += 1
            self.report(self.instead or self.describe(op, self.domain, problem))
        return Node(op, (), self.domain, WRONG)

    def misfit(self, op: str, problem: Mismatch, *unfit: Any, is_sure: bool = False) -> Node:
        """A node that fails the lane; unfit: the arguments that do not fit, if that is known.

        is_sure: whether it fails the lane even where nobody uses what is made.
        """
        self.doubts += 1
        if self.domain not in self.misfits:
            described = self.instead or self.describe(op, self.domain, problem)
            self.misfits[self.domain] = described
        unfit = unfit or (Const(0),)
        op = "unused" if self.is_unheeded and not is_sure else "misfit"
        return self.node(op, unfit[0], unfit[-1])

    def is_masked(self) -> bool:
        """Whether only the data tells whether what is made here is run."""
        return any(
            d is not None and (d.op in MASKS or misfits.opens_filtered(d))
            for d in ancestors(self.domain)
        )

    def note_sides(self, *domains: Node) -> None:
        """Note what follows where each of these domains fails its lanes, as types don't fit: so
        does the one around them, or that is reported.
        """
        found = [self.misfits.get(domain) for domain in domains]
        if found[0] is None or None in found:
            return
        if self.is_masked():
            self.misfits.setdefault(self.domain, found[0])
        elif not self.is_wrong:
            self.is_wrong = True
            self.report(found[0])

    def _too_large(self, message: str) -> Unresolved:
        note = "raise `program.max_nodes` in config.yaml, or make the program smaller"
        return Unresolved("program-too-large", message, note)

    def _step(self) -> None:
        """Count one call: calls that make no nodes must come to an end as well."""
        self.steps += 1
        if self.steps > self.most_steps:
            raise self._too_large(f"the program inlines more than {self.steps - 1} calls")

    def row(self, name: str, *args: Any) -> Any:
        """The result of a first-order row: a node, where all arguments are data."""
        row = BY_NAME[name]
        if len(args) != len(row.parameters):
            self._check(args)
            message = f"{written(row.name)} takes {row.arity} arguments, got {len(args)}"
            raise Unresolved("wrong-arity", message)
        for arg in args:
            if arg.__class__ is not Node and arg.__class__ is not Const:
                self._check(args)
                return misfits.on_functions(self, row, args)
        try:
            return self.typed(name, *args)
        except Mismatch as problem:
            return misfits.misfit(self, row, args, problem)

    def _check(self, args: tuple[Any, ...]) -> None:
        """Raise Unresolved, of nothing new, where an argument was reported."""
        for arg in args:
            if arg.__class__ is Poison:
                raise Unresolved("")

    def data(self, symbol: Any, what: str = "this argument") -> Const | Node:
        """The symbol, if it is data."""
        if isinstance(symbol, Const | Node):
            return symbol
        if isinstance(symbol, Poison):
            raise Unresolved("")
        kind = "a function" if isinstance(symbol, Function) else "made of functions"
        raise Unresolved("function-as-data", f"{what} is {kind}, expected data")

    def bundle(self, is_set: bool, items: list[Any]) -> Any:
        """A container with functions in it; a set's items each once and in order, which is one of
        several where an item is.
        """
        if is_set and len(items) > 1:
            self.ranked = True
            if self.recalled:
                raise Ranked
            chosen = [item for item in items if isinstance(item, Choice)]
            if 0 < len(chosen) <= MOST_CHOSEN:
                return self._bundle_of(chosen[0], items)
        return bundle(is_set, items)

    def _bundle_of(self, choice: Choice, items: list[Any]) -> Choice:
        """A set with a choice among its items: a choice of sets."""
        sets = [
            self.bundle(True, [item if x is choice else x for x in items]) for item in choice.items
        ]
        return Choice(choice.selector, tuple(sets), choice.is_condition)

    def condition(self, symbol: Any) -> Any:
        """Whether Python takes the symbol for true: a Boolean is that already."""
        if isinstance(symbol, Function):
            return Const(True)
        if isinstance(symbol, Bundle):
            return Const(bool(symbol.items))
        if isinstance(symbol, Choice):
            return self.under(symbol, self.condition)
        if isinstance(symbol, Encoded):
            return self.row("positive", self.row("size", symbol.node))
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
        stamp = (*self.prefix, Const(next(self.serials))) if self.is_stamped else ()
        return Function(arity, (1, next(_SERIALS)), None, invoke, parts, 0, stamp)

    def is_static(self, symbol: Any) -> bool:
        """Whether the symbol is or holds a function value."""
        if isinstance(symbol, Poison):
            raise Unresolved("")
        return isinstance(symbol, STATIC)

    def constant(self, value: Any) -> Const:
        """A literal."""
        return Const(value)

    def type_of(self, symbol: Any) -> Type | None:
        """The type of data; of a container with functions in it that of one with what is empty in
        their place, and its elements as the first is.
        """
        if isinstance(symbol, Encoded):
            return make_type("Set", (self.type_of(symbol.template) or NOTHING,))
        if isinstance(symbol, Bundle):
            parts = tuple([self.type_of(item) or NOTHING for item in symbol.items])
            if len(parts) == 2 and not symbol.is_set:
                return make_type("Two", parts)
            return make_type("Set" if symbol.is_set else "Tuple", parts[:1] or (NOTHING,))
        return symbol.type if isinstance(symbol, Node | Const) else None

    def literal(self, symbol: Any) -> int | None:
        """The integer that a constant is, None for anything else."""
        is_integer = isinstance(symbol, Const) and isinstance(symbol.value, int)
        return symbol.value if is_integer else None

    def bound(self, invoke: Callable[..., Any], function: Any, fixed: Any) -> Any:
        """The closure that is left when one parameter of a function is bound."""
        arity = _arity(function)
        if isinstance(function, Function) and function.invoke is static.call_found:
            self.row("found", function.parts[1])
        if not 2 <= arity <= 4:
            raise Unresolved("wrong-arity", f"can't bind an argument of a function of {arity}")
        return self.closure(arity - 1, invoke, function, fixed)

    def call(self, symbol: Any, *args: Any) -> Any:
        """Apply a function value; its body becomes nodes of the current domain."""
        self._step()
        if isinstance(symbol, Choice):
            _arity(symbol)
            return self.under(symbol, lambda item: self.call(item, *args))
        if symbol.__class__ is not Function:
            if self.is_masked() and isinstance(symbol, Node | Const):
                return self.misfit("call", Mismatch(NO_FUNCTION, code="data-as-function"), symbol)
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
            return self.row(name, *args)
        self._check(args)
        return row.expand(self, *args)

    # -- choices

    def choose(self, condition: Any, if_value: Any, else_value: Any) -> Any:
        """One of two symbols: data where both are, of one type, else a choice."""
        condition = self.condition(condition)
        if choices.is_data(if_value) and choices.is_data(else_value):
            try:
                return self.typed("branch", condition, if_value, else_value)
            except Mismatch:
                known = [misfits.as_empty(self, value) for value in (if_value, else_value)]
                if known[0] is not if_value or known[1] is not else_value:
                    return self.choose(condition, *known)
        if isinstance(condition, Const):
            return if_value if condition.value else else_value
        return Choice(condition, (if_value, else_value))

    def under(self, choice: Choice, body: Callable[[Any], Any]) -> Any:
        """The body's result for the symbol chosen: see `choices`."""
        return choices.under(self, choice, body)

    def masked(self, condition: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
        """The result of one of two bodies, each run only where it is to be: see `choices`."""
        return choices.masked(self, condition, then, otherwise)

    def apart(self, body: Callable[[], Any]) -> Any:
        """The result of a body that is run in a domain of its own: see `choices`."""
        return choices.apart(self, body)

    # -- domains

    def open(self, op: str, items: tuple[str, ...], *args: Any) -> OpenDomain:
        """Open a domain, with the columns of its elements."""
        if depth(self.domain) >= MOST_DOMAINS_DEEP:
            message = f"element domains and choices nest more than {MOST_DOMAINS_DEEP} deep"
            raise Unresolved("too-deep", message)
        if op in CONTAINER_OPENERS and self.is_masked():
            args = tuple([misfits.as_container(self, op, arg) for arg in args])
        opener = self.node(op, *args)
        self.misfits.pop(opener, None)
        outer, self.domain = self.domain, opener
        codes = tuple([self.node(item, opener) for item in items])
        return OpenDomain(self, outer, opener, codes, codes, self.prefix)

    def stamp(self, *places: Node) -> None:
        """Stamp the functions that are made for an element, with its place."""
        self.prefix = (*self.prefix, Const(next(self.serials)), *places)

    def need_stamps(self) -> None:
        """Have functions stamped: raises Stamped where they are not."""
        if not self.is_stamped:
            raise Stamped

    def elements(self, op: str, container: Any) -> OpenDomain:
        """Open a container's elements: see `visiting`."""
        return visiting.opened(self, op, container)

    def map(self, container: Any, body: Callable[[Any], Any]) -> Any:
        """The body's result for each element, in the kind of the container."""
        return visiting.mapped(self, container, body)

    def zip(self, a: Any, c: Any, body: Callable[..., Any]) -> Any:
        """The body's result for each pair of elements at the same place, as a tuple."""
        return visiting.zipped(self, a, c, body)

    def cross(self, a: Any, c: Any, body: Callable[..., Any]) -> Any:
        """The body's result for each element of c and, within, each of a, as a set."""
        return visiting.crossed(self, a, c, body)

    def keyed(self, name: str, container: Any, body: Callable[[Any], Any], *more: Any) -> Any:
        """A row of `primitives.keyed` on a container, the body's result for each element, and more.

        More there is only of data.
        """
        return visiting.keyed(self, name, container, body, *more)

    def first_match(self, container: Any, body: Callable[[Any], Any]) -> Any:
        """The first element for which the body holds; those after it do not count."""
        return visiting.first_match(self, container, body)

    def first_place(self, matches: list[Callable[[], Any]], place: int = 0) -> Any:
        """Which of several conditions, run in turn until one holds, is the first to hold."""
        if place == len(matches):
            return self.row("no_match", Const(place))
        return self.masked(
            self.condition(matches[place]()),
            lambda: self.row("place", Const(place)),
            lambda: self.first_place(matches, place + 1),
        )

    def loop(self, turns: Any, state: Any, body: Callable[[Any], Any]) -> Any:
        """Apply the body to the state as many times, at least once.

        The first turn stands before the loop: it may change the state's type, the others not.
        """
        first = self.data(body(state), "the function's result")
        with self.open("loop", ("state",), self.data(turns), first) as domain:
            result = self.data(body(domain.items[0]), "the function's result")
        return self.node("looped", domain.opener, result)

    def pack(self, is_set: bool, items: list[Any]) -> Any:
        """A tuple or set of symbols: a node, or a bundle if there are functions among them, or data
        of several types.
        """
        if any(isinstance(item, STATIC) for item in items):
            return self.bundle(is_set, items)
        try:
            return self.typed("pack_set" if is_set else "pack_tuple", *map(self.data, items))
        except Mismatch:
            return self.bundle(is_set, items)


def _arity(symbol: Any) -> int:
    """How many parameters a function value has."""
    if isinstance(symbol, Poison):
        raise Unresolved("")
    arities = set()
    for item in alternatives(symbol):
        if isinstance(item, Function):
            arities.add(item.arity)
    if not arities:
        raise Unresolved("data-as-function", NO_FUNCTION)
    if len(arities) != 1:
        raise Unresolved("branch-mix", "a choice is between functions of different arity")
    return arities.pop()
