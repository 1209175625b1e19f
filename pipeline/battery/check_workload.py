"""The workload `check`: each solver on the samples of its own task."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.battery.batteries import LinkedBattery
from pipeline.battery.results import (
    BROKEN,
    NO_TASK,
    RIGHT,
    WRONG,
    FirstFailure,
    Results,
    SolverResult,
)
from pipeline.battery.score_rows import LANE, ScoreRows, broken_rows, rows_of
from pipeline.data.tasks import Grid, Sample, Task
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.ir.status import ERROR, OVER_BUDGET, Failure, Limits


def place_of(task: Task, k: int) -> str:
    """How sample k of a task is called: `train[0]`, `test[1]`."""
    shown = len(task.train)
    return f"train[{k}]" if k < shown else f"test[{k - shown}]"


def run_check(
    battery: LinkedBattery,
    tasks: dict[str, Task],
    limits: Limits,
    chosen: Callable[[str], bool] = lambda solver: True,
    broken: Iterable[str] = (),
    seconds_load: float = 0.0,
    scores: dict[str, np.ndarray] | None = None,
) -> Results:
    """Check the chosen solvers; broken ones count as not right, without a verdict.

    scores: takes the lanes (see `score_rows.LANE`) of each solver that is run.
    """
    picked = [k for k, name in enumerate(battery.solvers) if chosen(name)]
    started = time.perf_counter()
    outcomes = _evaluate(battery, tasks, limits, picked, scores)
    ran = time.perf_counter()
    rows = [_judge(battery.solvers[k], tasks, outcomes.get(k, [])) for k in picked]
    rows += [_broken(name, tasks) for name in broken if chosen(name)]
    compared = time.perf_counter()
    seconds = {"load": seconds_load, "run": ran - started, "compare": compared - ran}
    return _sum_up(battery, rows, {k: round(v, 6) for k, v in seconds.items()})


def _evaluate(
    battery: LinkedBattery,
    tasks: dict[str, Task],
    limits: Limits,
    picked: list[int],
    scores: dict[str, np.ndarray] | None,
) -> dict[int, list[Any]]:
    """For each solver picked, how it ended on each sample of its task."""
    samples, wanted = lanes_of(battery.solvers, tasks, picked)
    if scores is None:
        outcomes = battery.outcomes(samples, wanted, limits)
    else:
        lanes = [np.zeros(len(places), LANE) for places in wanted]
        outcomes = battery.outcomes(samples, wanted, limits, lanes)
        scores.update({battery.solvers[k]: lanes[k] for k in picked})
    return {k: outcomes[k] for k in picked}


def score_rows(
    results: Results,
    tasks: dict[str, Task],
    scores: Mapping[str, np.ndarray],
    seconds: Mapping[str, float],
) -> Iterator[ScoreRows]:
    """The rows of all solvers that were checked, in the order of the results.

    scores: what `run_check` took. seconds: what a solver took, of those that were measured.
    """
    for row in results.solvers:
        if row.status == NO_TASK:
            continue
        places = [f"{row.task} {place_of(tasks[row.task], k)}" for k in range(row.samples)]
        idents = [row.task] * row.samples
        if row.status == BROKEN:
            yield broken_rows(row.solver, places, idents)
        else:
            took = seconds.get(row.solver)
            mean = None if took is None else 1e6 * took / max(row.samples, 1)
            yield rows_of(row.solver, places, idents, scores[row.solver], mean)


def lanes_of(
    solvers: Sequence[str], tasks: dict[str, Task], picked: Iterable[int]
) -> tuple[list[Sample], list[list[int]]]:
    """The samples of the tasks of some solvers, and for each solver its own, as places there."""
    samples: list[Sample] = []
    wanted: list[list[int]] = [[] for _ in solvers]
    places: dict[str, list[int]] = {}
    for k in picked:
        ident = task_of(solvers[k])
        if ident in tasks and ident not in places:
            found = tasks[ident].samples
            places[ident] = list(range(len(samples), len(samples) + len(found)))
            samples += found
        wanted[k] = places.get(ident, [])
    return samples, wanted


def _judge(
    solver: str, tasks: dict[str, Task], outcomes: Sequence[Any]
) -> tuple[SolverResult, Counter[str]]:
    ident = task_of(solver)
    task = tasks.get(ident)
    if task is None:
        return SolverResult(solver, ident, 0, 0, NO_TASK), Counter()
    counts: Counter[str] = Counter()
    first: FirstFailure | None = None
    for k, (sample, outcome) in enumerate(zip(task.samples, outcomes, strict=True)):
        status = judge(sample, outcome)
        counts[status] += 1
        if status != RIGHT and first is None:
            first = describe(place_of(task, k), sample, outcome)
    status = first.status if first else RIGHT
    return SolverResult(solver, ident, len(outcomes), counts[RIGHT], status, first), counts


def _broken(solver: str, tasks: dict[str, Task]) -> tuple[SolverResult, Counter[str]]:
    ident = task_of(solver)
    samples = len(tasks[ident].samples) if ident in tasks else 0
    return SolverResult(solver, ident, samples, 0, BROKEN), Counter()


def judge(sample: Sample, outcome: Any) -> str:
    """The status of a lane: right, wrong, error or over_budget."""
    if isinstance(outcome, Failure):
        return outcome.kind
    return RIGHT if outcome == sample.output else WRONG


def describe(place: str, sample: Sample, outcome: Any) -> FirstFailure:
    """What is to be said of a lane that is not right."""
    if isinstance(outcome, Failure):
        return FirstFailure(
            place, outcome.kind, str(outcome), reason=outcome.reason, operation=outcome.operation
        )
    expected, produced = _shape(sample.output), _shape(outcome)
    if expected != produced:
        message = f"a grid of {produced[0]}x{produced[1]}, expected {expected[0]}x{expected[1]}"
        return FirstFailure(place, WRONG, message, expected_shape=expected, produced_shape=produced)
    differing = [
        (i, j, a, b)
        for i, (row, got) in enumerate(zip(sample.output, outcome, strict=True))
        for j, (a, b) in enumerate(zip(row, got, strict=True))
        if a != b
    ]
    if not differing:
        message = "it equals the expected output and was judged wrong: run `doit diagnose`"
        return FirstFailure(place, WRONG, message, expected_shape=expected, produced_shape=produced)
    i, j, a, b = differing[0]
    many = len(differing)
    cells = "1 cell differs" if many == 1 else f"{many} of {expected[0] * expected[1]} cells differ"
    message = f"{cells}, first at ({i}, {j}): expected {a}, got {b}"
    return FirstFailure(
        place,
        WRONG,
        message,
        expected_shape=expected,
        produced_shape=produced,
        differing_cells=many,
        first_difference=differing[0],
    )


def _shape(grid: Grid) -> tuple[int, int]:
    return len(grid), len(grid[0]) if grid else 0


def _sum_up(
    battery: LinkedBattery,
    judged: list[tuple[SolverResult, Counter[str]]],
    seconds: dict[str, float],
) -> Results:
    judged = sorted(judged, key=lambda pair: pair[0].solver)
    rows = tuple(row for row, _ in judged)
    total: Counter[str] = sum((counts for _, counts in judged), Counter())
    return Results(
        workload="check",
        backend=battery.backend,
        nodes=battery.nodes,
        native_nodes=battery.native_nodes,
        corpora=tuple(sorted({corpus_of(row.solver) for row in rows})),
        tasks=len({row.task for row in rows if row.samples}),
        tasks_solved=len({row.task for row in rows if row.status == RIGHT}),
        samples=sum(row.samples for row in rows),
        correct=total[RIGHT],
        wrong=total[WRONG],
        error=total[ERROR],
        over_budget=total[OVER_BUDGET],
        seconds=seconds,
        solvers=rows,
        device=battery.device,
    )
