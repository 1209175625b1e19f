"""The stress run: what is counted, what is said of the first failure, tasks in parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.battery.batteries import CompiledBattery, load_battery
from pipeline.battery.check_workload import judge
from pipeline.battery.stress_workload import (
    SolverStress,
    Stress,
    parts_of,
    run_stress,
    sample_of,
    score_rows,
)
from pipeline.data.drawn.packed import Drawn, Packed, pack_sample
from pipeline.data.tasks import Grid, Sample
from pipeline.frontend.candidates import task_of
from pipeline.ir.status import Limits
from pipeline.oracle.murmur import grid_hash
from tests.battery.small import BODIES, FLIP, ODD, SAME, compiled, write_battery

LIMITS = Limits(elements=9)
COUNT = 40


def grid_of(k: int) -> Grid:
    """A grid that is like no other one."""
    return tuple(
        tuple((k // 7 + i * j + k) % 10 for j in range(1 + k % 5)) for i in range(1 + k % 3)
    )


def samples_of(task: str) -> list[Sample]:
    """Samples of a task; some answers are not those that its solver gives."""
    given = [grid_of(k) for k in range(COUNT)]
    flipped = task == FLIP
    return [
        Sample(grid, grid[::-1] if flipped and k != 17 and k != 23 else grid)
        for k, grid in enumerate(given)
    ]


def read(tasks: Sequence[str]) -> dict[str, Drawn]:
    """What a cache of drawn samples gives."""
    return {
        task: Packed().then(pack_sample(s.input, s.output) for s in samples_of(task)).arrays()
        for task in tasks
    }


@pytest.fixture
def battery(tmp_path: Path) -> CompiledBattery:
    """The battery, on compiled kernels."""
    return compiled(write_battery(tmp_path / "batt.py"))


def stress(battery: CompiledBattery, parts: Any = ((FLIP, SAME, ODD),)) -> dict[str, SolverStress]:
    everyone = range(len(battery.solvers))
    return {row.solver: row for row in run_stress(battery, LIMITS, everyone, parts, read)}


def test_the_counts_are_those_of_the_reference(battery: CompiledBattery, tmp_path: Path) -> None:
    rows = stress(battery)
    assert list(rows) == sorted(BODIES)
    reference = load_battery(tmp_path / "batt.py")
    for k, name in enumerate(battery.solvers):
        samples = samples_of(task_of(name))
        wanted = [range(COUNT) if n == k else () for n in range(len(BODIES))]
        outcomes = reference.outcomes(samples, wanted, LIMITS)[k]
        kinds = [judge(sample, outcome) for sample, outcome in zip(samples, outcomes, strict=True)]
        row = rows[name]
        counted = (row.right, row.wrong, row.error, row.over_budget)
        assert counted == tuple(map(kinds.count, ("right", "wrong", "error", "over_budget")))
        assert row.samples == COUNT
        first = next((n for n, kind in enumerate(kinds) if kind != "right"), None)
        assert row.first_failing == first
        assert row.status == ("right" if first is None else kinds[first])


def test_generated_samples_are_shown_with_the_train_pairs_of_their_task(tmp_path: Path) -> None:
    bodies = {f"own/{ident}": "last(first(S))" for ident in (FLIP, SAME, ODD)}
    battery = compiled(write_battery(tmp_path / "s.py", bodies))
    same, flip = (((grid_of(k), grid_of(k)),) for k in (3, 4))
    shown = {SAME: same, FLIP: ((((0,),), grid_of(17)), *flip)}
    rows = run_stress(battery, LIMITS, range(3), [(FLIP, SAME), (ODD,)], read, shown=shown)
    counts = {row.task: (row.right, row.wrong, row.error, row.first_failing) for row in rows}
    assert counts == {SAME: (1, COUNT - 1, 0, 0), FLIP: (1, COUNT - 1, 0, 0), ODD: (0, 0, COUNT, 0)}
    failure = {row.task: row.first_failure for row in rows}[ODD]
    assert failure is not None
    assert (failure.reason, failure.operation) == ("NONE", "train_pairs")


def test_the_first_failure_names_its_sample_and_says_how(battery: CompiledBattery) -> None:
    rows = stress(battery)
    flip = rows[f"own/{FLIP}"]
    assert (flip.first_failing, flip.right, flip.wrong) == (17, COUNT - 2, 2)
    assert flip.first_failure is not None
    assert flip.first_failure.sample == "generated[17]"
    message = "4 of 9 cells differ, first at (0, 1): expected 9, got 1"
    assert flip.first_failure.message == message
    error = rows[f"re-arc/{ODD}"].first_failure
    assert error is not None
    assert (error.sample, error.reason, error.operation) == ("generated[0]", "EMPTY", "first")
    assert rows[f"own/{SAME}"].first_failure is None


def test_parts_do_not_show(battery: CompiledBattery) -> None:
    assert stress(battery, [[FLIP], [SAME, ODD]]) == stress(battery)


def test_a_solver_whose_task_has_no_samples_is_left_out(battery: CompiledBattery) -> None:
    assert list(stress(battery, [[FLIP]])) == [f"own/{FLIP}"]
    assert stress(battery, []) == {}


def test_only_the_picked_solvers_run(battery: CompiledBattery) -> None:
    picked = [battery.solvers.index(f"re-arc/{SAME}")]
    told: list[int] = []
    rows = run_stress(battery, LIMITS, picked, [[FLIP, SAME]], read, told.append)
    assert [row.solver for row in rows] == [f"re-arc/{SAME}"]
    assert sum(told) == COUNT


def test_a_sample_is_read_off_the_arrays() -> None:
    drawn = read([FLIP])[FLIP]
    assert [sample_of(drawn, k) for k in range(COUNT)] == samples_of(FLIP)


def test_parts_hold_what_fits_and_at_least_one_task() -> None:
    tasks = ["a", "b", "c", "d", "e"]
    assert list(parts_of(tasks, 10, 20)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(parts_of(tasks, 10, 5)) == [["a"], ["b"], ["c"], ["d"], ["e"]]
    assert list(parts_of([], 10, 5)) == []


def test_results_are_plain_json_with_the_promised_fields(battery: CompiledBattery) -> None:
    rows = tuple(stress(battery).values())
    found = Stress("cpu", COUNT, 3, {"run": 1.0}, rows, ("own/x",), {"y": "why"})
    plain = json.loads(json.dumps(found.to_json()))
    assert list(plain) == [
        *("workload", "backend", "samples", "seed", "device", "lanes", "right", "wrong", "error"),
        *("over_budget", "seconds", "no_generator", "undrawn", "solvers"),
    ]
    assert plain["lanes"] == COUNT * len(BODIES)
    assert plain["lanes"] == sum(plain[k] for k in ("right", "wrong", "error", "over_budget"))
    flip = plain["solvers"][0]
    assert (flip["solver"], flip["first_failing"]) == (f"own/{FLIP}", 17)
    assert "reason" not in flip["first_failure"]
    assert plain["solvers"][1]["first_failure"] is None


def test_scores_are_of_the_lanes_that_were_run(battery: CompiledBattery) -> None:
    scores: dict[str, Any] = {}
    everyone, parts = range(len(battery.solvers)), [[FLIP], [SAME, ODD]]
    rows = run_stress(battery, LIMITS, everyone, parts, read, scores=scores)
    assert rows == list(stress(battery).values())
    found = {part.program: part for part in score_rows(scores)}
    assert list(found) == [row.solver for row in rows]
    for row in rows:
        part = found[row.solver]
        assert part.samples[7] == f"{row.task} generated[7]"
        assert int(part.exact.sum()) == row.right
    flipped = found[f"own/{FLIP}"]
    assert [k for k, share in enumerate(flipped.shares) if share != 1.0] == [17, 23]
    wanted = [np.array(grid_hash(s.input[::-1]), "<u8").tobytes().hex() for s in samples_of(FLIP)]
    assert flipped.hashes == wanted
