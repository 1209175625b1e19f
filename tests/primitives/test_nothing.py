"""What is missing or empty: every row of the tables in `docs/semantics.md` holds of the published
code, of the references, of the compiled rows, and of programs on every runtime; and every call of a
primitive that is not there fails on all sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, Failure
from pipeline.primitives.row import conform, run_row
from pipeline.primitives.table import TABLE
from pipeline.trust.agreement.answers import build, direct, generated
from pipeline.trust.agreement.runners import ImageRunner, TextRunner
from tests.compiled import compiled_kernels
from tests.native import run_native
from tests.primitives.nothing import NAMES, calls, show
from tests.project import PROJECT
from tests.published import canonical, published_dsl

PAGE = Path(PROJECT, "docs", "semantics.md")
CALLS = calls()
ASKED = ("contained", "portrait", "vline", "hline", "hmatching", "vmatching")
"""What gives a missing answer where what it asks about is missing; the published code raises."""
SHORT_CUTS = ("bordering(some, None)", "bordering(cells, None)")
"""Where the published code does not come to look at what is missing."""


@cache
def rows() -> dict[str, str]:
    """Calls in the page's tables and what they give."""
    found = re.findall(r"^\| `(\w+\(.*\))` \| `([^`]*)` \|$", PAGE.read_text("utf-8"), re.M)
    assert len(found) == len(dict(found))
    return dict(found)


def published(call: str) -> Any:
    """What the published code gives, or the exception."""
    scope = published_dsl() | {name: canonical(value) for name, value in NAMES.items()}
    try:
        return eval(call, scope)
    except Exception as error:
        return error


def parts_of(call: str) -> tuple[str, tuple[Any, ...]]:
    """The name of the primitive, and its arguments."""
    name = call.partition("(")[0]
    scope = dict(NAMES) | {"initset": lambda value: frozenset({value}), name: lambda *args: args}
    return name, eval(call, scope)


def ours(call: str) -> Iterator[Any]:
    """What the reference gives, and what the compiled row gives."""
    name, args = parts_of(call)
    row = TABLE[name]
    try:
        yield run_row(row, conform(row, args), DEFAULT_LIMITS)
    except Failure as failure:
        yield failure
    yield run_native(row, [(args, CALLS[call])])[0]


def reason(outcome: Any) -> str:
    """Why a call fails, or its result as the table writes it."""
    return outcome.reason if isinstance(outcome, Failure) else show(outcome)


def lacks_a_cell(value: Any) -> bool:
    """Whether it is a grid, but that a cell is None: which of ours only a canvas is."""
    rows_ = isinstance(value, tuple) and all(isinstance(row, tuple) for row in value)
    return rows_ and any(None in row for row in value)


@pytest.mark.parametrize("call", CALLS)
def test_a_primitive_on_what_is_missing_or_empty(call: str) -> None:
    theirs, expected = published(call), rows().get(call)
    outcome, compiled = ours(call)
    reference = reason(outcome)
    assert reference == reason(compiled) or outcome == compiled
    bare = (call,) if lacks_a_cell(theirs) and not call.startswith("canvas") else ()
    if call.startswith(ASKED) and isinstance(theirs, Exception):
        assert reference == "None"
    elif isinstance(theirs, Exception) or call in (*SHORT_CUTS, *bare):
        assert expected is None
        assert reference in ("EMPTY", "NONE", "SHAPE")
    else:
        assert expected == show(theirs) == reference


def of_functions() -> list[str]:
    """The calls of the page's tables that are given functions."""
    return [call for call in rows() if call not in CALLS]


PROGRAM = """\
def solve_00000000(I):
    none = ofcolor(I, TEN)
    some = insert(RIGHT, initset(DOWN))
    x = {call}
    return branch(equality(x, {expected}), I, crop(I, ORIGIN, UNITY))
"""


@pytest.mark.parametrize("call", of_functions())
def test_a_primitive_that_takes_a_function(call: str) -> None:
    expected = rows()[call]
    is_error = expected.isupper()
    text = PROGRAM.format(call=call, expected="None" if is_error else expected)
    built = build(text)
    assert built.graph is not None, built.diagnostics
    runners = TextRunner(), ImageRunner(kernels=compiled_kernels())
    grid = NAMES["I"]
    found = [generated(built, [grid], DEFAULT_LIMITS, runner)[0] for runner in runners]
    for outcome in (direct(built, grid, DEFAULT_LIMITS), *found):
        assert outcome == grid if not is_error else outcome.reason == expected
    theirs = published(call)
    if is_error:
        assert isinstance(theirs, Exception)
    else:
        assert show(theirs) == expected
