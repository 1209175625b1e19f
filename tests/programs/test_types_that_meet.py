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
        "p = branch(portrait(I), palette(I), asindices(I)); f = lbind(fill, I); "
        "g = rbind(f, p); return g(ONE)",
        "ok ok TYPE ok ok EMPTY",
    ),
    (
        "p = branch(portrait(I), palette(I), asindices(I)); f = lbind(contained, ONE); "
        "g = f(p); return branch(g, I, vmirror(I))",
        "ok ok ok ok ok ok",
    ),
    (
        "p = branch(portrait(I), asobject(I), asindices(I)); q = branch(square(I), p, I); "
        "return fill(I, ONE, q)",
        "ok ok ok SHAPE ok EMPTY",
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
        "TYPE TYPE ok TYPE TYPE TYPE",
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
    ("p = branch(portrait(I), palette(I), I); x = apply(first, p); return I", "ok ok ok ok ok ok"),
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
        "x = apply(chain(branch(portrait(I), first, initset), identity, identity), I); "
        "y = merge(x); return canvas(size(y), UNITY)",
        "ok ok TYPE ok ok ok",
    ),
    (
        "x = apply(branch(portrait(I), increment, initset), palette(I)); y = merge(x); "
        "return canvas(size(y), UNITY)",
        "ok ok TYPE ok ok ok",
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
    ("u = (I, ONE, T); return first(u)", "ok ok ok ok ok ok"),
    ("u = (I, ONE, T); x = apply(identity, u); return first(x)", "ok ok ok ok ok ok"),
    ("u = (I, ONE, T); n = size(u); return canvas(n, UNITY)", "ok ok ok ok ok ok"),
    (
        "u = (I, asobject(I), palette(I)); x = apply(size, u); return canvas(first(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    ("u = insert(ZERO, initset(ORIGIN)); return canvas(size(u), UNITY)", "ok ok ok ok ok ok"),
    (
        "u = insert(asindices(I), initset(ORIGIN)); return canvas(size(u), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "u = insert(asindices(I), initset(ZERO)); x = first(u); return canvas(x, UNITY)",
        "ok ok ok ok ok ok",
    ),
    ("u = combine((I, I), (ONE, TWO)); return first(u)", "ok ok ok ok ok ok"),
    ("u = combine((I, I, I), (ONE, TWO)); return canvas(last(u), UNITY)", "ok ok ok ok ok ok"),
    (
        "u = combine((I, I, I), (ONE, palette(I))); "
        "x = rapply(apply(lbind(lbind, astuple), (ONE, TWO)), ONE); return first(u)",
        "ok ok ok ok ok ok",
    ),
    (
        "u = combine((I, rot90(I)), initset(ONE)); "
        "return last(apply(identity, combine(u, (I, I))))",
        "ok ok ok ok ok ok",
    ),
    (
        "u = astuple(I, ONE); x = apply(size, astuple(I, palette(I))); "
        "return canvas(first(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    ("u = pair((I, ONE, T), (ONE, I, TWO)); x = first(u); return first(x)", "ok ok ok ok ok ok"),
    ("u = ((I, ONE), (rot90(I), TWO)); fs = apply(first, u); return last(fs)", "ok ok ok ok ok ok"),
    ("u = ((I, asobject(I)), (rot90(I), TWO)); x = first(first(u)); return x", "ok ok ok ok ok ok"),
    (
        "u = (asobject(I), asindices(I)); x = merge(u); return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "u = (asobject(I), asindices(I), asobject(I)); x = apply(color, u); return I",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = (asobject(I), asindices(I), asobject(I)); x = first(u); return paint(I, x)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = (asobject(I), asindices(I), asobject(I)); x = order(u, size); "
        "return paint(I, first(x))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = (asobject(I), palette(I), asobject(I)); x = order(u, size); return paint(I, last(x))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = (asobject(I), palette(I), asobject(I)); x = sfilter(u, matcher(size, size(I))); "
        "return canvas(size(x), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "u = (asobject(I), palette(I), asobject(I)); x = extract(u, compose(positive, size)); "
        "return paint(I, x)",
        "ok ok ok ok ok NO_MATCH",
    ),
    (
        "u = (asobject(I), palette(I), asobject(I)); x = argmax(u, size); return paint(I, x)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = (asobject(I), palette(I), ONE); x = contained(ONE, u); return branch(x, I, rot90(I))",
        "ok ok ok ok ok ok",
    ),
    (
        "u = repeat(branch(portrait(I), I, ONE), TWO); x = first(u); return x",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    ("u = (branch(portrait(I), I, ONE), TWO, I); return last(u)", "ok ok ok ok ok ok"),
    (
        "x = apply(branch(portrait(I), increment, initset), palette(I)); "
        "return branch(contained(ONE, x), I, rot90(I))",
        "ok ok ok ok ok ok",
    ),
    (
        "x = apply(branch(portrait(I), increment, initset), palette(I)); "
        "return canvas(maximum(x), UNITY)",
        "TYPE TYPE ok TYPE TYPE ok",
    ),
    ("unused = recolor(SIX, I); return vmirror(I)", "ok ok ok ok RANGE ok"),
    ("u = add(I, ONE); return vmirror(I)", "ok ok ok ok ok EMPTY"),
    ("u = add(I, ONE); v = size(u); return vmirror(I)", "ok ok ok ok ok EMPTY"),
    (
        "u = add(I, ONE); v = combine(u, first(difference(I, I))); return vmirror(I)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = add(I, ONE); v = combine(first(difference(I, I)), u); return vmirror(I)",
        "EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY",
    ),
    (
        "u = combine(add(I, ONE), first(difference(I, I))); return vmirror(I)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "u = combine(first(difference(I, I)), add(I, ONE)); return vmirror(I)",
        "EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY",
    ),
    ("u = apply(lbind(add, I), palette(I)); return vmirror(I)", "ok ok ok ok ok ok"),
    ("u = apply(lbind(add, I), difference(I, I)); return vmirror(I)", "ok ok ok ok ok ok"),
    (
        "u = first(apply(lbind(add, I), difference(I, I))); return vmirror(I)",
        "EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY",
    ),
    (
        "u = apply(chain(lbind(add, I), lbind(divide, ONE), identity), palette(I)); "
        "return vmirror(I)",
        "ok ZERO ZERO ZERO ZERO ok",
    ),
    (
        "u = sfilter(palette(I), compose(lbind(add, I), increment)); return vmirror(I)",
        "ok ok ok ok ok ok",
    ),
    ("u = fill(I, I, ORIGIN); return I", "TYPE TYPE TYPE TYPE TYPE TYPE"),
    ("u = argmax(I, fork(add, identity, size)); return I", "ok ok ok ok SHAPE ok"),
    ("p = branch(portrait(I), I, ONE); u = height(p); return I", "TYPE TYPE ok TYPE TYPE TYPE"),
    (
        "p = branch(portrait(I), I, ONE); u = height(p); v = increment(u); return I",
        "TYPE TYPE ok TYPE TYPE TYPE",
    ),
    (
        "p = branch(portrait(I), I, ONE); u = combine(p, first(difference(I, I))); return I",
        "EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY",
    ),
    (
        "u = recolor(SIX, I); v = fill(I, ZERO, u); return vmirror(I)",
        "ok SHAPE ok SHAPE RANGE EMPTY",
    ),
    ("u = extract(palette(I), lbind(add, I)); return I", "ok ok ok ok ok NO_MATCH"),
    ("u = recolor(I, asobject(I)); return I", "ok ok ok ok ok ok"),
    ("u = (I, ONE, T); return I", "ok ok ok ok ok ok"),
)


@pytest.mark.parametrize(("statements", "ended"), PROGRAMS, ids=[row[0] for row in PROGRAMS])
def test_all_sides_end_alike(statements: str, ended: str) -> None:
    words = [end.removeprefix("error ") for end in ends(text_of(statements))]
    assert " ".join(words) == ended
