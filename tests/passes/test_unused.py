"""A statement that nobody needs and whose types don't fit is passed over, in both answers."""

from __future__ import annotations

import pytest

from tests.programs_text import run_both

GRIDS = [((1, 2), (0, 3)), ((0,),)]

PASSED_OVER = {
    "a row": "unused = recolor(6, 6); vmirror(I)",
    "a chain": "a = recolor(6, 6); b = size(a); c = combine(b, I); vmirror(I)",
    "in a function": "a = apply(lambda r: recolor(r, r), I); vmirror(I)",
    "a name that is assigned again": "x = recolor(6, 6); x = I; vmirror(x)",
}


@pytest.mark.parametrize("kind", PASSED_OVER)
def test_what_does_not_fit_is_passed_over(kind: str) -> None:
    assert run_both(PASSED_OVER[kind], GRIDS) == [((2, 1), (3, 0)), ((0,),)]


def test_what_fails_otherwise_fails_the_lane() -> None:
    body = "unused = first(difference(palette(I), palette(I))); vmirror(I)"
    assert run_both(body, GRIDS) == ["error EMPTY"] * 2
