"""What programs mean, on both sides: results, which failure wins, and how budgets count."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.ir.status import Limits
from pipeline.primitives.table import TABLE
from tests.programs_text import run_both

SMALL = ((1, 2), (3, 4))
FLAT = ((5, 5, 5),)
EMPTY_ROWS = ((0,),)

CASES = {
    "a call": ("hmirror(I)", SMALL, ((3, 4), (1, 2))),
    "nested calls and keywords": (
        "canvas(value=add(ONE, ONE), dimensions=shape(I))",
        SMALL,
        ((2, 2), (2, 2)),
    ),
    "a function over a set": (
        "f = lbind(recolor, ZERO); c = apply(f, partition(I)); paint(I, merge(c))",
        SMALL,
        ((0, 0), (0, 0)),
    ),
    "a function over rows": ("apply(dedupe, I)", FLAT, ((5,),)),
    "nested domains": (
        "f = rbind(apply, palette(I)); g = lbind(lbind, add);"
        " h = chain(maximum, f, g); canvas(maximum(apply(h, palette(I))), UNITY)",
        SMALL,
        ((8,),),
    ),
    "functions chosen by data": ("f = branch(portrait(I), hmirror, vmirror); f(I)", FLAT, FLAT),
    "a function chosen among several": (
        "fs = combine(astuple(identity, rot90), astuple(rot180, rot270));"
        " f = extract(fs, matcher(chain(first, rbind(rapply, I), initset), I)); f(I)",
        SMALL,
        SMALL,
    ),
    "closures over data": (
        "fs = apply(lbind(lbind, add), palette(I)); s = rapply(fs, TEN); canvas(maximum(s), UNITY)",
        SMALL,
        ((14,),),
    ),
    "a power known only at run time": (
        "n = size(palette(I)); f = power(increment, n); canvas(f(ZERO), UNITY)",
        SMALL,
        ((4,),),
    ),
    "a pair used as a container": ("canvas(maximum(shape(I)), UNITY)", FLAT, ((3,),)),
    "a tuple of rows used as a grid": (
        "r = first(I); rot90(repeat(r, TWO))",
        SMALL,
        ((1, 1), (2, 2)),
    ),
    "a tuple used as a patch": (
        "p = astuple(ORIGIN, UNITY); fill(I, NINE, p)",
        SMALL,
        ((9, 2), (3, 9)),
    ),
    "a truth value used as a number": ("canvas(add(portrait(I), ONE), UNITY)", FLAT, ((1,),)),
    "an empty set of any kind": (
        "o = asindices(I); e = difference(o, o); paint(I, combine(e, asobject(I)))",
        SMALL,
        SMALL,
    ),
    "painting a tuple of cells keeps their order": (
        "a = astuple(NINE, ORIGIN); b = astuple(ZERO, ORIGIN); paint(I, astuple(a, b))",
        SMALL,
        ((0, 2), (3, 4)),
    ),
    "an unused statement that fails fails the lane": (
        "x = first(difference(I, I)); hmirror(I)",
        SMALL,
        "error EMPTY",
    ),
    "the first failure in program order wins": (
        "x = divide(ONE, ZERO); y = first(difference(I, I)); hmirror(I)",
        SMALL,
        "error ZERO",
    ),
    "the first failing element wins, not the first failing operation": (
        "f = lbind(divide, TEN); g = chain(canvas, identity, identity);"
        " p = astuple(ONE, ZERO); x = apply(f, p); hmirror(I)",
        SMALL,
        "error ZERO",
    ),
    "an untaken side can't fail": (
        "bad = compose(first, fork(difference, identity, identity));"
        " f = branch(portrait(I), bad, identity); f(I)",
        SMALL,
        SMALL,
    ),
    "extract does not look past its match": (
        "bad = chain(positive, lbind(divide, TEN), decrement);"
        " x = extract(palette(I), bad); canvas(x, UNITY)",
        ((3, 1),),
        "error ZERO",
    ),
    "extract stops before an element that would fail": (
        "good = chain(positive, lbind(divide, TEN), lbind(subtract, THREE));"
        " x = extract(palette(I), good); canvas(x, UNITY)",
        ((1, 3),),
        ((1,),),
    ),
    "a missing value may be compared": (
        "x = equality(index(I, TWO_BY_TWO), ONE); canvas(branch(x, ONE, TWO), UNITY)",
        SMALL,
        ((2,),),
    ),
    "a missing value may not be computed with": (
        "canvas(increment(index(I, TWO_BY_TWO)), UNITY)",
        SMALL,
        "error NONE",
    ),
    "a missing value may be stored": (
        "x = apply(lbind(index, I), asindices(canvas(ZERO, THREE_BY_THREE)));"
        " canvas(size(x), UNITY)",
        SMALL,
        ((5,),),
    ),
    "argmax of nothing is missing": (
        "x = argmax(difference(I, I), size); branch(equality(x, None), I, rot90(I))",
        SMALL,
        SMALL,
    ),
    "a power of zero is an error": ("f = power(hmirror, ZERO); I", SMALL, "error RANGE"),
    "a ragged grid is an error where it is used": (
        "r = astuple(first(I), dedupe(combine(first(I), first(I)))); rot180(apply(dedupe, I))",
        ((1, 1), (1, 2)),
        "error SHAPE",
    ),
}


@pytest.mark.parametrize(("body", "grid", "expected"), CASES.values(), ids=CASES)
def test_program_means(body: str, grid: Any, expected: Any) -> None:
    assert run_both(body, [grid, grid]) == [expected, expected]


BUDGETS = {
    "elements of a container": (
        "x = interval(ZERO, TEN, ONE); I",
        Limits(elements=9),
        "over_budget ELEMENTS",
    ),
    "cells of a grid": ("canvas(ZERO, THREE_BY_THREE)", Limits(cells=8), "over_budget CELLS"),
    "cells of a grid are counted before it is made": (
        "n = multiply(TEN, multiply(TEN, multiply(TEN, TEN)));"
        " m = multiply(n, TEN); canvas(ZERO, astuple(m, m))",
        Limits(),
        "over_budget CELLS",
    ),
    "integers": (
        "f = power(double, TEN); canvas(f(ONE), UNITY)",
        Limits(integer=1000),
        "over_budget INTEGER",
    ),
    "coordinates": (
        "shift(asindices(I), astuple(TEN, TEN)); I".replace("shift", "x = shift", 1),
        Limits(integer=10),
        "over_budget INTEGER",
    ),
    "turns of a power": ("f = power(hmirror, TEN); I", Limits(turns=9), "over_budget TURNS"),
    "visits add up over the elements of a lane": (
        "f = rbind(apply, asindices(I)); g = compose(f, lbind(lbind, add));"
        " x = apply(g, asindices(I)); I",
        Limits(total=15),
        "over_budget TOTAL",
    ),
    "visits within the limit": (
        "f = rbind(apply, asindices(I)); g = compose(f, lbind(lbind, add));"
        " x = apply(g, asindices(I)); I",
        Limits(total=16),
        SMALL,
    ),
    "an error before the budget is met is the error": (
        "x = divide(ONE, ZERO); y = interval(ZERO, TEN, ONE); I",
        Limits(elements=9),
        "error ZERO",
    ),
    "a function that is written out for each element is one": (
        "x = map(lambda r: (I for q in I), I); I",
        Limits(total=3),
        "over_budget TOTAL",
    ),
    "the budget met before an error is the budget": (
        "y = interval(ZERO, TEN, ONE); x = divide(ONE, ZERO); I",
        Limits(elements=9),
        "over_budget ELEMENTS",
    ),
}


@pytest.mark.parametrize("name", ["corners", "center", "hmatching", "adjacent"])
def test_rows_of_two_are_locations_in_any_budget(name: str) -> None:
    patches = ", ".join("I" * TABLE[name].arity)
    grids = [((0, 1), (1, 0), (1, 1)), ((0, 1, 2), (1, 0, 2))]
    ends = [run_both(f"x = {name}({patches}); I", grids, Limits(total=n)) for n in range(1, 9)]
    assert len({str(end) for end in ends}) > 1


@pytest.mark.parametrize(("body", "limits", "expected"), BUDGETS.values(), ids=BUDGETS)
def test_budget_counts(body: str, limits: Limits, expected: Any) -> None:
    assert run_both(body, [SMALL], limits) == [expected]
