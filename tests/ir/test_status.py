"""How a lane ends, as text."""

from __future__ import annotations

import pickle

from pipeline.ir.status import Failure


def test_a_failure_says_its_kind_operation_and_reason() -> None:
    assert str(Failure("EMPTY", "first")) == "error: first: EMPTY: needs at least one element"
    assert str(Failure("TURNS", "power")) == (
        "over_budget: power: TURNS: a function is raised to a higher power than the budget allows"
    )


def test_a_failure_of_no_operation_leaves_it_out() -> None:
    assert str(Failure("EMPTY")) == "error: EMPTY: needs at least one element"


def test_a_failure_crosses_a_process_boundary() -> None:
    found = pickle.loads(pickle.dumps(Failure("ZERO", "divide")))
    assert (found.reason, found.operation, found.kind) == ("ZERO", "divide", "error")
