"""Comparing, sorting, finding: canonical order and equality, told from words."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cmp_to_key
from itertools import chain
from typing import Any

import pytest

from pipeline.ir.types import Type, parse_type, set_of, tuple_of
from pipeline.kernels.heap import HEADER, TOP
from pipeline.passes.infer import MOST_LETTERS
from pipeline.primitives import sorting as s
from pipeline.primitives.canonical import ordered
from pipeline.primitives.merging import FIRST, merge_sets
from pipeline.primitives.row import run_row
from pipeline.primitives.table import INTERNAL, TABLE
from pipeline.primitives.words import SET, kind_of, length, start
from tests.memory import UNTOUCHED, PlainMemory, drawn
from tests.native import DEFAULT_LIMITS, run_native

TYPES = tuple(
    parse_type(text)
    for text in (
        *("Integer", "Boolean", "Pair", "Cell", "Grid", "Indices", "Object", "Objects"),
        *("Tuple[Integer]", "Tuple[Pair]", "Tuple[Cell]", "Tuple[Grid]", "Set[Integer]"),
        *("Tuple[Tuple[Integer]]", "Set[Grid]", "Set[Set[Integer]]", "Set[Objects]"),
        *("Set[Tuple[Pair]]", "Tuple[Objects]", "(Integer, Grid)", "(Integer, Cell)"),
        *("(Cell, Integer)", "(Pair, Integer)", "(Pair, Pair)", "(Boolean, Pair)"),
        *("(Integer, Tuple[Integer])", "(Tuple[Integer], Integer)", "(Integer, Indices)"),
        *("(Indices, Integer)", "(Grid, Set[Boolean])", "(Integer, (Integer, Grid))"),
        *("Set[(Integer, Grid)]", "Set[(Integer, Tuple[Integer])]", "Set[(Pair, Integer)]"),
    )
)
MIXED = tuple(
    parse_type(text)
    for text in (
        *("Numerical", "Patch", "(Numerical, Integer)", "(Integer, Numerical)"),
        *("(Numerical, Numerical)", "((Numerical, Integer), Integer)", "(Patch, Integer)"),
        *("(Integer, Patch)", "Tuple[Numerical]", "Set[Numerical]", "Set[Patch]"),
        *("Set[(Numerical, Integer)]", "Tuple[(Integer, Numerical)]"),
    )
)
"""Values of two kinds together, as `branch` between functions may give."""

each_type = pytest.mark.parametrize("type_", TYPES + MIXED, ids=str)


def values_of(type_: Type, count: int) -> list[Any]:
    """Random values, some of them twice."""
    rng = random.Random(f"sorting {type_.text}")
    values = [drawn(rng, type_, rng.choice((1, 2, 3))) for _ in range(count)]
    return [*values, *rng.choices(values, k=count // 3)]


def order_of(a: Any, b: Any) -> int:
    """What `compare` must give."""
    if a == b:
        return 0
    return -1 if ordered(frozenset((a, b)))[0] == a else 1


def comparison(memory: PlainMemory) -> Callable[[Any], Any]:
    """A key that orders words as `compare` does."""
    return cmp_to_key(lambda a, b: s.compare(memory.m, a, b))


# -- compare


@each_type
def test_compare_is_canonical_order_and_writes_nothing_but_scratch(type_: Type) -> None:
    memory, values = PlainMemory(), values_of(type_, 9)
    words = [memory.put(value, type_) for value in values]
    before = memory.copy()
    for a, word_a in zip(values, words, strict=True):
        for b, word_b in zip(values, words, strict=True):
            found = s.compare(memory.m, word_a, word_b)
            assert found == order_of(a, b), (a, b)
            assert found == -s.compare(memory.m, word_b, word_a)
            assert bool(s.are_equal(memory.m, word_a, word_b)) == (a == b)
            assert bool(s.precedes(memory.m, word_a, word_b)) == (order_of(a, b) < 0)
    assert memory.copy() == before


@each_type
def test_compare_puts_many_values_in_one_order(type_: Type) -> None:
    memory, values = PlainMemory(), values_of(type_, 15)
    words = [memory.put(value, type_) for value in values]
    found = memory.plain(sorted(words, key=comparison(memory)))
    distinct = [v for k, v in enumerate(found) if k == 0 or v != found[k - 1]]
    assert distinct == list(ordered(frozenset(values)))


CELLLESS = ((), ((),), ((), ()))
KINDS_APART: dict[str, tuple[Any, ...]] = {
    "Grid": (*CELLLESS, ((1, 2),), ((1, 2), (3, 4)), ((-1, -1), (5, -1)), ((0,),)),
    "Tuple[Tuple[Integer]]": (*CELLLESS, ((1, 2),), ((1, 2), (3, 4)), ((1,), ()), ((0,), (0,))),
    "Tuple[Pair]": ((), ((1, 2),), ((1, 2), (3, 4)), ((1, 3),)),
    "Tuple[Grid]": ((), ((),), ((), ()), (((1, 2),),), ((), ((1, 2),))),
    "Tuple[Cell]": ((), ((1, (2, 3)),)),
    "Tuple[Integer]": ((), (1, 2), (3,)),
    "Pair": ((1, 2), (-1, 3)),
    "Cell": ((1, (2, 3)), (2, (1, 3))),
    "(Integer, Tuple[Integer])": ((1, (2, 3)), (2, (1, 3)), (1, (2,)), (1, (2, 3, 4)), (0, ())),
    "(Integer, Tuple[Pair])": ((1, ((2, 3), (4, 5))), (1, ((1, 3),)), (2, ())),
    "(Tuple[Integer], Tuple[Integer])": (((1, 2), (3, 4)), ((1,), (3, 4))),
    "(Integer, Tuple[Grid])": ((1, ((), ())), (2, (((1, 2),),))),
    "(Pair, Pair)": (((1, 2), (3, 4)), ((1, 2), (3, 5))),
    "(Integer, Grid)": ((3, ((1, 2),)), (3, ())),
    "(Pair, Grid)": (((1, 2), ((3, 4),)), ((1, 2), ())),
    "Integer": (-1, 0, 5),
    "Indices": (frozenset(), frozenset({(1, 2)})),
    "Set[Grid]": (frozenset(), frozenset({()}), frozenset({((1, 2),)})),
}
"""Values of kinds that stand in no set together; some are equal all the same."""


@pytest.mark.parametrize("kind", KINDS_APART)
def test_values_of_two_kinds_are_told_apart(kind: str) -> None:
    memory = PlainMemory()
    memory.heap.words[memory.top :] = -1
    encoded = {k: [(v, memory.put(v, parse_type(k))) for v in KINDS_APART[k]] for k in KINDS_APART}
    for a, word_a in encoded[kind]:
        for b, word_b in chain.from_iterable(encoded.values()):
            found = s.compare(memory.m, word_a, word_b)
            assert (found == 0) == (a == b), (a, b)
            assert found == -s.compare(memory.m, word_b, word_a)


@pytest.mark.parametrize("kind", KINDS_APART)
def test_a_set_is_taken_from_one_of_another_kind(kind: str) -> None:
    memory = PlainMemory()
    sets = {k: frozenset(values) for k, values in KINDS_APART.items()}
    words = {k: memory.put(value, set_of(parse_type(k))) for k, value in sets.items()}
    for other in KINDS_APART:
        for x, y in ((kind, other), (other, kind)):
            count = merge_sets(memory.m, memory.top, words[x], words[y], FIRST)
            kept = memory.plain(memory.words(memory.top, count))
            assert kept == [value for value in ordered(sets[x]) if value not in sets[y]]


SMALL: dict[str, tuple[str, Any, Any]] = {
    "a prefix comes first": ("Tuple[Integer]", (1, 9), (1, 9, 0)),
    "a shorter set is no prefix": ("Set[Integer]", frozenset({1, 5, 9}), frozenset({1, 9})),
    "cells by place, then colour": ("Cell", (9, (0, 5)), (1, (2, 0))),
    "an integer and a grid by the grid": ("(Integer, Grid)", (9, ((1,),)), (1, ((2,),))),
    "then by the integer": ("(Integer, Grid)", (1, ((1,),)), (2, ((1,),))),
    "an integer and a set by the integer": (
        "(Integer, Indices)",
        (1, frozenset({(9, 9)})),
        (2, frozenset()),
    ),
    "integers before pairs": ("Numerical", 1_000, (-5, -5)),
    "indices before objects": ("Patch", frozenset({(9, 9)}), frozenset({(0, (0, 0))})),
    "swapped parts": ("(Numerical, Numerical)", ((1, 2), 0), (0, (1, 2))),
    "a row decides before the number of columns": ("Grid", ((0, 1), (0, 0)), ((0, 2),)),
    "a grid without cells": ("Grid", (), ((),)),
}


@pytest.mark.parametrize("law", SMALL)
def test_of_two_values_the_first_comes_first(law: str) -> None:
    text, a, b = SMALL[law]
    memory = PlainMemory()
    word_a, word_b = (memory.put(value, parse_type(text)) for value in (a, b))
    assert s.compare(memory.m, word_a, word_b) == -1
    assert s.compare(memory.m, word_b, word_a) == 1


def nested(levels: int, leaf: int, make: Any) -> Any:
    """A container of a container and so on."""
    value: Any = leaf
    for _ in range(levels):
        value = make((value,))
    return value


def compare_nested(levels: int, make: Any) -> None:
    """Compare nested values, two equal ones and two others, and look at all other words."""
    type_ = parse_type("Integer")
    for _ in range(levels):
        type_ = set_of(type_) if make is frozenset else tuple_of(type_)
    memory = PlainMemory()
    a, again, b = (memory.put(nested(levels, leaf, make), type_) for leaf in (1, 1, 2))
    before = memory.copy()
    found = [s.compare(memory.m, x, y) for x, y in ((a, again), (a, b), (b, a))]
    assert memory.copy() == before
    assert found == [0, -1, 1]


DEEPEST = {tuple: MOST_LETTERS // len("Tuple[]"), frozenset: MOST_LETTERS // len("Set[]")}
"""How deep values can nest: what a type may be called bounds it."""


@pytest.mark.parametrize("make", [tuple, frozenset])
@pytest.mark.parametrize("levels", [1, 2, 10, 11, 12, 40])
def test_nested_values_are_compared_within_the_scratch(levels: int, make: Any) -> None:
    compare_nested(levels, make)


@pytest.mark.parametrize("make", [tuple, frozenset])
def test_values_may_nest_as_deep_as_a_type_may_be_written(make: Any) -> None:
    compare_nested(DEEPEST[make], make)


def test_keys_may_nest_as_deep_as_a_type_may_be_written() -> None:
    memory, levels = PlainMemory(), DEEPEST[tuple] - 1
    type_ = parse_type("Integer")
    for _ in range(levels):
        type_ = tuple_of(type_)
    keys = memory.put(tuple(nested(levels, leaf, tuple) for leaf in (2, 1, 1)), tuple_of(type_))
    container = memory.put((7, 8, 9), parse_type("Tuple[Integer]"))
    before, out = memory.copy(), memory.top
    native = INTERNAL["order_by"].native
    assert native is not None
    assert native.words is not None
    room = native.words(memory.m, container, keys)
    word, end = native.fill(memory.m, out, container, keys)
    assert memory.heap.decode(word) == (8, 9, 7)
    after = memory.copy()
    made = slice(out - HEADER, out - HEADER + room)
    before[made] = after[made] = []
    assert after == before
    assert end <= out + room


# -- sort


def pool(memory: PlainMemory, kind: str) -> list[int]:
    """Words to draw from; what lies in the heap lies there twice."""
    values = values_of(parse_type(kind), 12)
    return [memory.put(value, parse_type(kind)) for value in values + values]


SORTED_KINDS = ("Integer", "Cell", "Numerical", "Tuple[Integer]", "Object", "Patch", "Grid")


@pytest.mark.parametrize("kind", SORTED_KINDS)
@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 16, 17, 35])
def test_sorting_is_stable_and_stays_within_its_words(kind: str, count: int) -> None:
    memory, rng = PlainMemory(), random.Random(f"{kind} {count}")
    words = rng.choices(pool(memory, kind), k=count)
    place = memory.put_words(words)
    memory.heap.words[TOP] += count
    expected = sorted(words, key=comparison(memory))
    before = memory.copy()
    assert s.sort_words(memory.m, place, count) == 0
    assert memory.words(place, count) == expected
    after = memory.copy()
    sorted_words = slice(place - HEADER, place - HEADER + 2 * count)
    before[sorted_words] = after[sorted_words] = []
    assert after == before


@pytest.mark.parametrize("kind", ["Integer", "Object"])
def test_what_ascends_is_left_alone(kind: str) -> None:
    memory = PlainMemory()
    words = sorted(pool(memory, kind), key=comparison(memory))
    place = memory.put_words(words)
    before = memory.copy()
    s.sort_words(memory.m, place, len(words))
    assert memory.copy() == before


@pytest.mark.parametrize("kind", SORTED_KINDS)
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_a_set_holds_each_value_once_in_order(kind: str, count: int) -> None:
    memory, rng = PlainMemory(), random.Random(count)
    words = rng.choices(pool(memory, kind), k=count)
    out = memory.top
    memory.heap.words[out + 1 : out + 1 + count] = words
    word, end = s.put_set(memory.m, out, count)
    assert kind_of(memory.m, word) == SET
    assert end == out + 1 + length(memory.m, word)
    kept = memory.words(start(word), length(memory.m, word))
    assert memory.plain(kept) == list(ordered(frozenset(memory.plain(words))))
    assert set(kept) <= set(words)
    assert memory.words(out + 1 + 2 * count, 9) == [UNTOUCHED] * 9


# -- find


@each_type
def test_a_value_is_found_where_it_stands_first(type_: Type) -> None:
    memory, values = PlainMemory(), values_of(type_, 8)
    place = memory.put_words([memory.put(value, type_) for value in values[:7]])
    ascending = list(ordered(frozenset(values[:7])))
    sorted_place = memory.put_words([memory.put(value, type_) for value in ascending])
    for value in values:
        word = memory.put(value, type_)
        among = values.index(value) if value in values[:7] else None
        expected = -1 if among is None else place + among
        assert s.find(memory.m, word, place, 7) == expected
        expected = sorted_place + ascending.index(value) if value in ascending else -1
        assert s.find_sorted(memory.m, word, sorted_place, len(ascending)) == expected
        assert s.find(memory.m, word, place, 0) == s.find_sorted(memory.m, word, place, 0) == -1


# -- compiled


COMPILED = {
    "totuple": ("Set[{}]",),
    "combine": ("Set[{}]", "Set[{}]"),
    "contained": ("{}", "Set[{}]"),
    "dedupe": ("Tuple[{}]",),
    "equality": ("{}", "{}"),
}


@pytest.mark.parametrize("name", COMPILED)
def test_compiled_rows_see_the_same_order(name: str) -> None:
    rng = random.Random(name)
    calls = []
    for type_ in TYPES + MIXED:
        types = tuple(parse_type(text.format(type_)) for text in COMPILED[name])
        for _ in range(6):
            args = tuple(drawn(rng, t, rng.choice((2, 4))) for t in types)
            calls.append((args, types))
            calls.append((_related(rng, name, args), types))
    found = run_native(TABLE[name], calls)
    expected = [run_row(TABLE[name], args, DEFAULT_LIMITS) for args, _ in calls]
    assert found == expected


def _related(rng: random.Random, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments that have something in common."""
    if name == "contained":
        return (rng.choice(ordered(args[1])) if args[1] else args[0]), args[1]
    if name == "combine":
        return args[0], args[1] | args[0]
    if name == "dedupe":
        return (args[0] + args[0],)
    return (args[0],) * len(args)
