"""Every primitive against the published DSL on random arguments: equal results, equal failures.

Where the published code raises, gives nothing at all or makes a ragged grid, ours fails with kind
`error`, and nowhere else, PRECISIONS aside, and what is ragged on purpose. Results over our budget
are not compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, OVER_BUDGET, Failure
from pipeline.ir.types import Type
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.row import Signature, parse_signature, run_row
from pipeline.primitives.table import ROWS, TABLE
from tests.published import canonical, published_dsl, published_names
from tests.values import instantiate, random_arguments

COMPARISONS = 200
MOST_DRAWS = 1000
SCALES = (3, 8, 8, 15)
FAILED = "failed"

GIVES_NONE = frozenset({"index", "argmax", "argmin"})
"""Where None is a value, a missing one, in the published code too."""

MAKE_RAGGED = frozenset({"crop", "vconcat"})
"""What takes ragged grids, and makes them of others."""

PRECISIONS: dict[str, tuple[str, Callable[..., bool], str]] = {
    "valmax": ("error", lambda x: not x, "published applies the function to 0 instead"),
    "valmin": ("error", lambda x: not x, "published applies the function to 0 instead"),
}
"""What ours is for some first arguments, whatever the published code does, and why."""

CASES: dict[str, tuple[tuple[str, str], ...]] = {
    "compose": (
        ("Integer -> Integer", "compose(double, increment)(x)"),
        ("Tuple[Pair] -> Integer", "compose(last, first)(x)"),
        ("Object -> Grid", "compose(lbind(canvas, 3), shape)(x)"),
    ),
    "chain": (
        ("Integer -> Boolean", "chain(even, increment, halve)(x)"),
        ("Indices -> Pair", "chain(increment, center, outbox)(x)"),
        ("Grid -> Integer", "chain(size, asindices, lambda g: hconcat(g, g))(x)"),
    ),
    "matcher": (
        ("Set[Integer] Integer -> Boolean", "matcher(size, y)(x)"),
        ("Grid Pair -> Boolean", "matcher(shape, y)(x)"),
        ("Object Integer -> Boolean", "matcher(color, y)(x)"),
    ),
    "rbind": (
        ("Integer Integer -> Integer", "rbind(subtract, y)(x)"),
        ("Grid Integer Integer -> Grid", "rbind(replace, z)(x, y)"),
        ("Grid Boolean -> Objects", "rbind(rbind(objects, y), True)(x, False)"),
        ("Integer Integer -> Integer", "rbind(lambda a, b: a - b * b, y)(x)"),
    ),
    "lbind": (
        ("Integer Integer -> Integer", "lbind(subtract, y)(x)"),
        ("Grid Integer Integer -> Grid", "lbind(replace, x)(y, z)"),
        ("Grid Boolean -> Objects", "lbind(lbind(objects, x), y)(True, False)"),
        ("Integer Integer -> Integer", "lbind(lambda a, b: a - b * b, y)(x)"),
    ),
    "power": (
        ("Integer Integer -> Integer", "power(increment, y)(x)"),
        ("Grid Integer -> Grid", "power(trim, y)(x)"),
        ("Indices Integer -> Indices", "power(rbind(shift, (1, 2)), y)(x)"),
    ),
    "fork": (
        ("Integer -> Integer", "fork(add, double, halve)(x)"),
        ("Object -> Boolean", "fork(equality, height, width)(x)"),
        ("Indices -> Indices", "fork(lambda a, b: a - b, backdrop, box)(x)"),
    ),
    "order": (
        ("Tuple[Integer] -> Tuple[Integer]", "order(x, lambda e: e % 3)"),
        ("Set[Pair] -> Tuple[Pair]", "order(x, last)"),
        ("Objects -> Tuple[Object]", "order(x, size)"),
        ("Set[Tuple[Integer]] -> Tuple[Tuple[Integer]]", "order(x, first)"),
    ),
    "valmax": (
        ("Tuple[Integer] -> Integer", "valmax(x, lambda e: e % 5)"),
        ("Objects -> Integer", "valmax(x, height)"),
        ("Set[Indices] -> Pair", "valmax(x, center)"),
    ),
    "valmin": (
        ("Tuple[Integer] -> Integer", "valmin(x, lambda e: e % 5)"),
        ("Objects -> Integer", "valmin(x, height)"),
        ("Set[Indices] -> Pair", "valmin(x, center)"),
    ),
    "argmax": (
        ("Tuple[Pair] -> Pair", "argmax(x, first)"),
        ("Set[Pair] -> Pair", "argmax(x, last)"),
        ("Objects -> Object", "argmax(x, size)"),
        ("Objects -> Object", "argmax(x, center)"),
    ),
    "argmin": (
        ("Tuple[Pair] -> Pair", "argmin(x, first)"),
        ("Set[Pair] -> Pair", "argmin(x, last)"),
        ("Objects -> Object", "argmin(x, size)"),
        ("Objects -> Object", "argmin(x, center)"),
    ),
    "sfilter": (
        ("Tuple[Integer] -> Tuple[Integer]", "sfilter(x, even)"),
        ("Set[Pair] -> Set[Pair]", "sfilter(x, lambda e: e[0] > e[1])"),
        ("Objects Integer -> Objects", "sfilter(x, matcher(color, y))"),
    ),
    "mfilter": (
        ("Objects -> Object", "mfilter(x, portrait)"),
        ("Tuple[Tuple[Integer]] -> Tuple[Integer]", "mfilter(x, lambda e: first(e) > 1)"),
        ("Set[Tuple[Integer]] Integer -> Set[Integer]", "mfilter(x, lbind(contained, y))"),
        ("Tuple[Indices] -> Tuple[Pair]", "mfilter(x, vline)"),
    ),
    "extract": (
        ("Tuple[Integer] -> Integer", "extract(x, even)"),
        ("Set[Pair] -> Pair", "extract(x, lambda e: e[0] > e[1])"),
        ("Objects Integer -> Object", "extract(x, matcher(color, y))"),
    ),
    "apply": (
        ("Tuple[Integer] -> Tuple[Boolean]", "apply(even, x)"),
        ("Set[Pair] -> Set[Integer]", "apply(first, x)"),
        ("Objects -> Set[Pair]", "apply(center, x)"),
        ("Set[Indices] Integer -> Objects", "apply(lbind(recolor, y), x)"),
    ),
    "rapply": (
        ("Integer -> Tuple[Integer]", "rapply((double, halve, lambda e: e + 1), x)"),
        ("Grid -> Tuple[Grid]", "rapply((rot90, trim), x)"),
        ("Tuple[Integer] -> Set[Integer]", "rapply(frozenset({first}), x)"),
    ),
    "mapply": (
        ("Set[Pair] -> Indices", "mapply(dneighbors, x)"),
        ("Objects -> Indices", "mapply(inbox, x)"),
        ("Tuple[Pair] -> Tuple[Pair]", "mapply(vfrontier, x)"),
        ("Tuple[Integer] Integer -> Tuple[Integer]", "mapply(lbind(repeat, y), x)"),
    ),
    "papply": (
        ("Tuple[Integer] Tuple[Integer] -> Tuple[Integer]", "papply(subtract, x, y)"),
        ("Tuple[Pair] Tuple[Pair] -> Tuple[Indices]", "papply(connect, x, y)"),
        ("Tuple[Integer] Tuple[Integer] -> Tuple[Integer]", "papply(divide, x, y)"),
    ),
    "mpapply": (
        ("Tuple[Pair] Tuple[Pair] -> Tuple[Pair]", "mpapply(connect, x, y)"),
        ("Tuple[Integer] Tuple[Integer] -> Tuple[Integer]", "mpapply(repeat, x, y)"),
        ("Tuple[Integer] Tuple[Integer] -> Tuple[Integer]", "mpapply(astuple, x, y)"),
    ),
    "prapply": (
        ("Set[Integer] Set[Integer] -> Set[Integer]", "prapply(subtract, x, y)"),
        ("Tuple[Pair] Tuple[Pair] -> Set[Indices]", "prapply(connect, x, y)"),
        ("Set[Integer] Tuple[Integer] -> Set[Integer]", "prapply(divide, x, y)"),
        ("Indices Indices -> Indices", "prapply(add, x, y)"),
    ),
    "occurrences": (
        ("Grid Indices -> Indices", "occurrences(x, toobject(y, x))"),
        ("Grid Pair -> Indices", "occurrences(x, asobject(crop(x, (0, 1), (1, 2))))"),
        ("Grid Pair Object -> Indices", "occurrences(x, intersection(z, asobject(x)))"),
    ),
    "hperiod": (
        ("Grid -> Integer", "hperiod(asobject(hconcat(x, x)))"),
        ("Grid Indices -> Integer", "hperiod(toobject(y, hconcat(hconcat(x, x), x)))"),
    ),
    "vperiod": (
        ("Grid -> Integer", "vperiod(asobject(vconcat(x, x)))"),
        ("Grid Indices -> Integer", "vperiod(toobject(y, vconcat(vconcat(x, x), x)))"),
    ),
    "manhattan": (
        ("Indices Indices -> Integer", "manhattan(backdrop(x), shift(backdrop(y), (-9, 0)))"),
        ("Indices Indices -> Integer", "manhattan(box(x), shift(delta(y), (1, 12)))"),
        (
            "Set[Integer] Set[Integer] -> Integer",
            "manhattan(apply(lambda e: (0, 5 * e), x), apply(lambda e: (3, 7 * e + 1), y))",
        ),
    ),
    "gravitate": (
        ("Indices Indices -> Pair", "gravitate(x, shift(box(y), (-13, 0)))"),
        ("Indices Object -> Pair", "gravitate(x, shift(y, (0, 15)))"),
    ),
    "paint": (
        ("Grid Object Object -> Grid", "paint(x, combine(y, shift(z, (1, 0))))"),
        ("Grid Integer Object -> Grid", "paint(x, combine(recolor(y, z), z))"),
    ),
    "underpaint": (
        ("Grid Object Object -> Grid", "underpaint(x, combine(y, shift(z, (1, 0))))"),
        ("Grid Integer Object -> Grid", "underpaint(x, combine(recolor(mostcolor(x), z), z))"),
    ),
}
"""Types of x, y, z, and what both sides evaluate: for primitives that take functions, and for some
whose random arguments seldom have to do with each other."""


def first_order(name: str) -> list[Signature]:
    """The overloads without functions."""
    return [
        s
        for s in TABLE[name].overloads
        if all(isinstance(part, Type) for part in (*s.parameters, s.result))
    ]


PUBLISHED = {row.name: row for row in ROWS if row.published}
FIRST_ORDER = [name for name in PUBLISHED if first_order(name)]


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return published_dsl()


def ours(name: str) -> Callable[..., Any]:
    """The primitive as a function that checks its arguments and tells its arity."""

    def call(*args: Any) -> Any:
        return run_row(TABLE[name], args, DEFAULT_LIMITS)

    call.arity = TABLE[name].arity  # type: ignore[attr-defined]
    return call


OURS = {row.name: ours(row.name) for row in ROWS}


def their_outcome(run: Callable[[], Any], is_grid: bool, name: str) -> Any:
    """The published result, or FAILED."""
    try:
        result = run()
    except Exception:
        return FAILED
    no_value = result is None and name not in GIVES_NONE
    ragged = is_grid and not no_value and len(set(map(len, result))) > 1
    return FAILED if no_value or (ragged and name not in MAKE_RAGGED) else result


def compare(name: str, args: tuple, sides: tuple[Callable[[], Any], ...], is_grid: bool) -> str:
    """Hold one call of ours to the published one; 'value', 'error' or 'over_budget'."""
    mine, kind = None, "value"
    try:
        mine = sides[0]()
    except Failure as failure:
        mine, kind = FAILED, failure.kind
    if kind == OVER_BUDGET:
        return kind
    if name in PRECISIONS and PRECISIONS[name][1](args[0]):
        assert kind == PRECISIONS[name][0], f"{name}{args}"
        return kind
    theirs = their_outcome(sides[1], is_grid, name)
    assert mine == theirs, f"{name}{args}: {mine}; published: {theirs}"
    return kind


def enough(name: str, draw: Callable[[random.Random, int], str]) -> None:
    """Compare until there are enough comparisons, a good part of them of values."""
    rng = random.Random(name)
    seen: list[str] = []
    for k in range(MOST_DRAWS):
        outcome = draw(rng, k)
        seen += [outcome] if outcome != OVER_BUDGET else []
        if len(seen) == COMPARISONS:
            break
    assert len(seen) == COMPARISONS, f"{name}: over budget too often"
    assert seen.count("value") > COMPARISONS // 10, f"{name}: hardly any values"


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_first_order_primitive_equals_the_published_one(name: str, published: dict) -> None:
    overloads = first_order(name)

    def draw(rng: random.Random, k: int) -> str:
        signature = instantiate(overloads[k % len(overloads)], rng)
        args = random_arguments(signature, rng, rng.choice(SCALES))
        sides = (lambda: OURS[name](*args), lambda: published[name](*map(canonical, args)))
        return compare(name, args, sides, signature.result.text == "Grid")

    enough(name, draw)


@pytest.mark.parametrize("name", CASES)
def test_expression_equals_the_published_one(name: str, published: dict) -> None:
    cases = [(parse_signature(types), body) for types, body in CASES[name]]

    def draw(rng: random.Random, k: int) -> str:
        signature, body = cases[k % len(cases)]
        args = random_arguments(signature, rng, rng.choice(SCALES))
        mine = OURS | dict(zip("xyz", args, strict=False))
        theirs = published | dict(zip("xyz", map(canonical, args), strict=False))
        sides = (lambda: eval(body, mine), lambda: eval(body, theirs))
        return compare(name, args, sides, signature.result.text == "Grid")

    enough(name, draw)


def test_every_published_function_is_compared(published: dict) -> None:
    assert len(published_names()) == 160
    assert published_names() == frozenset(FIRST_ORDER) | frozenset(CASES)


def test_precisions_are_of_primitives_compared() -> None:
    assert set(PRECISIONS) <= set(FIRST_ORDER) | set(CASES)


def test_names_parameters_and_constants_are_the_published_ones(published: dict[str, Any]) -> None:
    assert set(PUBLISHED) == published_names()
    for name, row in PUBLISHED.items():
        code = published[name].__code__
        assert row.parameters == code.co_varnames[: code.co_argcount], name
    assert {name: published[name] for name in CONSTANTS} == CONSTANTS
