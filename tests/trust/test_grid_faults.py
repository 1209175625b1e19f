"""What is no grid is named; how grids differ is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.trust.diagnosis.grid_faults import difference, fault_of
from pipeline.trust.diagnosis.judging import changed


class Row(tuple):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (((1, 2), (3, 4)), ""),
        (((True, False),), ""),
        ([[1]], "a list of 1 list"),
        ([1, "a"], "a list of 2 values"),
        ([], "a list of 0 values"),
        (np.zeros((2, 3), np.int8), "a numpy array of int8, shape (2, 3)"),
        (((np.int64(1),),), "a tuple of tuples whose cell (0, 0) is a numpy int64"),
        ((np.zeros(2),), "a tuple whose row 0 is a numpy array of float64, shape (2,)"),
        (Row(((1,),)), "a Row, a class made from tuple"),
        (((1,), Row((1,))), "a tuple whose row 1 is a Row, a class made from tuple"),
        (frozenset({(1, (0, 0))}), "a frozenset of 1 tuple"),
        (((1, (0, 0)),), "a tuple of tuples whose cell (0, 1) is a tuple of 2 integers"),
        ((1, 2), "a tuple whose row 0 is an integer, 1"),
        ("12", "a string, '12'"),
        (True, "a truth value, True"),
        (None, "None"),
        (object(), "an object"),
        ((), "an empty tuple"),
        (((),), "a grid of 1x0: a grid of ARC has 1 to 30 rows and columns"),
        (((1, 2), (3,)), "a tuple of rows of different lengths: 2, 1"),
        (((-1,),), "a grid whose cell (0, 0) is -1, which is no colour"),
        (((0,) * 31,), "a grid of 1x31: a grid of ARC has 1 to 30 rows and columns"),
    ],
)
def test_what_is_no_grid_is_named(value: Any, said: str) -> None:
    assert fault_of(value) == said


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (((1, 2),), ((1, 3),), "1 cell differs, first at (0, 1): expected 2, got 3"),
        (((1, 2), (3, 4)), ((1, 2, 0),) * 2, "a grid of 2x3, expected 2x2: off by one, a column"),
        (((1, 2),), ((1,), (2,)), "a grid of 2x1, expected 1x2: off by one, a row too many and"),
        (((1, 2),), ((1,) * 5,), "a grid of 1x5, expected 1x2"),
        (
            ((1, 2, 3),),
            ((2, 3, 0),),
            "3 of 3 cells differ, first at (0, 0): expected 1, got 2: off",
        ),
        (((1, 2, 3),), ((0, 1, 2),), "moved right"),
        (((1,), (2,), (3,)), ((2,), (3,), (1,)), "moved up"),
    ],
)
def test_differences_are_said(expected: Any, got: Any, said: str) -> None:
    assert said in difference(expected, got)


@pytest.mark.parametrize("grid", [((0,),), ((1, 2), (3, 4)), ((9, 9, 9),), ((5,),) * 30])
def test_each_change_gives_another_grid(grid: Any) -> None:
    found = dict(changed(grid))
    assert len(found) >= 4
    assert grid not in found.values()
    assert all(0 <= cell <= 9 for other in found.values() for row in other for cell in row)
