"""What Python's `max`, `min` and `sorted` mean; rows that no solver can name.

Each is a row of `keyed`, and compares keys as those do. A set is read in canonical order, so the
first of equals is the first in that order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.primitives.canonical import ordered
from pipeline.primitives.elements import Container
from pipeline.primitives.keyed import (
    argmax_by,
    argmax_or,
    argmin_by,
    argmin_or,
    filled,
    max_by,
    min_by,
    order_by,
    order_down,
)
from pipeline.primitives.row import primitive


def _itself(name: str) -> Callable[..., Any]:
    """The row of `keyed` on a container whose elements are their own keys."""
    return lambda b, c, *otherwise: b.row(name, c, c, *otherwise)


def _keyed(name: str) -> Callable[..., Any]:
    return lambda b, c, f: b.keyed(name, c, lambda e: b.call(f, e))


def _of_some(name: str) -> Callable[..., Any]:
    """The same of a container that may not be empty: of one of functions none is."""

    def expand(b: Any, c: Any, f: Any) -> Any:
        some = c if b.is_static(c) else b.row("filled", c)
        return b.keyed(name, some, lambda e: b.call(f, e))

    return expand


def _keyed_or(name: str) -> Callable[..., Any]:
    return lambda b, c, d, f: b.keyed(name, c, lambda e: b.call(f, e), d)


def _keys(c: Container, f: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple([f(e) for e in ordered(c)])


@primitive(
    "Tuple[a] -> a",
    "Set[a] -> a",
    examples=("max_of((1, 3, 2)) == 3", "max_of(((1, 2), (1,))) == (1, 2)"),
    laws=("contains(max_of(c), c)",),
    published=False,
    expand=_itself("max_by"),
)
def max_of(c: Container) -> Any:
    """Give the largest element, the first of equals.

    Errors:  EMPTY if there is no element
    """
    return max_by(c, tuple(ordered(c)))


@primitive(
    "Tuple[a] (a -> b) -> a",
    "Set[a] (a -> b) -> a",
    examples=("max_of_by((1, 3), even) == 1", "max_of_by((1, 3), identity) == 3"),
    published=False,
    expand=_of_some("argmax_by"),
)
def max_of_by(c: Container, f: Callable) -> Any:
    """Give the element with the largest key, the first of equals.

    Errors:  EMPTY if there is no element; the first failing element's
    """
    return argmax_by(filled(c), _keys(c, f))


@primitive(
    "Tuple[a] a -> a",
    "Set[a] a -> a",
    examples=("max_or((1, 3), 0) == 3", "max_or((), 5) == 5"),
    published=False,
    expand=_itself("argmax_or"),
)
def max_or(c: Container, d: Any) -> Any:
    """Give the largest element, the first of equals; where there is none, another value.

    Errors:  NONE if the container is missing
    """
    return argmax_or(c, c and tuple(ordered(c)), d)


@primitive(
    "Tuple[a] a (a -> b) -> a",
    "Set[a] a (a -> b) -> a",
    examples=("max_or_by((1, 3), 0, invert) == 1", "max_or_by((), 5, even) == 5"),
    published=False,
    expand=_keyed_or("argmax_or"),
)
def max_or_by(c: Container, d: Any, f: Callable) -> Any:
    """Give the element with the largest key; where there is no element, another value.

    Errors:  the first failing element's
    """
    return argmax_or(c, _keys(c, f), d)


@primitive(
    "Tuple[a] -> a",
    "Set[a] -> a",
    examples=("min_of((1, 3, 2)) == 1", "min_of(((1, 2), (1,))) == (1,)"),
    laws=("contains(min_of(c), c)",),
    published=False,
    expand=_itself("min_by"),
)
def min_of(c: Container) -> Any:
    """Give the smallest element, the first of equals.

    Errors:  EMPTY if there is no element
    """
    return min_by(c, tuple(ordered(c)))


@primitive(
    "Tuple[a] (a -> b) -> a",
    "Set[a] (a -> b) -> a",
    examples=("min_of_by((1, 3), even) == 1", "min_of_by((1, 3), identity) == 1"),
    published=False,
    expand=_of_some("argmin_by"),
)
def min_of_by(c: Container, f: Callable) -> Any:
    """Give the element with the smallest key, the first of equals.

    Errors:  EMPTY if there is no element; the first failing element's
    """
    return argmin_by(filled(c), _keys(c, f))


@primitive(
    "Tuple[a] a -> a",
    "Set[a] a -> a",
    examples=("min_or((1, 3), 0) == 1", "min_or((), 5) == 5"),
    published=False,
    expand=_itself("argmin_or"),
)
def min_or(c: Container, d: Any) -> Any:
    """Give the smallest element, the first of equals; where there is none, another value.

    Errors:  NONE if the container is missing
    """
    return argmin_or(c, c and tuple(ordered(c)), d)


@primitive(
    "Tuple[a] a (a -> b) -> a",
    "Set[a] a (a -> b) -> a",
    examples=("min_or_by((1, 3), 0, invert) == 3", "min_or_by((), 5, even) == 5"),
    published=False,
    expand=_keyed_or("argmin_or"),
)
def min_or_by(c: Container, d: Any, f: Callable) -> Any:
    """Give the element with the smallest key; where there is no element, another value.

    Errors:  the first failing element's
    """
    return argmin_or(c, _keys(c, f), d)


@primitive(
    "Tuple[a] -> Tuple[a]",
    "Set[a] -> Tuple[a]",
    examples=("sorted_of((2, 3, 1)) == (1, 2, 3)", "sorted_of(()) == ()"),
    laws=("sorted_of(sorted_of(c)) == sorted_of(c)",),
    total=True,
    published=False,
    expand=_itself("order_by"),
)
def sorted_of(c: Container) -> Any:
    """Put the elements in ascending order.

    Order:   equal elements keep theirs
    """
    return order_by(c, tuple(ordered(c)))


@primitive(
    "Tuple[a] (a -> b) -> Tuple[a]",
    "Set[a] (a -> b) -> Tuple[a]",
    examples=(
        "sorted_by((2, 3, 1), identity) == (1, 2, 3)",
        "sorted_by((2, 4, 1), even) == (1, 2, 4)",
    ),
    published=False,
    expand=_keyed("order_by"),
)
def sorted_by(c: Container, f: Callable) -> Any:
    """Put the elements in ascending order of their keys.

    Order:   elements with equal keys keep theirs
    Errors:  the first failing element's
    """
    return order_by(c, _keys(c, f))


@primitive(
    "Tuple[a] -> Tuple[a]",
    "Set[a] -> Tuple[a]",
    examples=("sorted_down((2, 3, 1)) == (3, 2, 1)", "sorted_down(()) == ()"),
    laws=("sorted_down(sorted_down(c)) == sorted_down(c)",),
    total=True,
    published=False,
    expand=_itself("order_down"),
)
def sorted_down(c: Container) -> Any:
    """Put the elements in descending order.

    Order:   equal elements keep theirs
    """
    return order_down(c, tuple(ordered(c)))


@primitive(
    "Tuple[a] (a -> b) -> Tuple[a]",
    "Set[a] (a -> b) -> Tuple[a]",
    examples=(
        "sorted_down_by((2, 3, 1), identity) == (3, 2, 1)",
        "sorted_down_by((2, 4, 1), even) == (2, 4, 1)",
    ),
    published=False,
    expand=_keyed("order_down"),
)
def sorted_down_by(c: Container, f: Callable) -> Any:
    """Put the elements in descending order of their keys.

    Order:   elements with equal keys keep theirs
    Errors:  the first failing element's
    """
    return order_down(c, _keys(c, f))
