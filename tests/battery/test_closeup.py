"""Solvers looked at closely: the same verdicts as a check, with grids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.battery.batteries import load_battery
from pipeline.battery.check_workload import run_check
from pipeline.battery.closeup import differing, look_closely, with_places
from pipeline.battery.results import FirstFailure
from pipeline.data.tasks import Grid, Sample
from pipeline.ir.status import Limits
from tests.battery.small import BODIES, FLIP, ODD, SQUARE, TASKS, compiled, write_battery

LIMITS = Limits(elements=9)
GRIDS = st.integers(0, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 2), min_size=width, max_size=width).map(tuple), max_size=3
    ).map(tuple)
)


def test_verdicts_are_those_of_a_check(tmp_path: Path) -> None:
    path = write_battery(tmp_path / "batt.py")
    for battery in (compiled(path), load_battery(path)):
        checked = run_check(battery, TASKS, LIMITS).solvers
        found = look_closely(battery, TASKS, LIMITS)
        assert [(r.solver, r.task, r.correct, r.status) for r in found] == [
            (r.solver, r.task, r.correct, r.status) for r in checked
        ]
        first = [next((x.failure for x in r.lanes if x.failure), None) for r in found]
        assert first == [r.first_failure for r in checked]


def test_lanes_have_what_was_produced(tmp_path: Path) -> None:
    battery = compiled(write_battery(tmp_path / "batt.py"))
    rows = {row.solver: row for row in look_closely(battery, TASKS, LIMITS)}
    assert set(rows) == set(BODIES)
    right = rows[f"own/{FLIP}"].lanes
    assert [lane.place for lane in right] == ["train[0]", "train[1]", "test[0]", "test[1]"]
    assert all(lane.produced == lane.sample.output for lane in right)
    wrong = rows[f"own/{ODD}"].lanes[1]
    assert (wrong.place, wrong.status, wrong.produced) == ("test[0]", "wrong", ((1,),))
    failed = rows[f"re-arc/{ODD}"].lanes[0]
    assert (failed.status, failed.produced) == ("error", None)


def test_only_the_chosen_are_run_and_one_without_task_has_no_lane(tmp_path: Path) -> None:
    battery = compiled(write_battery(tmp_path / "batt.py"))
    [row] = look_closely(battery, {}, LIMITS, f"own/{FLIP}".__eq__)
    assert (row.solver, row.lanes, row.status, row.correct) == (f"own/{FLIP}", (), "no_task", 0)


def test_errors_get_their_places_and_wrong_grids_none(tmp_path: Path) -> None:
    asked: list[tuple[str, Sample]] = []

    def locate(solver: str, sample: Sample, failure: FirstFailure) -> FirstFailure:
        asked.append((solver, sample))
        return replace(failure, path="x.py", line=7)

    battery = compiled(write_battery(tmp_path / "batt.py"))
    found = look_closely(battery, TASKS, LIMITS, lambda name: name.endswith(ODD))
    wrong, failed = with_places(found, locate)
    assert [lane.failure and lane.failure.line for lane in failed.lanes] == [7, 7]
    assert wrong == found[0]
    assert asked == [(failed.solver, lane.sample) for lane in failed.lanes]
    assert asked[0][1].input == SQUARE


@given(GRIDS, GRIDS)
def test_grids_are_equal_where_nothing_differs(one: Grid, other: Grid) -> None:
    marks = differing(one, other)
    assert marks == differing(other, one)
    assert differing(one, one) == frozenset()
    cells = {(i, j): v for i, row in enumerate(one) for j, v in enumerate(row)}
    others = {(i, j): v for i, row in enumerate(other) for j, v in enumerate(row)}
    same = cells.items() & others.items()
    assert marks == (cells.keys() | others.keys()) - {place for place, _ in same}
