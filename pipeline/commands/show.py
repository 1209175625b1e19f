"""The command `show`: a solver's grids in the terminal, and where it fails; or just a task."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from pipeline.battery.batteries import LinkedBattery
from pipeline.battery.closeup import CloseUp, LaneCloseUp, look_closely, with_places
from pipeline.battery.locating import locator_of
from pipeline.battery.opening import battery_on, tasks_of
from pipeline.commands.asked import Chosen, nothing_matches, solvers_fitting
from pipeline.commands.generated_samples import number_of, renamed, tasks_of_one_sample
from pipeline.commands.named_tasks import begun_by, known_tasks, nothing_is
from pipeline.config.context import Context
from pipeline.config.solvers import read_lines
from pipeline.data.tasks import Task
from pipeline.diagnostics import Diagnostic
from pipeline.frontend.candidates import task_of
from pipeline.incremental.problems import load_problems
from pipeline.report.show_text import print_close_up
from pipeline.report.task_text import named_samples, print_task

NONE_BROKEN: Final[Mapping[str, str]] = MappingProxyType({})


def show(
    context: Context,
    solver: str = "",
    sample: str = "",
    broken: Mapping[str, str] = NONE_BROKEN,
    words: Sequence[str] = (),
    seed: int = 0,
) -> int:
    """Draw samples of solvers: the one that is asked for, else those that are not right, else all.

    words: solvers by their names or how those begin, and tasks, which are drawn where they have no
    solver. broken: what is wrong with each solver that has no code, as the records keep it; its
    task is drawn alone. seed: of a generated sample. 0 if there was something to draw, 1 if a
    solver is broken, 2 if there is no such solver, task or sample.
    """
    if not solver and not words:
        print("which solver or task? `doit show ID`", file=sys.stderr)
        return 2
    config = context.config
    battery = battery_on(config.backend, context)
    names = [*battery.solvers, *broken]
    kept = Chosen(solver).of(names) if solver else set()
    if solver and not kept:
        print(nothing_matches(solver, names), file=sys.stderr)
        return 2
    fitting = {word: solvers_fitting(word, names) for word in words}
    kept.update(*fitting.values())
    tasks = _tasks(context, [word for word, found in fitting.items() if not found], names)
    if tasks is None:
        return 2
    found = _close_ups(context, battery, kept, sample, seed)
    for row in found:
        if sample and _place([lane.place for lane in row.lanes], sample) is None:
            print(_no_sample(row, sample), file=sys.stderr)
            return 2
    lines = cache(read_lines)
    for row in with_places(found, locator_of(config)):
        print_close_up(row, _lanes(row, sample), lines)
    lost = sorted(kept.intersection(broken))
    for name in lost:
        _print_broken(context, name, broken[name])
    is_nothing = not (lost or tasks or any(row.lanes for row in found))
    return _draw(tasks, sample) or (2 if is_nothing else 1 if lost else 0)


def _print_broken(context: Context, name: str, problems: str) -> None:
    """Say where a solver is broken, and draw what it is to solve."""
    first = min(load_problems(problems), key=Diagnostic.sort_key)
    print(f"{name}: broken: {first.span.path}:{first.span.line}: {first.message}")
    task = tasks_of(context.config).get(task_of(name))
    if task is not None:
        print_task(task)


def _close_ups(
    context: Context, battery: LinkedBattery, kept: Collection[str], sample: str, seed: int
) -> list[CloseUp]:
    """Solvers on the samples of their tasks, or on the generated one that is asked for."""
    limits, number = context.config.budget, number_of(sample)
    if number is None:
        return look_closely(battery, tasks_of(context.config), limits, kept.__contains__)
    tasks = tasks_of_one_sample(context, map(task_of, kept), number, seed)
    return renamed(look_closely(battery, tasks, limits, kept.__contains__), sample)


def show_tasks(context: Context, words: Sequence[str], sample: str = "") -> int:
    """Draw samples of tasks, by their names, those of their solvers or how these begin: the one
    that is asked for, else all. 2 if there is no such task or sample.
    """
    if not words:
        print("which task? `doit show --task ID`", file=sys.stderr)
        return 2
    tasks = _tasks(context, [task_of(word) for word in words])
    return 2 if tasks is None else _draw(tasks, sample)


def _tasks(context: Context, words: Sequence[str], names: Sequence[str] = ()) -> list[Task] | None:
    """The tasks of these names, or that begin so; None, and it is said, if one has none.

    names: what else could have been meant.
    """
    known = known_tasks(context) if words else {}
    found: dict[str, Task] = {}
    for word in words:
        fitting = begun_by(word, known) if word else []
        if not fitting:
            what = "solver or task" if names else "task"
            print(nothing_is(word, what, [*names, *known]), file=sys.stderr)
            return None
        found.update((ident, known[ident]) for ident in fitting)
    return list(found.values())


def _draw(tasks: Sequence[Task], sample: str) -> int:
    for task in tasks:
        places = [name for name, _ in named_samples(task)]
        place = _place(places, sample)
        if sample and place is None:
            there = ", ".join(places)
            print(f"no sample {sample!r} of {task.id}; there are {there}", file=sys.stderr)
            return 2
        print_task(task, () if place is None else (places[place],))
    return 0


def _place(names: Sequence[str], sample: str) -> int | None:
    """The place of the sample called `test[0]`, or just by its number."""
    if sample in names:
        return names.index(sample)
    if re.fullmatch(r"\d{1,6}", sample) and int(sample) < len(names):
        return int(sample)
    return None


def _lanes(row: CloseUp, sample: str) -> Sequence[LaneCloseUp]:
    place = _place([lane.place for lane in row.lanes], sample) if sample else None
    if place is not None:
        return [row.lanes[place]]
    return [lane for lane in row.lanes if lane.failure] or row.lanes


def _no_sample(row: CloseUp, sample: str) -> str:
    if not row.lanes and number_of(sample) is not None:
        return f"no generator has the task of {row.solver}"
    if not row.lanes:
        return f"no data set in config.yaml has the task of {row.solver}"
    names = ", ".join(lane.place for lane in row.lanes)
    return f"no sample {sample!r} of {row.solver}; there are {names}"
