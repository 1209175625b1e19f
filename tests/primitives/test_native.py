"""Row functions give what the references give: the same value or the same failure."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.primitives.row import Primitive, Signature, measure, run_row
from pipeline.primitives.table import BY_NAME, INNER_ROWS, PYTHON_ROWS, ROWS
from tests.native import Call, check_room, each_share, run_native
from tests.values import random_call, with_missing

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
    assert {row.name for row in BY_NAME.values() if row.native} == {r.name for r in first_order}


def drawn(
    row: Primitive, seed: int, count: int, overloads: tuple[Signature, ...] = ()
) -> list[Call]:
    """Arguments of each overload, or of these."""
    rng = random.Random(f"{row.name} {seed}")
    return [random_call(row, rng, overloads=overloads) for _ in range(count)]


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
@each_share
def test_the_row_function_gives_what_the_reference_gives(
    row: Primitive, worker: Primitive, overloads: tuple[Signature, ...], limits: Limits
) -> None:
    calls = drawn(row, 1, 400, overloads)
    found = run_native(worker, calls, limits)
    for (args, types), got in zip(calls, found, strict=True):
        expected = outcome(row, args, limits)
        assert same(got, expected), f"{row.name}{args} of {types}: {got!r}, expected {expected!r}"


@pytest.mark.parametrize("limits", LIMITS[:2], ids=["default", "tiny"])
@each_share
def test_the_row_function_and_the_reference_agree_on_what_is_missing(
    row: Primitive, worker: Primitive, overloads: tuple[Signature, ...], limits: Limits
) -> None:
    calls = [spoiled(row, call, k) for k, call in enumerate(drawn(row, 3, 200, overloads))]
    found = run_native(worker, calls, limits)
    for (args, types), got in zip(calls, found, strict=True):
        expected = outcome(row, args, limits)
        assert same(got, expected), f"{row.name}{args} of {types}: {got!r}, expected {expected!r}"


def spoiled(row: Primitive, call: Call, seed: int) -> Call:
    """The call with parts of its arguments missing, as far as the passes let that be."""
    rng = random.Random(f"{row.name} {seed}")
    share = rng.choice((0.02, 0.1, 0.3))
    args, types = call
    if row.name in NEVER_MISSING or (row.parameters[1:2] == ("keys",) and types[1].head == "Set"):
        return call
    made = [
        with_missing(rng, arg, type_, share) if row.parameters[k] != "keys" else arg
        for k, (arg, type_) in enumerate(zip(args, types, strict=True))
    ]
    if "keys" in row.parameters:  # one key for each element, which stay as many
        keys, key = args[1], types[1].args[0]
        made[:2] = args[0], tuple([with_missing(rng, value, key, share) for value in keys])
    return tuple(made), types


NEVER_MISSING = ("item_at", "bound", "turns", "place")
"""Rows of the passes, which give them nothing that is missing."""


@each_share
def test_the_row_function_keeps_to_the_room_that_it_asks_for(
    row: Primitive, worker: Primitive, overloads: tuple[Signature, ...]
) -> None:
    calls = drawn(row, 2, 40, overloads)
    for call in calls + [spoiled(row, call, k) for k, call in enumerate(calls[:20])]:
        check_room(worker, call)
