"""First-order rows that no solver can name: what the passes leave of loops, of targets and of names
that may have no value.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    EMPTY,
    SHAPE,
    TUPLE,
    UNBOUND,
    Memory,
    length,
    list_words,
    put_list,
    start,
)

Container = tuple[Any, ...] | frozenset[Any]


@primitive(
    "Tuple[a] Integer -> a",
    "Set[a] Integer -> a",
    examples=("item_at((7, 8), 1) == 8", "item_at(frozenset({7, 8}), 0) == 7"),
    total=True,
    optional=("container", "place"),
)
def item_at(container: Container, place: int) -> Any:
    """Give the element at a place that there is, from 0 in order of iteration."""
    return ordered(container)[place]


@native(item_at)
def _item_at(m: Memory, container: int, place: int) -> int:
    return m.heap[start(container) + place]


@primitive("a -> a", examples=("carried(3) == 3", "carried(()) == ()"), total=True)
def carried(value: Any) -> Any:
    """Give a value that the turns of a loop change."""
    return value


@native(carried)
def _carried(m: Memory, value: int) -> int:
    return value


@primitive(
    "Tuple[a] Integer -> Tuple[a]",
    "Set[a] Integer -> Set[a]",
    examples=("unpacked((7, 8), 2) == (7, 8)", "unpacked((), 0) == ()"),
    is_counted=False,
)
def unpacked(container: Container, count: int) -> Container:
    """Give the container, of which each element is to have a name.

    Errors:  EMPTY if it has no element, SHAPE if it has not as many
    """
    if len(container) != count:
        raise Failure("SHAPE" if container else "EMPTY")
    return container


@native(unpacked)
def _unpacked(m: Memory, container: int, count: int) -> int:
    if length(m, container) == count:
        return container
    return SHAPE if length(m, container) > 0 else EMPTY


@primitive(
    "Tuple[a] Integer -> Tuple[a]",
    "Set[a] Integer -> Set[a]",
    examples=("unpacked_most((7, 8), 1) == (7, 8)", "unpacked_most((7,), 1) == (7,)"),
    is_counted=False,
)
def unpacked_most(container: Container, count: int) -> Container:
    """Give the container, of which the first or last elements are to have names.

    Errors:  EMPTY if it has no element, SHAPE if it has fewer than names
    """
    if len(container) < count:
        raise Failure("SHAPE" if container else "EMPTY")
    return container


@native(unpacked_most)
def _unpacked_most(m: Memory, container: int, count: int) -> int:
    if length(m, container) >= count:
        return container
    return SHAPE if length(m, container) > 0 else EMPTY


@primitive(
    "Tuple[a] Integer Integer -> Tuple[a]",
    "Set[a] Integer Integer -> Tuple[a]",
    examples=("between((7, 8, 9), 1, 0) == (8, 9)", "between(frozenset({7, 8}), 0, 1) == (7,)"),
    is_counted=False,
    total=True,
)
def between(container: Container, before: int, behind: int) -> tuple[Any, ...]:
    """Give the elements but for so many at the beginning and at the end, which there are."""
    return tuple(ordered(container)[before : max(len(container) - behind, 0)])


@compiled
def _between_words(m: Memory, container: int, before: int, behind: int) -> int:
    return list_words(length(m, container))


@native(between, words=_between_words)
def _between(m: Memory, out: int, container: int, before: int, behind: int) -> tuple[int, int]:
    size = length(m, container)
    first = min(max(before if before >= 0 else before + size, 0), size)
    last = max(size - behind, 0)
    count = max(min(last, size) - first, 0)
    for k in range(count):
        m.heap[out + 1 + k] = m.heap[start(container) + first + k]
    return put_list(m, out, TUPLE, count)


@primitive("Boolean -> Boolean", examples=("bound(True)", "bound(True) == True"))
def bound(has_value: bool) -> bool:
    """Check that a variable has a value.

    Errors:  UNBOUND if it has none
    """
    if not has_value:
        raise Failure("UNBOUND")
    return True


@native(bound)
def _bound(m: Memory, has_value: int) -> int:
    return 1 if has_value else UNBOUND


@primitive("Integer -> Nothing", examples=())
def unbound(place: int) -> Any:
    """Fail, as a variable has no value.

    Errors:  UNBOUND always
    """
    raise Failure("UNBOUND")


@native(unbound)
def _unbound(m: Memory, place: int) -> int:
    return UNBOUND
