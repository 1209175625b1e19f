"""The command `todo`: the tasks that no solver has right, the smallest first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from pipeline.battery.check_workload import run_check
from pipeline.battery.opening import battery_on, tasks_of
from pipeline.battery.results import RIGHT, SolverResult
from pipeline.config.context import Context
from pipeline.data.tasks import Task
from pipeline.frontend.candidates import task_of
from pipeline.incremental.keys import are_no_data_sets
from pipeline.report.task_text import cells_of
from pipeline.report.todo_text import OpenTask, print_open


def todo(context: Context, data: tuple[str, ...], most: int, broken: Sequence[str] = ()) -> int:
    """Print the tasks of data sets that no solver of the battery has right, at most so many (0:
    all). broken: the solvers that have no code. 0, or 2 if there is no such data set.
    """
    if are_no_data_sets(data):
        return 2
    if most < 0:
        print("--limit takes a number of tasks (0: all)", file=sys.stderr)
        return 2
    config = replace(context.config, data=data)
    tasks = tasks_of(config)
    battery = battery_on(config.backend, context)
    rows: tuple[SolverResult, ...] = ()
    if any(task_of(name) in tasks for name in (*battery.solvers, *broken)):
        chosen = {name for name in (*battery.solvers, *broken) if task_of(name) in tasks}
        rows = run_check(battery, tasks, config.budget, chosen.__contains__, broken).solvers
    print_open(open_tasks(tasks, rows), len(tasks), most)
    return 0


def open_tasks(tasks: dict[str, Task], rows: Sequence[SolverResult]) -> list[OpenTask]:
    """The tasks that no solver has right, those with the fewest cells first."""
    by_task: dict[str, list[SolverResult]] = {}
    for row in rows:
        by_task.setdefault(row.task, []).append(row)
    found = [
        OpenTask(task, tuple(by_task.get(ident, ())))
        for ident, task in tasks.items()
        if all(row.status != RIGHT for row in by_task.get(ident, ()))
    ]
    return sorted(found, key=lambda row: (cells_of(row.task), row.task.id))
