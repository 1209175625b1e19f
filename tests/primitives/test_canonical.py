"""Canonical order is total, does not depend on how a set was made, and is the documented one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.ir.types import Type, parse_type
from pipeline.primitives.canonical import ordered, sort_key
from tests.values import VARIABLE_TYPES, random_value

TYPES = sorted(
    {
        *VARIABLE_TYPES,
        *map(
            parse_type,
            (
                *("Tuple[Boolean]", "Tuple[Tuple[Integer]]", "Tuple[Cell]", "Set[Grid]"),
                *("(Integer, Grid)", "(Integer, Cell)", "(Integer, Indices)", "(Cell, Integer)"),
                *("Set[Tuple[Pair]]", "Set[Objects]", "(Grid, Set[Boolean])", "(Boolean, Pair)"),
            ),
        ),
    },
    key=str,
)

each_type = pytest.mark.parametrize("type_", TYPES, ids=str)


def values(type_: Type, count: int = 60) -> list[Any]:
    rng = random.Random(type_.text)
    return [random_value(rng, type_, rng.choice((1, 2, 4))) for _ in range(count)]


def documented_key(value: Any, type_: Type) -> Any:
    """What the module's docstring says, told from the type instead of from the value."""
    if type_.head == "Grid":
        return value
    if type_.head == "Tuple":
        return tuple(documented_key(v, type_.args[0]) for v in value)
    if type_.head == "Set":
        return tuple(sorted(documented_key(v, type_.args[0]) for v in value))
    if type_.head == "Two":
        a, b = (documented_key(v, t) for v, t in zip(value, type_.args, strict=True))
        by_place = type_.args[0].head in ("Integer", "Boolean") and type_.args[1].head in (
            "Two",
            "Tuple",
            "Grid",
        )
        return (b, a) if by_place else (a, b)
    return value


@each_type
def test_order_is_the_documented_one(type_: Type) -> None:
    drawn = frozenset(values(type_))
    expected = sorted(drawn, key=lambda v: documented_key(v, type_))
    assert list(ordered(drawn)) == expected


@each_type
def test_order_is_total(type_: Type) -> None:
    keyed = [(v, sort_key(v)) for v in values(type_)]
    for a, key_a in keyed:
        for b, key_b in keyed:
            assert (key_a < key_b) + (key_a == key_b) + (key_b < key_a) == 1
            assert (key_a == key_b) == (a == b)


@each_type
def test_order_does_not_depend_on_insertion(type_: Type) -> None:
    drawn = list(dict.fromkeys(values(type_)))
    expected = list(ordered(frozenset(drawn)))
    rng = random.Random(1)
    for _ in range(5):
        rng.shuffle(drawn)
        assert list(ordered(frozenset(drawn))) == expected
    assert sorted(map(repr, expected)) == sorted(map(repr, drawn))


def test_order_of_a_tuple_is_its_own() -> None:
    assert ordered((3, 1, 2, 1)) == (3, 1, 2, 1)
    assert ordered(()) == ()


def test_order_of_small_sets() -> None:
    assert list(ordered(frozenset())) == []
    assert list(ordered(frozenset({7}))) == [7]
    assert list(ordered(frozenset({True, False}))) == [False, True]
    assert list(ordered(frozenset({3, -1, 0}))) == [-1, 0, 3]


def test_pairs_ascend_by_row_then_column() -> None:
    assert list(ordered(frozenset({(1, 0), (0, 9), (0, -2)}))) == [(0, -2), (0, 9), (1, 0)]


def test_cells_ascend_by_location_then_colour() -> None:
    cells = frozenset({(1, (2, 0)), (9, (0, 5)), (3, (2, 0))})
    assert list(ordered(cells)) == [(9, (0, 5)), (1, (2, 0)), (3, (2, 0))]


def test_tuples_ascend_lexicographically_a_prefix_first() -> None:
    rows = frozenset({(2,), (1, 9, 9), (1, 9), ()})
    assert list(ordered(rows)) == [(), (1, 9), (1, 9, 9), (2,)]


def test_of_two_tuples_of_the_same_parts_the_one_with_the_tuple_first_comes_first() -> None:
    values = [((-1, 0), 0), (0, (-1, 0))]
    assert list(ordered(frozenset(values))) == values
    assert list(ordered(frozenset(reversed(values)))) == values
    nested = [(((1, 2), 0), 5), (5, ((1, 2), 0)), (5, (0, (1, 2)))]
    assert list(ordered(frozenset(nested))) == nested
    assert list(ordered(frozenset(reversed(nested)))) == nested


@pytest.mark.parametrize("seed", range(20))
def test_order_of_mixed_kinds_does_not_depend_on_how_the_set_was_made(seed: int) -> None:
    rng = random.Random(seed)
    kinds = [parse_type(t) for t in ("Integer", "Pair", "(Pair, Integer)", "Cell", "(Pair, Pair)")]
    drawn = list({random_value(rng, rng.choice(kinds), 2) for _ in range(30)})
    expected = list(ordered(frozenset(drawn)))
    for _ in range(5):
        rng.shuffle(drawn)
        assert list(ordered(frozenset(drawn))) == expected


def test_sets_ascend_as_their_ascending_elements() -> None:
    sets = frozenset({frozenset({5}), frozenset({9, 1}), frozenset(), frozenset({1, 5, 9})})
    expected = [frozenset(), frozenset({1, 5, 9}), frozenset({1, 9}), frozenset({5})]
    assert list(ordered(sets)) == expected
