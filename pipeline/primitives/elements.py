"""What a container says about its elements: one of them, how many, which is most common.

Parameters named `container` take tuples and sets. A set is read in canonical order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import are_equal, find, find_sorted, sort_words
from pipeline.primitives.words import (
    EMPTY,
    MISSING,
    NIL,
    NONE,
    TUPLE,
    Memory,
    first_of_two,
    integer,
    is_integer,
    is_reference,
    kind_of,
    length,
    second_of_two,
    start,
)

Container = tuple[Any, ...] | frozenset[Any]

_ONE_OF = ("Tuple[a] -> a", "Set[a] -> a")


@primitive(
    "a a -> Boolean",
    otherwise=("a b -> Boolean",),
    examples=("equality((1, 2), (1, 2)) == True", "equality(frozenset(), frozenset({1})) == False"),
    laws=("equality(a, a)", "equality(a, b) == equality(b, a)"),
    total=True,
    on_functions=True,
)
def equality(a: Any, b: Any) -> bool:
    """Tell whether the two values are the same; of two kinds they are not."""
    return bool(a == b)


@native(equality)
def _equality(m: Memory, a: int, b: int) -> int:
    return int(are_equal(m, a, b))


@primitive(
    "a Tuple[a] -> Boolean",
    "a Set[a] -> Boolean",
    otherwise=("a Tuple[b] -> Boolean", "a Set[b] -> Boolean"),
    examples=("contained(2, (1, 2)) == True", "contained((0, 0), frozenset()) == False"),
    laws=(
        "contained(value, container) == contained(value, totuple(container))",
        "contained(value, container) == greater(size(container), size(remove(value, container)))",
    ),
    total=True,
    asks=True,
    on_functions=True,
)
def contained(value: Any, container: Container) -> bool:
    """Tell whether the value is an element of the container."""
    return value in container


@native(contained)
def _contained(m: Memory, value: int, container: int) -> int:
    place, count = start(container), length(m, container)
    if kind_of(m, container) == TUPLE:
        return int(find(m, value, place, count) >= 0)
    return int(find_sorted(m, value, place, count) >= 0)


@primitive(
    "Tuple[a] -> Integer",
    "Set[a] -> Integer",
    examples=("size((4, 4, 4)) == 3", "size(frozenset()) == 0"),
    laws=("size(container) == size(totuple(container))",),
    total=True,
    on_functions=True,
)
def size(container: Container) -> int:
    """Count the elements."""
    return len(container)


@native(size)
def _size(m: Memory, container: int) -> int:
    return integer(m, length(m, container))


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
    if None in container and len(container) > 1:
        raise Failure("NONE")
    return max(container, default=0)


@native(maximum)
def _maximum(m: Memory, container: int) -> int:
    heap = m.heap
    place, count = start(container), length(m, container)
    if count == 0:
        return 0
    if count == 1 and heap[place] == MISSING:
        return MISSING
    least, most = heap[place], heap[place + count - 1]
    if kind_of(m, container) == TUPLE:
        for k in range(place, place + count):
            least, most = min(least, heap[k]), max(most, heap[k])
    return integer(m, most) if least != MISSING else NONE


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
    if None in container and len(container) > 1:
        raise Failure("NONE")
    return min(container, default=0)


@native(minimum)
def _minimum(m: Memory, container: int) -> int:
    heap = m.heap
    place, count = start(container), length(m, container)
    if count == 0:
        return 0
    if count == 1 and heap[place] == MISSING:
        return MISSING
    least = heap[place]
    if kind_of(m, container) == TUPLE:
        for k in range(place, place + count):
            least = min(least, heap[k])
    return integer(m, least) if least != MISSING else NONE


def _by_count(container: tuple[Any, ...], choose: Callable[..., int]) -> Any:
    """The first of the distinct elements whose number of occurrences is the chosen one."""
    if not container:
        raise Failure("EMPTY")
    counts: dict[Any, int] = {}
    for element in container:
        counts[element] = counts.get(element, 0) + 1
    wanted = choose(counts.values())
    return ordered(frozenset([e for e, count in counts.items() if count == wanted]))[0]


@compiled
def _by_count_words(m: Memory, container: int) -> int:
    """A copy of the elements, and as much again to sort it; or a table of counts."""
    return 2 * length(m, container)


@compiled
def _chosen(m: Memory, out: int, container: int, sign: int) -> tuple[int, int]:
    """The first, canonically, of the elements that occur most often; where sign is -1, least."""
    heap = m.heap
    place, count = start(container), length(m, container)
    if count == 0:
        return EMPTY, out
    low, high = heap[place], heap[place]
    for k in range(place, place + count):
        low, high = min(low, heap[k]), max(high, heap[k])
    if is_integer(low) and is_integer(high) and high - low < 2 * count:
        return _chosen_of_table(m, out, container, sign, low, high), out
    for k in range(count):
        heap[out + k] = heap[place + k]
    sort_words(m, out, count)
    best, most, begin = out, -count - 1, out
    for k in range(out + 1, out + count + 1):
        if k == out + count or not are_equal(m, heap[begin], heap[k]):
            if sign * (k - begin) > most:
                best, most = begin, sign * (k - begin)
            begin = k
    return heap[best], out


@compiled
def _chosen_of_table(m: Memory, out: int, container: int, sign: int, low: int, high: int) -> int:
    """As `_chosen`, for integers close together, from low to high: counted in a table."""
    heap = m.heap
    place, count, zero = start(container), length(m, container), out - low
    for k in range(zero + low, zero + high + 1):
        heap[k] = 0
    for k in range(place, place + count):
        heap[zero + heap[k]] += 1
    best, most = low, -count - 1
    for value in range(low, high + 1):
        times = sign * heap[zero + value]
        if times != 0 and times > most:
            best, most = value, times
    return best


@primitive(
    "Tuple[a] -> a",
    examples=("mostcommon((5, 2, 5)) == 5", "mostcommon((7, 3, 3, 7)) == 3"),
    laws=(
        "contained(mostcommon(container), container)",
        "mostcommon(combine(container, container)) == mostcommon(container)",
    ),
    on_functions=True,
)
def mostcommon(container: tuple[Any, ...]) -> Any:
    """Find the element that occurs most often.

    Order:   of equally common elements the first, canonically
    Errors:  EMPTY if there is no element
    """
    return _by_count(container, max)


@native(mostcommon, words=_by_count_words)
def _mostcommon(m: Memory, out: int, container: int) -> tuple[int, int]:
    return _chosen(m, out, container, 1)


@primitive(
    "Tuple[a] -> a",
    examples=("leastcommon((5, 2, 5)) == 2", "leastcommon((7, 3)) == 3"),
    laws=(
        "contained(leastcommon(container), container)",
        "leastcommon(combine(container, container)) == leastcommon(container)",
    ),
    on_functions=True,
)
def leastcommon(container: tuple[Any, ...]) -> Any:
    """Find the element that occurs least often.

    Order:   of equally common elements the first, canonically
    Errors:  EMPTY if there is no element
    """
    return _by_count(container, min)


@native(leastcommon, words=_by_count_words)
def _leastcommon(m: Memory, out: int, container: int) -> tuple[int, int]:
    return _chosen(m, out, container, -1)


@primitive(
    "(a, b) -> a",
    *_ONE_OF,
    examples=("first((3, 1, 2)) == 3", "first(frozenset({(1, 0), (0, 9)})) == (0, 9)"),
    laws=(
        "contained(first(container), container)",
        "first(totuple(container)) == first(container)",
    ),
    on_functions=True,
)
def first(container: Container) -> Any:
    """Take the first element.

    Order:   a set's elements ascend canonically
    Errors:  EMPTY if there is no element
    """
    if not container:
        raise Failure("EMPTY")
    return ordered(container)[0]


@native(first)
def _first(m: Memory, container: int) -> int:
    if container == NIL:
        return EMPTY
    if not is_reference(container):
        return first_of_two(m, container)
    if length(m, container) == 0:
        return EMPTY
    return m.heap[start(container)]


@primitive(
    "(a, b) -> b",
    *_ONE_OF,
    examples=("last((3, 1, 2)) == 2", "last(frozenset({(1, 0), (0, 9)})) == (1, 0)"),
    laws=("contained(last(container), container)", "last(totuple(container)) == last(container)"),
    on_functions=True,
)
def last(container: Container) -> Any:
    """Take the last element.

    Order:   a set's elements ascend canonically
    Errors:  EMPTY if there is no element
    """
    if not container:
        raise Failure("EMPTY")
    return ordered(container)[-1]


@native(last)
def _last(m: Memory, container: int) -> int:
    if container == NIL:
        return EMPTY
    if not is_reference(container):
        return second_of_two(m, container)
    count = length(m, container)
    if count == 0:
        return EMPTY
    return m.heap[start(container) + count - 1]


@primitive(
    "Tuple[a] a -> a",
    "Set[a] a -> a",
    otherwise=("Tuple[a] b -> a", "Set[a] b -> a"),
    examples=("other(frozenset({1, 2}), 1) == 2", "other((4, 4, 6, 5), 4) == 6"),
    laws=("other(container, value) == first(remove(value, container))",),
    on_functions=True,
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


@native(other)
def _other(m: Memory, container: int, value: int) -> int:
    heap = m.heap
    place = start(container)
    for k in range(place, place + length(m, container)):
        if not are_equal(m, heap[k], value):
            return heap[k]
    return EMPTY
