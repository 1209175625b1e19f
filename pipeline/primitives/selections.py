"""The primitives that choose elements, or put them in order, by a function.

Each has two faces: see `functions`. What is left of them once each element's key is known are the
rows of `keyed`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.keyed import argmax_by, argmin_by, keep_by, max_by, min_by, order_by
from pipeline.primitives.row import primitive


def _keyed(name: str) -> Callable[..., Any]:
    return lambda b, container, function: b.keyed(name, container, lambda e: b.call(function, e))


@primitive(
    "Tuple[a] (a -> Boolean) -> Tuple[a]",
    "Set[a] (a -> Boolean) -> Set[a]",
    examples=("sfilter((1, 2, 4), even) == (2, 4)", "sfilter(frozenset({1}), even) == frozenset()"),
    expand=_keyed("keep_by"),
)
def sfilter(container: Any, condition: Callable) -> Any:
    """Keep the elements for which the condition holds.

    Errors:  the first failing element's
    """
    return keep_by(container, tuple([condition(e) for e in ordered(container)]))


def _expand_mfilter(b: Any, container: Any, function: Any) -> Any:
    return b.primitive("merge", _keyed("keep_by")(b, container, function))


@primitive(
    "Set[Set[a]] (Set[a] -> Boolean) -> Set[a]",
    "Set[Tuple[a]] (Tuple[a] -> Boolean) -> Set[a]",
    "Tuple[Set[a]] (Set[a] -> Boolean) -> Tuple[a]",
    "Tuple[Tuple[a]] (Tuple[a] -> Boolean) -> Tuple[a]",
    examples=(
        "mfilter(frozenset({frozenset({1}), frozenset({2, 3})}), matcher(size, 2))"
        " == frozenset({2, 3})",
        "mfilter(((1,), (2,)), matcher(first, 2)) == (2,)",
    ),
    merges="sfilter",
    expand=_expand_mfilter,
)
def mfilter(container: Any, function: Callable) -> Any:
    """Merge the elements for which the condition holds, in the kind of the container.

    Order:   of a tuple: each kept element's elements in turn, a set's in canonical order
    Errors:  the first failing element's; ELEMENTS (over budget) if the union is too large
    """
    kept = [c for c in ordered(container) if function(c)]
    return type(container)([e for c in kept for e in ordered(c)])


def _expand_extract(b: Any, container: Any, condition: Any) -> Any:
    return b.first_match(container, lambda e: b.call(condition, e))


@primitive(
    "Tuple[a] (a -> Boolean) -> a",
    "Set[a] (a -> Boolean) -> a",
    examples=("extract((1, 2, 4), even) == 2", "extract(frozenset({5, 4}), positive) == 4"),
    stops_early=True,
    expand=_expand_extract,
)
def extract(container: Any, condition: Callable) -> Any:
    """Give the first element for which the condition holds; later elements are not looked at.

    Order:   a set's elements in canonical order
    Errors:  NO_MATCH if the condition holds for none; the first failing element's, up to the match
    """
    for e in ordered(container):
        if condition(e):
            return e
    raise Failure("NO_MATCH")


@primitive(
    "Tuple[a] (a -> b) -> Tuple[a]",
    "Set[a] (a -> b) -> Tuple[a]",
    examples=("order((3, 1, 2), identity) == (1, 2, 3)", "order((3, 1, 2), even) == (3, 1, 2)"),
    expand=_keyed("order_by"),
)
def order(container: Any, compfunc: Callable) -> tuple:
    """Sort the elements by their keys, ascending.

    Order:   equal keys keep their order; a set's elements start in canonical order
    Errors:  the first failing element's; NONE or ORDER if two keys have no order
    """
    return order_by(container, tuple([compfunc(e) for e in ordered(container)]))


@primitive(
    "Tuple[a] (a -> b) -> a",
    "Set[a] (a -> b) -> a",
    examples=("argmax((1, 3, 2), identity) == 3", "argmax((1, 3), even) == 1"),
    expand=_keyed("argmax_by"),
)
def argmax(container: Any, compfunc: Callable) -> Any:
    """Give the element with the largest key, the first of equals; none where there is none.

    Order:   a set's elements in canonical order
    Errors:  the first failing element's; NONE or ORDER if two keys have no order
    """
    return argmax_by(container, tuple([compfunc(e) for e in ordered(container)]))


@primitive(
    "Tuple[a] (a -> b) -> a",
    "Set[a] (a -> b) -> a",
    examples=("argmin((2, 1, 3), identity) == 1", "argmin((2, 4), even) == 2"),
    expand=_keyed("argmin_by"),
)
def argmin(container: Any, compfunc: Callable) -> Any:
    """Give the element with the smallest key, the first of equals; none where there is none.

    Order:   a set's elements in canonical order
    Errors:  the first failing element's; NONE or ORDER if two keys have no order
    """
    return argmin_by(container, tuple([compfunc(e) for e in ordered(container)]))


@primitive(
    "Tuple[a] (a -> b) -> b",
    "Set[a] (a -> b) -> b",
    examples=("valmax(((1,), (2, 3)), size) == 2", "valmax((-1, -4), double) == -2"),
    expand=_keyed("max_by"),
)
def valmax(container: Any, compfunc: Callable) -> Any:
    """Give the largest key.

    Errors:  EMPTY if there is no element; the first failing element's; NONE or ORDER if two keys
             have no order
    """
    return max_by(container, tuple([compfunc(e) for e in ordered(container)]))


@primitive(
    "Tuple[a] (a -> b) -> b",
    "Set[a] (a -> b) -> b",
    examples=("valmin(((1,), (2, 3)), size) == 1", "valmin((1, 4), double) == 2"),
    expand=_keyed("min_by"),
)
def valmin(container: Any, compfunc: Callable) -> Any:
    """Give the smallest key.

    Errors:  EMPTY if there is no element; the first failing element's; NONE or ORDER if two keys
             have no order
    """
    return min_by(container, tuple([compfunc(e) for e in ordered(container)]))
