"""Reversed order: every place that decides an order is turned round, and nothing stays so."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from pipeline.data.tasks import Sample
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.oracle.interpret import outcome
from pipeline.primitives import keyed
from pipeline.primitives.table import FAMILIES, PYTHON_FAMILIES, TABLE
from pipeline.trust.diagnosis.tie_order import first_difference, reversed_order
from tests.programs_text import program_of, text_of

SET = frozenset({3, 1, 2})
TIED = ((4, 2), (2, 4))
MIXED = frozenset({(7, (0, 1)), (5, (2, 0))})


@pytest.mark.parametrize(
    ("name", "args", "forwards", "backwards"),
    [
        ("totuple", (SET,), (1, 2, 3), (3, 2, 1)),
        ("first", (SET,), 1, 3),
        ("last", (SET,), 3, 1),
        ("first", ((1, 2),), 1, 1),
        ("first", (frozenset({(1, 0), (0, 2)}),), (0, 2), (1, 0)),
        ("first", (frozenset({frozenset({(0, 5)}), frozenset({(0, 1), (9, 9)})}),), None, None),
        ("mostcommon", ((2, 1, 2, 1),), 1, 2),
        ("mostcolor", (TIED,), 2, 4),
        ("leastcolor", (TIED,), 2, 4),
        ("color", (MIXED,), 7, 5),
        ("paint", (((0,),), frozenset({(1, (0, 0)), (2, (0, 0))})), ((2,),), ((1,),)),
        ("argmax", (SET, lambda value: 0), 1, 3),
        ("argmin", (SET, lambda value: 0), 1, 3),
        ("order", (SET, lambda value: 0), (1, 2, 3), (3, 2, 1)),
        ("extract", (SET, lambda value: True), 1, 3),
        ("maximum", (SET,), 3, 3),
    ],
)
def test_ties_are_decided_the_other_way_in_reversed_order(
    name: str, args: tuple[Any, ...], forwards: Any, backwards: Any
) -> None:
    row = TABLE[name].reference
    before = row(*args)
    with reversed_order():
        reversed_ = row(*args)
    assert row(*args) == before
    if forwards is None:
        assert {before, reversed_} == set(args[0])
    else:
        assert (before, reversed_) == (forwards, backwards)


def test_the_order_is_put_back_after_an_error() -> None:
    with pytest.raises(KeyError), reversed_order():
        raise KeyError
    assert TABLE["totuple"].reference(SET) == (1, 2, 3)


def test_the_statement_where_an_order_enters_is_found() -> None:
    program = program_of("f = compose(first, palette); x = height(I); y = f(I); canvas(y, UNITY)")
    grid = ((1, 2), (2, 1))
    with reversed_order():
        assert outcome(program, grid, DEFAULT_LIMITS) == ((2,),)
    found = first_difference(program, Sample(grid, grid), DEFAULT_LIMITS)
    assert found is not None
    variable, span = found
    source = text_of("f = compose(first, palette); x = height(I); y = f(I); canvas(y, UNITY)")
    line = source.splitlines()[span.line - 1]
    assert variable == "y"
    assert line[span.column - 1 :][: span.width] == "f(I)"
    assert first_difference(program, Sample(((1, 1),), ((1,),)), DEFAULT_LIMITS) is None


def test_no_reference_decides_an_order_elsewhere() -> None:
    # What `reversed_order` must turn round: a function that sorts by itself would escape it. That
    # of these is no choice: a smallest step, columns ascending, two numbers exchanged.
    sorting: set[str] = set()
    for module in (*FAMILIES, *PYTHON_FAMILIES, keyed):
        for node in ast.parse(Path(str(module.__file__)).read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                called = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                family = module.__name__.rpartition(".")[2]
                sorting |= {f"{family}.{node.name}" for _ in called & {"sorted", "sort_key"}}
    assert sorting == {"cells._period", "contacts._columns_by_row", "regions._inner"}
