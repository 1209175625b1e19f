"""Containers with function values in them, while a solver is resolved.

Where every element is known the operation is done here, element by element. Where only the data
tells which elements there are, the elements are encoded as data: the place in the list of what is
known, or the values that the closures capture; operations then run on the codes, and an element is
decoded where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.ir.graph import Const, Node
from pipeline.passes import choices
from pipeline.passes.encoded import decode, hole, opened, places
from pipeline.passes.symbols import (
    Bundle,
    Choice,
    Encoded,
    Function,
    Unresolved,
    alternatives,
    check_size,
    choice_of,
    is_choice_of_data,
)
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import mover

MOST_REPEATED = 64
_OF_CONTAINERS = ("first", "last", "size", "totuple", "at")


def apply_row(b: Any, row: Primitive, args: tuple[Any, ...]) -> Any:
    """A first-order row on arguments of which at least one holds functions."""
    name = mover(row).name
    for k, arg in enumerate(args):
        if isinstance(arg, Choice) and (name in _OF_CONTAINERS or is_choice_of_data(arg)):
            return _chosen(b, row.name, args, k)
    if any(isinstance(a, Encoded) for a in args):
        return _on_encoded(b, name, args)
    if name not in _ON_BUNDLES:
        raise Unresolved("function-as-data", f"{name} can't be applied to functions")
    return _ON_BUNDLES[name](b, *args)


def _chosen(b: Any, name: str, args: tuple[Any, ...], place: int) -> Any:
    """A row on a choice."""

    def applied(item: Any) -> Any:
        return b.row(name, *args[:place], item, *args[place + 1 :])

    choice = args[place]
    run = choices.each_known if _is_of_bundles(choice) else choices.under
    return run(b, choice, applied)


def _is_of_bundles(choice: Choice) -> bool:
    """Whether all that it is between is known, so that looking at it can't fail a lane."""
    return all(isinstance(item, Bundle) for item in alternatives(choice))


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
    place, data = hole(), hole()
    if isinstance(a, Bundle):
        a = b.bundle(True, list(a.items))
        node = b.row("product", places(b, a, as_pairs=True), b.data(c))
        of_place: tuple[str, ...] = ("first", "first")
        holes = (place, of_place), (data, ("last",))
        return Encoded(node, holes, Bundle(False, (choice_of(a, place), data)), True)
    c = b.bundle(True, list(_items(c)))
    as_pairs = any(isinstance(item, Bundle) and not item.is_set for item in c.items)
    node = b.row("product", b.data(a), places(b, c, as_pairs))
    of_place = ("last", "first") if as_pairs else ("last",)
    holes = (place, of_place), (data, ("first",))
    return Encoded(node, holes, Bundle(False, (data, choice_of(c, place))), True)


def _at(b: Any, container: Any, k: Any) -> Any:
    """The element at a place; one that only the data tells is one of all."""
    items, place = _items(container), b.literal(k)
    if place is not None and -len(items) <= place < len(items):
        return items[place]
    return choice_of(container, b.row("at", places(b, container), k))


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
        return replace(container, is_set=False)
    node = b.row(name, container.node)
    return node if name == "size" else decode(b, container, node)


def keyed_bundle(b: Any, name: str, container: Bundle, body: Callable[[Any], Any]) -> Any:
    """A keyed row on a bundle: it runs on the places of the elements."""
    results = [body(item) for item in container.items]
    if name == "keep_by":
        keys = [b.condition(result) for result in results]
    else:
        keys = [b.data(result, "the function's result") for result in results]
    packed = b.node("pack_keys", *keys)
    known = opened(b, container)
    return keyed_result(b, name, b.row(name, known.node, packed), known, is_known=True)


def keyed_result(
    b: Any, name: str, result: Node, container: Encoded, is_known: bool = False
) -> Any:
    """What a keyed row's result on codes stands for."""
    if name in ("max_by", "min_by"):
        return result
    if name in ("argmax_by", "argmin_by"):
        if container.is_bare and not is_known:
            result = b.row("found", result)
        return decode(b, container, result)
    is_set = container.is_set if name == "keep_by" else False
    return replace(container, node=result, is_set=is_set)


def first_of_bundle(b: Any, container: Bundle, body: Callable[[Any], Any]) -> Any:
    """`extract` on a bundle: conditions run in turn, each only where none before it held."""
    place = b.first_place([lambda item=item: body(item) for item in container.items])
    return choice_of(container, place)
