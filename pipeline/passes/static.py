"""Containers with function values in them, while a solver is resolved.

Where every element is known the operation is done here, element by element. Where only the data
tells which elements there are, the elements are encoded as data: the place in the list of what is
known, or the values that the closures capture; operations then run on the codes, and an element is
decoded where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.ir.graph import Const, Node, ancestors
from pipeline.passes.symbols import (
    Bundle,
    Choice,
    Encoded,
    Function,
    Unresolved,
    check_size,
    fill,
    leaves,
)

MOST_REPEATED = 64


def apply_row(b: Any, name: str, args: tuple[Any, ...]) -> Any:
    """A first-order row on arguments of which at least one holds functions."""
    for k, arg in enumerate(args):
        if isinstance(arg, Choice) and name in ("first", "last", "size", "totuple", "at"):
            return b.among(
                arg, lambda item, k=k: b.primitive(name, *args[:k], item, *args[k + 1 :])
            )
    if any(isinstance(a, Encoded) for a in args):
        return _on_encoded(b, name, args)
    if name not in _ON_BUNDLES:
        raise Unresolved("function-as-data", f"{name} can't be applied to functions")
    return _ON_BUNDLES[name](b, *args)


def _items(container: Any) -> tuple[Any, ...]:
    if isinstance(container, Function):
        raise Unresolved("function-as-data", "a container is expected, got a function")
    if not isinstance(container, Bundle):
        raise Unresolved("function-as-data", "functions and data are mixed in one container")
    return container.items


def _taken(container: Any, place: int) -> Any:
    items = _items(container)
    if not items:
        raise Unresolved("function-as-data", "a container of functions is empty")
    return items[place]


def _repeat(b: Any, item: Any, num: Any) -> Any:
    count = b.literal(num)
    if count is None or not 1 <= count <= MOST_REPEATED:
        message = f"a function is repeated, but not a known number of times up to {MOST_REPEATED}"
        raise Unresolved("unsupported-closure", message)
    return Bundle(False, (item,) * count)


def _combine(b: Any, x: Any, y: Any) -> Bundle:
    items = [*_items(x), *_items(y)]
    both: Bundle = b.bundle(x.is_set, items)
    return both


def _product(b: Any, a: Any, c: Any) -> Any:
    """The pairs, as data where one container is: its elements beside the places of the other's.

    Their order is to be that of the pairs themselves, and of two-tuples of an integer and a tuple
    the tuple counts first. So a place that stands for a tuple, or before what may be one, is a
    pair.
    """
    if isinstance(a, Bundle) and isinstance(c, Bundle):
        check_size(a.size * c.size)
        pairs = [Bundle(False, (i, j)) for j in c.items for i in a.items]
        return b.bundle(True, pairs)
    if isinstance(a, Bundle):
        a = b.bundle(True, list(a.items))
        node = b.row("product", _places(b, a, as_pairs=True), b.data(c))

        def left(b: Any, e: Any) -> Bundle:
            place = b.row("first", b.row("first", e))
            return Bundle(False, (_choice(a, place), b.row("last", e)))

        return Encoded(node, left, True)
    c = b.bundle(True, list(_items(c)))
    as_pairs = any(isinstance(item, Bundle) and not item.is_set for item in c.items)
    node = b.row("product", b.data(a), _places(b, c, as_pairs))

    def right(b: Any, e: Any) -> Bundle:
        place = b.row("last", e)
        place = b.row("first", place) if as_pairs else place
        return Bundle(False, (b.row("first", e), _choice(c, place)))

    return Encoded(node, right, True)


def _choice(container: Bundle, place: Any) -> Any:
    if isinstance(place, Const):
        return container.items[place.value]
    return Choice(place, container.items, is_condition=False)


def _places(b: Any, container: Bundle, as_pairs: bool = False) -> Node:
    """The places of a bundle's elements, 0, 1, ..., as a tuple; as pairs, (0, 0), (1, 0), ..."""
    places = range(len(container.items))
    return b.node("pack_tuple", *(Const((k, 0) if as_pairs else k) for k in places))


def _at(b: Any, container: Any, k: Any) -> Any:
    """The element at a place; one that only the data tells is one of all."""
    items, place = _items(container), b.literal(k)
    if place is not None and -len(items) <= place < len(items):
        return items[place]
    return _choice(container, b.row("at", _places(b, container), k))


_ON_BUNDLES: dict[str, Callable[..., Any]] = {
    "astuple": lambda b, x, y: Bundle(False, (x, y)),
    "initset": lambda b, x: Bundle(True, (x,)),
    "repeat": _repeat,
    "insert": lambda b, x, c: b.bundle(True, [x, *_items(c)]),
    "combine": _combine,
    "totuple": lambda b, c: Bundle(False, _items(c)),
    "first": lambda b, c: _taken(c, 0),
    "last": lambda b, c: _taken(c, -1),
    "size": lambda b, c: Const(len(_items(c))),
    "pair": lambda b, x, y: Bundle(
        False, tuple(Bundle(False, p) for p in zip(_items(x), _items(y), strict=False))
    ),
    "product": _product,
    "at": _at,
}


def _on_encoded(b: Any, name: str, args: tuple[Any, ...]) -> Any:
    container = args[0]
    if name not in ("first", "last", "size", "totuple") or not isinstance(container, Encoded):
        raise Unresolved("function-as-data", f"{name} can't be applied to these functions")
    if name == "totuple":
        return Encoded(container.node, container.decode, False, container.is_bare)
    node = b.row(name, container.node)
    return node if name == "size" else container.decode(b, node)


def encode(b: Any, results: Any, domain: Any) -> tuple[list[Node], Node]:
    """What the symbol made for each element captures from the domain, and its code there."""
    inside = [n for n in leaves(results) if domain.opener in ancestors(n.domain)]
    holes = list(dict.fromkeys(inside))
    if any(n.domain is not domain.opener for n in holes):
        message = "a closure captures data of a domain inside its own"
        raise Unresolved("unsupported-closure", message)
    if not holes:
        return [], domain.codes[0]
    code = holes[-1]
    for hole in reversed(holes[:-1]):
        code = b.row("capture", hole, code)
    return holes, code


def encoded(
    b: Any, template: Any, domain: Any, code: tuple[list[Node], Node], container: Any
) -> Encoded:
    """The container of the symbols made for each element of another container."""
    holes, node = code
    column = b.node("keys", domain.opener, node)

    def decode(b: Any, item: Any) -> Any:
        values: dict[Node, Any] = {}
        rest = item
        for hole in holes[:-1]:
            values[hole] = b.row("first", rest)
            rest = b.row("last", rest)
        if holes:
            values[holes[-1]] = rest
        return fill(template, values)

    is_set = container.is_set if isinstance(container, Encoded) else container
    return Encoded(column, decode, is_set, is_bare=len(holes) < 2)


def keyed_bundle(b: Any, name: str, container: Bundle, body: Callable[[Any], Any]) -> Any:
    """A keyed row on a bundle: it runs on the places of the elements."""
    results = [body(item) for item in container.items]
    if name == "keep_by":
        keys = [b.condition(result) for result in results]
    else:
        keys = [b.data(result, "the function's result") for result in results]
    packed = b.node("pack_keys", *keys)
    result = b.row(name, _places(b, container), packed)
    places = Encoded(result, lambda b, e: _choice(container, e), container.is_set)
    return keyed_result(b, name, result, places)


def keyed_result(b: Any, name: str, result: Node, container: Encoded) -> Any:
    """What a keyed row's result on codes stands for."""
    if name in ("max_by", "min_by"):
        return result
    if name in ("argmax_by", "argmin_by"):
        if container.is_bare:
            result = b.row("found", result)
        return container.decode(b, result)
    is_set = container.is_set if name == "keep_by" else False
    return Encoded(result, container.decode, is_set, container.is_bare)


def first_of_bundle(b: Any, container: Bundle, body: Callable[[Any], Any]) -> Any:
    """`extract` on a bundle: conditions run in turn, each only where none before it held."""
    place = b.first_place([lambda item=item: body(item) for item in container.items])
    return _choice(container, place)
