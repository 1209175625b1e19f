"""Resolve: a program with function values to a first-order graph (defunctionalisation).

The program is run on symbols. Data is nodes; function values are known at compile time, so a call
of one runs its body right here, with the caller's arguments, and leaves only calls of first-order
rows. Functions applied to the elements of a container run in a domain (see `ir.graph`), once for
all elements. Containers of functions unroll; closures made by `apply` are one piece of code and a
column for each value captured.

Order matters: nodes are made in the order in which the direct interpreter runs the operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Program,
    TupleLiteral,
    Variable,
    Wrong,
)
from pipeline.ir.graph import Const, Graph, Node, Origin, ancestors, depth
from pipeline.ir.types import BOOLEAN
from pipeline.passes import static
from pipeline.passes.symbols import (
    STATIC,
    Bundle,
    Choice,
    Encoded,
    Function,
    Poison,
    Symbol,
    Unresolved,
    alternatives,
    bundle,
    leaves,
)
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import INTERNAL, TABLE

MOST_CALLS_DEEP = 64
MOST_DOMAINS_DEEP = 64
STEPS_A_NODE = 10


@dataclass(frozen=True, slots=True)
class Domain:
    """An open domain: its opener, its element columns, and the symbols that they stand for."""

    opener: Node
    codes: tuple[Node, ...]
    items: tuple[Any, ...]


class Builder:
    """Makes nodes; the `expand` functions of `primitives.functions` call its public methods."""

    def __init__(self, most_nodes: int) -> None:
        self.nodes: list[Node] = []
        self.domain: Node | None = None
        self.origin: Origin
        self.span: Span
        self.most_nodes = most_nodes
        self.deep = 0
        self.steps = 0
        self.serial = 0

    # -- nodes

    def node(self, op: str, *args: Any) -> Node:
        """Append a node of the current domain."""
        if len(self.nodes) >= self.most_nodes:
            raise self._too_large(f"the flattened program has more than {self.most_nodes} nodes")
        node = Node(op, args, self.domain, self.origin)
        self.nodes.append(node)
        return node

    def _too_large(self, message: str) -> Unresolved:
        note = "raise `program.max_nodes` in config.yaml, or make the program smaller"
        return Unresolved("program-too-large", message, note)

    def _step(self) -> None:
        """Count one call: calls that make no nodes must come to an end as well."""
        self.steps += 1
        if self.steps > STEPS_A_NODE * self.most_nodes:
            raise self._too_large(f"the program inlines more than {self.steps - 1} calls")

    def row(self, name: str, *args: Any) -> Node:
        """The node of a first-order row; every argument must be data."""
        row = TABLE.get(name) or INTERNAL[name]
        if len(args) != row.arity:
            raise Unresolved("wrong-arity", f"{name} takes {row.arity} arguments, got {len(args)}")
        return self.node(
            name, *(self.data(a, f"{name} argument {k + 1}") for k, a in enumerate(args))
        )

    def data(self, symbol: Any, what: str = "this argument") -> Const | Node:
        """The symbol, if it is data."""
        if isinstance(symbol, Const | Node):
            return symbol
        if isinstance(symbol, Poison):
            raise Unresolved("")
        kind = "a function" if isinstance(symbol, Function) else "made of functions"
        raise Unresolved("function-as-data", f"{what} is {kind}, expected data")

    # -- function values

    def function(self, row: Primitive) -> Function:
        """The primitive as a function value."""
        return Function(row.arity, (0, row.name), row=row)

    def closure(self, arity: int, invoke: Callable[..., Any], *parts: Any) -> Function:
        """A new function value that runs `invoke(builder, parts, *arguments)`."""
        self.serial += 1
        return Function(arity, (1, self.serial), invoke=invoke, parts=parts)

    def is_static(self, symbol: Any) -> bool:
        """Whether the symbol is or holds a function value."""
        if isinstance(symbol, Poison):
            raise Unresolved("")
        return isinstance(symbol, STATIC)

    def literal(self, symbol: Any) -> Any:
        """The value of a constant, None for anything else."""
        return symbol.value if isinstance(symbol, Const) else None

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
        if len(args) != _arity(symbol):
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
        row = TABLE[name]
        self._step()
        for arg in args:
            if isinstance(arg, Poison):
                raise Unresolved("")
        if row.expand is not None:
            return row.expand(self, *args)
        if any(isinstance(a, STATIC) for a in args):
            return static.apply_row(self, name, args)
        return self.row(name, *args)

    # -- choices

    def choose(self, condition: Any, if_value: Any, else_value: Any) -> Any:
        """One of two symbols, of which one holds functions."""
        condition = self.data(condition, "the condition")
        if isinstance(condition, Const):
            if condition.type is not BOOLEAN:
                wrong = f"expected Boolean, got {condition.type}"
                raise Unresolved("type-mismatch", f"branch argument 1 'condition': {wrong}")
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

    @contextmanager
    def _open(self, op: str, items: tuple[str, ...], *args: Any) -> Iterator[Domain]:
        if depth(self.domain) >= MOST_DOMAINS_DEEP:
            message = f"element domains and choices nest more than {MOST_DOMAINS_DEEP} deep"
            raise Unresolved("too-deep", message)
        opener = self.node(op, *args)
        outer, self.domain = self.domain, opener
        try:
            codes = tuple(self.node(item, opener) for item in items)
            yield Domain(opener, codes, codes)
        finally:
            self.domain = outer

    @contextmanager
    def _elements(self, op: str, container: Any) -> Iterator[Domain]:
        """Open a container's elements: data as it is, or encoded ones decoded."""
        if isinstance(container, Encoded):
            op = "every" if op == "each" else op
            with self._open(op, ("item",), container.node) as domain:
                element = container.decode(self, domain.codes[0])
                yield Domain(domain.opener, domain.codes, (element,))
        else:
            data = self.data(container, "the container")
            with self._open(op, ("item",), data) as domain:
                yield domain

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

    def keyed(self, name: str, container: Any, body: Callable[[Any], Any]) -> Any:
        """A row of `primitives.keyed` on a container and the body's result for each element."""
        if isinstance(container, Choice):
            return self.among(container, lambda c: self.keyed(name, c, body))
        if isinstance(container, Bundle):
            return static.keyed_bundle(self, name, container, body)
        with self._elements("each", container) as domain:
            keys = self.data(body(domain.items[0]), "the function's result")
        keys = self.node("keys", domain.opener, keys)
        if not isinstance(container, Encoded):
            return self.row(name, container, keys)
        result = self.row(name, container.node, keys)
        return static.keyed_result(self, name, result, container)

    def first_match(self, container: Any, body: Callable[[Any], Any]) -> Any:
        """The first element for which the body holds; those after it do not count."""
        if isinstance(container, Choice):
            return self.among(container, lambda c: self.first_match(c, body))
        if isinstance(container, Bundle):
            return static.first_of_bundle(self, container, body)
        with self._elements("probe", container) as domain:
            matches = self.data(body(domain.items[0]), "the condition")
        source = container.node if isinstance(container, Encoded) else container
        found = self.node("first_match", domain.opener, matches, source)
        return container.decode(self, found) if isinstance(container, Encoded) else found

    def first_place(self, matches: list[Callable[[], Any]]) -> Any:
        """Which of several conditions, run in turn until one holds, is the first to hold."""
        return self._first_place(matches, 0)

    def _first_place(self, matches: list[Callable[[], Any]], place: int) -> Any:
        if place == len(matches):
            return self.row("no_match", Const(place))
        condition = self.data(matches[place](), "the condition")
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
            return bundle(is_set, items)
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


class _Resolver:
    """Runs the statements of one program on symbols."""

    def __init__(self, program: Program, most_nodes: int) -> None:
        self.program = program
        self.builder = Builder(most_nodes)
        self.values: dict[str, Symbol] = {}
        self.found: list[Diagnostic] = []
        self.number = 0

    def run(self) -> Graph | None:
        self.builder.origin = Origin(self.program.parameter, self.program.place(0))
        self.values[self.program.parameter] = self.builder.node("input")
        result: Symbol = Poison()
        for number, statement in enumerate(self.program.statements):
            self.number = number
            self.builder.origin = Origin(statement.target, self.program.place(number))
            self.builder.span = self.program.place(number, statement.value)
            try:
                result = self._evaluate(statement.value)
                if statement.target == "return":
                    result = self.builder.data(result, "the returned value")
            except Unresolved as problem:
                result = Poison()
                self._report(problem)
                if problem.code == "program-too-large":
                    return None
            self.builder.domain = None
            self.values[statement.target] = result
        if isinstance(result, Const):
            message = "a solver returns a grid, got a constant"
            self.found.append(Diagnostic(self.builder.span, "type-mismatch", message))
        nodes = tuple(self.builder.nodes)
        return Graph(self.program.name, nodes, result if isinstance(result, Node) else nodes[0])

    def _report(self, problem: Unresolved) -> None:
        if problem.code:
            span = self.builder.span
            self.found.append(Diagnostic(span, problem.code, problem.message, problem.notes))

    def _evaluate(self, expression: Expression) -> Symbol:
        if isinstance(expression, Variable):
            return self.values[expression.name]
        if isinstance(expression, Literal):
            return Const(expression.value)
        if isinstance(expression, Builtin):
            return self.builder.function(expression.row)
        if isinstance(expression, TupleLiteral):
            return self._tuple(expression)
        if isinstance(expression, Wrong):
            return Poison()
        return self._call(expression)

    def _tuple(self, expression: TupleLiteral) -> Symbol:
        items = [self._evaluate(e) for e in expression.elements]
        if any(isinstance(i, Poison) for i in items):
            raise Unresolved("")
        name = "astuple" if len(items) == 2 else "pack_tuple"
        self._at(expression, name)
        if len(items) == 2:
            return self.builder.primitive("astuple", *items)
        return self.builder.pack(False, items)

    def _at(self, expression: Expression, name: str) -> None:
        """Let the nodes that are made from here on come from this expression."""
        self.builder.span = span = self.program.place(self.number, expression)
        arguments = self.program.argument_places(self.number, expression)
        self.builder.origin = Origin(self.builder.origin.variable, span, name, arguments)

    def _call(self, expression: Call) -> Symbol:
        builder = self.builder
        function = expression.function
        called = None if isinstance(function, Builtin) else self._evaluate(function)
        arguments = [self._evaluate(a) for a in expression.arguments]
        called_name = function.row.name if isinstance(function, Builtin) else ""
        self._at(expression, called_name)
        if isinstance(function, Builtin):
            return builder.primitive(function.row.name, *arguments)
        assert called is not None
        return builder.call(called, *arguments)


def resolve(program: Program, most_nodes: int) -> tuple[Graph | None, list[Diagnostic]]:
    """The first-order graph of a program and what is wrong with it.

    Where something is, the graph is that of the rest, so that `infer` can find more; it is None if
    the program is too large.
    """
    resolver = _Resolver(program, most_nodes)
    graph = resolver.run()
    return graph, resolver.found
