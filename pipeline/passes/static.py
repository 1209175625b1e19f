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
from pipeline.ir.written import written
from pipeline.passes import choices, codes
from pipeline.passes.codes import ON_ENCODED
from pipeline.passes.encoded import decode, hole, opened, places
from pipeline.passes.symbols import (
    Bundle,
    Choice,
    Encoded,
    Function,
    Unresolved,
    alternatives,
    are_same_function,
    check_size,
    choice_of,
    is_choice_of_data,
)
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import TABLE, mover

MOST_REPEATED = 64
_OF_CONTAINERS = ("first", "last", "size", "totuple", "at")


def apply_row(b: Any, row: Primitive, args: tuple[Any, ...]) -> Any:
    """A first-order row on arguments of which at least one holds functions."""
    moves = mover(row)
    name = moves.name
    of_containers = name in _OF_CONTAINERS
    for k, arg in enumerate(args):
        if isinstance(arg, Choice) and (
            of_containers or k in moves.container_positions or is_choice_of_data(arg)
        ):
            return _chosen(b, row.name, args, k, of_containers)
    for k, arg in enumerate(args):
        if isinstance(arg, Encoded) and name not in _OF_CONTAINERS:
            known = _as_data(arg)
            if known is not None:
                return _chosen(b, row.name, (*args[:k], known, *args[k + 1 :]), k, False)
    if name == "equality":
        return _same(b, *args)
    if name in ON_ENCODED and _is_encoded(b, name, args):
        return ON_ENCODED[name](b, *args)
    if name in _ON_DATA and isinstance(args[_ON_DATA[name][0]], Node):
        return _ON_DATA[name][1](b, *args)
    if name in _ON_BUNDLES:
        return _ON_BUNDLES[name](b, *args)
    for arg in args:
        if isinstance(arg, Bundle) and all(map(choices.is_data, arg.items)):
            raise unlike(arg)
    raise Unresolved("function-as-data", f"{written(name)} can't be applied to functions")


def unlike(container: Bundle) -> Unresolved:
    """Why a container of data has no type."""
    kinds = " and ".join(dict.fromkeys(str(item.type) for item in container.items))
    return Unresolved("type-mismatch", f"a container can't hold both {kinds}")


def _is_encoded(b: Any, name: str, args: tuple[Any, ...]) -> bool:
    """Whether only data tells what is in the containers that a row is about."""
    if name in ("astuple", "initset"):
        return False
    if name in ("repeat", "at"):
        b.data(args[1], f"{written(name)} argument 2")
    if name == "repeat":
        count = b.literal(args[1])
        return count is None or count > MOST_REPEATED
    if name == "pair" and any(isinstance(a, Node) for a in args):
        return True
    if name == "merge" and isinstance(args[0], Bundle):
        return any(isinstance(a, Encoded) for a in args[0].items)
    return any(isinstance(a, Encoded) for a in args)


def _chosen(b: Any, name: str, args: tuple[Any, ...], place: int, of_containers: bool) -> Any:
    """A row on a choice."""

    def applied(item: Any) -> Any:
        if isinstance(item, Encoded) and choices.is_data(item.template):
            item = codes.as_data(b, item)
        return b.row(name, *args[:place], item, *args[place + 1 :])

    choice = args[place]
    is_known = of_containers and _is_of_bundles(choice)
    run = choices.each_known if is_known else choices.under
    return run(b, choice, applied)


def _as_data(container: Encoded) -> Choice | None:
    """A container of data of which all elements are of one type, but only data tells which, as a
    choice of containers.
    """
    template = container.template
    if not is_choice_of_data(template) or not all(map(choices.is_data, template.items)):
        return None
    if any(part is template.selector for part, _ in container.holes):
        return None
    items = tuple([replace(container, template=item) for item in template.items])
    return Choice(template.selector, items, template.is_condition)


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
    return Bundle(False, (item,) * max(0, count))


def _combine(b: Any, x: Any, y: Any) -> Any:
    items = [*_listed(b, x), *_listed(b, y)]
    if not isinstance(x, Bundle):
        x = Bundle(False, ())
    return b.bundle(x.is_set, items)


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
        if isinstance(a, Choice):
            return b.under(a, lambda one: _product(b, one, c))
        node = b.row("product", places(b, a, as_pairs=True), b.data(c))
        of_place: tuple[str, ...] = ("first", "first")
        holes = (place, of_place), (data, ("last",))
        return Encoded(node, holes, Bundle(False, (choice_of(a, place), data)), True)
    c = b.bundle(True, list(_items(c)))
    if isinstance(c, Choice):
        return b.under(c, lambda one: _product(b, a, one))
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


# -- which are the same


def _same(b: Any, x: Any, y: Any) -> Any:
    """Whether two symbols are equal, of which one holds functions: a Boolean."""
    for k, symbol in enumerate((x, y)):
        if isinstance(symbol, Choice):
            other = y if k == 0 else x
            return b.under(symbol, lambda item, other=other: b.row("equality", item, other))
    if choices.is_data(x) and choices.is_data(y):
        return b.row("equality", x, y)
    b.ranked = True  # which functions these are is looked at, which no key of a statement holds
    if isinstance(x, Function) and isinstance(y, Function):
        known = are_same_function(x, y)
        if known is not None:
            return Const(known)
        return b.row("equality", codes.key(b, x), codes.key(b, y))
    if isinstance(x, Bundle) and isinstance(y, Bundle):
        return _same_bundles(b, x, y)
    if isinstance(x, Bundle | Encoded) and isinstance(y, Bundle | Encoded):
        return b.row("equality", codes.key(b, x), codes.key(b, y))
    for symbol in (x, y):
        if isinstance(symbol, Encoded) and is_choice_of_data(symbol.template):
            raise Unresolved("type-mismatch", "a container of several types is compared")
    return Const(False)


def _same_bundles(b: Any, x: Bundle, y: Bundle) -> Any:
    if x.is_set is not y.is_set:
        return Const(False)
    if len(x.items) != len(y.items):
        return Const(False)
    found: Any = Const(True)
    for same in [_same(b, i, j) for i, j in zip(x.items, y.items, strict=True)]:
        if isinstance(same, Const):
            if not same.value:
                return same
        else:
            found = same if isinstance(found, Const) else b.row("both", found, same)
    return found


def _is_same(b: Any, x: Any, y: Any) -> bool:
    """Whether two symbols are equal, where that is known."""
    same = _same(b, x, y)
    if isinstance(same, Const):
        return bool(same.value)
    message = "whether elements of a known container are the same depends on data"
    raise Unresolved("unsupported-closure", message)


def _differs(b: Any, x: Any, y: Any) -> bool:
    return not _is_same(b, x, y)


def _is_none_of(b: Any, x: Any, items: tuple[Any, ...]) -> bool:
    return not any(_is_same(b, x, y) for y in items)


def _kept(b: Any, container: Any, holds: Callable[[Any], bool]) -> Bundle:
    items = _items(container)
    return Bundle(container.is_set, tuple([x for x in items if holds(x)]))


def _contained(b: Any, x: Any, container: Any) -> Any:
    found: Any = Const(False)
    for same in [_same(b, x, y) for y in _items(container)]:
        if isinstance(same, Const):
            if same.value:
                return same
        else:
            found = same if isinstance(found, Const) else b.row("either", found, same)
    return found


def _dedupe(b: Any, container: Any) -> Bundle:
    kept: list[Any] = []
    for item in _items(container):
        if _is_none_of(b, item, tuple(kept)):
            kept.append(item)
    return Bundle(False, tuple(kept))


def _common(b: Any, container: Any, name: str) -> Any:
    """`mostcommon`, `leastcommon`: of numbers that stand for the elements as they do in a set."""
    items = _items(container)
    if container.is_set:
        raise Unresolved("type-mismatch", f"{written(name)} takes a tuple, got a set")
    if not items:
        return _taken(container, 0)
    known = b.bundle(True, list(items))
    if isinstance(known, Choice):
        raise Unresolved("unsupported-closure", "which function is most common depends on data")
    distinct = known.items
    numbers = [next(k for k, y in enumerate(distinct) if _is_same(b, item, y)) for item in items]
    return distinct[TABLE[name].reference(tuple(numbers))]


def _merge(b: Any, containers: Any) -> Any:
    if isinstance(containers, Bundle) and all(map(choices.is_data, containers.items)):
        raise unlike(containers)
    items = [item for inner in _items(containers) for item in _listed(b, inner)]
    return b.pack(containers.is_set, items)


def _listed(b: Any, container: Any) -> tuple[Any, ...]:
    """The elements of a container in a known one."""
    if isinstance(container, Node) and container.type is not None and container.type.head == "Two":
        return b.row("first", container), b.row("last", container)
    return _items(container)


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
    "contained": _contained,
    "remove": lambda b, x, c: _kept(b, c, lambda y: _differs(b, x, y)),
    "difference": lambda b, x, y: _kept(b, x, lambda z: _is_none_of(b, z, _items(y))),
    "intersection": lambda b, x, y: _kept(
        b, b.bundle(True, list(_items(x))), lambda z: not _is_none_of(b, z, _items(y))
    ),
    "other": lambda b, c, x: _taken(_kept(b, c, lambda y: _differs(b, x, y)), 0),
    "dedupe": _dedupe,
    "mostcommon": lambda b, c: _common(b, c, "mostcommon"),
    "leastcommon": lambda b, c: _common(b, c, "leastcommon"),
    "merge": _merge,
    "equality": lambda b, x, y: _same(b, x, y),
}


def _is_container(container: Any) -> bool:
    return isinstance(container, Bundle | Encoded)


_ON_DATA: dict[str, tuple[int, Callable[..., Any]]] = {
    "contained": (1, lambda b, x, c: Const(False)),
    "remove": (1, lambda b, x, c: c),
    "other": (0, lambda b, c, x: b.row("first", c)),
    "difference": (0, lambda b, x, y: x if _is_container(y) else _items(y)),
}
"""What comes of a container of data, at a place, and of functions, which none of it is equal to."""


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
        symbol = decode(b, container, result)
        if not container.is_bare or is_known:
            return symbol
        if isinstance(symbol, Function):
            return b.closure(symbol.arity, call_found, symbol, result)
        return decode(b, container, b.row("found", result))
    is_set = container.is_set if name == "keep_by" else False
    return replace(container, node=result, is_set=is_set)


def call_found(b: Any, parts: tuple[Any, ...], *args: Any) -> Any:
    """Call a function that is one of a container's, which had none: then it is missing."""
    function, code = parts
    b.row("found", code)
    return b.call(function, *args)


def first_of_bundle(b: Any, container: Bundle, body: Callable[[Any], Any]) -> Any:
    """`extract` on a bundle: conditions run in turn, each only where none before it held."""
    place = b.first_place([lambda item=item: body(item) for item in container.items])
    return choice_of(container, place)
