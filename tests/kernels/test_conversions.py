"""Conversions on compiled kernels: what the reference runtime gives, for every pair of types that
convert, inside containers too.
"""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.ir.coerce import cost
from pipeline.ir.status import Limits
from pipeline.ir.types import BOOLEAN, GRID, INTEGER, NUMERICAL, PAIR, PATCH, Type, parse_type
from tests.columns import on_both

GRIDS: tuple[Any, ...] = (
    ((1, 2), (3, 4)),
    ((5, 5, 5),),
    ((0,), (6,), (7,)),
    ((1, 2, 3), (4, 5, 6), (7, 8, 9)),
    ((3, 3, 1, 0), (0, 1, 0, 1)),
)
TYPES = tuple(
    parse_type(text)
    for text in (
        *("Boolean", "Integer", "Pair", "Cell", "Grid", "Indices", "Object", "Patch", "Numerical"),
        *("Tuple[Boolean]", "Tuple[Integer]", "Tuple[Pair]", "Tuple[Cell]", "Tuple[Grid]"),
        *("Tuple[Indices]", "Tuple[Patch]", "Tuple[Tuple[Integer]]", "Tuple[Numerical]"),
        *("Tuple[Tuple[Tuple[Integer]]]", "Tuple[Tuple[Grid]]", "Set[Integer]", "Set[Boolean]"),
        *("Set[Grid]", "Objects", "Set[Patch]", "Set[Tuple[Integer]]", "Set[Numerical]"),
        *("Set[Tuple[Tuple[Integer]]]", "(Boolean, Boolean)", "(Boolean, Integer)"),
        *("(Grid, Grid)", "(Pair, Pair)", "(Tuple[Integer], Tuple[Integer])", "(Grid, Pair)"),
        *("(Indices, Object)", "(Patch, Numerical)", "(Tuple[Grid], Tuple[Grid])"),
        *("((Boolean, Grid), Integer)", "((Integer, Tuple[Tuple[Integer]]), Numerical)"),
        *("Tuple[(Pair, Grid)]", "Tuple[(Tuple[Integer], Tuple[Tuple[Integer]])]"),
        *("Set[(Boolean, Grid)]", "Set[(Integer, Tuple[Tuple[Integer]])]", "Tuple[Set[Grid]]"),
    )
)
PAIRS = [(s, t) for s in TYPES for t in TYPES if s is not t and cost(s, t) is not None]


def leaf(rt: Any, d: Any, type_: Type, variant: int) -> Any:
    """A column of a type without parts, or one of those that have names."""
    grid = rt.input(d)
    if type_ is GRID:
        return (grid, rt.rot90(d, grid), rt.hmirror(d, grid))[variant % 3]
    if type_ is BOOLEAN:
        return (rt.square(d, grid), rt.portrait(d, grid))[variant % 2]
    if type_ in (INTEGER, NUMERICAL):
        return rt.subtract(d, rt.width(d, grid), variant)
    if type_ is PAIR:
        return rt.add(d, rt.shape(d, grid), (variant, -variant))
    places = rt.shift(d, rt.asindices(d, grid), (variant, 0))
    return places if type_ is PATCH else None


def column(rt: Any, d: Any, type_: Type, variant: int = 0) -> Any:
    """A column of values of a type; others for each variant."""
    if type_ is PAIR or not type_.args:
        return leaf(rt, d, type_, variant)
    if type_.head == "Two":
        return rt.pack_tuple(d, *(column(rt, d, t, variant + k) for k, t in enumerate(type_.args)))
    element = type_.args[0]
    if type_.head == "Set":
        return rt.pack_set(d, *(column(rt, d, element, variant + k) for k in range(3)))
    if variant % 2:
        return rt.repeat(d, column(rt, d, element, variant), 2)
    return rt.pack_keys(d, *(column(rt, d, element, variant + 2 * k) for k in range(3)))


def test_the_pairs_are_many() -> None:
    assert len(PAIRS) > 60
    assert {s.head for s, _ in PAIRS} >= {"Boolean", "Integer", "Two", "Grid", "Tuple", "Set"}


@pytest.mark.parametrize(("source", "target"), PAIRS, ids=str)
def test_both_backends_convert(source: Type, target: Type) -> None:
    def converted(rt: Any) -> Any:
        d = rt.lanes(0)
        found = rt.convert(d, column(rt, d, source), str(source), str(target))
        return rt.pack_keys(d, found, column(rt, d, source), 1)

    def in_elements(rt: Any) -> Any:
        d = rt.lanes(0)
        values = rt.pack_keys(d, *(column(rt, d, source, 2 * k) for k in range(3)))
        opened = rt.every(d, values)
        found = rt.convert(opened, rt.item(opened), str(source), str(target))
        return rt.keys(opened, found, after=())

    on_both(converted, GRIDS)
    on_both(in_elements, GRIDS)


def ragged(rt: Any) -> Any:
    """Rows of other lengths in some lanes."""
    d = rt.lanes(0)
    grid = rt.input(d)
    rows = [rt.interval(d, 0, size, 1) for size in (rt.height(d, grid), rt.width(d, grid), 3)]
    return rt.convert(d, rt.pack_keys(d, *rows), "Tuple[Tuple[Integer]]", "Grid")


def of_pairs(rt: Any) -> Any:
    """Rows that are pairs."""
    d = rt.lanes(0)
    pairs = rt.totuple(d, rt.asindices(d, rt.input(d)))
    return rt.convert(d, pairs, "Tuple[Pair]", "Grid")


def of_two_pairs(rt: Any) -> Any:
    """Two rows that are pairs."""
    d = rt.lanes(0)
    shape = rt.shape(d, rt.input(d))
    return rt.convert(d, rt.pack_tuple(d, shape, (3, 4)), "(Pair, Pair)", "Grid")


def of_pairs_and_longer_rows(rt: Any) -> Any:
    """Rows of which some are pairs: the second is as long as the grid is wide."""
    d = rt.lanes(0)
    row = rt.interval(d, 0, rt.width(d, rt.input(d)), 1)
    two = rt.pack_tuple(d, (1, 2), row)
    return rt.convert(d, two, "(Pair, Tuple[Integer])", "Grid")


def no_rows(rt: Any) -> Any:
    """No rows at times, and rows without cells."""
    d = rt.lanes(0)
    nothing = rt.interval(d, 0, rt.subtract(d, rt.height(d, rt.input(d)), 1), 1)
    rows = rt.repeat(d, nothing, rt.subtract(d, rt.width(d, rt.input(d)), 1))
    return rt.convert(d, rows, "Tuple[Tuple[Integer]]", "Grid")


def not_two(rt: Any) -> Any:
    """A tuple of as many elements as there are rows, as a pair."""
    d = rt.lanes(0)
    row = rt.repeat(d, rt.shape(d, rt.input(d)), rt.height(d, rt.input(d)))
    return rt.convert(d, row, "Tuple[Pair]", "(Pair, Pair)")


def nothing_as_anything(rt: Any) -> Any:
    """An empty set, as a set of whatever."""
    d = rt.lanes(0)
    palette = rt.palette(d, rt.input(d))
    return rt.convert(d, rt.difference(d, palette, palette), "Set[Nothing]", "Set[(Pair, Grid)]")


def failing(rt: Any) -> Any:
    """A container that fails at times, with grids in it."""
    d = rt.lanes(0)
    grid = rt.input(d)
    count = rt.divide(d, 6, rt.subtract(d, rt.height(d, grid), 1))
    grids = rt.repeat(d, grid, count)
    return rt.convert(d, grids, "Tuple[Grid]", "Tuple[Tuple[Tuple[Integer]]]")


def missing(rt: Any) -> Any:
    """A missing integer as a number of any kind."""
    d = rt.lanes(0)
    found = rt.index(d, rt.input(d), (2, 0))
    as_number = rt.convert(d, found, "Integer", "Numerical")
    return rt.pack_keys(d, rt.convert(d, as_number, "Boolean", "Integer"), found)


def literals(rt: Any) -> Any:
    """Literals."""
    d = rt.lanes(0)
    one = rt.convert(d, True, "Boolean", "Integer")
    two = rt.convert(d, (1, 2), "Pair", "Tuple[Integer]")
    return rt.pack_tuple(d, two, rt.convert(d, (2, 1), "Pair", "Set[Integer]"), one)


EXPECTED: dict[Any, list[Any]] = {
    ragged: [
        *[((*range(len(g)),), (*range(len(g[0])),), (0, 1, 2)) for g in GRIDS[:3]],
        ((0, 1, 2),) * 3,
        ((*range(len(GRIDS[4])),), (*range(len(GRIDS[4][0])),), (0, 1, 2)),
    ],
    of_pairs: [tuple((i, j) for i in range(len(g)) for j in range(len(g[0]))) for g in GRIDS],
    of_two_pairs: [((len(g), len(g[0])), (3, 4)) for g in GRIDS],
    of_pairs_and_longer_rows: [((1, 2), (*range(len(g[0])),)) for g in GRIDS],
    no_rows: [((0,),), ((), ()), (), ((0, 1),) * 2, ((0,),) * 3],
    not_two: [((2, 2),) * 2, "error SHAPE", ((3, 1),) * 2, ((3, 3),) * 2, ((2, 4),) * 2],
    nothing_as_anything: [frozenset()] * 5,
    failing: [(GRIDS[0],) * 6, "error ZERO", (GRIDS[2],) * 3, (GRIDS[3],) * 3, (GRIDS[4],) * 6],
    missing: [(None, None), (None, None), (7, 7), (7, 7), (None, None)],
    literals: [((1, 2), frozenset({1, 2}), 1)] * 5,
}


@pytest.mark.parametrize("evaluate", EXPECTED, ids=lambda f: f.__doc__.rstrip("."))
def test_a_conversion_of(evaluate: Any) -> None:
    assert on_both(evaluate, GRIDS) == EXPECTED[evaluate]


@pytest.mark.parametrize("limits", [Limits(cells=5), Limits(elements=2), Limits(total=3)], ids=str)
@pytest.mark.parametrize("evaluate", EXPECTED, ids=lambda f: f.__doc__.rstrip("."))
def test_limits_hold_in_conversions_of(evaluate: Any, limits: Limits) -> None:
    on_both(evaluate, GRIDS, limits)
