"""The two answers agree on real data: interpretation and generated code."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.battery.check import run_check, task_of
from pipeline.data.arc import Task
from pipeline.ir.status import DEFAULT_LIMITS, Failure
from pipeline.runtime.backends.reference import Runtime
from pipeline.runtime.interpret import outcome

MATRIX_LANES = 20_000
PARTS = 4
WRONG_VERIFIERS = {
    *("228f6490", "29ec7d0e", "53b68214", "6cf79266"),
    *("7e0986d6", "a64e4611", "a8d7556c", "e5062a87"),
}


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Failure) or isinstance(b, Failure):
        return type(a) is type(b) and (a.kind, a.reason) == (b.kind, b.reason)
    return a == b


def _disagreements(linked: Any, grids: list[Any], wanted: list[list[int]]) -> list[str]:
    runtime = Runtime(grids, DEFAULT_LIMITS, wanted)
    linked.battery.evaluate(runtime)
    found = []
    for k, name in enumerate(linked.battery.solvers):
        for lane in wanted[k]:
            direct = outcome(linked.programs[name], grids[lane])
            generated = runtime.verdicts[k][lane]
            if not _same(direct, generated):
                found.append(f"{name} on sample {lane}: {direct!s:.60} / {generated!s:.60}")
    return found


def _grids(tasks: dict[str, Task]) -> tuple[list[Any], dict[str, list[int]]]:
    grids: list[Any] = []
    places: dict[str, list[int]] = {}
    for ident, task in tasks.items():
        places[ident] = list(range(len(grids), len(grids) + len(task.samples)))
        grids += [sample.input for sample in task.samples]
    return grids, places


def test_every_lane_of_check_agrees(linked: Any, tasks: dict[str, Task]) -> None:
    grids, places = _grids(tasks)
    wanted = [places[task_of(name)] for name in linked.battery.solvers]
    assert _disagreements(linked, grids, wanted) == []


@pytest.mark.parametrize("part", range(PARTS))
def test_random_lanes_of_matrix_agree(linked: Any, tasks: dict[str, Task], part: int) -> None:
    grids, _ = _grids(tasks)
    rng = random.Random(part)
    wanted: list[set[int]] = [set() for _ in linked.battery.solvers]
    lanes = 0
    while lanes < MATRIX_LANES // PARTS:
        chosen = wanted[rng.randrange(len(wanted))]
        lane = rng.randrange(len(grids))
        lanes += lane not in chosen
        chosen.add(lane)
    assert _disagreements(linked, grids, [sorted(w) for w in wanted]) == []


def test_only_the_known_verifiers_are_wrong(linked: Any, tasks: dict[str, Task]) -> None:
    results = run_check(linked.battery, tasks, DEFAULT_LIMITS)
    bad = {row.solver for row in results.solvers if row.status != "right"}
    assert bad == {f"re-arc/{ident}" for ident in WRONG_VERIFIERS}
    assert {row.status for row in results.solvers if row.solver in bad} == {"wrong"}
    assert (results.tasks, results.tasks_solved) == (400, 400)
