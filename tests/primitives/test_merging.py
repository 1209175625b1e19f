"""Merging ascending words: what two sets have together, both, or alone, as Python's sets say."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.ir.types import Type, parse_type, set_of, tuple_of
from pipeline.kernels.heap import HEADER, TOP
from pipeline.primitives import merging as g
from pipeline.primitives.canonical import ordered
from pipeline.primitives.words import SET, kind_of, length, list_words, start
from tests.memory import UNTOUCHED, PlainMemory, drawn

ELEMENTS = tuple(
    parse_type(text)
    for text in (
        *("Integer", "Pair", "Cell", "Numerical", "Grid", "Object", "Tuple[Integer]"),
        *("(Integer, Grid)", "Patch", "(Numerical, Integer)"),
    )
)
each_element = pytest.mark.parametrize("element", ELEMENTS, ids=str)


def sets_of(element: Type, count: int, size: int = 7) -> list[frozenset[Any]]:
    """Sets that have elements in common; some are empty, some lie beside each other."""
    rng = random.Random(f"merging {element.text}")
    pool = list(ordered(frozenset(drawn(rng, element, 3) for _ in range(14))))
    found = [frozenset(), frozenset(pool[:3]), frozenset(pool[3:]), frozenset(pool)]
    while len(found) < count:
        found.append(frozenset(rng.choices(pool, k=rng.randint(1, size))))
    return found


def kept_of(a: frozenset[Any], b: frozenset[Any], kept: int) -> frozenset[Any]:
    """What a merge keeps."""
    parts = {g.FIRST: a - b, g.BOTH: a & b, g.SECOND: b - a}
    return frozenset().union(*(part for bit, part in parts.items() if kept & bit))


@each_element
@pytest.mark.parametrize("kept", range(1, 8))
def test_a_merge_keeps_what_it_is_told_to(element: Type, kept: int) -> None:
    memory = PlainMemory()
    values = sets_of(element, 7)
    words = [memory.put(value, set_of(element)) for value in values]
    target = memory.top
    before = memory.words(HEADER, target - HEADER)
    for a, word_a in zip(values, words, strict=True):
        for b, word_b in zip(values, words, strict=True):
            memory.heap.words[target:] = UNTOUCHED
            count = g.merge_sets(memory.m, target, word_a, word_b, kept)
            found = memory.plain(memory.words(target, count))
            assert found == list(ordered(kept_of(a, b, kept))), (a, b)
            most = len(a) * (kept & g.FIRST > 0) + len(b) * (kept & g.SECOND > 0)
            most = max(most, min(len(a), len(b)) * (kept & g.BOTH > 0))
            assert memory.words(target + most, 3) == [UNTOUCHED] * 3
    assert memory.words(HEADER, target - HEADER) == before


@each_element
def test_a_run_within_a_container_is_merged_too(element: Type) -> None:
    memory = PlainMemory()
    *_, a, b = sets_of(element, 9)
    runs = [memory.put(value, set_of(element)) for value in (a, b)]
    spans = [(start(word), start(word) + length(memory.m, word)) for word in runs]
    target = memory.top
    end = g.merge_words(memory.m, target, *spans[0], *spans[1], g.ALL)
    assert memory.plain(memory.words(target, end - target)) == list(ordered(a | b))
    assert g.merge_words(memory.m, target, *spans[0], *spans[0], g.FIRST) == target


@each_element
def test_a_place_is_found_among_ascending_words(element: Type) -> None:
    memory = PlainMemory()
    values = sets_of(element, 5)
    for value in values:
        word = memory.put(value, set_of(element))
        low, high = start(word), start(word) + length(memory.m, word)
        ascending = ordered(value)
        for other in values[3]:
            sought = memory.put(other, element)
            between = list(ordered(value | {other}))
            not_before = low + between.index(other)
            behind = not_before + (other in ascending)
            assert g.first_not_before(memory.m, low, high, sought) == not_before
            assert g.first_behind(memory.m, low, high, sought) == behind


def test_words_are_copied() -> None:
    memory = PlainMemory()
    place = memory.put_words([5, 6, 7])
    g.copy_words(memory.m, place + 10, place, 2)
    assert memory.words(place + 10, 3) == [5, 6, UNTOUCHED]
    g.copy_words(memory.m, place, place + 10, 0)
    assert memory.words(place, 3) == [5, 6, 7]


# -- unions


def check_union(kind: Type, values: Any) -> None:
    """The union of a container's sets is right, and only the words that it takes are written."""
    memory = PlainMemory()
    word = memory.put(values, kind)
    count = sum(map(len, values))
    out = memory.top
    before = memory.words(HEADER, out - HEADER)
    union, end = g.put_union(memory.m, out, word, count)
    expected = ordered(frozenset().union(*values))
    assert (kind_of(memory.m, union), length(memory.m, union)) == (SET, len(expected))
    assert memory.plain(memory.words(start(union), len(expected))) == list(expected)
    assert end == out + list_words(len(expected))
    assert memory.words(HEADER, out - HEADER) == before
    assert memory.words(out + g.union_words(memory.m, word, count), 9) == [UNTOUCHED] * 9


@each_element
@pytest.mark.parametrize("count", [2, 3, 4, 5, 8, 9, 13])
def test_a_union_is_that_of_all_sets(element: Type, count: int) -> None:
    values = sets_of(element, 16)
    check_union(tuple_of(set_of(element)), tuple(values[:count]))
    check_union(tuple_of(set_of(element)), tuple(values[-count:]))
    check_union(set_of(set_of(element)), frozenset(values[-count:]) | {frozenset(), values[3]})


SQUARE = frozenset((i, j) for i in range(-2, 3) for j in range(-2, 3))
UNIONS = {
    "nothing": ("Tuple[Indices]", (frozenset(),) * 3),
    "one place": ("Tuple[Indices]", (frozenset({(0, 0)}),) * 3),
    "a full square, laid out": ("Tuple[Indices]", (SQUARE, frozenset({(0, 1)}), SQUARE)),
    "far apart, not laid out": (
        "Tuple[Indices]",
        (frozenset({(-1048575, -1048575)}), frozenset({(0, 0)}), frozenset({(1048575, 1048575)})),
    ),
    "colours that do not meet": (
        "Tuple[Object]",
        tuple(frozenset((c, (i, j)) for i, j in SQUARE if i == c) for c in (-2, -1, 0, 1, 2)),
    ),
    "two colours at one place": (
        "Tuple[Object]",
        tuple(frozenset((c, place) for place in SQUARE) for c in (3, 1, 2)),
    ),
    "one colour at one place": (
        "Tuple[Object]",
        tuple(frozenset((5, place) for place in SQUARE) for _ in range(3)),
    ),
    "pairs and cells": (
        "Tuple[Patch]",
        (SQUARE, frozenset((0, place) for place in SQUARE), frozenset()),
    ),
    "integers and pairs in one set": (
        "Tuple[Set[Numerical]]",
        (frozenset({1, (0, 0)}), frozenset({2, (0, 1)}), frozenset({(0, 0)})),
    ),
    "pairs and cells in one set": (
        "Tuple[Set[(Integer, Numerical)]]",
        (frozenset({(1, 2), (1, (2, 3))}), frozenset({(1, 3)}), frozenset({(0, (2, 3))})),
    ),
}


@pytest.mark.parametrize("name", UNIONS)
def test_a_union_of(name: str) -> None:
    kind, values = UNIONS[name]
    check_union(parse_type(kind), values)


@each_element
def test_distinct_elements_stand_in_order(element: Type) -> None:
    memory, rng = PlainMemory(), random.Random(element.text)
    values = [drawn(rng, element, 3) for _ in range(8)]
    values += rng.choices(values, k=5)
    for container, kind in ((tuple(values), tuple_of(element)), ((), tuple_of(element))):
        word = memory.put(container, kind)
        scratch = memory.top
        memory.heap.words[TOP] += 2 * len(container)
        place, count = g.put_ascending(memory.m, word, scratch)
        assert place == scratch
        assert memory.plain(memory.words(place, count)) == list(ordered(frozenset(container)))
        assert memory.words(scratch + 2 * len(container), 3) == [UNTOUCHED] * 3
        assert memory.heap.decode(word) == container
    word = memory.put(frozenset(values), set_of(element))
    place, count = g.put_ascending(memory.m, word, memory.top)
    assert (place, count) == (start(word), length(memory.m, word))
