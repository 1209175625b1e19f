"""What each row of the table promises: examples, laws, docstring, capacity, totality and types."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from pipeline.ir.status import BUDGET_REASONS, DEFAULT_LIMITS, REASONS, Failure
from pipeline.ir.types import Type
from pipeline.passes.static import _ON_BUNDLES
from pipeline.primitives.row import Primitive, Signature, run_row
from pipeline.primitives.table import BY_NAME, INNER_ROWS, INTERNAL, PYTHON_ROWS, ROWS, TABLE
from tests.values import SCALE, conforms, instantiate, random_arguments

DRAWS = 200


def callable_row(row: Primitive) -> Callable[..., Any]:
    """The row as examples and laws call it: checked, and with the arity that `lbind` asks for."""

    def call(*args: Any) -> Any:
        return run_row(row, args, DEFAULT_LIMITS)

    call.arity = row.arity  # type: ignore[attr-defined]
    return call


NAMES = {name: callable_row(row) for name, row in BY_NAME.items()}
ALL_ROWS = ROWS + INNER_ROWS + PYTHON_ROWS


def first_order(row: Primitive) -> list[Signature]:
    """The overloads without function parameters."""
    return [s for s in row.overloads if all(isinstance(p, Type) for p in s.parameters)]


DRAWABLE = [row for row in ROWS + PYTHON_ROWS if first_order(row)]


@cache
def draws(row: Primitive) -> list[tuple[Signature, tuple]]:
    """Random arguments for the row, its overloads in turn; the same in every run."""
    rng = random.Random(row.name)
    overloads = first_order(row)
    signatures = [instantiate(overloads[k % len(overloads)], rng) for k in range(DRAWS)]
    return [(s, random_arguments(s, rng)) for s in signatures]


def outcome(row: Primitive, args: tuple) -> Any:
    """The row's result, or the reason why there is none."""
    try:
        return run_row(row, args, DEFAULT_LIMITS)
    except Failure as failure:
        return failure


def each(rows: tuple[Primitive, ...] | list[Primitive]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


@pytest.mark.parametrize(
    "example",
    [pytest.param(e, id=f"{r.name}-{k}") for r in ALL_ROWS for k, e in enumerate(r.examples)],
)
def test_example_holds(example: str) -> None:
    holds = eval(example, dict(NAMES))
    assert holds is True


@each(ALL_ROWS)
def test_there_are_two_examples_of_the_row(row: Primitive) -> None:
    always_fails = "always" in row.doc
    assert len(row.examples) >= 2 or always_fails
    assert all(re.search(rf"\b{row.name}\(", example) for example in row.examples)


@pytest.mark.parametrize(
    ("row", "law"),
    [pytest.param(r, law, id=f"{r.name}-{k}") for r in DRAWABLE for k, law in enumerate(r.laws)],
)
def test_law_holds(row: Primitive, law: str) -> None:
    code = compile(law, "law", "eval")
    held = 0
    for signature, args in draws(row):
        names = NAMES | dict(zip(row.parameters, args, strict=True))
        try:
            holds = eval(code, names)
        except Failure:
            continue
        assert holds is True, f"{law}\nof {signature.parameters}: {args}"
        held += 1
    assert held > DRAWS // 10, f"{law}: says something about {held} draws only"


@each(DRAWABLE)
def test_result_has_the_type_of_the_overload(row: Primitive) -> None:
    results = [(s, args, outcome(row, args)) for s, args in draws(row)]
    results = [r for r in results if not isinstance(r[2], Failure) and r[2] is not None]
    assert results
    for signature, args, result in results:
        ragged = row.makes_grid and row.ragged and len(set(map(len, result))) > 1
        assert ragged or conforms(result, signature.result), (
            f"{signature.result}: {args} gives {result}"
        )


@each([row for row in DRAWABLE if row.capacity is not None])
def test_capacity_is_the_size_of_the_result(row: Primitive) -> None:
    for signature, args in draws(row):
        try:
            result = row.reference(*args)
        except Failure as failure:
            with pytest.raises(Failure, match=failure.reason):
                row.capacity(*args)
            continue
        if isinstance(result, int):
            assert row.capacity(*args) == 0
            continue
        is_grid = signature.result.text == "Grid"
        size = sum(max(1, len(line)) for line in result) if is_grid else len(result)
        assert row.capacity(*args) == size, args


def integers(value: Any) -> set[int]:
    """Every integer in the value, at any depth."""
    if isinstance(value, tuple | frozenset):
        return set().union(*map(integers, value))
    return {value} if type(value) is int else set()


@each([row for row in DRAWABLE if not row.computes])
def test_rows_that_do_not_compute_make_no_larger_integers(row: Primitive) -> None:
    """Their integers need no check: none exceeds those of the arguments or the side of a grid."""
    for _, args in draws(row):
        result = outcome(row, args)
        if isinstance(result, tuple | frozenset):
            largest = max(map(abs, integers(args)), default=0)
            made = max(map(abs, integers(result)), default=0)
            assert made <= max(largest, SCALE), f"{args} gives {result}"


@each(DRAWABLE)
def test_total_rows_never_fail_and_others_say_when(row: Primitive) -> None:
    failures = [o for _, args in draws(row) if isinstance(o := outcome(row, args), Failure)]
    reasons = {f.reason for f in failures} - BUDGET_REASONS
    said = {reason for reason in REASONS if re.search(rf"\b{reason}\b", row.doc)}
    if row.total:
        assert not reasons
    else:
        assert reasons <= said, "a reason that the docstring does not name"


@each(ALL_ROWS)
def test_docstring_has_the_house_form(row: Primitive) -> None:
    summary, *paragraphs = row.doc.rstrip().split("\n\n")
    assert re.fullmatch(r"[A-Z].*\.", summary), "one line that ends in a full stop"
    labels = re.findall(r"^(\w+):", paragraphs[-1] if paragraphs else "", re.MULTILINE)
    for paragraph in paragraphs[:-1] if labels else paragraphs:
        assert re.fullmatch(r"(\S.*\n?)+", paragraph), paragraph
        assert paragraph.endswith(".")
    if labels:
        assert re.fullmatch(r"((\w+:)? +\S.*\n?)+", paragraphs[-1])
        assert all(re.match(r".{8} \S", line) for line in paragraphs[-1].split("\n")), "aligned"
    assert labels == [label for label in ("Shape", "Order", "Errors") if label in labels]
    if not row.accepts_none and first_order(row):
        assert row.total != ("Errors" in labels)


def test_names_are_unique_and_found() -> None:
    assert sum(row.published for row in ROWS) == 160
    assert list(BY_NAME.values()) == list(ALL_ROWS)
    assert len(TABLE | INTERNAL) == len(ROWS + INNER_ROWS)


def test_rows_that_are_applied_to_functions_are_those_that_the_passes_unroll() -> None:
    assert {row.name for row in ALL_ROWS if row.on_functions} == set(_ON_BUNDLES)


def test_a_row_that_merges_is_that_of_another_row_and_merge() -> None:
    for row in ROWS:
        if row.merges:
            other = TABLE[row.merges]
            assert row.function_positions == other.function_positions
            assert row.container_positions == other.container_positions
