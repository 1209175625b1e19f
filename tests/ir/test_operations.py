"""Whoever handles structural operations handles those of the table, and no others."""

from __future__ import annotations

from pipeline.engine import lower
from pipeline.ir.operations import OPERATIONS, Role
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.passes import infer
from pipeline.primitives.table import BY_NAME

TYPED = {name for name, row in OPERATIONS.items() if row.is_typed}
MADE_LATER = {"spread", "convert", "tuple_of", "set_of"}
"""What `resolve` does not ask for: `infer` and `flatten` make it."""
CONDITIONS = {"truth", "flip"}
"""Rows that take what Python takes for true of any value: of a Boolean nothing is made."""
PLACES = {"at"}
"""Rows that take a two-tuple apart: its places have each a type."""


def test_no_structural_operation_has_the_name_of_a_primitive() -> None:
    assert OPERATIONS.keys().isdisjoint(BY_NAME)


def test_the_types_of_all_are_inferred() -> None:
    assert set(infer._RULES) == set(OPERATIONS) - MADE_LATER | CONDITIONS | PLACES


def test_all_that_are_left_once_types_are_known_are_lowered() -> None:
    assert set(lower._RULES) == TYPED


def test_the_reference_runtime_has_all_that_have_a_line() -> None:
    assert {name for name in TYPED if not hasattr(ReferenceRuntime, name)} == {"loop", "state"}


def test_only_closers_close() -> None:
    for row in OPERATIONS.values():
        assert bool(row.closes) is (row.role is Role.CLOSER)
