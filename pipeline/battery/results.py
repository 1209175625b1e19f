"""What a run of a battery found: frozen, and as JSON for whoever reads it later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.frontend.candidates import corpus_of

RIGHT, WRONG, BROKEN, NO_TASK = "right", "wrong", "broken", "no_task"


@dataclass(frozen=True, slots=True)
class FirstFailure:
    """The first sample that a solver does not get right, and how.

    sample: `train[0]`, `test[1]`. status: wrong, error or over_budget. Of an error: its reason, the
    operation and the place in the source. Of a wrong grid: shapes, the number of differing cells
    and the first, (i, j, expected, got).
    """

    sample: str
    status: str
    message: str
    reason: str = ""
    operation: str = ""
    path: str = ""
    line: int = 0
    column: int = 0
    width: int = 0
    expected_shape: tuple[int, int] | None = None
    produced_shape: tuple[int, int] | None = None
    differing_cells: int | None = None
    first_difference: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class SolverResult:
    """One solver on the samples of its task; status is `right` or that of the first failure."""

    solver: str
    task: str
    samples: int
    correct: int
    status: str
    first_failure: FirstFailure | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run. tasks counts those with a solver; a task is solved if some solver has all
    right. nodes: how many the battery has; native_nodes: of how many no Python object is made.
    device: what ran it.
    """

    workload: str
    backend: str
    nodes: int
    native_nodes: int
    corpora: tuple[str, ...]
    tasks: int
    tasks_solved: int
    samples: int
    correct: int
    wrong: int
    error: int
    over_budget: int
    seconds: dict[str, float]
    solvers: tuple[SolverResult, ...] = field(repr=False)
    device: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain values, in the order of the fields; what a failure does not have is left out."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["solvers"] = [_row(row) for row in self.solvers]
        return plain

    def to_text(self) -> str:
        """The same as JSON, indented by 1. Of 5,000 solvers Python's own writer of indented JSON
        takes 0.1 s, its other one a tenth of that, so rows are put together from what that gives.
        """
        plain = self.to_json()
        rows = ",\n".join([_row_text(row) for row in plain["solvers"]])
        text = json.dumps({**plain, "solvers": []}, indent=1)
        return text.replace('"solvers": []', f'"solvers": [\n{rows}\n ]', 1) if rows else text


def _row_text(row: dict[str, Any]) -> str:
    if row["first_failure"] is None:
        inner = json.dumps(row, separators=(",\n   ", ": "))[1:-1]
        return f"  {{\n   {inner}\n  }}"
    return "  " + json.dumps(row, indent=1).replace("\n", "\n  ")


def _row(row: SolverResult) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in row.__slots__}
    if row.first_failure is not None:
        failure = asdict(row.first_failure).items()
        plain["first_failure"] = {k: v for k, v in failure if v not in (None, "", 0)}
    return plain


def unexpected(results: Results, known: Mapping[str, Sequence[str]]) -> list[SolverResult]:
    """The solvers that are not right and not listed under `known_failures`."""
    return [
        row
        for row in results.solvers
        if row.status not in (RIGHT, NO_TASK) and not is_known(row, known)
    ]


def is_known(row: SolverResult, known: Mapping[str, Sequence[str]]) -> bool:
    """Whether a solver is listed under `known_failures`."""
    return row.task in known.get(corpus_of(row.solver), ())
