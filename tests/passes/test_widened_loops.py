"""Loops whose second turn makes of a variable what its type does not hold."""

from __future__ import annotations

from pipeline.codegen.compile import compile_unit
from pipeline.frontend.units import Unit


def test_what_has_no_type_is_told_once() -> None:
    text = (
        "def solve_a(I):\n    I = I\n"
        "    for v, p in next(((ORIGIN, ORIGIN) for e in I), ZERO):\n"
        "        k = len(3) + v\n        def f(a):\n            b: I = v\n"
        "            return I\n    return I\n"
    )
    found = compile_unit(Unit("test/a", "a.py", 1, text)).diagnostics
    assert [d.code for d in found] == ["type-mismatch"]
