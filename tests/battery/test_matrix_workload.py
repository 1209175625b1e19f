"""The matrix: verdicts, what is computed once, going on after an end of any kind, the tables."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.battery.batteries import load_battery
from pipeline.battery.journal import Partial
from pipeline.battery.matrix_workload import BLOCK, Layout, Matrix, lay_out, run_matrix, sum_up
from pipeline.data.tasks import Sample, Task
from pipeline.engine.engine import TooLarge
from pipeline.ir.status import Failure, Limits
from tests.battery.small import (
    BODIES,
    FLIP,
    FLIPPED,
    ODD,
    SAME,
    SQUARE,
    TASKS,
    compiled,
    write_battery,
)
from tests.project import PROJECT

LIMITS = Limits(elements=9)
SETS = {"one": TASKS, "two": {SAME: TASKS[SAME], FLIP: TASKS[FLIP]}}


@pytest.fixture
def battery(tmp_path: Path) -> Path:
    """The file of the battery."""
    return write_battery(tmp_path / "batt.py")


def run(
    battery: Path, folder: Path, limits: Limits = LIMITS, size: int = BLOCK, **more: Any
) -> np.ndarray:
    """The verdicts on all samples of the sets; `folder` is where an unfinished run is kept."""
    layout = lay_out(SETS)
    loaded = compiled(battery, threads=more.pop("threads", 2))
    title = f"{limits} {battery.read_text()!r}"
    with Partial(folder / "part", title, len(loaded.solvers), len(layout.samples)) as partial:
        run_matrix(loaded.engine(limits), layout, partial, size=size, **more)
    return partial.verdicts


def results(battery: Path, folder: Path) -> Matrix:
    layout = lay_out(SETS)
    verdicts = run(battery, folder)
    return sum_up(layout, verdicts, compiled(battery), LIMITS, 0, {"run": 0.0})


def test_every_verdict_is_that_of_the_reference(battery: Path, tmp_path: Path) -> None:
    layout = lay_out(SETS)
    everywhere = [range(len(layout.samples))] * len(BODIES)
    wanted = load_battery(battery).outcomes(layout.samples, everywhere, LIMITS)
    plain = results(battery, tmp_path).to_json()
    kinds = set()
    for verdicts, outcomes in zip(run(battery, tmp_path).tolist(), wanted, strict=True):
        for code, outcome, sample in zip(verdicts, outcomes, layout.samples, strict=True):
            if isinstance(outcome, Failure):
                operation, reason = divmod(-code, 32)
                assert plain["operations"][operation] == outcome.operation
                assert plain["reasons"][str(reason)] == outcome.reason
                kinds.add(outcome.kind)
            else:
                assert code == (outcome == sample.output)
                kinds.add(code)
    assert kinds == {0, 1, "error", "over_budget"}


def test_equal_samples_are_computed_once_and_stand_in_all_their_columns() -> None:
    layout = lay_out(SETS)
    names = [task.task for task in layout.tasks]
    assert names == [FLIP, SAME, ODD, SAME, FLIP]
    assert [task.first for task in layout.tasks] == [0, 4, 7, 9, 12]
    assert layout.places.tolist() == [*range(9), 4, 5, 6, 0, 1, 2, 3]
    columns = [
        sample for members in SETS.values() for t in members.values() for sample in t.samples
    ]
    assert [layout.samples[k] for k in layout.places] == columns


def test_the_same_input_with_another_answer_is_another_sample() -> None:
    task = Task("a", (Sample(SQUARE, SQUARE), Sample(SQUARE, FLIPPED)), (Sample(SQUARE, SQUARE),))
    assert lay_out({"x": {"a": task}}).places.tolist() == [0, 1, 0]


def test_equal_samples_of_tasks_that_show_others_are_apart_where_that_matters(
    tmp_path: Path,
) -> None:
    flip, other = TASKS[FLIP], Task(SAME, TASKS[FLIP].train[:1], TASKS[FLIP].test)
    sets = {"one": {FLIP: flip, SAME: other}, "two": {FLIP: flip}}
    assert lay_out(sets).places.tolist() == [0, 1, 2, 3, 0, 2, 3, 0, 1, 2, 3]
    layout = lay_out(sets, by_shown=True)
    assert layout.places.tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3]
    battery = write_battery(tmp_path / "s.py", {f"own/{FLIP}": "last(last(S))"})
    loaded = compiled(battery)
    with Partial(tmp_path / "part", "s", 1, len(layout.samples)) as partial:
        run_matrix(loaded.engine(LIMITS), layout, partial)
    (wanted,) = load_battery(battery).outcomes(layout.samples, [range(7)], LIMITS)
    assert wanted == [flip.train[-1].output] * 4 + [FLIPPED] * 3
    right = [got == s.output for got, s in zip(wanted, layout.samples, strict=True)]
    assert partial.verdicts[0].tolist() == right


def test_a_limit_keeps_whole_tasks_of_each_set() -> None:
    assert [t.task for t in lay_out(SETS, 1).tasks] == [FLIP, SAME]
    assert [t.task for t in lay_out(SETS, 4).tasks] == [FLIP, SAME, FLIP]
    assert [t.task for t in lay_out(SETS, 5).tasks] == [FLIP, SAME, SAME, FLIP]


def test_a_sample_is_called_after_the_first_task_that_has_it() -> None:
    layout = lay_out(SETS)
    assert layout.name_of(0) == f"one/{FLIP} train[0]"
    assert layout.name_of(2) == f"one/{FLIP} test[0]"
    assert layout.name_of(8) == f"one/{ODD} test[0]"


def test_neither_blocks_nor_threads_show(battery: Path, tmp_path: Path) -> None:
    whole = run(battery, tmp_path / "a")
    assert (run(battery, tmp_path / "b", size=1, threads=1) == whole).all()
    assert (run(battery, tmp_path / "c", size=100) == whole).all()


class Enough(Exception):
    """Ends a run."""


@pytest.mark.parametrize("blocks", [1, 3])
def test_after_an_exception_only_the_rest_is_computed(
    battery: Path, tmp_path: Path, blocks: int
) -> None:
    whole = run(battery, tmp_path / "whole", size=2)
    told: list[int] = []

    def stop(lanes: int) -> None:
        told.append(lanes)
        if len(told) == blocks:
            raise Enough

    with pytest.raises(Enough):
        run(battery, tmp_path, size=2, threads=1, advance=stop)
    rest: list[int] = []
    assert run(battery, tmp_path, size=2, advance=rest.append).tobytes() == whole.tobytes()
    assert sum(told) + sum(rest) == whole.size
    nothing: list[int] = []
    run(battery, tmp_path, size=2, advance=nothing.append)
    assert nothing == []


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.battery.test_matrix_workload import run

told = []

def kill(lanes):
    told.append(lanes)
    if len(told) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

run(Path(sys.argv[1]), Path(sys.argv[2]), size=2, threads=1, advance=kill)
"""


def test_after_a_kill_the_rest_gives_the_same_bytes(battery: Path, tmp_path: Path) -> None:
    whole = run(battery, tmp_path / "whole", size=2)
    words = [sys.executable, "-c", KILLED, str(battery), str(tmp_path)]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    rest: list[int] = []
    assert run(battery, tmp_path, size=2, advance=rest.append).tobytes() == whole.tobytes()
    assert sum(rest) == whole.size - 2 * 2 * len(BODIES)


def test_another_battery_or_other_limits_begin_anew(battery: Path, tmp_path: Path) -> None:
    run(battery, tmp_path)
    wider: list[int] = []
    run(battery, tmp_path, Limits(), advance=wider.append)
    assert sum(wider) == len(BODIES) * 9
    changed = {**BODIES, f"own/{FLIP}": "vmirror(I)"}
    other: list[int] = []
    verdicts = run(write_battery(battery, changed), tmp_path, Limits(), advance=other.append)
    assert sum(other) == len(BODIES) * 9
    assert verdicts[0].tolist() != run(write_battery(battery), tmp_path)[0].tolist()


def test_the_table_of_tasks_tells_train_from_test(battery: Path, tmp_path: Path) -> None:
    found = {(row.data, row.task): row for row in results(battery, tmp_path).tasks}
    flip, same, odd = (found["one", task] for task in (FLIP, SAME, ODD))
    assert flip.right_on_train == flip.right_on_all == (f"own/{FLIP}",)
    assert same.right_on_all == (f"own/{SAME}",)
    assert (odd.right_on_train, odd.right_on_all) == ((f"own/{ODD}",), ())
    assert (odd.first, odd.train, odd.test) == (7, 1, 1)
    assert (flip.own, flip.others) == (True, False)
    assert found["two", FLIP].right_on_all == flip.right_on_all


def test_a_solver_of_another_task_counts_as_another(tmp_path: Path) -> None:
    battery = write_battery(tmp_path / "batt.py", {f"own/{SAME}": "hmirror(I)"})
    layout = lay_out({"one": TASKS})
    loaded = compiled(battery)
    with Partial(tmp_path / "part", "", 1, len(layout.samples)) as partial:
        run_matrix(loaded.engine(LIMITS), layout, partial)
    matrix = sum_up(layout, partial.verdicts, loaded, LIMITS, 9, {"run": 1.0})
    flip, same, _ = matrix.tasks
    assert (flip.right_on_all, flip.own, flip.others) == ((f"own/{SAME}",), False, True)
    assert (same.right_on_train, same.own, same.others) == ((), False, False)


def test_the_counts_are_those_of_all_columns(battery: Path, tmp_path: Path) -> None:
    one, two = results(battery, tmp_path).sets
    assert (one.tasks, one.samples, two.tasks, two.samples) == (3, 9, 2, 7)
    assert one.right + one.wrong + one.error + one.over_budget == 9 * len(BODIES)
    assert (one.right, one.error, one.over_budget) == (4 + 3 + 1, 9, 9)
    assert (two.right, two.error, two.over_budget) == (4 + 3, 7, 7)


def test_results_are_plain_json_with_the_promised_fields(battery: Path, tmp_path: Path) -> None:
    plain = json.loads(json.dumps(results(battery, tmp_path).to_json()))
    assert list(plain) == [
        *("workload", "backend", "device", "samples", "different_samples", "lanes"),
        "computed_lanes",
        *("seconds", "limits", "codes", "operations", "reasons", "over_budget_reasons"),
        *("data", "solvers", "tasks"),
    ]
    assert (plain["samples"], plain["different_samples"], plain["lanes"]) == (16, 9, 80)
    assert plain["solvers"] == sorted(BODIES)
    assert plain["tasks"][0] == {
        "data": "one",
        "task": FLIP,
        "first": 0,
        "train": 2,
        "test": 2,
        "right_on_train": [f"own/{FLIP}"],
        "right_on_all": [f"own/{FLIP}"],
    }


def test_missing_verdicts_are_not_summed_up(battery: Path) -> None:
    layout = lay_out(SETS)
    verdicts = np.full((len(BODIES), len(layout.samples)), -(1 << 15), np.int16)
    with pytest.raises(ValueError, match="verdicts are missing"):
        sum_up(layout, verdicts, compiled(battery), LIMITS, 0, {})


def test_a_lane_that_is_too_large_is_named(tmp_path: Path) -> None:
    many = "; ".join(f"x{k} = product(n, interval({k}, 300, ONE))" for k in range(8))
    bodies = {f"own/{SAME}": f"n = interval(ZERO, 100, ONE); {many}; I"}
    loaded = compiled(write_battery(tmp_path / "batt.py", bodies), memory_mib=1, threads=1)
    layout: Layout = lay_out({"one": {FLIP: TASKS[FLIP]}})
    engine = loaded.cpu_engine(Limits())
    engine.free = lambda: 0
    with (
        Partial(tmp_path / "part", "", 1, len(layout.samples)) as partial,
        pytest.raises(TooLarge, match=rf"own/{SAME} on sample one/{FLIP} train\[0\] needs more"),
    ):
        run_matrix(engine, layout, partial)
    engine.free = lambda: 1 << 26
    with Partial(tmp_path / "part", "", 1, len(layout.samples)) as partial:
        run_matrix(engine, layout, partial)
        assert not partial.lacks(0, len(layout.samples))
