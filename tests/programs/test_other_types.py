"""Primitives on values of types that they are not made for, as the published DSL has them."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import pytest

from pipeline.frontend.meanings import meanings
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.primitives.table import BY_NAME
from pipeline.trust.agreement.answers import agree, build, direct, generated
from pipeline.trust.agreement.runners import TextRunner
from tests.programs.on_both_sides import ends, text_of
from tests.published import published_dsl

GRIDS: Final = (((1, 2, 0), (0, 1, 2), (2, 2, 1), (0, 0, 0)), ((3, 1), (1, 0)), ((2,),))
ONE: Final = (
    *("I", "asobject(I)", "palette(I)", "partition(I)", "totuple(asindices(I))"),
    *("totuple(asobject(I))", "hsplit(I, TWO)", "shape(I)", "insert(ONE, palette(I))", "TWO"),
)
MANY: Final = ("I", "asindices(I)", "palette(I)", "shape(I)", "TWO")
SELDOM: Final = {"colorfilter", "crop", "occurrences", "paint"}
"""Primitives that give something for none of these values."""


def calls(name: str) -> list[str]:
    """Calls of a primitive with values of all kinds; of several only one is of an odd kind."""
    arity = BY_NAME[name].arity
    given = product(ONE if arity == 1 else MANY, repeat=arity)
    few = [args for args in given if sum(a in ("I", "TWO") for a in args) >= arity - 1]
    return [f"{name}({', '.join(args)})" for args in few]


def literal(value: Any) -> str:
    """The text of a value."""
    if isinstance(value, tuple | frozenset):
        inside = f"({''.join(f'{literal(part)}, ' for part in value)})"
        return inside if isinstance(value, tuple) else f"frozenset({inside})"
    return str(value)


def theirs(call: str, grid: Any) -> Any:
    """What the published DSL gives, or raises."""
    try:
        return eval(call, dict(published_dsl()), {"I": grid})
    except Exception as error:
        return error


def ended(call: str, expected: Any, grid: Any) -> Any:
    """How a program ends that gives its grid where a call gives what is expected; None where it is
    refused. Both answers must end alike.
    """
    is_error = isinstance(expected, Exception)
    same = "x == x" if is_error else f"x == {literal(expected)}"
    found = build(text_of(f"x = {call}; return branch({same}, I, combine(I, I))"))
    assert found.broken is None, found.broken
    if found.rejected:
        return None
    here = direct(found, grid, DEFAULT_LIMITS)
    compiled = generated(found, [grid], DEFAULT_LIMITS, TextRunner())[0]
    assert agree(here, compiled), (call, grid, here, compiled)
    return here


@pytest.mark.parametrize("name", sorted(meanings()))
def test_a_primitive_on_values_of_other_types(name: str) -> None:
    answered = 0
    for call, grid in product(calls(name), GRIDS):
        expected = theirs(call, grid)
        here = ended(call, expected, grid)
        if here is not None and not isinstance(expected, Exception | Failure):
            assert here == grid or isinstance(here, Failure), (call, grid, expected)
            answered += here == grid
    assert answered or name in SELDOM


PROGRAMS: Final = (
    ("return subgrid(I, I)", "ok ok ok ok RANGE EMPTY"),
    ("return canvas(ZERO, ulcorner(I))", "ok ok ok ok RANGE EMPTY"),
    ("return fill(I, THREE, ofcolor(I, I))", "ok ok ok ok ok EMPTY"),
    ("return paint(I, recolor(palette(I), ofcolor(I, NINE)))", "ok ok ok ok ok EMPTY"),
    ("return paint(I, recolor(palette(I), asindices(I)))", "TYPE TYPE TYPE TYPE TYPE EMPTY"),
    ("return fill(I, ONE, recolor(flip, ofcolor(I, ZERO)))", "ok ok ok ok ok EMPTY"),
    ("return fill(I, flip, ofcolor(I, FIVE))", "ok ok TYPE ok ok EMPTY"),
    (
        "x = sfilter(palette(I), lbind(equality, FIVE)); return fill(I, ONE, x)",
        "ok ok TYPE ok ok EMPTY",
    ),
    (
        "x = sfilter(palette(I), lbind(equality, FIVE)); y = apply(lbind(shift, ORIGIN), x); "
        "return branch(equality(size(y), ZERO), I, I)",
        "ok ok TYPE ok ok ok",
    ),
    ("f = branch(portrait(I), vmirror, ONE); return f(I)", "TYPE TYPE ok TYPE TYPE TYPE"),
    ("f = branch(portrait(I), shape, identity); return f(I)", "ok ok TYPE ok ok ok"),
    (
        "f = branch(portrait(I), hmirror, tojvec); x = fgpartition(f(I)); "
        "return fill(I, ONE, merge(x))",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    ("return paint(I, toobject(ofcolor(I, NINE), toivec(I)))", "ok ok ok ok ok EMPTY"),
    ("n = intersection(portrait(I), T); return canvas(n, UNITY)", "ok ok ok ok ok ok"),
    ("x = remove(first, I); return x", "ok ok ok ok ok ok"),
    ("n = contained(flip, palette(I)); return branch(n, rot90(I), I)", "ok ok ok ok ok ok"),
    ("return dmirror(vconcat(I, canvas(ZERO, UNITY)))", "ok ok ok ok ok ok"),
    ("return rot270(vconcat(I, canvas(ZERO, UNITY)))", "ok ok ok ok ok ok"),
    ("x = maximum(asindices(I)); return canvas(first(x), UNITY)", "ok ok ok ok ok TYPE"),
    ("x = double(I); return canvas(size(first(x)), UNITY)", "ok ok ok RANGE RANGE EMPTY"),
    ("return canvas(ONE, interval(ONE, FOUR, ONE))", "ok ok ok ok ok ok"),
    ("x = power(I, ONE); return x", "ok ok ok ok ok ok"),
    ("return replace(I, palette, THREE)", "ok ok ok ok ok ok"),
    (
        "x = next((ORIGIN for e in I), UNITY); return ((isinstance(x, tuple),),)",
        "ok ok ok ok ok ok",
    ),
    (
        "x = branch(square(I), ONE, UNITY); return ((isinstance(x, tuple), isinstance(x, int)),)",
        "ok ok ok ok ok EMPTY",
    ),
    ("x = next(ORIGIN for e in ORIGIN); return ((isinstance(x, tuple),),)", "ok ok ok ok ok ok"),
    ("x = height((None, (1, 1))); return I", "NONE NONE NONE NONE NONE NONE"),
    (
        "n = [v for v, p in next((o for o in objects(I, T, F, T) if len(o) > 1), ())]; "
        "return canvas(len(n), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "x = ((I is True, square(I) is not True, None is False, (1, 2) is True),); return x",
        "ok ok ok ok ok EMPTY",
    ),
    ("x = None if portrait(I) else True; return ((x is True, isinstance(x, bool)),)", "ok " * 6),
    ("return ((isinstance(I, (bool, set)), isinstance(3, (int, bool))),)", "ok " * 6),
)


@pytest.mark.parametrize(("statements", "ended"), PROGRAMS, ids=[row[0] for row in PROGRAMS])
def test_all_sides_end_alike(statements: str, ended: str) -> None:
    words = [end.removeprefix("error ") for end in ends(text_of(statements))]
    assert " ".join(words) == ended.rstrip()


TEXTS: Final = (
    "x = 'a' if square(I) else ''; return canvas(1 if x else 2, UNITY)",
    "s = {('b', (0, 1)), ('a', (0, 5)), ('a', (0, 0))}; return tuple(p for n, p in s)",
    "s = {('b', 1), ('a', 2)}; t = sorted(s); return tuple((k, n == 'a') for n, k in (*s, *t))",
    "x = max(('b', 3), ('a', 7)); y = None if square(I) else x[0]; return ((y == 'b', y is None),)",
)


@pytest.mark.parametrize("statements", TEXTS)
def test_texts_are_the_same_on_all_sides(statements: str) -> None:
    assert "ok" in ends(text_of(statements))


def test_a_loop_over_what_may_be_a_number_fails_there() -> None:
    text = (
        "def solve_xxxxxxxx(I):\n    n = 0\n    for v, p in next((o for o in objects(I, T, F, T)), "
        "ZERO):\n        n += v\n    return ((n,),)\n"
    )
    assert ends(text) == ["ok", "ok", "ok", "ok", "error TYPE", "error EMPTY"]


UNPACKED: Final = (
    "*x, = ulcorner(ofcolor(I, NINE)); return canvas(size(x), UNITY)",
    "a, *x = first(I); return canvas(size(x), UNITY)",
    "*x, a = shape(I); return canvas(size(x), UNITY)",
    "a, *x, b = first(I); return canvas(size(x), UNITY)",
    "a, *x = palette(I); return canvas(size(x), UNITY)",
    "x = (1, I, asindices(I)); y = combine(x, x); return canvas(size(y), UNITY)",
)


@pytest.mark.parametrize("statements", UNPACKED)
def test_what_is_unpacked_counts_alike(statements: str) -> None:
    assert "ok" in ends(text_of(statements), limits=Limits(elements=6, total=2))
