"""A name that `:=` is given for each element of a container is read in the comprehension only."""

from __future__ import annotations

import pytest

from pipeline.codegen.compile import compile_unit
from tests.programs_text import run_both, unit_of

GRIDS = [((0, 1), (2, 3)), ((0,),)]
READ_OUTSIDE = (
    "x = [(y := r) for r in I]; (y,)",
    "x = any((y := r) == I[0] for r in I); (y,)",
    "x = {y for r in I if (y := r)}; f = lambda: y; (f(),)",
    "x = next(r for r in I if (y := r)); (y,)",
)


@pytest.mark.parametrize("body", READ_OUTSIDE)
def test_read_outside_is_refused(body: str) -> None:
    found = compile_unit(unit_of(body)).diagnostics
    assert [d.code for d in found] == ["unsupported-closure"]
    assert "what `:=` gives a name in a comprehension" in found[0].message


def test_read_inside_is_not() -> None:
    body = "x = tuple(y for r in I if 0 <= (y := maximum(r)) < 9); z = I if len(x) > 1 else (x,); z"
    assert run_both(body, GRIDS) == [((0, 1), (2, 3)), ((0,),)]


def test_a_name_that_is_given_again_can_be_read() -> None:
    assert run_both("x = [(y := r) for r in I]; y = I[0]; (y,)", GRIDS) == [((0, 1),), ((0,),)]
