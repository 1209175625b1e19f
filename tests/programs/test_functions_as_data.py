"""Programs on containers of functions, and how they end on each grid."""

from __future__ import annotations

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.frontend.units import split_units
from tests.programs.on_both_sides import ends, text_of

PROGRAMS = (
    (
        "f = lbind(add, ONE); g = lbind(pair, f); h = branch(portrait(I), g, identity); "
        "return canvas(ONE, shape(h(I)))",
        "ok ok TYPE ok ok ok",
    ),
    (
        "f = lbind(intersection, I); c = recolor(f, asindices(I)); p = combine(c, asobject(I)); "
        "return paint(I, p)",
        "TYPE TYPE TYPE TYPE TYPE EMPTY",
    ),
    (
        "f = lbind(intersection, I); g = lbind(recolor, f); h = fork(combine, g, identity); "
        "p = mapply(h, initset(asobject(I))); return paint(I, p)",
        "TYPE TYPE TYPE TYPE TYPE EMPTY",
    ),
    (
        "a = ofcolor(I, mostcolor(I)); ts = astuple(a, toindices(shift(a, DOWN))); "
        "fs = apply(lbind(rbind, difference), ts); gs = apply(lbind(lbind, shift), ts); "
        "hs = papply(compose, fs, gs); rs = rapply(hs, ORIGIN); n = size(rs); "
        "return branch(equality(n, TWO), vmirror(I), I)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = insert(vmirror, initset(identity)); "
        "ks = apply(lbind(rbind, upscale), interval(ONE, THREE, ONE)); "
        "hs = apply(fork(compose, first, last), product(fs, ks)); gs = rapply(hs, I); "
        "a = sfilter(gs, matcher(width, width(I))); return first(remove(I, a))",
        "ok ok ok EMPTY EMPTY EMPTY",
    ),
    (
        "fs = apply(lbind(lbind, shift), totuple(objects(I, T, T, T))); "
        "gs = papply(compose, repeat(toindices, size(fs)), fs); xs = rapply(gs, ORIGIN); "
        "return vmirror(I)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, fill), interval(ONE, THREE, ONE)); return vmirror(I)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = astuple(hmirror, vmirror); "
        "gs = apply(fork(compose, first, last), product(fs, fs)); m = rapply(totuple(gs), I); "
        "d = first(remove(I, m)); return vmirror(hmirror(vmirror(hmirror(vmirror(I)))))",
        "ok ok ok EMPTY EMPTY EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), interval(ONE, FOUR, ONE)); "
        "gs = combine(fs, astuple(double, increment)); xs = rapply(gs, THREE); "
        "return canvas(ONE, astuple(size(xs), last(xs)))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), interval(ONE, FOUR, ONE)); "
        "gs = combine(astuple(double, increment), fs); xs = rapply(gs, THREE); "
        "return canvas(first(xs), astuple(size(xs), last(xs)))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = insert(double, fs); "
        "xs = totuple(gs); ys = rapply(xs, THREE); "
        "return canvas(first(ys), astuple(size(ys), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = combine(fs, initset(double)); "
        "xs = totuple(gs); ys = rapply(xs, THREE); "
        "return canvas(last(ys), astuple(size(ys), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); "
        "gs = apply(lbind(lbind, multiply), palette(I)); xs = combine(fs, gs); "
        "ys = rapply(totuple(xs), THREE); return canvas(last(ys), astuple(size(ys), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); f = first(fs); gs = remove(f, fs); "
        "ys = rapply(gs, THREE); return canvas(ONE, astuple(size(ys), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); f = first(fs); "
        "return branch(contained(f, fs), vmirror(I), I)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); f = first(fs); g = last(fs); "
        "return branch(equality(f, g), vmirror(I), I)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); gs = combine(fs, fs); "
        "hs = dedupe(gs); return canvas(ONE, astuple(size(gs), size(hs)))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); gs = combine(fs, fs); "
        "h = mostcommon(gs); return canvas(h(ONE), astuple(size(gs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); "
        "gs = combine(fs, initset(last(fs))); h = mostcommon(gs); "
        "return canvas(h(ONE), astuple(size(gs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); "
        "gs = apply(lbind(rbind, multiply), totuple(palette(I))); ps = pair(fs, gs); "
        "hs = apply(fork(compose, first, last), ps); ys = rapply(hs, TWO); "
        "return canvas(last(ys), astuple(size(ys), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); "
        "ps = pair(fs, interval(ZERO, size(fs), ONE)); "
        "g = fork(combine, chain(initset, first, identity), chain(initset, last, identity)); "
        "xs = apply(last, ps); return canvas(ONE, astuple(increment(maximum(xs)), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); "
        "xs = papply(astuple, fs, interval(ZERO, size(fs), ONE)); ys = apply(last, xs); "
        "f = first(first(xs)); return canvas(f(ONE), astuple(increment(maximum(ys)), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, sfilter), astuple(even, positive)); "
        "xs = rapply(fs, palette(I)); "
        "return canvas(ONE, astuple(increment(size(merge(xs))), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "xs = astuple(palette(I), palette(hmirror(I))); "
        "fs = apply(lbind(lbind, contained), totuple(palette(I))); "
        "ys = papply(sfilter, repeat(palette(I), size(fs)), repeat(even, size(fs))); "
        "return canvas(ONE, astuple(increment(size(ys)), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "ks = totuple(palette(I)); fs = apply(lbind(matcher, identity), ks); "
        "ys = papply(sfilter, repeat(palette(I), size(fs)), fs); "
        "return canvas(ONE, astuple(size(merge(ys)), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = astuple(hmirror, vmirror); gs = papply(compose, fs, fs); xs = rapply(gs, I); "
        "return first(xs)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = astuple(hmirror, vmirror); gs = prapply(compose, fs, fs); xs = rapply(gs, I); "
        "return first(xs)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = astuple(hmirror, vmirror); gs = mapply(rbind(astuple, identity), fs); "
        "xs = rapply(gs, I); return last(xs)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), totuple(palette(I))); "
        "gs = mapply(rbind(astuple, double), fs); xs = rapply(gs, TWO); "
        "return canvas(last(xs), astuple(size(xs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = mapply(initset, fs); "
        "xs = rapply(gs, TWO); return canvas(size(fs), astuple(size(xs), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(fork(astuple, lbind(rbind, add), lbind(lbind, multiply)), "
        "totuple(palette(I))); gs = merge(fs); xs = rapply(gs, TWO); "
        "return canvas(last(xs), astuple(size(xs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(fork(astuple, lbind(rbind, add), lbind(lbind, multiply)), palette(I)); "
        "gs = merge(fs); xs = rapply(totuple(gs), TWO); "
        "return canvas(last(xs), astuple(size(xs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); "
        "gs = order(fs, compose(invert, chain(first, rbind(rapply, ONE), initset))); "
        "h = first(gs); return canvas(h(ONE), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); "
        "h = argmax(fs, chain(first, rbind(rapply, ONE), initset)); "
        "return canvas(h(ONE), UNITY)",
        "ok ok ok ok ok NONE",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); "
        "gs = sfilter(fs, chain(even, first, compose(rbind(rapply, ONE), initset))); "
        "return canvas(size(gs), astuple(increment(size(gs)), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = difference(fs, initset(first(fs))); "
        "return canvas(size(gs), astuple(increment(size(gs)), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); "
        "gs = intersection(fs, initset(first(fs))); "
        "return canvas(size(gs), astuple(increment(size(gs)), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); h = other(fs, first(fs)); "
        "return canvas(h(ONE), UNITY)",
        "ok ok ok ok EMPTY EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = product(fs, fs); "
        "xs = apply(fork(compose, first, last), gs); ys = rapply(totuple(xs), ONE); "
        "return canvas(last(ys), astuple(size(ys), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = product(palette(I), fs); "
        "ys = apply(first, totuple(gs)); return canvas(last(ys), astuple(size(ys), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, add), palette(I)); gs = product(fs, asindices(I)); "
        "ys = apply(last, totuple(gs)); return canvas(size(ys), last(ys))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = repeat(vmirror, size(palette(I))); xs = rapply(fs, I); return first(xs)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = repeat(lbind(add, size(I)), size(palette(I))); xs = rapply(fs, ONE); "
        "return canvas(size(xs), astuple(first(xs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = astuple(hmirror, vmirror); return branch(contained(vmirror, fs), hmirror(I), I)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = (hmirror, vmirror, hmirror); "
        "return canvas(size(dedupe(fs)), astuple(size(remove(hmirror, fs)), ONE))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = (hmirror, vmirror, hmirror); f = mostcommon(fs); g = leastcommon(fs); return f(g(I))",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = branch(square(I), astuple(hmirror, vmirror), astuple(vmirror, rot90)); "
        "gs = combine(fs, fs); xs = rapply(gs, I); return last(xs)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = branch(square(I), astuple(hmirror, vmirror), repeat(rot90, size(palette(I)))); "
        "xs = rapply(fs, I); return last(xs)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "h = branch(square(I), compose(lbind(lbind, add), height), compose(lbind(lbind, add), "
        "width)); k = h(I); return canvas(k(ONE), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "h = branch(square(I), compose(lbind(lbind, add), height), compose(lbind(lbind, "
        "multiply), width)); k = h(I); fs = insert(k, initset(double)); "
        "xs = rapply(fs, THREE); return canvas(size(xs), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "h = branch(square(I), compose(lbind(lbind, add), height), compose(lbind(lbind, "
        "multiply), width)); fs = apply(h, objects(I, T, F, F)); xs = rapply(fs, THREE); "
        "return canvas(size(xs), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(fork(lbind(branch, square(I)), lbind(lbind, add), lbind(lbind, "
        "multiply)), palette(I)); xs = rapply(totuple(fs), THREE); "
        "return canvas(last(xs), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "g = fork(branch, even, fork(astuple, lbind(lbind, add), lbind(lbind, add))); return I",
        "ok ok ok ok ok ok",
    ),
    (
        "g = lbind(lbind, add); h = lbind(lbind, multiply); f = fork(lbind(branch, T), g, h); "
        "fs = apply(f, palette(I)); return canvas(size(fs), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(chain(lbind(lbind, add), identity, identity), palette(I)); "
        "gs = apply(lbind(compose, double), fs); xs = rapply(gs, ONE); "
        "return canvas(size(xs), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "fs = apply(lbind(lbind, shift), objects(I, T, F, F)); "
        "xs = apply(lbind(rapply, fs), astuple(DOWN, RIGHT)); "
        "return canvas(size(merge(xs)), UNITY)",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(lbind, shift), objects(I, T, F, F)); "
        "xs = mapply(lbind(rapply, fs), astuple(DOWN, RIGHT)); return paint(I, merge(xs))",
        "ok ok ok ok ok EMPTY",
    ),
    (
        "fs = apply(lbind(rbind, contained), astuple(palette(I), asindices(I))); "
        "xs = rapply(fs, ONE); return branch(first(xs), I, vmirror(I))",
        "ok ok ok ok ok ok",
    ),
    (
        "gs = apply(lbind(apply, lbind(rbind, add)), astuple(palette(I), interval(ONE, THREE, "
        "ONE))); hs = merge(gs); xs = rapply(hs, ONE); return canvas(size(xs), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "gs = apply(compose(lbind(apply, lbind(rbind, add)), palette), partition(I)); "
        "return canvas(size(gs), UNITY)",
        "ok ok ok ok ok ok",
    ),
    (
        "gs = apply(compose(lbind(apply, lbind(rbind, add)), palette), partition(I)); "
        "hs = merge(gs); xs = rapply(totuple(hs), ONE); "
        "return canvas(last(xs), astuple(size(xs), ONE))",
        "ok ok ok ok ok EMPTY",
    ),
)


@pytest.mark.parametrize(("statements", "ended"), PROGRAMS, ids=[row[0] for row in PROGRAMS])
def test_all_sides_end_alike(statements: str, ended: str) -> None:
    words = [end.removeprefix("error ") for end in ends(text_of(statements))]
    assert " ".join(words) == ended


@pytest.mark.parametrize(
    "statements",
    [
        "fs = astuple(identity, rot90); gs = astuple(fs, fs); none = difference(gs, gs); "
        "f = extract(none, matcher(compose(height, rbind(rapply, I)), ONE)); return first(f)(I)",
        "none = remove(identity, initset(identity)); f = totuple(none)[size(I)]; return f(I)",
        "none = remove(identity, initset(identity)); return next(f for f in none)(I)",
    ],
)
def test_an_element_of_no_functions_is_refused(statements: str) -> None:
    (unit,), _ = split_units("test", "a.py", text_of(statements).encode())
    (found,) = compile_unit(unit).diagnostics
    assert (found.code, found.message) == (
        "data-as-function",
        "a function is expected here, got data",
    )
