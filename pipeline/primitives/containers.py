"""Making containers, and making containers from containers.

A result is of the kind (tuple or set) of the first container unless the row says otherwise. A tuple
made from a set holds its elements in canonical order.
"""

from __future__ import annotations

import itertools
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.elements import Container
from pipeline.primitives.row import primitive

_KINDS_OF_TWO = (
    "Tuple[a] Tuple[a] -> Tuple[a]",
    "Set[a] Set[a] -> Set[a]",
    "Tuple[a] Set[a] -> Tuple[a]",
    "Set[a] Tuple[a] -> Set[a]",
)


@primitive(
    "a -> Set[a]",
    examples=("initset(3) == frozenset({3})", "initset(()) == frozenset({()})"),
    laws=("first(initset(value)) == value", "size(initset(value)) == 1"),
    total=True,
)
def initset(value: Any) -> frozenset[Any]:
    """Make the set of one element."""
    return frozenset((value,))


@primitive(
    "a b -> (a, b)",
    examples=("astuple(1, 2) == (1, 2)", "astuple((), 0) == ((), 0)"),
    laws=("first(astuple(a, b)) == a", "last(astuple(a, b)) == b"),
    total=True,
)
def astuple(a: Any, b: Any) -> tuple[Any, Any]:
    """Make the tuple of two values."""
    return (a, b)


@primitive(
    "a Integer -> Tuple[a]",
    examples=("repeat(7, 3) == (7, 7, 7)", "repeat((), 1) == ((),)", "repeat(7, -1) == ()"),
    laws=(
        "size(repeat(item, num)) == maximum((num, 0))",
        "combine(repeat(item, num), repeat(item, num)) == repeat(item, double(num))",
    ),
    capacity=lambda item, num: max(num, 0),
    total=True,
)
def repeat(item: Any, num: int) -> tuple[Any, ...]:
    """Make the tuple of one value so many times; none where the number is negative.

    Shape:   num elements
    """
    return (item,) * num


def _interval_size(start: int, stop: int, step: int) -> int:
    if step == 0:
        raise Failure("ZERO")
    return len(range(start, stop, step))


@primitive(
    "Integer Integer Integer -> Tuple[Integer]",
    examples=(
        "interval(1, 4, 1) == (1, 2, 3)",
        "interval(4, 0, -2) == (4, 2)",
        "interval(4, 0, 1) == ()",
    ),
    laws=(
        "first(interval(start, stop, step)) == start",
        "size(interval(start, stop, 1)) == maximum((subtract(stop, start), 0))",
        "not contained(stop, interval(start, stop, step))",
    ),
    capacity=_interval_size,
    computes=True,
)
def interval(start: int, stop: int, step: int) -> tuple[int, ...]:
    """Count from start in equal steps, stopping short of stop.

    Order:   ascending, or descending where the step is negative
    Errors:  ZERO if the step is zero
    """
    if step == 0:
        raise Failure("ZERO")
    return tuple(range(start, stop, step))


@primitive(
    "Set[a] -> Tuple[a]",
    "Tuple[a] -> Tuple[a]",
    examples=("totuple(frozenset({2, 1})) == (1, 2)", "totuple((2, 1)) == (2, 1)"),
    laws=(
        "size(totuple(container)) == size(container)",
        "totuple(totuple(container)) == totuple(container)",
    ),
    total=True,
)
def totuple(container: Container) -> tuple[Any, ...]:
    """Make the tuple of the elements.

    Order:   a set's elements ascend canonically
    """
    return tuple(ordered(container))


@primitive(
    *_KINDS_OF_TWO,
    examples=(
        "combine((2, 1), (1,)) == (2, 1, 1)",
        "combine(frozenset({1}), (2, 1)) == frozenset({1, 2})",
        "combine((), frozenset({5, 4})) == (4, 5)",
    ),
    laws=(
        "difference(combine(a, b), b) == difference(a, b)",
        "combine(a, b) == combine(a, totuple(b))",
    ),
    total=True,
)
def combine(a: Container, b: Container) -> Container:
    """Join two containers into one of the first's kind.

    Order:   of a tuple: the first's elements, then the second's
    """
    if isinstance(a, tuple):
        return (*a, *ordered(b))
    return a.union(b)


@primitive(
    "Set[a] Set[a] -> Set[a]",
    examples=(
        "intersection(frozenset({1, 2}), frozenset({2, 3})) == frozenset({2})",
        "intersection(frozenset({1}), frozenset()) == frozenset()",
    ),
    laws=(
        "intersection(a, b) == intersection(b, a)",
        "intersection(a, b) == difference(a, difference(a, b))",
    ),
    total=True,
)
def intersection(a: frozenset[Any], b: frozenset[Any]) -> frozenset[Any]:
    """Keep the elements that both sets have."""
    return a & b


@primitive(
    *_KINDS_OF_TWO,
    "Set[a] Set[b] -> Set[a]",
    examples=(
        "difference((3, 1, 3, 2), (1,)) == (3, 3, 2)",
        "difference(frozenset({1}), (1, 1)) == frozenset()",
    ),
    laws=(
        "difference(difference(a, b), b) == difference(a, b)",
        "size(difference(a, a)) == 0",
    ),
    total=True,
)
def difference(a: Container, b: Container) -> Container:
    """Keep the elements of the first container that the second does not have.

    Order:   a tuple keeps its own
    """
    if isinstance(a, tuple):
        gone = frozenset(b)
        return tuple([e for e in a if e not in gone])
    return a.difference(b)


@primitive(
    "Tuple[a] -> Tuple[a]",
    examples=("dedupe((3, 1, 3)) == (3, 1)", "dedupe(()) == ()"),
    laws=(
        "dedupe(dedupe(iterable)) == dedupe(iterable)",
        "size(dedupe(iterable)) == size(product(iterable, (0,)))",
    ),
    total=True,
)
def dedupe(iterable: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep only the first of equal elements.

    Order:   by first occurrence
    """
    return tuple(dict.fromkeys(iterable))


@primitive(
    "Tuple[Tuple[a]] -> Tuple[a]",
    "Tuple[Set[a]] -> Tuple[a]",
    "Set[Tuple[a]] -> Set[a]",
    "Set[Set[a]] -> Set[a]",
    examples=(
        "merge(((2, 1), (), (1,))) == (2, 1, 1)",
        "merge((frozenset({2, 1}), frozenset({0}))) == (1, 2, 0)",
        "merge(frozenset({(1, 1), (2,)})) == frozenset({1, 2})",
    ),
    laws=(
        "merge(combine(containers, containers)) == combine(merge(containers), merge(containers))",
        "contained(first(first(containers)), merge(containers))",
    ),
    visits=lambda containers: sum(map(len, containers)),
    total=True,
)
def merge(containers: Container) -> Container:
    """Join the containers in a container into one of the outer's kind.

    Order:   of a tuple: container by container, a set's elements canonically
    """
    if isinstance(containers, tuple):
        return tuple([e for inner in containers for e in ordered(inner)])
    return frozenset(itertools.chain.from_iterable(containers))


@primitive(
    "a Set[a] -> Set[a]",
    examples=(
        "insert(1, frozenset({2})) == frozenset({1, 2})",
        "insert(2, frozenset({2})) == frozenset({2})",
    ),
    laws=(
        "contained(value, insert(value, container))",
        "remove(value, insert(value, container)) == remove(value, container)",
    ),
    total=True,
)
def insert(value: Any, container: frozenset[Any]) -> frozenset[Any]:
    """Give the set one more element, if it is new."""
    return container.union((value,))


@primitive(
    "a Tuple[a] -> Tuple[a]",
    "a Set[a] -> Set[a]",
    examples=("remove(1, (1, 2, 1)) == (2,)", "remove(0, frozenset({1})) == frozenset({1})"),
    laws=(
        "not contained(value, remove(value, container))",
        "remove(value, container) == difference(container, initset(value))",
    ),
    total=True,
)
def remove(value: Any, container: Container) -> Container:
    """Leave out every element that equals the value.

    Order:   a tuple keeps its own
    """
    if isinstance(container, tuple):
        return tuple([e for e in container if e != value])
    return container.difference((value,))


@primitive(
    "Tuple[Tuple[a]] Integer -> Set[Tuple[a]]",
    "Tuple[Set[a]] Integer -> Set[Set[a]]",
    "Set[Tuple[a]] Integer -> Set[Tuple[a]]",
    "Set[Set[a]] Integer -> Set[Set[a]]",
    examples=(
        "sizefilter(((1,), (2, 3), (4,)), 1) == frozenset({(1,), (4,)})",
        "sizefilter(frozenset({frozenset()}), 1) == frozenset()",
    ),
    laws=(
        "sizefilter(sizefilter(container, n), n) == sizefilter(container, n)",
        "not greater(size(sizefilter(container, n)), size(container))",
    ),
    total=True,
)
def sizefilter(container: Container, n: int) -> frozenset[Any]:
    """Collect the containers of so many elements as a set."""
    return frozenset([item for item in container if len(item) == n])


@primitive(
    "Set[a] Set[b] -> Set[(a, b)]",
    "Tuple[a] Tuple[b] -> Set[(a, b)]",
    "Set[a] Tuple[b] -> Set[(a, b)]",
    "Tuple[a] Set[b] -> Set[(a, b)]",
    examples=(
        "product((1, 2), (3,)) == frozenset({(1, 3), (2, 3)})",
        "product(frozenset({1}), ()) == frozenset()",
    ),
    laws=(
        "size(product(a, b)) == size(product(b, a))",
        "contained((first(a), last(b)), product(a, b))",
    ),
    capacity=lambda a, b: len(frozenset(a)) * len(frozenset(b)),
    total=True,
)
def product(a: Container, b: Container) -> frozenset[Any]:
    """Collect every pair of an element of the first and one of the second as a set.

    Shape:   as many as the distinct elements of each, multiplied
    """
    return frozenset(itertools.product(a, b))


@primitive(
    "Tuple[a] Tuple[b] -> Tuple[(a, b)]",
    examples=("pair((1, 2), (3, 4)) == ((1, 3), (2, 4))", "pair((1, 2), ()) == ()"),
    laws=(
        "size(pair(a, b)) == minimum((size(a), size(b)))",
        "last(pair(a, a)) == (last(a), last(a))",
    ),
    total=True,
)
def pair(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    """Join two tuples place by place, as far as the shorter goes."""
    return tuple(zip(a, b, strict=False))
