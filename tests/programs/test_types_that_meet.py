"""Programs in which values of different types meet, and how they end on each grid."""

from __future__ import annotations

import pytest

from tests.programs.on_both_sides import ends, text_of

PROGRAMS = (
    (
        "p = branch(portrait(I), totuple(asobject(I)), asobject(I)); return paint(I, p)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), ORIGIN, asindices(I)); return fill(I, ONE, p)",
        "ok ok TYPE ok ok EMPTY",
    ),
    ("p = branch(portrait(I), I, asobject(I)); return paint(I, p)", "ok ok TYPE ok ok EMPTY"),
    ("p = branch(portrait(I), I, asobject(I)); return vmirror(p)", "TYPE TYPE ok TYPE TYPE EMPTY"),
    (
        "p = branch(portrait(I), I, asobject(I)); q = vmirror(p); return paint(I, q)",
        "ok ok TYPE ok ok EMPTY",
    ),
    ("p = branch(portrait(I), I, asobject(I)); return p", "TYPE TYPE ok TYPE TYPE TYPE"),
    ("p = branch(portrait(I), I, ONE); return p", "TYPE TYPE ok TYPE TYPE TYPE"),
    (
        "p = branch(portrait(I), palette(I), asobject(I)); n = size(p); return canvas(n, UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), asobject(I)); n = totuple(p); "
        "return canvas(size(n), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = first(p); return canvas(x, UNITY)",
        "TYPE TYPE ok TYPE TYPE EMPTY",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = first(p); return canvas(ONE, x)",
        "ok ok TYPE ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = add(first(p), ONE); "
        "y = branch(portrait(I), x, ONE); return canvas(y, UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); f = lbind(contained, ONE); "
        "g = f(p); return branch(g, I, vmirror(I))",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), asobject(I), repeat(ZERO, size(I))); return paint(I, p)",
        "TYPE TYPE ok TYPE TYPE EMPTY",
    ),
    (
        "p = branch(portrait(I), asobject(I), repeat(ZERO, ZERO)); return paint(I, p)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), asobject(I), difference(palette(I), palette(I))); "
        "return paint(I, p)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), ORIGIN, ONE); return canvas(ONE, add(p, UNITY))",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), ORIGIN, asindices(I)); return canvas(ONE, p)",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "p = branch(portrait(I), interval(ZERO, height(I), ONE), ONE); return canvas(ONE, p)",
        "TYPE TYPE SHAPE TYPE TYPE TYPE",
    ),
    (
        "f = branch(portrait(I), asobject, height); x = f(I); return paint(I, x)",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "f = branch(portrait(I), asobject, height); x = f(I); "
        "y = branch(portrait(I), x, asobject(I)); return paint(I, y)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), palette(I), I); x = apply(identity, p); y = size(x); "
        "return canvas(y, UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), I); x = apply(first, p); return I",
        "ok ok TYPE ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), I); x = mapply(identity, p); "
        "return canvas(size(x), UNITY)",
        "ok ok TYPE ok ok ok",
    ),
    (
        "p = branch(portrait(I), astuple(I, ONE), ONE); x = first(p); return x",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "x = astuple(branch(portrait(I), I, ONE), TWO); y = first(x); return y",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "x = astuple(branch(portrait(I), I, ONE), TWO); y = first(x); "
        "z = branch(portrait(I), y, I); return z",
        "ok ok ok ok ok ok",
    ),
    (
        "x = initset(branch(portrait(I), I, ONE)); y = first(x); return y",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = order(p, identity); "
        "return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = argmax(p, identity); "
        "return canvas(x, UNITY)",
        "TYPE TYPE ok TYPE TYPE NONE",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); "
        "x = extract(p, matcher(identity, ORIGIN)); return canvas(ONE, increment(x))",
        "ok ok NO_MATCH ok ok NO_MATCH",
    ),
    (
        "x = apply(branch(portrait(I), first, size), I); return canvas(first(x), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "x = sfilter(palette(I), branch(portrait(I), even, positive)); "
        "return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); "
        "x = papply(astuple, totuple(p), totuple(p)); return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = prapply(astuple, p, p); "
        "return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); x = product(p, p); "
        "return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), first(palette(I)), first(asindices(I))); x = equality(p, p); "
        "return branch(x, I, vmirror(I))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), ONE, RIGHT); f = power(increment, size(I)); x = f(p); "
        "return canvas(ONE, x)",
        "ok ok TYPE ok ok RANGE",
    ),
    (
        "p = branch(portrait(I), ONE, RIGHT); f = power(vmirror, p); return f(I)",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "p = branch(portrait(I), palette(I), objects(I, T, F, F)); "
        "q = branch(square(I), p, asindices(I)); x = size(q); return canvas(x, UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), palette(I), objects(I, T, F, F)); x = merge(p); "
        "return paint(I, x)",
        "ok ok TYPE ok ok EMPTY",
    ),
)


@pytest.mark.parametrize(("statements", "ended"), PROGRAMS, ids=[row[0] for row in PROGRAMS])
def test_all_sides_end_alike(statements: str, ended: str) -> None:
    words = [end.removeprefix("error ") for end in ends(text_of(statements))]
    assert " ".join(words) == ended
