"""Codes: rows on containers of which only data tells which functions are in them.

The row runs on codes (see `encoded`). Containers that meet in it are given codes of one kind: a
number that says which container an element was of, and behind it the code that it had there.

Where functions are compared or put in order a code begins with a *key*, which is one for each
function, and ascends as they were made: the function's stamp. A stamp is the path to where it was
made, of numbers in the order of the program and of the places of the elements for which it was
made. To have stamps the program is run anew (`symbols.Stamped`), as few need them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pipeline.ir.graph import Const, Node, ancestors
from pipeline.ir.types import BOOLEAN, INTEGER
from pipeline.passes import choices
from pipeline.passes.encoded import decode, hole, inner, opened
from pipeline.passes.symbols import (
    Bundle,
    Choice,
    Encoded,
    Function,
    Hole,
    Unresolved,
    alternatives,
    fill,
    leaves,
)
from pipeline.primitives.table import ROWS

_NAMES = sorted(row.name for row in ROWS)
_LEAST = 3
"""How long a stamp is at least: two integers would be a pair."""


# -- keys


def key(b: Any, symbol: Any) -> Any:
    """Data that is the same for equal symbols only, and ascends as they stand in a set."""
    b.need_stamps()
    if choices.is_data(symbol):
        return b.node("pack_keys", symbol)
    if isinstance(symbol, Function):
        return _stamp(b, symbol)
    if isinstance(symbol, Choice):
        return b.data(b.under(symbol, lambda item: key(b, item)))
    if isinstance(symbol, Bundle) and len(symbol.items) == 2 and not symbol.is_set:
        x, y = symbol.items
        if isinstance(y, Bundle) and choices.is_data(x) and x.type in (INTEGER, BOOLEAN):
            x, y = y, x  # a two-tuple of an integer and a tuple is ordered by the tuple
        return b.row("capture", key(b, x), key(b, y))
    source = as_encoded(b, symbol)
    with b.open("every", ("item",), source.node) as domain:
        code = key(b, decode(b, source, domain.codes[0]))
    column = b.node("keys", domain.opener, code)
    return b.node("ascending", column) if is_set(source) else column


def _stamp(b: Any, function: Function) -> Any:
    parts: list[Any]
    if function.row is not None:
        parts = [Const(0), *map(Const, _number_of(function.row.name))]
    else:
        parts = [Const(1), *function.stamp]
    parts += [Const(0)] * (_LEAST - len(parts))
    return b.node("pack_tuple", *parts)


def _number_of(name: str) -> list[int]:
    """Numbers that ascend as names do; those of our own rows don't depend on a project's own."""
    place = bisect_left(_NAMES, name)
    if place < len(_NAMES) and _NAMES[place] == name:
        return [place]
    return [place - 1, *map(ord, name)]


def is_set(container: Encoded) -> bool:
    """Whether a container is a set."""
    kind = container.is_set
    if isinstance(kind, bool):
        return kind
    return kind.type is not None and kind.type.head not in ("Tuple", "Two", "Grid")


# -- codes of one kind


class Common:
    """Codes of one kind for the elements of several containers: equal elements have equal ones.

    A code is what an element captures, behind a number that says which kind of symbol it is where
    there are several.
    """

    def __init__(self, b: Any, sources: Sequence[Encoded], with_keys: bool) -> None:
        self.b = b
        self.with_keys = with_keys
        self.kinds: dict[Any, _Kind] = {}
        for source in sources:
            for symbol in alternatives(source.template):
                shape, parts = _taken_apart(symbol)
                if shape not in self.kinds:
                    self.kinds[shape] = _Kind(len(self.kinds), symbol, parts)
        self.template, self.holes = self._decoded()

    def _decoded(self) -> tuple[Any, tuple[Hole, ...]]:
        """The template of an element, and where in the code what it captures is."""
        kinds = list(self.kinds.values())
        path: tuple[str, ...] = ("last",) if self.with_keys else ()
        if len(kinds) == 1:
            template, holes = kinds[0].template("first", "last")
            return template, inner(holes, *path)
        number = hole()
        found: list[Hole] = [(number, (*path, "first"))]
        templates = []
        for kind in kinds:
            template, holes = kind.template("first_part", "last_part")
            found += inner(holes, *path, "last", *_path_to(kind.number, len(kinds)))
            templates.append(template)
        return Choice(number, tuple(templates), is_condition=False), tuple(found)

    def code(self, symbol: Any) -> Any:
        """The code of an element."""
        code = self._plain_code(symbol)
        return self.b.row("capture", key(self.b, symbol), code) if self.with_keys else code

    def _plain_code(self, symbol: Any) -> Any:
        b = self.b
        if isinstance(symbol, Choice):
            return b.data(b.under(symbol, self._plain_code))
        shape, parts = _taken_apart(symbol)
        code = _chained(b, parts) if parts else b.row("place", Const(0))
        if len(self.kinds) == 1:
            return code
        number = self.kinds[shape].number
        codes = [code if k == number else Const(None) for k in range(len(self.kinds))]
        return b.row("capture", Const(number), _chained(b, codes))

    def column(self, source: Encoded, as_set: bool) -> Node:
        """The codes of a container's elements."""
        b = self.b
        with b.open("every", ("item",), source.node) as domain:
            code = self.code(decode(b, source, domain.codes[0]))
        node: Node = b.node("keys", domain.opener, code)
        return b.node("ascending", node) if as_set else node

    def container(self, node: Node, as_set: bool) -> Encoded:
        """The container of elements with such codes."""
        return Encoded(node, self.holes, self.template, as_set)

    def element(self, node: Any) -> Any:
        """The element that has such a code."""
        return decode(self.b, self.container(node, False), node)


class _Kind:
    """Symbols of one shape, and one of them."""

    def __init__(self, number: int, symbol: Any, parts: list[Any]) -> None:
        self.number = number
        self.symbol = symbol
        self.parts = parts

    def template(self, first: str, last: str) -> tuple[Any, tuple[Hole, ...]]:
        """The symbol with holes, and where they are in what it captures, by these rows."""
        fresh = {part: hole() for part in self.parts}
        many = len(self.parts)
        paths = [_path_to(k, many, first, last) for k in range(many)]
        holes = tuple([(fresh[part], path) for part, path in zip(self.parts, paths, strict=True)])
        template = fresh[self.symbol] if choices.is_data(self.symbol) else fill(self.symbol, fresh)
        return template, holes


def _taken_apart(symbol: Any) -> tuple[Any, list[Any]]:
    """What is the same for symbols that differ in what they capture only, and that."""
    if choices.is_data(symbol):
        return "data", [symbol]
    parts = list(dict.fromkeys(leaves(symbol)))
    return _shape(symbol, {part: k for k, part in enumerate(parts)}), parts


def _shape(symbol: Any, places: dict[Node, int]) -> Any:
    if isinstance(symbol, Node):
        return "part", places[symbol]
    if isinstance(symbol, Function):
        inside = (*symbol.stamp, *symbol.parts)
        return "function", symbol.serial, tuple([_shape(part, places) for part in inside])
    if isinstance(symbol, Bundle):
        return "bundle", symbol.is_set, tuple([_shape(part, places) for part in symbol.items])
    if isinstance(symbol, Choice):
        inside = (symbol.selector, *symbol.items)
        return "choice", symbol.is_condition, tuple([_shape(part, places) for part in inside])
    if isinstance(symbol, Encoded):
        holes = {part: ("hole", path) for part, path in symbol.holes}
        template = _shape(symbol.template, {**places, **holes})  # type: ignore[dict-item]
        return "encoded", places[symbol.node], is_set(symbol), template
    return symbol


def _path_to(place: int, many: int, first: str = "first", last: str = "last") -> tuple[str, ...]:
    """The path to one of several parts that are chained."""
    return (last,) * place + ((first,) if place < many - 1 else ())


def _chained(b: Any, parts: Sequence[Any]) -> Any:
    code = parts[-1]
    for part in reversed(parts[:-1]):
        code = b.row("capture", part, code)
    return code


def with_keys(b: Any, container: Encoded) -> Encoded:
    """A container with a key before each code: a set's elements once and in order."""
    common = Common(b, [container], True)
    as_set = is_set(container)
    return common.container(common.column(container, as_set), as_set)


def as_encoded(b: Any, container: Any) -> Encoded:
    """Any container as an encoded one."""
    if isinstance(container, Encoded):
        return container
    if isinstance(container, Bundle):
        if not container.items:
            part = hole()
            return Encoded(b.node("pack_tuple"), ((part, ()),), part, container.is_set)
        return opened(b, container)
    if isinstance(container, Function):
        raise Unresolved("function-as-data", "a container is expected, got a function")
    part = hole()
    return Encoded(b.data(container), ((part, ()),), part, container)


def _single(b: Any, element: Any) -> Encoded:
    """A container that has one element only, which has code 0."""
    return Encoded(b.node("pack_keys", Const(0)), (), element, False)


def as_data(b: Any, container: Encoded) -> Node:
    """A container of data as data."""
    with b.open("every", ("item",), container.node) as domain:
        item = decode(b, container, domain.codes[0])
    node: Node = b.node(
        "collect_set" if is_set(container) else "collect_tuple", domain.opener, item
    )
    return node


# -- rows


def _two(b: Any, name: str, x: Any, y: Any) -> Any:
    """`combine`, `difference`, `intersection`: two containers, in the kind of the first."""
    a, c = as_encoded(b, x), as_encoded(b, y)
    as_set = is_set(a) or name == "intersection"
    common = Common(b, [a, c], with_keys=as_set or name != "combine")
    node = b.row(name, common.column(a, as_set), common.column(c, as_set))
    return common.container(node, as_set)


def _one_in(
    b: Any, name: str, container: Any, element: Any, run: Callable[[Any, Any], Any], as_set: bool
) -> tuple[Common, Any]:
    """A row of a container and an element."""
    a, c = as_encoded(b, container), _single(b, element)
    common = Common(b, [a, c], True)
    return common, run(common.column(a, as_set or is_set(a)), common.code(element))


def _insert(b: Any, element: Any, container: Any) -> Any:
    common, node = _one_in(
        b, "insert", container, element, lambda c, e: b.row("insert", e, c), True
    )
    return common.container(node, True)


def _remove(b: Any, element: Any, container: Any) -> Any:
    common, node = _one_in(
        b, "remove", container, element, lambda c, e: b.row("remove", e, c), False
    )
    return common.container(node, is_set(as_encoded(b, container)))


def _contained(b: Any, element: Any, container: Any) -> Any:
    row = lambda c, e: b.row("contained", e, c)  # noqa: E731
    return _one_in(b, "contained", container, element, row, False)[1]


def _other(b: Any, container: Any, element: Any) -> Any:
    row = lambda c, e: b.row("other", c, e)  # noqa: E731
    common, node = _one_in(b, "other", container, element, row, False)
    return common.element(node)


def _of_one(name: str, gives_element: bool, needs_keys: bool) -> Callable[..., Any]:
    """A row of one container."""

    def run(b: Any, container: Any) -> Any:
        source = with_keys(b, container) if needs_keys else container
        node = b.row(name, source.node)
        return decode(b, source, node) if gives_element else replace(source, node=node)

    return run


def _totuple(b: Any, container: Encoded) -> Any:
    if is_set(container) and container.node.type is not None and container.node.type.head == "Set":
        with b.open("every", ("item",), container.node) as domain:
            pass
        return replace(container, node=b.node("keys", domain.opener, *domain.codes), is_set=False)
    return replace(container, is_set=False)


def _at(b: Any, container: Any, place: Any) -> Any:
    listed = _totuple(b, as_encoded(b, container))
    return decode(b, listed, b.row("at", listed.node, place))


def _repeat(b: Any, element: Any, count: Any) -> Any:
    single = _single(b, element)
    return replace(single, node=b.row("repeat", Const(0), count))


def _pair(b: Any, x: Any, y: Any) -> Any:
    a, c = (_totuple(b, as_encoded(b, container)) for container in (x, y))
    return _pairs(b.row("pair", a.node, c.node), a, c, False)


def _product(b: Any, x: Any, y: Any) -> Any:
    a, c = (with_keys(b, replace(as_encoded(b, z), is_set=True)) for z in (x, y))
    return _pairs(b.row("product", a.node, c.node), a, c, True)


def _pairs(node: Node, a: Encoded, c: Encoded, as_set: bool) -> Encoded:
    """The container of pairs of elements of two containers."""
    fresh = {part: hole() for part, _ in c.holes}
    renamed = tuple([(fresh[part], path) for part, path in c.holes])
    holes = (*inner(a.holes, "first"), *inner(renamed, "last"))
    return Encoded(node, holes, Bundle(False, (a.template, fill(c.template, fresh))), as_set)


def _merge(b: Any, containers: Any) -> Any:
    """The elements of containers in a container."""
    outer = as_encoded(b, containers)
    as_set = is_set(outer)
    if isinstance(containers, Bundle):
        return _merge_known(b, containers)
    with b.open("every", ("item",), outer.node) as domain:
        source = as_encoded(b, decode(b, outer, domain.codes[0]))
        if as_set:
            source = with_keys(b, source)
        known = {part for part, _ in source.holes}
        extra = [
            n
            for n in dict.fromkeys(leaves(source.template))
            if n not in known and domain.opener in ancestors(n.domain)
        ]
        with b.open("every", ("item",), source.node) as inside:
            code = inside.codes[0]
            for leaf in extra:
                code = b.row("capture", code, leaf)
        column = b.node("keys", inside.opener, code)
    node = b.node("keys", domain.opener, column)
    if as_set:
        node = b.node("ascending", node)
    path = ("first",) * len(extra)
    holes = list(inner(source.holes, *path))
    holes += [(leaf, (*path[: len(extra) - 1 - k], "last")) for k, leaf in enumerate(extra)]
    return Encoded(b.row("merge", node), tuple(holes), source.template, as_set)


def _merge_known(b: Any, containers: Bundle) -> Any:
    """The same of containers that are known one by one."""
    sources = [as_encoded(b, item) for item in containers.items]
    common = Common(b, sources, with_keys=containers.is_set)
    node = b.node("pack_tuple", *[common.column(s, False) for s in sources])
    if len(sources) == 1:
        return common.container(node, containers.is_set)
    if containers.is_set:
        node = b.node("ascending", node)
    return common.container(b.row("merge", node), containers.is_set)


ON_ENCODED: dict[str, Callable[..., Any]] = {
    **{
        name: lambda b, x, y, name=name: _two(b, name, x, y)
        for name in ("combine", "difference", "intersection")
    },
    "insert": _insert,
    "remove": _remove,
    "contained": _contained,
    "other": _other,
    "dedupe": _of_one("dedupe", gives_element=False, needs_keys=True),
    "mostcommon": _of_one("mostcommon", gives_element=True, needs_keys=True),
    "leastcommon": _of_one("leastcommon", gives_element=True, needs_keys=True),
    "first": _of_one("first", gives_element=True, needs_keys=False),
    "last": _of_one("last", gives_element=True, needs_keys=False),
    "size": lambda b, container: b.row("size", container.node),
    "totuple": _totuple,
    "at": _at,
    "repeat": _repeat,
    "pair": _pair,
    "product": _product,
    "merge": _merge,
    "initset": lambda b, x: Bundle(True, (x,)),
    "astuple": lambda b, x, y: Bundle(False, (x, y)),
}
"""Rows on containers of functions of which one is encoded, or has a length that only data tells."""
