"""Making containers from containers: what two have together, what one lacks.

A result is of the kind (tuple or set) of the first container unless the row says otherwise. A tuple
made from a set holds its elements in canonical order.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.elements import Container
from pipeline.primitives.merging import (
    ALL,
    BOTH,
    FIRST,
    copy_words,
    merge_sets,
    merge_words,
    put_ascending,
    put_union,
    union_words,
)
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import are_equal, find, find_sorted, put_set
from pipeline.primitives.words import (
    GRID,
    MISSING,
    NIL,
    NONE,
    SET,
    TOTAL,
    TUPLE,
    Memory,
    first_of_two,
    height,
    is_grid,
    is_reference,
    kind_of,
    length,
    list_words,
    origin,
    put_list,
    second_of_two,
    set_words,
    start,
    width,
)

_FEW: Final = 16
"""Up to so many words are looked through faster than sorted."""

_KINDS_OF_TWO = (
    "Tuple[a] Tuple[a] -> Tuple[a]",
    "Set[a] Set[a] -> Set[a]",
    "Tuple[a] Set[a] -> Tuple[a]",
    "Set[a] Tuple[a] -> Set[a]",
)


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
    on_functions=True,
)
def combine(a: Container, b: Container) -> Container:
    """Join two containers into one of the first's kind.

    Order:   of a tuple: the first's elements, then the second's
    """
    if isinstance(a, tuple):
        return (*a, *ordered(b))
    return a.union(b)


@compiled
def _combine_words(m: Memory, a: int, b: int) -> int:
    count = length(m, a) + length(m, b)
    if kind_of(m, a) == SET and kind_of(m, b) == TUPLE:
        return set_words(count)
    return list_words(count)


@native(combine, words=_combine_words)
def _combine(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    first, second = length(m, a), length(m, b)
    if second == 0:
        return a, out
    if first == 0 and kind_of(m, a) == kind_of(m, b):
        return b, out
    if kind_of(m, a) == SET and kind_of(m, b) == SET:
        count = merge_sets(m, out + 1, a, b, ALL)
        if count == first:
            return a, out
        return put_list(m, out, SET, count)
    copy_words(m, out + 1, start(a), first)
    copy_words(m, out + 1 + first, start(b), second)
    if kind_of(m, a) == TUPLE:
        return put_list(m, out, TUPLE, first + second)
    return put_set(m, out, first + second)


@primitive(
    "Set[a] Set[a] -> Set[a]",
    otherwise=("Set[a] Set[b] -> Set[a]",),
    examples=(
        "intersection(frozenset({1, 2}), frozenset({2, 3})) == frozenset({2})",
        "intersection(frozenset({1}), frozenset()) == frozenset()",
    ),
    laws=(
        "intersection(a, b) == intersection(b, a)",
        "intersection(a, b) == difference(a, difference(a, b))",
    ),
    total=True,
    on_functions=True,
    keeps_tuples=("Set[a]", "Set[b]"),
)
def intersection(a: frozenset[Any], b: frozenset[Any]) -> frozenset[Any]:
    """Keep the elements that both sets have."""
    return a & b


@compiled
def _intersection_words(m: Memory, a: int, b: int) -> int:
    return list_words(min(length(m, a), length(m, b)))


@native(intersection, words=_intersection_words)
def _intersection(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    count = merge_sets(m, out + 1, a, b, BOTH)
    if count == length(m, a):
        return a, out
    return put_list(m, out, SET, count)


@primitive(
    *_KINDS_OF_TWO,
    "Set[a] Set[b] -> Set[a]",
    otherwise=(
        "Tuple[a] Tuple[b] -> Tuple[a]",
        "Tuple[a] Set[b] -> Tuple[a]",
        "Set[a] Tuple[b] -> Set[a]",
    ),
    examples=(
        "difference((3, 1, 3, 2), (1,)) == (3, 3, 2)",
        "difference(frozenset({1}), (1, 1)) == frozenset()",
    ),
    laws=(
        "difference(difference(a, b), b) == difference(a, b)",
        "size(difference(a, a)) == 0",
    ),
    total=True,
    on_functions=True,
)
def difference(a: Container, b: Container) -> Container:
    """Keep the elements of the first container that the second does not have.

    Order:   a tuple keeps its own
    """
    if isinstance(a, tuple):
        gone = frozenset(b)
        return tuple([e for e in a if e not in gone])
    return a.difference(b)


@compiled
def _difference_words(m: Memory, a: int, b: int) -> int:
    sorted_words = 0 if kind_of(m, b) == SET else 2 * length(m, b)
    return list_words(length(m, a)) + sorted_words


@native(difference, words=_difference_words)
def _difference(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    heap, count, at = m.heap, length(m, a), start(a)
    place, gone = put_ascending(m, b, out + 1 + count)
    kept = 0
    if kind_of(m, a) == SET:
        kept = merge_words(m, out + 1, at, at + count, place, place + gone, FIRST) - out - 1
    else:
        for k in range(count):
            word = heap[at + k]
            heap[out + 1 + kept] = word
            kept += int(find_sorted(m, word, place, gone) < 0)
    if kept == count:
        return a, out
    return put_list(m, out, kind_of(m, a), kept)


@primitive(
    "Tuple[a] -> Tuple[a]",
    examples=("dedupe((3, 1, 3)) == (3, 1)", "dedupe(()) == ()"),
    laws=(
        "dedupe(dedupe(iterable)) == dedupe(iterable)",
        "size(dedupe(iterable)) == size(product(iterable, (0,)))",
    ),
    total=True,
    on_functions=True,
)
def dedupe(iterable: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep only the first of equal elements.

    Order:   by first occurrence
    """
    return tuple(dict.fromkeys(iterable))


@compiled
def _dedupe_words(m: Memory, iterable: int) -> int:
    count = length(m, iterable)
    return list_words(count) + (0 if count <= _FEW else 2 * count)


@native(dedupe, words=_dedupe_words)
def _dedupe(m: Memory, out: int, iterable: int) -> tuple[int, int]:
    heap, count, at = m.heap, length(m, iterable), start(iterable)
    kept = 0
    if count <= _FEW:
        for k in range(count):
            word = heap[at + k]
            if find(m, word, out + 1, kept) < 0:
                heap[out + 1 + kept] = word
                kept += 1
        return put_list(m, out, TUPLE, kept)
    place, distinct = put_ascending(m, iterable, out + 1 + count)
    if distinct == count:
        return iterable, out
    seen = place + distinct
    for k in range(distinct):
        heap[seen + k] = 0
    for k in range(count):
        word = heap[at + k]
        which = find_sorted(m, word, place, distinct) - place
        heap[out + 1 + kept] = word
        kept += 1 - heap[seen + which]
        heap[seen + which] = 1
    return put_list(m, out, TUPLE, kept)


def _sizes(containers: Container) -> int:
    """How many elements containers have in all; raises Failure where one is missing."""
    if None in containers:
        raise Failure("NONE")
    return sum(map(len, containers))


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
    visits=_sizes,
    total=True,
    on_functions=True,
)
def merge(containers: Container) -> Container:
    """Join the containers in a container into one of the outer's kind.

    Order:   of a tuple: container by container, a set's elements canonically
    """
    if isinstance(containers, tuple):
        return tuple([e for inner in containers for e in ordered(inner)])
    return frozenset(itertools.chain.from_iterable(containers))


@compiled
def parts(m: Memory, word: int) -> int:
    """How many elements a container has; a grid, or a pair, may stand in for a tuple."""
    if not is_reference(word):
        return 2 if word != NIL else 0
    return height(m, word) if kind_of(m, word) == GRID else length(m, word)


@compiled
def has_missing(m: Memory, container: int) -> bool:
    """Whether an element is missing."""
    return find(m, MISSING, start(container), length(m, container)) >= 0


@compiled
def all_parts(m: Memory, containers: int) -> int:
    """How many elements the containers in a container have."""
    count = 0
    for k in range(length(m, containers)):
        count += parts(m, m.heap[start(containers) + k])
    return count


@compiled
def _merge_words(m: Memory, containers: int) -> int:
    if has_missing(m, containers):
        return NONE
    count = all_parts(m, containers)
    if count > m.total:
        return TOTAL
    rows = 0
    for k in range(length(m, containers)):
        inner = m.heap[start(containers) + k]
        if is_grid(m, inner):
            rows += height(m, inner) * list_words(width(m, inner))
    if kind_of(m, containers) == TUPLE:
        return list_words(count) + rows
    return union_words(m, containers, count) + rows


@native(merge, words=_merge_words)
def _merge(m: Memory, out: int, containers: int) -> tuple[int, int]:
    kind, size, at = kind_of(m, containers), length(m, containers), start(containers)
    if size > 0 and is_reference(m.heap[at]) and kind_of(m, m.heap[at]) == kind:
        if size == 1:
            return m.heap[at], out
        if kind == SET:
            return put_union(m, out, containers, all_parts(m, containers))
    count = all_parts(m, containers)
    place = out + 1
    first_row = out + (list_words(count) if kind == TUPLE else set_words(count))
    end = first_row
    for k in range(size):
        inner = m.heap[at + k]
        end = put_parts(m, place, end, inner)
        place += parts(m, inner)
    word, after = put_list(m, out, TUPLE, count) if kind == TUPLE else put_set(m, out, count)
    return word, after if end == first_row else end


@compiled
def put_parts(m: Memory, place: int, end: int, word: int) -> int:
    """Write the elements of a container, a grid's rows at `end`; gives the place behind those."""
    if word == NIL:
        return end
    if not is_reference(word):
        m.heap[place] = first_of_two(m, word)
        m.heap[place + 1] = second_of_two(m, word)
    elif kind_of(m, word) == GRID:
        wide, cells = width(m, word), origin(word)
        for i in range(height(m, word)):
            for j in range(wide):
                m.heap[end + 1 + j] = m.colours[cells + i * wide + j]
            m.heap[place + i], end = put_list(m, end, TUPLE, wide)
    else:
        copy_words(m, place, start(word), length(m, word))
    return end


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
    on_functions=True,
)
def insert(value: Any, container: frozenset[Any]) -> frozenset[Any]:
    """Give the set one more element, if it is new."""
    return container.union((value,))


@compiled
def _insert_words(m: Memory, value: int, container: int) -> int:
    return list_words(length(m, container) + 2)


@native(insert, words=_insert_words)
def _insert(m: Memory, out: int, value: int, container: int) -> tuple[int, int]:
    count, at = length(m, container), start(container)
    new = out + 2 + count
    m.heap[new] = value
    end = merge_words(m, out + 1, at, at + count, new, new + 1, ALL)
    if end == new - 1:
        return container, out
    return put_list(m, out, SET, count + 1)


@primitive(
    "a Tuple[a] -> Tuple[a]",
    "a Set[a] -> Set[a]",
    otherwise=("a Tuple[b] -> Tuple[b]", "a Set[b] -> Set[b]"),
    examples=("remove(1, (1, 2, 1)) == (2,)", "remove(0, frozenset({1})) == frozenset({1})"),
    laws=(
        "not contained(value, remove(value, container))",
        "remove(value, container) == difference(container, initset(value))",
    ),
    total=True,
    on_functions=True,
)
def remove(value: Any, container: Container) -> Container:
    """Leave out every element that equals the value.

    Order:   a tuple keeps its own
    """
    if isinstance(container, tuple):
        return tuple([e for e in container if e != value])
    return container.difference((value,))


@compiled
def _remove_words(m: Memory, value: int, container: int) -> int:
    return list_words(length(m, container))


@native(remove, words=_remove_words)
def _remove(m: Memory, out: int, value: int, container: int) -> tuple[int, int]:
    heap, count, at = m.heap, length(m, container), start(container)
    is_set = kind_of(m, container) == SET
    place = find_sorted(m, value, at, count) if is_set else find(m, value, at, count)
    if place < 0:
        return container, out
    kept = place - at
    copy_words(m, out + 1, at, kept)
    for k in range(kept + 1, count):
        word = heap[at + k]
        heap[out + 1 + kept] = word
        kept += int(is_set or not are_equal(m, word, value))
    return put_list(m, out, kind_of(m, container), kept)


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
    optional=("n",),
)
def sizefilter(container: Container, n: int) -> frozenset[Any]:
    """Collect the containers of so many elements as a set."""
    if None in container:
        raise Failure("NONE")
    return frozenset([item for item in container if len(item) == n])


@compiled
def _sizefilter_words(m: Memory, container: int, n: int) -> int:
    count = length(m, container)
    return list_words(count) if kind_of(m, container) == SET else set_words(count)


@native(sizefilter, words=_sizefilter_words)
def _sizefilter(m: Memory, out: int, container: int, n: int) -> tuple[int, int]:
    heap, count, at = m.heap, length(m, container), start(container)
    kept = 0
    for k in range(count):
        word = heap[at + k]
        if word == MISSING:
            return NONE, out
        heap[out + 1 + kept] = word
        kept += int(parts(m, word) == n)
    if kind_of(m, container) == TUPLE:
        return put_set(m, out, kept)
    if kept == count:
        return container, out
    return put_list(m, out, SET, kept)
