"""A statement that nobody needs and whose types don't fit is passed over, in both answers."""

from __future__ import annotations

import pytest

from tests.programs_text import run_both

GRIDS = [((1, 2), (0, 3)), ((0,),)]

PASSED_OVER = {
    "a row": "unused = add(I, ONE); vmirror(I)",
    "a chain": "a = add(I, ONE); b = size(a); c = combine(b, I); vmirror(I)",
    "in a function": "a = apply(lambda r: add(I, r), I); vmirror(I)",
    "a name that is assigned again": "x = add(I, ONE); x = I; vmirror(x)",
    "a number that is not looked at": "x = product(6, difference(I, I)); vmirror(I)",
    "one behind what decides": "x = bordering(asobject(I), 6); vmirror(I)",
}
SURE_TO_RAISE = {
    "a number": "unused = size(6); vmirror(I)",
    "a number as locations": "unused = recolor(6, 6); vmirror(I)",
    "a number of which elements are taken": "unused = apply(identity, 6); vmirror(I)",
    "a truth value": "x = centerofmass(hline(I)); vmirror(I)",
    "one for an element": "x = sfilter(I, lambda r: len(r[0]) > 0); vmirror(I)",
    "a set that is cut": "unused = rot270(asindices(I)); vmirror(I)",
    "behind what does not fit": "x = add(I, ONE); y = height(2); vmirror(I)",
}


@pytest.mark.parametrize("kind", PASSED_OVER)
def test_what_does_not_fit_is_passed_over(kind: str) -> None:
    assert run_both(PASSED_OVER[kind], GRIDS) == [((2, 1), (3, 0)), ((0,),)]


@pytest.mark.parametrize("kind", SURE_TO_RAISE)
def test_what_is_sure_to_raise_fails_the_lane(kind: str) -> None:
    assert run_both(SURE_TO_RAISE[kind], GRIDS) == ["error TYPE"] * 2


def test_what_fails_otherwise_fails_the_lane() -> None:
    body = "unused = first(difference(palette(I), palette(I))); vmirror(I)"
    assert run_both(body, GRIDS) == ["error EMPTY"] * 2
