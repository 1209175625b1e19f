"""Making containers.

A tuple made from a set holds its elements in canonical order.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.elements import Container
from pipeline.primitives.merging import copy_words
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    ELEMENTS,
    INTEGER,
    SET,
    TUPLE,
    ZERO,
    Memory,
    kind_of,
    length,
    list_words,
    packs,
    put_list,
    put_two,
    start,
)


@primitive(
    "a -> Set[a]",
    examples=("initset(3) == frozenset({3})", "initset(()) == frozenset({()})"),
    laws=("first(initset(value)) == value", "size(initset(value)) == 1"),
    total=True,
    on_functions=True,
)
def initset(value: Any) -> frozenset[Any]:
    """Make the set of one element."""
    return frozenset((value,))


@compiled
def _initset_words(m: Memory, value: int) -> int:
    return list_words(1)


@native(initset, words=_initset_words)
def _initset(m: Memory, out: int, value: int) -> tuple[int, int]:
    m.heap[out + 1] = value
    return put_list(m, out, SET, 1)


@primitive(
    "a b -> (a, b)",
    examples=("astuple(1, 2) == (1, 2)", "astuple((), 0) == ((), 0)"),
    laws=("first(astuple(a, b)) == a", "last(astuple(a, b)) == b"),
    total=True,
    on_functions=True,
)
def astuple(a: Any, b: Any) -> tuple[Any, Any]:
    """Make the tuple of two values."""
    return (a, b)


@compiled
def two_words(m: Memory, a: int, b: int) -> int:
    """How many words the tuple of two values takes."""
    return 0 if packs(a, b) else 3


@native(astuple, words=two_words)
def _astuple(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    return put_two(m, out, a, b)


@primitive(
    "a Integer -> Tuple[a]",
    examples=("repeat(7, 3) == (7, 7, 7)", "repeat((), 1) == ((),)", "repeat(7, -1) == ()"),
    laws=(
        "size(repeat(item, num)) == maximum((num, 0))",
        "combine(repeat(item, num), repeat(item, num)) == repeat(item, double(num))",
    ),
    capacity=lambda item, num: max(num, 0),
    total=True,
    on_functions=True,
)
def repeat(item: Any, num: int) -> tuple[Any, ...]:
    """Make the tuple of one value so many times; none where the number is negative.

    Shape:   num elements
    """
    return (item,) * num


@compiled
def _repeat_words(m: Memory, item: int, num: int) -> int:
    if num > m.elements:
        return ELEMENTS
    return list_words(max(num, 0))


@native(repeat, words=_repeat_words)
def _repeat(m: Memory, out: int, item: int, num: int) -> tuple[int, int]:
    heap = m.heap
    for k in range(num):
        heap[out + 1 + k] = item
    return put_list(m, out, TUPLE, max(num, 0))


def interval_size(start: int, stop: int, step: int) -> int:
    """How many integers `interval` gives; raises Failure where the step is zero."""
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
    capacity=interval_size,
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


@compiled
def steps(first: int, stop: int, step: int) -> int:
    """How many integers an interval has; the step is not zero."""
    return max(0, (stop - first + step - (1 if step > 0 else -1)) // step)


@compiled
def _interval_words(m: Memory, first: int, stop: int, step: int) -> int:
    if step == 0:
        return ZERO
    count = steps(first, stop, step)
    return ELEMENTS if count > m.elements else list_words(count)


@native(interval, words=_interval_words)
def _interval(m: Memory, out: int, first: int, stop: int, step: int) -> tuple[int, int]:
    heap, count = m.heap, steps(first, stop, step)
    if count > 0 and max(abs(first), abs(first + (count - 1) * step)) > m.integer:
        return INTEGER, out
    for k in range(count):
        heap[out + 1 + k] = first + k * step
    return put_list(m, out, TUPLE, count)


@primitive(
    "Set[a] -> Tuple[a]",
    "Tuple[a] -> Tuple[a]",
    examples=("totuple(frozenset({2, 1})) == (1, 2)", "totuple((2, 1)) == (2, 1)"),
    laws=(
        "size(totuple(container)) == size(container)",
        "totuple(totuple(container)) == totuple(container)",
    ),
    total=True,
    on_functions=True,
)
def totuple(container: Container) -> tuple[Any, ...]:
    """Make the tuple of the elements.

    Order:   a set's elements ascend canonically
    """
    return tuple(ordered(container))


@compiled
def _totuple_words(m: Memory, container: int) -> int:
    return 0 if kind_of(m, container) == TUPLE else list_words(length(m, container))


@native(totuple, words=_totuple_words)
def _totuple(m: Memory, out: int, container: int) -> tuple[int, int]:
    if kind_of(m, container) == TUPLE:
        return container, out
    copy_words(m, out + 1, start(container), length(m, container))
    return put_list(m, out, TUPLE, length(m, container))
