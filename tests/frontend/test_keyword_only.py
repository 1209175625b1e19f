"""Parameters behind a star, which only a keyword gives."""

from __future__ import annotations

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.diagnostics import Invalid
from pipeline.frontend.parse import parse
from pipeline.frontend.units import split_units
from pipeline.oracle.interpret import interpret

GIVEN = {
    ("a, *, k=2", "f(1, k=3)"): 13,
    ("a, *, k=2", "f(1)"): 12,
    ("a, *, k", "f(k=4, a=1)"): 14,
    ("a, *, j=1, k", "f(1, k=4)"): 14,
    ("a=5, *, k", "f(k=4)"): 54,
    ("a=5, *, k", "f(3, k=4)"): 34,
    ("a, b=2, *, k=3", "f(1, k=9)"): 19,
    ("a, *, k=3", "apply(f, (1, 2))[1]"): 23,
}


@pytest.mark.parametrize(("parameters", "call"), GIVEN)
@pytest.mark.parametrize(
    "form", ["def f({}):\n    return 10 * a + k\n", "f = lambda {}: 10 * a + k\n"]
)
def test_what_it_gets(form: str, parameters: str, call: str) -> None:
    text = form.format(parameters) + f"\ndef solve_a(I):\n    return canvas({call}, (1, 1))\n"
    assert interpret(parse(text), ((0,),)) == ((GIVEN[parameters, call],),)
    (unit,), _ = split_units("own", "a.py", text.encode())
    assert compile_unit(unit).diagnostics == ()


REFUSED = {
    ("a, *, k", "f(1, 2)"): "f takes 1 by their places, got 2",
    ("a, *, k", "f(1)"): "f takes 2 arguments, got 1",
    ("*, k=1", "f(1)"): "f takes 0 by their places, got 1",
    ("a, *, k", "f(1, j=2)"): "f has no parameter 'j'",
}


@pytest.mark.parametrize(("parameters", "call"), REFUSED)
def test_what_it_can_not_get(parameters: str, call: str) -> None:
    text = f"def f({parameters}):\n    return k\n\ndef solve_a(I):\n    x = {call}\n    return I\n"
    with pytest.raises(Invalid) as raised:
        parse(text)
    (found,) = raised.value.diagnostics
    assert found.message == REFUSED[parameters, call]
