"""One generated sample of a task, by the name that `stress` gives it: `generated[28]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.battery.closeup import CloseUp, LaneCloseUp
from pipeline.battery.opening import tasks_of
from pipeline.battery.stress_workload import sample_of
from pipeline.config.context import Context
from pipeline.data.drawn.generated import published
from pipeline.data.tasks import Task


def number_of(name: str) -> int | None:
    """The number in `generated[28]`; None for any other name."""
    match = re.fullmatch(r"generated\[(\d{1,6})\]", name)
    return int(match[1]) if match else None


def tasks_of_one_sample(
    context: Context, idents: Iterable[str], number: int, seed: int
) -> dict[str, Task]:
    """Those of these tasks that have a generator, each with this generated sample and no other,
    which is shown with the train pairs of the task as the data sets have it.

    Raises GenerationError, and FetchError if the generators can't be had.
    """
    generators = published(context.config.cache.folder)
    known = sorted(generators.tasks().intersection(idents))
    drawn = generators.arrays(known, number + 1, seed) if known else {}
    tasks = tasks_of(context.config)
    found = {ident: Task(ident, (sample_of(drawn[ident], number),), ()) for ident in known}
    shown = {ident: tasks[ident].train_pairs for ident in known if ident in tasks}
    return {ident: task.with_shown(shown.get(ident)) for ident, task in found.items()}


def renamed(rows: Sequence[CloseUp], name: str) -> list[CloseUp]:
    """The same, their one sample called by its name."""
    return [replace(row, lanes=tuple(_renamed(lane, name) for lane in row.lanes)) for row in rows]


def _renamed(lane: LaneCloseUp, name: str) -> LaneCloseUp:
    failure = lane.failure and replace(lane.failure, sample=name)
    return replace(lane, place=name, failure=failure)
