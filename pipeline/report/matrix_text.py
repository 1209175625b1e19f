"""The matrix as text: a table with a row for each data set, and one line that sums up."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.battery.matrix_workload import Matrix, SetResult, TaskResult
from pipeline.system.tables import print_table

HEADER = (
    *("data", "tasks", "right on train", "by own", "by others", "on test too"),
    *("lanes", "right", "wrong", "error", "over_budget"),
)
"""`right on train`: tasks with a solver that is right on all train samples; `by own`: those with
one made for this task, `by others`: with one made for another; `on test too`: those with a solver
that is right on all samples."""


def table(matrix: Matrix) -> list[tuple[str, ...]]:
    """The rows of the table: one for each data set, and their sum if there are several."""
    solvers = len(matrix.solvers)
    rows = [
        _row(row.data, [row], [t for t in matrix.tasks if t.data == row.data], solvers)
        for row in matrix.sets
    ]
    if len(rows) > 1:
        rows.append(_row("all", matrix.sets, matrix.tasks, solvers))
    return rows


def _row(
    name: str, sets: Sequence[SetResult], tasks: Sequence[TaskResult], solvers: int
) -> tuple[str, ...]:
    numbers = (
        len(tasks),
        sum(bool(task.right_on_train) for task in tasks),
        sum(task.own for task in tasks),
        sum(task.others for task in tasks),
        sum(bool(task.right_on_all) for task in tasks),
        solvers * sum(row.samples for row in sets),
        *(sum(getattr(row, kind) for row in sets) for kind in HEADER[-4:]),
    )
    return (name, *(f"{n:,}" for n in numbers))


def print_matrix(matrix: Matrix) -> None:
    """Print the table and the summary."""
    print_table(HEADER, table(matrix))
    print(summary(matrix))


def summary(matrix: Matrix) -> str:
    """One line: how many lanes, how many of them had to be computed, time."""
    seconds = matrix.seconds["run"]
    text = f"matrix: {len(matrix.solvers):,} solvers on {matrix.samples:,} samples"
    if matrix.different < matrix.samples:
        text += f", {matrix.different:,} of them different"
    if matrix.computed < len(matrix.solvers) * matrix.different:
        text += f", {matrix.computed:,} lanes left to do"
    rate = matrix.computed / seconds if seconds else 0.0
    return f"{text} ({matrix.backend}, {sum(matrix.seconds.values()):.1f} s, {rate:,.0f} lanes/s)"
