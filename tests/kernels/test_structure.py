"""Structural operations on compiled kernels: what the reference runtime gives, lane by lane.

Each case is generated code as one could write it by hand. Some lanes fail in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, Limits
from tests.columns import on_both

ROWS = ("Grid", "Tuple[Tuple[Integer]]")
GRIDS: tuple[Any, ...] = (
    ((1, 2), (3, 4)),
    ((5, 5, 5),),
    ((0,),),
    ((1, 0, 1), (0, 1, 0), (1, 0, 1)),
    ((3, 3), (3, 3), (3, 2)),
    ((1, 2), (3, 4)),
    ((7,), (7,), (7,), (7,), (7,)),
    ((2, 0, 2, 4, 6, 8),),
)
LIMITS = {
    "default": DEFAULT_LIMITS,
    "tiny": Limits(elements=4, cells=9, integer=12, total=7, turns=3),
    "few elements": Limits(elements=2),
    "small total": Limits(total=4),
}
CASES: dict[str, Callable[[Any], Any]] = {}


def case(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A case, named by its docstring."""
    CASES[(function.__doc__ or "").rstrip(".")] = function
    return function


def rows_of(rt: Any, d: Any) -> Any:
    """The rows of the input."""
    return rt.convert(d, rt.input(d), *ROWS)


def fallible(rt: Any, d: Any) -> Any:
    """An integer; fails where the input has one row."""
    return rt.divide(d, 12, rt.subtract(d, rt.height(d, rt.input(d)), 1))


# -- elements


@case
def each_of_a_tuple(rt: Any) -> Any:
    """each of a tuple."""
    d = rt.lanes(0)
    rows = rt.each(d, rows_of(rt, d))
    stacked = rt.pack_tuple(rows, *[rt.item(rows)] * 3)
    square = rt.square(rows, rt.convert(rows, stacked, *reversed(ROWS)))
    return rt.tuple_of(rows, rt.size(rows, rt.item(rows)), after=(square,))


@case
def each_of_a_set(rt: Any) -> Any:
    """each of a set, with a value from outside."""
    d = rt.lanes(0)
    grid = rt.input(d)
    colours = rt.each(d, rt.palette(d, grid))
    height = rt.spread(colours, rt.height(d, grid))
    sums = rt.add(colours, rt.item(colours), height)
    return rt.set_of(colours, sums, after=(sums,))


@case
def each_of_nothing(rt: Any) -> Any:
    """each of an empty set."""
    d = rt.lanes(0)
    places = rt.asindices(d, rt.input(d))
    opened = rt.each(d, rt.difference(d, places, places))
    return rt.tuple_of(opened, rt.item(opened), after=())


@case
def elements_that_fail(rt: Any) -> Any:
    """each where some elements fail, and some containers."""
    d = rt.lanes(0)
    colours = rt.each(d, rt.palette(d, rt.input(d)))
    quotient = rt.divide(colours, 6, rt.item(colours))
    bad = rt.each(d, rt.interval(d, 0, fallible(rt, d), 2))
    inner = rt.tuple_of(bad, rt.item(bad), after=())
    outer = rt.set_of(colours, quotient, after=(quotient,))
    return rt.pack_tuple(d, inner, outer, inner)


@case
def effects_in_order(rt: Any) -> Any:
    """each where the first failing element wins, not the first failing effect."""
    d = rt.lanes(0)
    places = rt.each(d, rt.totuple(d, rt.asindices(d, rt.input(d))))
    i, j = (rt.subtract(places, rt.first(places, rt.item(places)), k) for k in (1, 0))
    first = rt.divide(places, 6, i)
    second = rt.interval(places, 0, 5, j)
    return rt.tuple_of(places, rt.item(places), after=(first, second))


@case
def three_deep(rt: Any) -> Any:
    """each in each in each."""
    d = rt.lanes(0)
    rows = rt.each(d, rows_of(rt, d))
    cells = rt.each(rows, rt.item(rows))
    colours = rt.each(cells, rt.spread(cells, rt.spread(rows, rt.palette(d, rt.input(d)))))
    sums = rt.subtract(colours, rt.spread(colours, rt.item(cells)), rt.item(colours))
    fine = rt.divide(colours, 12, rt.subtract(colours, sums, 5))
    inner = rt.set_of(colours, fine, after=(sums, fine))
    middle = rt.tuple_of(cells, inner, after=(colours, inner))
    return rt.set_of(rows, middle, after=(cells, middle))


@case
def missing_results(rt: Any) -> Any:
    """each where a result is missing."""
    d = rt.lanes(0)
    grid = rt.input(d)
    places = rt.each(d, rt.asindices(d, grid))
    found = rt.index(places, rt.spread(places, grid), rt.double(places, rt.item(places)))
    return rt.tuple_of(places, found, after=())


@case
def missing_keys(rt: Any) -> Any:
    """keys may be missing, and are not counted."""
    d = rt.lanes(0)
    grid = rt.input(d)
    places = rt.every(d, rt.asindices(d, grid))
    found = rt.index(places, rt.spread(places, grid), rt.double(places, rt.item(places)))
    return rt.keys(places, found, after=(found,))


@case
def keys_that_fail(rt: Any) -> Any:
    """keys where some elements fail, and some containers."""
    d = rt.lanes(0)
    opened = rt.every(d, rt.interval(d, 0, fallible(rt, d), 3))
    key = rt.divide(opened, 9, rt.subtract(opened, rt.item(opened), 3))
    return rt.order_by(d, rt.interval(d, 0, 12, 3), rt.keys(opened, key, after=(key,)))


@case
def literal_results(rt: Any) -> Any:
    """each with a literal as its result."""
    d = rt.lanes(0)
    rows = rt.each(d, rows_of(rt, d))
    pairs = rt.set_of(rows, (2, -3), after=())
    return rt.pack_tuple(d, pairs, rt.tuple_of(rows, True, after=()))


# -- pairs of elements


@case
def zipped(rt: Any) -> Any:
    """zip of a tuple and a set."""
    d = rt.lanes(0)
    grid = rt.input(d)
    both = rt.zip(d, rows_of(rt, d), rt.palette(d, grid))
    found = rt.repeat(both, rt.left(both), rt.right(both))
    return rt.tuple_of(both, found, after=(found,))


@case
def zipped_with_a_failure(rt: Any) -> Any:
    """zip where one side fails."""
    d = rt.lanes(0)
    both = rt.zip(d, rt.interval(d, 0, fallible(rt, d), 3), rt.interval(d, 5, 0, -1))
    return rt.set_of(both, rt.add(both, rt.left(both), rt.right(both)), after=())


@case
def crossed(rt: Any) -> Any:
    """cross of two sets, one of them empty at times."""
    d = rt.lanes(0)
    grid = rt.input(d)
    odd = rt.difference(d, rt.palette(d, grid), rt.pack_set(d, 5, 7))
    both = rt.cross(d, rt.palette(d, grid), odd)
    found = rt.pack_tuple(both, rt.left(both), rt.right(both))
    return rt.tuple_of(both, found, after=(found,))


@case
def crossed_in_rows(rt: Any) -> Any:
    """cross within each row."""
    d = rt.lanes(0)
    rows = rt.each(d, rows_of(rt, d))
    both = rt.cross(rows, rt.item(rows), rt.dedupe(rows, rt.item(rows)))
    found = rt.divide(both, rt.left(both), rt.right(both))
    inner = rt.set_of(both, found, after=(found,))
    return rt.tuple_of(rows, inner, after=(both, inner))


# -- first matches


@case
def found_first(rt: Any) -> Any:
    """first_match of a set, with no match at times."""
    d = rt.lanes(0)
    colours = rt.palette(d, rt.input(d))
    opened = rt.probe(d, colours)
    fits = rt.greater(opened, rt.item(opened), 2)
    return rt.first_match(opened, fits, colours, after=())


@case
def found_before_a_failure(rt: Any) -> Any:
    """first_match with failures before the match, after it, and without one."""
    d = rt.lanes(0)
    numbers = rt.dedupe(d, rt.merge(d, rows_of(rt, d)))
    opened = rt.probe(d, numbers)
    quotient = rt.divide(opened, 6, rt.subtract(opened, rt.item(opened), 3))
    fits = rt.contained(opened, quotient, rt.spread(opened, rt.palette(d, rt.input(d))))
    return rt.first_match(opened, fits, numbers, after=(quotient,))


@case
def found_in_containers_that_fail(rt: Any) -> Any:
    """first_match where some containers fail."""
    d = rt.lanes(0)
    numbers = rt.interval(d, 0, fallible(rt, d), 1)
    opened = rt.probe(d, numbers)
    long = rt.interval(opened, 0, rt.item(opened), 1)
    fits = rt.equality(opened, rt.size(opened, long), 3)
    return rt.first_match(opened, fits, numbers, after=(long,))


@case
def always_found(rt: Any) -> Any:
    """first_match of a literal."""
    d = rt.lanes(0)
    rows = rows_of(rt, d)
    return rt.first_match(rt.probe(d, rows), True, rows, after=())


# -- conditions


@case
def chosen(rt: Any) -> Any:
    """select of two sides, one of which fails where it is not taken."""
    d = rt.lanes(0)
    grid = rt.input(d)
    tall = rt.greater(d, rt.height(d, grid), 1)
    yes, no = rt.where(d, tall), rt.unless(d, tall)
    below = rt.subtract(yes, rt.spread(yes, rt.height(d, grid)), 1)
    left = rt.divide(yes, 12, below)
    right = rt.first(no, rt.first(no, rt.convert(no, rt.spread(no, grid), *ROWS)))
    return rt.select(d, tall, yes, left, no, right, after=((left,), ()))


@case
def chosen_by_what_may_fail(rt: Any) -> Any:
    """select whose condition fails, and whose sides have effects and literals."""
    d = rt.lanes(0)
    grid = rt.input(d)
    sure = rt.equality(d, fallible(rt, d), 6)
    yes, no = rt.where(d, sure), rt.unless(d, sure)
    bad = rt.divide(no, 4, rt.subtract(no, rt.first(no, rt.shape(no, rt.spread(no, grid))), 3))
    return rt.select(d, sure, yes, (1, 2), no, (3, 4), after=((), (bad,)))


@case
def chosen_for_each(rt: Any) -> Any:
    """select for each element, within another select."""
    d = rt.lanes(0)
    square = rt.square(d, rt.input(d))
    yes, no = rt.where(d, square), rt.unless(d, square)
    colours = rt.each(yes, rt.spread(yes, rt.palette(d, rt.input(d))))
    odd = rt.equality(colours, rt.item(colours), 1)
    one, other = rt.where(colours, odd), rt.unless(colours, odd)
    down = rt.divide(other, 8, rt.decrement(other, rt.spread(other, rt.item(colours))))
    up = rt.increment(one, rt.spread(one, rt.item(colours)))
    inner = rt.select(colours, odd, one, up, other, down, after=((), (down,)))
    numbers = rt.tuple_of(colours, inner, after=(inner,))
    return rt.select(
        d, square, yes, numbers, no, rt.pack_keys(no, 1, 2, 3), after=((colours, numbers), ())
    )


@case
def chosen_by_a_literal(rt: Any) -> Any:
    """select where all lanes go to one side."""
    d = rt.lanes(0)
    never = rt.greater(d, 0, rt.height(d, rt.input(d)))
    yes, no = rt.where(d, never), rt.unless(d, never)
    bad = rt.divide(yes, rt.spread(yes, rt.height(d, rt.input(d))), 0)
    return rt.select(d, never, yes, bad, no, 8, after=((bad,), ()))


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("name", CASES)
def test_both_backends_agree_on(name: str, limits: Limits) -> None:
    on_both(CASES[name], GRIDS, limits)


@pytest.mark.parametrize("name", CASES)
def test_lanes_do_not_see_each_other(name: str) -> None:
    together = on_both(CASES[name], GRIDS)
    assert [on_both(CASES[name], [grid])[0] for grid in GRIDS[:5]] == together[:5]
    assert on_both(CASES[name], GRIDS[::-1]) == together[::-1]


EXPECTED: dict[str, list[Any]] = {
    "each of a tuple": [(2, 2), (3,), (1,), (3, 3, 3)],
    "each of a set, with a value from outside": [{3, 4, 5, 6}, {6}, {1}, {3, 4}],
    "each of an empty set": [()] * 4,
    "first_match of a set, with no match at times": [3, 5, "error NO_MATCH", "error NO_MATCH"],
    "cross of two sets, one of them empty at times": [
        tuple((a, b) for b in (1, 2, 3, 4) for a in (1, 2, 3, 4)),
        (),
        ((0, 0),),
        ((0, 0), (1, 0), (0, 1), (1, 1)),
    ],
    "zip of a tuple and a set": [
        (((1, 2),), ((3, 4),) * 2),
        (((5, 5, 5),) * 5,),
        ((),),
        ((), ((0, 1, 0),)),
    ],
    "select of two sides, one of which fails where it is not taken": [12, 5, 0, 6],
    "select whose condition fails, and whose sides have effects and literals": [
        (3, 4),
        "error ZERO",
        "error ZERO",
        (1, 2),
    ],
    "each where a result is missing": [
        (1, None, None, None),
        (5, 5, None),
        (0,),
        (1, 1, None, 1, 1, None, None, None, None),
    ],
    "keys may be missing, and are not counted": [
        (1, None, None, None),
        (5, 5, None),
        (0,),
        (1, 1, None, 1, 1, None, None, None, None),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_both_backends_give_is_right(name: str) -> None:
    assert on_both(CASES[name], GRIDS[:4]) == EXPECTED[name]
