"""What `todo` prints: the tasks without a right solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.battery.results import BROKEN, SolverResult
from pipeline.data.tasks import Task
from pipeline.report.task_text import cells_of, size_text
from pipeline.system.tables import print_table

HEADER = ("task", "samples", "cells", "largest grid", "solvers")


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that no solver of the battery has right, and what its solvers come to."""

    task: Task
    solvers: tuple[SolverResult, ...] = ()


def print_open(found: Sequence[OpenTask], count: int, most: int) -> None:
    """Print the first of them as a table (all if `most` is 0); count: of how many tasks."""
    shown = found[:most] if most else found
    if shown:
        print_table(HEADER, [_row(row) for row in shown])
    print(_last_line(len(found), len(shown), count))


def _last_line(found: int, shown: int, count: int) -> str:
    if not found:
        others = "`doit todo --data arc1-eval` looks at others"
        return f"todo: all {count:,} tasks have a right solver; {others}"
    more = f", {found - shown:,} more with --limit 0" if shown < found else ""
    return (
        f"todo: {found:,} of {count:,} tasks have no right solver{more}; `doit new ID` begins one"
    )


def _row(row: OpenTask) -> tuple[str, ...]:
    task = row.task
    grids = [grid for s in (*task.train, *task.test) for grid in (s.input, s.output) if grid]
    largest = max(grids, key=lambda grid: (len(grid) * len(grid[0]), len(grid)))
    said = ", ".join(map(_solver_text, row.solvers)) or "none"
    samples = len(task.train) + len(task.test)
    return task.id, f"{samples}", f"{cells_of(task):,}", size_text(largest), said


def _solver_text(row: SolverResult) -> str:
    if row.status == BROKEN:
        return f"{row.solver} {row.status}"
    return f"{row.solver} {row.status} ({row.correct} of {row.samples})"
