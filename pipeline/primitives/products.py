"""The two-tuples of the elements of two containers: each with each, or place by place."""

from __future__ import annotations

import itertools
from typing import Any

from pipeline.primitives.canonical import ordered
from pipeline.primitives.containers import two_words
from pipeline.primitives.elements import Container
from pipeline.primitives.merging import put_ascending
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import sort_words
from pipeline.primitives.words import (
    ELEMENTS,
    FIRST_CELL,
    FIRST_PAIR,
    MISSING,
    NIL,
    SET,
    TUPLE,
    Memory,
    is_integer,
    is_missing,
    is_pair,
    is_reference,
    kind_of,
    length,
    list_words,
    put_list,
    put_two,
    start,
)


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
    on_functions=True,
)
def product(a: Container, b: Container) -> frozenset[Any]:
    """Collect every pair of an element of the first and one of the second as a set.

    Shape:   as many as the distinct elements of each, multiplied
    """
    return frozenset(itertools.product(a, b))


@compiled
def _below(m: Memory, container: int, end: int) -> int:
    """How many elements are integers or missing, or pairs too, where `end` is the first cell."""
    heap, found = m.heap, 0
    for k in range(start(container), start(container) + length(m, container)):
        word = heap[k]
        found += int(is_integer(word) or word == MISSING or (is_pair(word) and word < end))
    return found


@compiled
def _product_words(m: Memory, a: int, b: int) -> int:
    first, second = length(m, a), length(m, b)
    if first * second > m.elements and kind_of(m, a) == SET and kind_of(m, b) == SET:
        return ELEMENTS
    count = min(first * second, m.elements)
    loose = first * second - _below(m, a, FIRST_PAIR) * _below(m, b, FIRST_CELL)
    kept = 2 * count if _is_mixed(m, a) or _is_mixed(m, b) else count
    return list_words(kept) + 3 * min(count, loose) + 2 * (first + second)


@native(product, words=_product_words)
def _product(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    heap, first, second = m.heap, length(m, a), length(m, b)
    scratch = out + _product_words(m, a, b) - 2 * (first + second)
    at_a, count_a = put_ascending(m, a, scratch)
    at_b, count_b = put_ascending(m, b, scratch + 2 * first)
    count = count_a * count_b
    if count > m.elements:
        return ELEMENTS, out
    swapped = count > 0 and is_integer(heap[at_a]) and _is_tuple(m, heap[at_b])
    outer, inner = (count_b, count_a) if swapped else (count_a, count_b)
    mixed = _is_mixed(m, a) or _is_mixed(m, b)
    place, after = out + 1, out + list_words(2 * count if mixed else count)
    for p in range(outer):
        for q in range(inner):
            x = heap[at_a + (q if swapped else p)]
            y = heap[at_b + (p if swapped else q)]
            heap[place], after = put_two(m, after, x, y)
            place += 1
    if mixed:
        sort_words(m, out + 1, count)
    word, _ = put_list(m, out, SET, count)
    return word, after


@compiled
def _is_mixed(m: Memory, container: int) -> bool:
    """Whether there are integers and others in it, or something is missing, so that no one order of
    loops is canonical.
    """
    integers = 0
    for k in range(start(container), start(container) + length(m, container)):
        word = m.heap[k]
        if is_missing(word) or word == NIL:
            return True
        integers += int(is_integer(word))
    return integers > 0 and integers < length(m, container)


@compiled
def _is_tuple(m: Memory, word: int) -> bool:
    """Whether it is a tuple of any kind: after an integer, it is what orders a two-tuple."""
    if is_reference(word):
        return kind_of(m, word) != SET
    return not is_integer(word)


@primitive(
    "Tuple[a] Tuple[b] -> Tuple[(a, b)]",
    examples=("pair((1, 2), (3, 4)) == ((1, 3), (2, 4))", "pair((1, 2), ()) == ()"),
    laws=(
        "size(pair(a, b)) == minimum((size(a), size(b)))",
        "last(pair(a, a)) == (last(a), last(a))",
    ),
    total=True,
    on_functions=True,
)
def pair(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    """Join two tuples place by place, as far as the shorter goes."""
    return tuple(zip(ordered(a), ordered(b), strict=False))


@compiled
def _pair_words(m: Memory, a: int, b: int) -> int:
    words = list_words(min(length(m, a), length(m, b)))
    for k in range(min(length(m, a), length(m, b))):
        words += two_words(m, m.heap[start(a) + k], m.heap[start(b) + k])
    return words


@native(pair, words=_pair_words)
def _pair(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    heap, count = m.heap, min(length(m, a), length(m, b))
    after = out + list_words(count)
    for k in range(count):
        heap[out + 1 + k], after = put_two(m, after, heap[start(a) + k], heap[start(b) + k])
    word, _ = put_list(m, out, TUPLE, count)
    return word, after
