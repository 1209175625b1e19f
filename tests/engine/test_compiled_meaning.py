"""What programs mean on compiled kernels: all that `test_meaning` says, and values of odd kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, Limits
from tests.columns import run_compiled
from tests.oracle.test_meaning import BUDGETS, CASES, SMALL
from tests.programs_text import code_of, run_both


def code(body: str) -> Any:
    """The generated function of a solver."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(code_of(body), scope)
    return scope["solve"]


@pytest.mark.parametrize(("body", "grid", "end"), CASES.values(), ids=CASES)
def test_compiled_program_means(body: str, grid: Any, end: Any) -> None:
    assert run_compiled(code(body), [grid, grid], DEFAULT_LIMITS) == [end, end]


@pytest.mark.parametrize(("body", "limits", "end"), BUDGETS.values(), ids=BUDGETS)
def test_compiled_budget_counts(body: str, limits: Limits, end: Any) -> None:
    assert run_compiled(code(body), [SMALL, SMALL, SMALL], limits) == [end] * 3


def nested(name: str, value: str, call: str, levels: int) -> Iterator[str]:
    """Statements that nest a value, `name40` the deepest."""
    yield f"{name}0 = {value}"
    for k in range(levels):
        yield f"{name}{k + 1} = {call.format(f'{name}{k}')}"


def compared(call: str, levels: int) -> str:
    """A program that compares two equal values, nested so deep, made apart."""
    statements = [
        *nested("a", "height(I)", call, levels),
        *nested("b", "width(I)", call, levels),
        f"canvas(branch(equality(a{levels}, b{levels}), ONE, TWO), UNITY)",
    ]
    return "; ".join(statements)


ODD: dict[str, tuple[str, Any]] = {
    "pairs less grids": (
        "g = replace(I, ZERO, NEG_ONE); x = difference(asindices(I), initset(g)); fill(I, NINE, x)",
        ((9, 9), (9, 9)),
    ),
    "cells less grids": (
        "x = difference(asobject(I), initset(I)); paint(canvas(FIVE, shape(I)), x)",
        ((1, 0), (0, 0)),
    ),
    "grids less tuples of rows": (
        "x = difference(initset(I), initset(apply(identity, I))); canvas(size(x), UNITY)",
        ((0,),),
    ),
    "tuples of rows less other grids": (
        "x = difference(initset(apply(identity, I)), initset(rot90(I))); canvas(size(x), UNITY)",
        ((1,),),
    ),
    "sets nested 20 deep": (compared("initset({})", 20), ((1,),)),
    "sets nested 95 deep": (compared("initset({})", 95), ((1,),)),
    "tuples nested 65 deep": (compared("repeat({}, ONE)", 65), ((1,),)),
}


@pytest.mark.parametrize("name", ODD)
def test_values_of_odd_kinds_are_compared(name: str) -> None:
    body, end = ODD[name]
    grids = [((1, 0), (0, 0)), ((1, 0), (0, 0))]
    assert run_both(body, grids) == run_compiled(code(body), grids) == [end, end]
