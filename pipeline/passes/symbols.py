"""What a variable can hold while a solver is resolved: data, functions, and both mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.ir.graph import Const, Node
from pipeline.ir.types import Type
from pipeline.primitives.row import Primitive

MOST_NESTED = 64
MOST_ITEMS = 4_096


class Unresolved(Exception):
    """Stops one statement: reported at its span; an empty code was reported already."""

    def __init__(self, code: str, message: str = "", *notes: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.notes = notes


def _nesting(parts: tuple[Any, ...]) -> int:
    """How deep function values nest in one made of these: bounded, so that recursion is."""
    deepest = 1
    for part in parts:
        if part.__class__ is not Node and part.__class__ is not Const:
            deepest = max(deepest, 1 + getattr(part, "depth", 0))
    if deepest > MOST_NESTED:
        raise Unresolved("too-deep", f"function values nest more than {MOST_NESTED} deep")
    return deepest


def check_size(count: int) -> None:
    """Raise Unresolved for a container of functions that is too large to unroll."""
    if count > MOST_ITEMS:
        message = f"a container holds more than {MOST_ITEMS} functions"
        raise Unresolved("program-too-large", message)


class Widened(Exception):
    """What a loop carries is of a wider type from its second turn on: the program is to be run
    again with the loop of this number begun with these types, where one is given.
    """

    def __init__(self, number: int, types: tuple[Type | None, ...]) -> None:
        super().__init__(number)
        self.number = number
        self.types = types


class Stamped(Exception):
    """Only data tells which of the functions that one line makes for several elements is meant: the
    program is to be run again with all of them stamped.
    """


UNASKED: Final = object()
"""The key of what nobody asked for its key yet: see `symbol_keys`."""


@dataclass(slots=True, eq=False)
class Function:
    """A function value known at compile time.

    A primitive (`row`), or a closure: calling it runs `invoke(builder, parts, *arguments)`.
    `serial` is the order in which it was made, which is the order of functions in a set: primitives
    first, by name. The last parameters, as many as are `optional`, have defaults. stamp: which of
    the functions it is that are made there, where that is asked for (see `codes`).
    """

    arity: int
    serial: tuple[int, int | str]
    row: Primitive | None = None
    invoke: Callable[..., Any] | None = None
    parts: tuple[Any, ...] = ()
    optional: int = 0
    stamp: tuple[Const | Node, ...] = ()
    depth: int = field(init=False)
    key: Any = field(init=False, default=UNASKED)
    is_closed: bool | None = field(init=False, default=None)
    """Whether there is no data in it but literals; None until someone asks."""

    def __post_init__(self) -> None:
        self.depth = _nesting(self.parts)


@dataclass(slots=True, eq=False)
class Bundle:
    """A tuple or set with function values in it, each known: what is done to all unrolls."""

    is_set: bool
    items: tuple[Any, ...]
    depth: int = field(init=False)
    size: int = field(init=False)
    key: Any = field(init=False, default=UNASKED)

    def __post_init__(self) -> None:
        self.depth = _nesting(self.items)
        self.size = sum(getattr(item, "size", 1) for item in self.items)
        check_size(self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several symbols, which one only the data tells.

    `selector` is a Boolean node (`is_condition`; true: the first of two) or an Integer node, the
    place in `items`.
    """

    selector: Node
    items: tuple[Any, ...]
    is_condition: bool = True
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _nesting(self.items))


Hole = tuple[Node, tuple[str, ...]]
"""What stands in a template for a part of a code, and the path to it, of `first` and `last`."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A container, of a length that only the data tells, with function values in its elements.

    `node` holds what the elements capture, as data; `template` is the symbol of an element with
    holes for that: code known at compile time plus a column of captured values. Where `is_set` is a
    node the container is of that one's kind, which is known once types are.
    """

    node: Node
    holes: tuple[Hole, ...]
    template: Any
    is_set: bool | Node

    @property
    def is_bare(self) -> bool:
        """Whether decoding would not notice that an element is missing, as none of it is taken
        apart.
        """
        return not any(path for _, path in self.holes)


@dataclass(frozen=True, slots=True, eq=False)
class Poison:
    """The value of a statement that was reported as wrong."""


Symbol = Const | Node | Function | Bundle | Choice | Encoded | Poison
STATIC = (Function, Bundle, Choice, Encoded)


def leaves(symbol: Symbol, seen: set[int] | None = None) -> Iterator[Node]:
    """The nodes that a symbol holds or captures; a part that is there twice is looked at once."""
    seen = set() if seen is None else seen
    if id(symbol) in seen:
        return
    seen.add(id(symbol))
    if isinstance(symbol, Node):
        yield symbol
    elif isinstance(symbol, Encoded):
        yield symbol.node
        inside = {node for node, _ in symbol.holes}
        for leaf in leaves(symbol.template, seen):
            if leaf not in inside:
                yield leaf
    elif isinstance(symbol, Function):
        for part in (*symbol.stamp, *symbol.parts):
            yield from leaves(part, seen)
    elif isinstance(symbol, Bundle | Choice):
        if isinstance(symbol, Choice):
            yield from leaves(symbol.selector, seen)
        for part in symbol.items:
            yield from leaves(part, seen)


def fill(symbol: Any, items: dict[Node, Any]) -> Any:
    """The symbol with the nodes that it holds or captures replaced."""
    return _filled(symbol, items, {})


def _filled(symbol: Any, items: dict[Node, Any], done: dict[int, Any]) -> Any:
    """The symbol filled; a part that is there twice is filled once."""
    if id(symbol) not in done:
        done[id(symbol)] = _fill(symbol, items, done)
    return done[id(symbol)]


def _fill(symbol: Any, items: dict[Node, Any], done: dict[int, Any]) -> Any:
    if isinstance(symbol, Node):
        return items.get(symbol, symbol)
    if isinstance(symbol, Function):
        parts = tuple([_filled(p, items, done) for p in symbol.parts])
        stamp = tuple([_filled(p, items, done) for p in symbol.stamp])
        if _are_identical(parts, symbol.parts) and _are_identical(stamp, symbol.stamp):
            return symbol
        head = symbol.arity, symbol.serial, symbol.row, symbol.invoke
        return Function(*head, parts, symbol.optional, stamp)
    if isinstance(symbol, Bundle):
        inner = tuple([_filled(p, items, done) for p in symbol.items])
        return symbol if _are_identical(inner, symbol.items) else Bundle(symbol.is_set, inner)
    if isinstance(symbol, Choice):
        chosen = tuple([_filled(p, items, done) for p in symbol.items])
        selector = items.get(symbol.selector, symbol.selector)
        return Choice(selector, chosen, symbol.is_condition)
    if isinstance(symbol, Encoded):
        node = items.get(symbol.node, symbol.node)
        template = _filled(symbol.template, items, done)
        is_set = symbol.is_set if isinstance(symbol.is_set, bool) else items.get(symbol.is_set)
        return Encoded(node, symbol.holes, template, symbol.is_set if is_set is None else is_set)
    return symbol


def _are_identical(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return all(x is y for x, y in zip(some, others, strict=True))


def choice_of(container: Bundle, place: Any) -> Any:
    """The element at a place that only data tells; None of no elements, as no lane gets there."""
    if not container.items:
        return Const(None)
    if isinstance(place, Const):
        return container.items[place.value]
    return Choice(place, container.items, is_condition=False)


def alternatives(symbol: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """What a symbol can turn out to be: itself, or what a choice is between, each once."""
    seen = set() if seen is None else seen
    if id(symbol) in seen:
        return
    seen.add(id(symbol))
    if isinstance(symbol, Choice):
        for item in symbol.items:
            yield from alternatives(item, seen)
    else:
        yield symbol


def is_choice_of_data(symbol: Any) -> bool:
    """Whether it is a choice, and all that it is between is data."""
    if not isinstance(symbol, Choice):
        return False
    return all(isinstance(item, Node | Const) for item in alternatives(symbol))


def order_key(symbol: Any) -> Any:
    """Where a symbol stands in a set: functions by serial, tuples element by element."""
    if isinstance(symbol, Function):
        return _Place(symbol)
    if isinstance(symbol, Bundle):
        return tuple(order_key(item) for item in symbol.items)
    type_ = symbol.type if isinstance(symbol, Node | Const) else None
    return _Unknown(None if type_ is None else _KINDS.get(type_.head))


_KINDS: Final = {"Boolean": 0, "Integer": 0, "Two": 1, "Tuple": 1, "Grid": 1, "Set": 2, "Text": 3}
"""Of what kind data is: kinds have an order in a set."""


class _Unknown:
    """The place of data, which only a run can tell: comparing it can't be resolved, but with data
    of another kind.
    """

    def __init__(self, kind: int | None) -> None:
        self.kind = kind

    def __lt__(self, other: object) -> bool:
        self._check(other)
        return bool(self.kind < other.kind)  # type: ignore[attr-defined]

    def __gt__(self, other: object) -> bool:
        return not self < other  # only a tuple asks

    def __eq__(self, other: object) -> bool:
        self._check(other)
        return False

    def _check(self, other: object) -> None:
        kind = other.kind if isinstance(other, _Unknown) else None
        if self.kind is None or kind is None or self.kind == kind:
            raise _depends_on_data()

    __hash__ = None  # type: ignore[assignment]


class _Place:
    """The place of a function. Of two that one line makes for two elements only a run can tell
    which comes first, or whether they are the same.
    """

    def __init__(self, function: Function) -> None:
        self.function = function

    def __lt__(self, other: Any) -> bool:
        if isinstance(other, _Unknown):
            return NotImplemented
        if not isinstance(other, _Place):
            raise Unresolved("function-as-data", "functions and tuples of them are in one set")
        return self != other and self.function.serial < other.function.serial

    def __gt__(self, other: Any) -> bool:
        return not self < other  # only a tuple asks

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Place):
            return NotImplemented
        a, b = self.function, other.function
        if a.serial != b.serial:
            return False
        if a is not b and not _are_same(a.parts, b.parts):
            raise _depends_on_data()
        return True

    __hash__ = None  # type: ignore[assignment]


def _depends_on_data() -> Unresolved:
    return Unresolved("unsupported-closure", "the order of a set of functions depends on data")


def _are_same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    """Whether what two functions of one line capture is the same, part by part."""
    return all(x is y or (isinstance(x, Const) and x == y) for x, y in zip(a, b, strict=True))


def are_same_function(x: Function, y: Function) -> bool | None:
    """Whether two functions are the same one; None where only data tells."""
    if x is y:
        return True
    if x.serial != y.serial:
        return False
    return True if _are_same((*x.parts, *x.stamp), (*y.parts, *y.stamp)) else None


def bundle(is_set: bool, items: list[Any]) -> Bundle:
    """A bundle; a set's items each once and in order."""
    if not is_set or len(items) < 2:
        return Bundle(is_set, tuple(items))
    ranked = sorted(items, key=order_key)
    unique = [a for k, a in enumerate(ranked) if k == 0 or order_key(ranked[k - 1]) != order_key(a)]
    return Bundle(is_set, tuple(unique))
