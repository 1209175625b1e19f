"""The stress run as text: the worst solvers, then a table with a row for each corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.battery.results import RIGHT, SolverResult
from pipeline.battery.stress_workload import SolverStress, Stress
from pipeline.frontend.candidates import corpus_of
from pipeline.report.check_text import solver_text
from pipeline.system.tables import print_table
from pipeline.system.terminal import say

STATUSES = ("right", "wrong", "error", "over_budget")
HEADER = ("corpus", "solvers", *STATUSES, "samples right")
"""A solver counts as right if it is on all samples, else as what its first failure is."""

MOST_SHOWN = 20
MOST_NAMED = 10


def table(found: Stress) -> list[tuple[str, ...]]:
    """The rows of the table: one for each corpus, and their sum if there are several."""
    corpora = sorted({corpus_of(row.solver) for row in found.solvers})
    rows = [_row(n, [r for r in found.solvers if corpus_of(r.solver) == n]) for n in corpora]
    return [*rows, _row("all", found.solvers)] if len(rows) > 1 else rows


def _row(name: str, solvers: Sequence[SolverStress]) -> tuple[str, ...]:
    counts = [sum(row.status == status for row in solvers) for status in STATUSES]
    right, samples = sum(r.right for r in solvers), sum(r.samples for r in solvers)
    return (name, *(f"{n:,}" for n in (len(solvers), *counts)), f"{right:,} of {samples:,}")


def worst(found: Stress) -> list[SolverStress]:
    """The solvers that are not right on all samples, the worst ones first."""
    failing = [row for row in found.solvers if row.status != RIGHT]
    return sorted(failing, key=lambda row: (row.right / row.samples, row.solver))


def print_stress(found: Stress, lines: Callable[[str], Sequence[str]] = lambda path: ()) -> None:
    """Print the worst solvers, what was left out, the table, and one line that sums up."""
    failing = worst(found)
    for row in failing[:MOST_SHOWN]:
        say(solver_text(plain_result(row), False, lines))
    if len(failing) > MOST_SHOWN:
        print(f"... and {len(failing) - MOST_SHOWN} more: see generated/results/stress.json")
    if found.without:
        named = ", ".join(found.without[:MOST_NAMED])
        more = len(found.without) - MOST_NAMED
        print(f"not run, as no generator has their task: {named}", end="")
        print(f" and {more:,} more" if more > 0 else "")
    for task, why in (found.undrawn or {}).items():
        print(f"not run, as no samples of {task} could be drawn: {why}")
    print_table(HEADER, table(found))
    say(summary(found))


def plain_result(row: SolverStress) -> SolverResult:
    """The row as that of a check."""
    return SolverResult(row.solver, row.task, row.samples, row.right, row.status, row.first_failure)


def summary(found: Stress) -> str:
    """One line: solvers, samples, what they were drawn with, time."""
    good = sum(row.status == RIGHT for row in found.solvers)
    lanes, seconds = found.total("samples"), found.seconds["run"]
    rate = lanes / seconds if seconds else 0.0
    return (
        f"stress: {good:,} of {len(found.solvers):,} solvers right on all of {found.samples:,} "
        f"generated samples (seed {found.seed}), {found.total('right'):,} of {lanes:,} samples "
        f"right ({found.backend}, {sum(found.seconds.values()):.1f} s, {rate:,.0f} lanes/s)"
    )
