"""Row functions give what the references give: the same value or the same failure."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.primitives.row import Primitive, measure, run_row
from pipeline.primitives.table import BY_NAME, INNER_ROWS, PYTHON_ROWS, ROWS
from tests.native import Call, check_room, run_native
from tests.values import random_call

COMPILED = [row for row in BY_NAME.values() if row.native is not None]
LIMITS = [
    DEFAULT_LIMITS,
    Limits(elements=5, cells=20, integer=12, total=18, turns=3),
    Limits(elements=40, cells=6, integer=40, total=12, turns=2),
]


def test_every_row_that_generated_code_can_name_has_a_row_function() -> None:
    first_order = [
        row for row in (*ROWS, *INNER_ROWS) if row.expand is None or row.name == "branch"
    ]
    first_order += [
        row for row in PYTHON_ROWS if row.expand is None and not all(row.same_as or [""])
    ]
    assert [row.name for row in first_order if row.native is None] == []
    assert {row.name for row in COMPILED} == {row.name for row in first_order}


def drawn(row: Primitive, seed: int, count: int) -> list[Call]:
    """Arguments of each overload."""
    rng = random.Random(f"{row.name} {seed}")
    return [random_call(row, rng) for _ in range(count)]


def outcome(row: Primitive, args: tuple[Any, ...], limits: Limits) -> Any:
    """What the reference gives, the limit on totals included."""
    try:
        result = run_row(row, args, limits)
    except Failure as failure:
        return failure
    over = row.makes_container and measure(row, args, result) > limits.total
    return Failure("TOTAL") if over else result


def same(a: Any, b: Any) -> bool:
    """Whether two outcomes are one: the same value, or failures of the same reason."""
    if isinstance(a, Failure) or isinstance(b, Failure):
        return isinstance(a, Failure) and isinstance(b, Failure) and a.reason == b.reason
    return bool(a == b) and isinstance(a, frozenset) == isinstance(b, frozenset)


@pytest.mark.parametrize("limits", LIMITS, ids=["default", "tiny", "small"])
@pytest.mark.parametrize("row", COMPILED, ids=lambda row: row.name)
def test_the_row_function_gives_what_the_reference_gives(row: Primitive, limits: Limits) -> None:
    calls = drawn(row, 1, 400)
    found = run_native(row, calls, limits)
    for (args, types), got in zip(calls, found, strict=True):
        expected = outcome(row, args, limits)
        assert same(got, expected), f"{row.name}{args} of {types}: {got!r}, expected {expected!r}"


@pytest.mark.parametrize("row", COMPILED, ids=lambda row: row.name)
def test_the_row_function_keeps_to_the_room_that_it_asks_for(row: Primitive) -> None:
    for call in drawn(row, 2, 40):
        check_room(row, call)
