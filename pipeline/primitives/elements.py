"""What a container says about its elements: one of them, how many, which is most common.

Parameters named `container` take tuples and sets. A set is read in canonical order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import primitive

Container = tuple[Any, ...] | frozenset[Any]

_ONE_OF = ("Tuple[a] -> a", "Set[a] -> a")


@primitive(
    "a a -> Boolean",
    examples=("equality((1, 2), (1, 2)) == True", "equality(frozenset(), frozenset({1})) == False"),
    laws=("equality(a, a)", "equality(a, b) == equality(b, a)"),
    total=True,
    accepts_none=True,
)
def equality(a: Any, b: Any) -> bool:
    """Tell whether the two values are the same."""
    return a == b


@primitive(
    "a Tuple[a] -> Boolean",
    "a Set[a] -> Boolean",
    examples=("contained(2, (1, 2)) == True", "contained((0, 0), frozenset()) == False"),
    laws=(
        "contained(value, container) == contained(value, totuple(container))",
        "contained(value, container) == greater(size(container), size(remove(value, container)))",
    ),
    total=True,
)
def contained(value: Any, container: Container) -> bool:
    """Tell whether the value is an element of the container."""
    return value in container


@primitive(
    "Tuple[a] -> Integer",
    "Set[a] -> Integer",
    examples=("size((4, 4, 4)) == 3", "size(frozenset()) == 0"),
    laws=("size(container) == size(totuple(container))",),
    total=True,
)
def size(container: Container) -> int:
    """Count the elements."""
    return len(container)


@primitive(
    "Tuple[Integer] -> Integer",
    "Set[Integer] -> Integer",
    examples=("maximum((1, 3, 2)) == 3", "maximum(frozenset({-2, -1})) == -1", "maximum(()) == 0"),
    laws=(
        "contained(maximum(container), container) or size(container) == 0",
        "not greater(minimum(container), maximum(container))",
    ),
    total=True,
)
def maximum(container: Container) -> int:
    """Find the largest integer; 0 where there is none."""
    return max(container, default=0)


@primitive(
    "Tuple[Integer] -> Integer",
    "Set[Integer] -> Integer",
    examples=("minimum((3, 1, 2)) == 1", "minimum(frozenset({5})) == 5", "minimum(()) == 0"),
    laws=(
        "contained(minimum(container), container) or size(container) == 0",
        "minimum(combine(container, container)) == minimum(container)",
    ),
    total=True,
)
def minimum(container: Container) -> int:
    """Find the smallest integer; 0 where there is none."""
    return min(container, default=0)


def _by_count(container: tuple[Any, ...], choose: Callable[..., int]) -> Any:
    """The first of the distinct elements whose number of occurrences is the chosen one."""
    if not container:
        raise Failure("EMPTY")
    counts: dict[Any, int] = {}
    for element in container:
        counts[element] = counts.get(element, 0) + 1
    wanted = choose(counts.values())
    return ordered(frozenset([e for e, count in counts.items() if count == wanted]))[0]


@primitive(
    "Tuple[a] -> a",
    examples=("mostcommon((5, 2, 5)) == 5", "mostcommon((7, 3, 3, 7)) == 3"),
    laws=(
        "contained(mostcommon(container), container)",
        "mostcommon(combine(container, container)) == mostcommon(container)",
    ),
)
def mostcommon(container: tuple[Any, ...]) -> Any:
    """Find the element that occurs most often.

    Order:   of equally common elements the first, canonically
    Errors:  EMPTY if there is no element
    """
    return _by_count(container, max)


@primitive(
    "Tuple[a] -> a",
    examples=("leastcommon((5, 2, 5)) == 2", "leastcommon((7, 3)) == 3"),
    laws=(
        "contained(leastcommon(container), container)",
        "leastcommon(combine(container, container)) == leastcommon(container)",
    ),
)
def leastcommon(container: tuple[Any, ...]) -> Any:
    """Find the element that occurs least often.

    Order:   of equally common elements the first, canonically
    Errors:  EMPTY if there is no element
    """
    return _by_count(container, min)


@primitive(
    "(a, b) -> a",
    *_ONE_OF,
    examples=("first((3, 1, 2)) == 3", "first(frozenset({(1, 0), (0, 9)})) == (0, 9)"),
    laws=(
        "contained(first(container), container)",
        "first(totuple(container)) == first(container)",
    ),
)
def first(container: Container) -> Any:
    """Take the first element.

    Order:   a set's elements ascend canonically
    Errors:  EMPTY if there is no element
    """
    if not container:
        raise Failure("EMPTY")
    return ordered(container)[0]


@primitive(
    "(a, b) -> b",
    *_ONE_OF,
    examples=("last((3, 1, 2)) == 2", "last(frozenset({(1, 0), (0, 9)})) == (1, 0)"),
    laws=("contained(last(container), container)", "last(totuple(container)) == last(container)"),
)
def last(container: Container) -> Any:
    """Take the last element.

    Order:   a set's elements ascend canonically
    Errors:  EMPTY if there is no element
    """
    if not container:
        raise Failure("EMPTY")
    return ordered(container)[-1]


@primitive(
    "Tuple[a] a -> a",
    "Set[a] a -> a",
    examples=("other(frozenset({1, 2}), 1) == 2", "other((4, 4, 6, 5), 4) == 6"),
    laws=("other(container, value) == first(remove(value, container))",),
)
def other(container: Container, value: Any) -> Any:
    """Take the first element that differs from the value.

    Order:   a set's elements ascend canonically
    Errors:  EMPTY if no element differs
    """
    for element in ordered(container):
        if element != value:
            return element
    raise Failure("EMPTY")
