"""Solvers looked at closely: on each sample of its task, what a solver made of it.

`check` sums up; here every lane is kept with its grid, for those who show them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.battery.batteries import LinkedBattery
from pipeline.battery.check_workload import describe, judge, lanes_of, place_of
from pipeline.battery.results import NO_TASK, RIGHT, FirstFailure
from pipeline.data.tasks import Grid, Sample, Task
from pipeline.frontend.candidates import task_of
from pipeline.ir.status import Failure, Limits


@dataclass(frozen=True, slots=True)
class LaneCloseUp:
    """A solver on a sample; `produced` is None if it made no grid, `failure` if it is right."""

    place: str
    sample: Sample
    produced: Grid | None
    failure: FirstFailure | None = None

    @property
    def status(self) -> str:
        """right, wrong, error or over_budget."""
        return self.failure.status if self.failure else RIGHT


@dataclass(frozen=True, slots=True)
class CloseUp:
    """A solver on the samples of its task, train first."""

    solver: str
    lanes: tuple[LaneCloseUp, ...]

    @property
    def task(self) -> str:
        """The task it is for."""
        return task_of(self.solver)

    @property
    def correct(self) -> int:
        """How many samples it gets right."""
        return sum(lane.failure is None for lane in self.lanes)

    @property
    def status(self) -> str:
        """That of the first sample that is not right; as in a check."""
        if not self.lanes:
            return NO_TASK
        return next((lane.status for lane in self.lanes if lane.failure), RIGHT)


def look_closely(
    battery: LinkedBattery,
    tasks: dict[str, Task],
    limits: Limits,
    chosen: Callable[[str], bool] = lambda solver: True,
) -> list[CloseUp]:
    """Run the chosen solvers on the samples of their tasks; in order of their names."""
    picked = [k for k, name in enumerate(battery.solvers) if chosen(name)]
    samples, wanted = lanes_of(battery.solvers, tasks, picked)
    outcomes = battery.outcomes(samples, wanted, limits) if samples else [[] for _ in wanted]
    found = [_close_up(battery.solvers[k], tasks, outcomes[k]) for k in picked]
    return sorted(found, key=lambda row: row.solver)


def _close_up(solver: str, tasks: dict[str, Task], outcomes: Sequence[Any]) -> CloseUp:
    task = tasks.get(task_of(solver))
    if task is None:
        return CloseUp(solver, ())
    pairs = enumerate(zip(task.samples, outcomes, strict=True))
    return CloseUp(solver, tuple(_lane(place_of(task, k), s, made) for k, (s, made) in pairs))


def _lane(place: str, sample: Sample, outcome: Any) -> LaneCloseUp:
    produced = None if isinstance(outcome, Failure) else outcome
    if judge(sample, outcome) == RIGHT:
        return LaneCloseUp(place, sample, produced)
    return LaneCloseUp(place, sample, produced, describe(place, sample, outcome))


Locate = Callable[[str, Sample, FirstFailure], FirstFailure]
"""Gives the failure of a solver on a sample its place in the source."""


def with_places(found: Sequence[CloseUp], locate: Locate) -> list[CloseUp]:
    """The same, every error with its place in the source."""
    return [
        replace(row, lanes=tuple(_placed(row.solver, lane, locate) for lane in row.lanes))
        for row in found
    ]


def _placed(solver: str, lane: LaneCloseUp, locate: Locate) -> LaneCloseUp:
    if lane.failure is None or not lane.failure.reason:
        return lane
    return replace(lane, failure=locate(solver, lane.sample, lane.failure))


def differing(expected: Grid, produced: Grid) -> frozenset[tuple[int, int]]:
    """The cells that are not the same in both grids; one that only one of them has is none."""
    places = {
        (i, j)
        for grid in (expected, produced)
        for i, row in enumerate(grid)
        for j in range(len(row))
    }
    return frozenset(p for p in places if _cell(expected, *p) != _cell(produced, *p))


def _cell(grid: Grid, i: int, j: int) -> int | None:
    return grid[i][j] if i < len(grid) and j < len(grid[i]) else None
