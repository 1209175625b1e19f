"""Loops and packed containers on compiled kernels: what the reference runtime gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.columns import on_both
from tests.kernels.test_structure import GRIDS, LIMITS, ROWS, fallible, rows_of

CASES: dict[str, Callable[[Any], Any]] = {}


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A case, named by its docstring."""
    CASES[(function.__doc__ or "").rstrip(".")] = function
    return function


# -- loops


@case
def repeated(rt: Any) -> Any:
    """a loop of as many turns as there are rows."""
    d = rt.lanes(0)

    def turn(t: Any, state: Any) -> Any:
        return rt.double(t, state), ()

    return rt.looped(d, rt.height(d, rt.input(d)), 1, turn)


@case
def never_repeated(rt: Any) -> Any:
    """a loop of no turn, or of less."""
    d = rt.lanes(0)

    def turn(t: Any, state: Any) -> Any:
        doubled = rt.divide(t, state, 0)
        return doubled, (doubled,)

    grid = rt.input(d)
    once = rt.looped(d, 1, rt.width(d, grid), turn)
    less = rt.looped(d, rt.subtract(d, rt.height(d, grid), 9), rt.width(d, grid), turn)
    return rt.pack_tuple(d, once, less)


@case
def repeated_until_it_fails(rt: Any) -> Any:
    """a loop whose state, turns, effects and results fail in some lanes."""
    d = rt.lanes(0)
    grid = rt.input(d)
    width = rt.width(d, grid)

    def turn(t: Any, state: Any) -> Any:
        effect = rt.divide(t, 12, rt.subtract(t, state, 5))
        return rt.divide(t, 30, rt.decrement(t, state)), (effect,)

    bad_state = rt.looped(d, 3, fallible(rt, d), turn)
    bad_turns = rt.looped(d, fallible(rt, d), 4, turn)
    return rt.pack_keys(d, rt.looped(d, width, width, turn), bad_state, bad_turns)


@case
def only_one_fails(rt: Any) -> Any:
    """a loop whose result fails in some turn."""
    d = rt.lanes(0)

    def turn(t: Any, state: Any) -> Any:
        return rt.divide(t, 30, rt.subtract(t, state, 3)), ()

    return rt.looped(d, rt.width(d, rt.input(d)), rt.height(d, rt.input(d)), turn)


@case
def repeated_with_values_from_outside(rt: Any) -> Any:
    """a loop that uses values from outside, and opens domains."""
    d = rt.lanes(0)
    grid = rt.input(d)
    colours = rt.palette(d, grid)

    def turn(t: Any, state: Any) -> Any:
        outer = rt.each(t, rt.spread(t, colours))
        both = rt.add(outer, rt.item(outer), rt.spread(outer, rt.size(t, state)))
        more = rt.set_of(outer, both, after=(both,))
        return rt.combine(t, state, more), (outer, more)

    return rt.looped(d, rt.width(d, grid), rt.pack_set(d, -1, -2), turn)


@case
def nested_loops(rt: Any) -> Any:
    """a loop in a loop in a loop, with other turns in each lane."""
    d = rt.lanes(0)
    grid = rt.input(d)
    height, width = rt.height(d, grid), rt.width(d, grid)

    def inmost(t: Any, state: Any) -> Any:
        return rt.increment(t, state), ()

    def inner(t: Any, state: Any) -> Any:
        deep = rt.looped(t, rt.last(t, state), rt.first(t, state), inmost)
        return rt.pack_tuple(t, deep, rt.last(t, state)), (deep,)

    def outer(t: Any, state: Any) -> Any:
        wide = rt.spread(t, width)
        found = rt.looped(t, wide, state, inner)
        fine = rt.divide(t, 60, rt.subtract(t, rt.first(t, found), 9))
        return rt.pack_tuple(t, rt.decrement(t, rt.first(t, found)), wide), (found, fine)

    return rt.looped(d, height, rt.pack_tuple(d, 0, 3), outer)


@case
def loops_for_each(rt: Any) -> Any:
    """a loop for each element."""
    d = rt.lanes(0)
    numbers = rt.each(d, rt.merge(d, rows_of(rt, d)))

    def turn(t: Any, state: Any) -> Any:
        down = rt.subtract(t, 5, rt.size(t, state))
        fine = rt.divide(t, 12, down)
        return rt.combine(t, state, rt.repeat(t, fine, 1)), (fine,)

    start = rt.repeat(numbers, 9, 0)
    found = rt.looped(numbers, rt.item(numbers), start, turn)
    return rt.tuple_of(numbers, found, after=(found,))


@case
def loops_for_no_element(rt: Any) -> Any:
    """a loop in a domain without lanes."""
    d = rt.lanes(0)
    places = rt.asindices(d, rt.input(d))
    nothing = rt.each(d, rt.difference(d, places, places))

    def turn(t: Any, state: Any) -> Any:
        return rt.double(t, state), ()

    return rt.set_of(nothing, rt.looped(nothing, 4, rt.item(nothing), turn), after=())


@case
def a_literal_each_turn(rt: Any) -> Any:
    """a loop whose body gives a literal."""
    d = rt.lanes(0)
    return rt.looped(d, rt.height(d, rt.input(d)), (0, 0), lambda t, state: ((5, 6), ()))


@case
def grids_that_grow(rt: Any) -> Any:
    """a loop that makes grids until they are too large."""
    d = rt.lanes(0)

    def turn(t: Any, state: Any) -> Any:
        wide = rt.hconcat(t, state, state)
        return rt.vconcat(t, wide, wide), (wide,)

    return rt.looped(d, rt.width(d, rt.input(d)), rt.input(d), turn)


@case
def turns_are_chosen(rt: Any) -> Any:
    """a loop that chooses in each turn."""
    d = rt.lanes(0)
    grid = rt.input(d)

    def turn(t: Any, state: Any) -> Any:
        even = rt.even(t, state)
        yes, no = rt.where(t, even), rt.unless(t, even)
        half = rt.halve(yes, rt.spread(yes, state))
        more = rt.divide(no, 24, rt.subtract(no, rt.spread(no, state), 3))
        found = rt.select(t, even, yes, half, no, more, after=((), (more,)))
        return found, (found,)

    return rt.looped(d, rt.width(d, grid), rt.add(d, rt.height(d, grid), 9), turn)


# -- containers of known length


@case
def packed_twos(rt: Any) -> Any:
    """pack_tuple of two: pairs, cells and others."""
    d = rt.lanes(0)
    grid = rt.input(d)
    pair = rt.shape(d, grid)
    number = rt.height(d, grid)
    twos = [(number, 3), (number, pair), (pair, number), (grid, number), (True, pair), ((1, 2), 3)]
    made = [rt.pack_tuple(d, a, b) for a, b in twos]
    return rt.pack_keys(d, *made)


@case
def packed_many(rt: Any) -> Any:
    """pack_tuple and pack_set of many, the same ones repeated."""
    d = rt.lanes(0)
    grid = rt.input(d)
    numbers = (rt.height(d, grid), rt.width(d, grid), 3, rt.height(d, grid), 1)
    three = rt.pack_tuple(d, *numbers[:3])
    return rt.pack_keys(d, three, rt.pack_set(d, *numbers), rt.pack_set(d, grid, grid))


@case
def packed_one(rt: Any) -> Any:
    """pack_tuple and pack_set of one."""
    d = rt.lanes(0)
    grid = rt.input(d)
    return rt.pack_tuple(d, rt.pack_tuple(d, grid), rt.pack_set(d, rt.width(d, grid)))


@case
def packed_failures(rt: Any) -> Any:
    """pack where a part fails, or is missing: the first failure is the result."""
    d = rt.lanes(0)
    grid = rt.input(d)
    missing = rt.index(d, grid, (1, 2))
    other = rt.divide(d, 9, rt.subtract(d, rt.width(d, grid), 2))
    last = rt.first(d, rt.difference(d, rt.palette(d, grid), rt.palette(d, grid)))
    parts = (missing, fallible(rt, d), other)
    wide = rt.equality(d, rt.width(d, grid), 3)
    yes, no = rt.where(d, wide), rt.unless(d, wide)
    three = rt.pack_keys(yes, *(rt.spread(yes, part) for part in (*parts, last)))
    two = rt.pack_tuple(no, *(rt.spread(no, part) for part in parts[:2]))
    return rt.select(d, wide, yes, three, no, two, after=((), ()))


@case
def packed_missing(rt: Any) -> Any:
    """pack where a part is missing: keys may be."""
    d = rt.lanes(0)
    missing = rt.index(d, rt.input(d), (1, 2))
    kept = rt.pack_keys(d, missing, 3, missing)
    tall = rt.greater(d, rt.height(d, rt.input(d)), 2)
    yes, no = rt.where(d, tall), rt.unless(d, tall)
    strict = rt.pack_set(yes, rt.spread(yes, missing), 4)
    return rt.select(d, tall, yes, strict, no, rt.spread(no, kept), after=((), ()))


@case
def packed_for_each(rt: Any) -> Any:
    """pack for each element, more than fit."""
    d = rt.lanes(0)
    rows = rt.each(d, rows_of(rt, d))
    width = rt.size(rows, rt.item(rows))
    sets = rt.pack_set(rows, width, 1, rt.first(rows, rt.item(rows)), 2, 1)
    grids = rt.convert(rows, rt.pack_tuple(rows, *[rt.item(rows)] * 3), *reversed(ROWS))
    both = rt.pack_tuple(rows, sets, grids)
    return rt.tuple_of(rows, both, after=(sets, grids))


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("name", CASES)
def test_both_backends_agree_on(name: str, limits: Any) -> None:
    on_both(CASES[name], GRIDS, limits)


@pytest.mark.parametrize("name", CASES)
def test_lanes_do_not_see_each_other(name: str) -> None:
    together = on_both(CASES[name], GRIDS)
    assert [on_both(CASES[name], [grid])[0] for grid in GRIDS[:5]] == together[:5]
    assert on_both(CASES[name], GRIDS[::-1]) == together[::-1]


EXPECTED: dict[str, list[Any]] = {
    "a loop of as many turns as there are rows": [2, 1, 1, 4, 4, 2, 16, 1],
    "a loop of no turn, or of less": [(k, k) for k in (2, 3, 1, 3, 2, 2, 1, 6)],
    "a loop in a domain without lanes": [frozenset()] * 8,
    "a loop whose body gives a literal": [(5, 6) if len(g) > 1 else (0, 0) for g in GRIDS],
    "a loop whose result fails in some turn": [
        *(-30, -2, 1, "error ZERO", "error ZERO", -30, 5, -5),
    ],
    "pack_tuple and pack_set of one": [((g,), frozenset({len(g[0])})) for g in GRIDS],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_both_backends_give_is_right(name: str) -> None:
    assert on_both(CASES[name], GRIDS) == EXPECTED[name]
