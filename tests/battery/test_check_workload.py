"""The check: verdicts, first failures, what is counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.battery import batteries
from pipeline.battery.batteries import ReferenceBattery, load_battery
from pipeline.battery.check_workload import describe, run_check
from pipeline.battery.results import Results
from pipeline.codegen.link import link
from pipeline.data.tasks import Sample, Task
from pipeline.ir.status import Limits
from tests.programs_text import graph_of

SQUARE = ((1, 2), (3, 4))
FLIPPED = ((3, 4), (1, 2))
TASKS = {
    "0a1b2c3d": Task("0a1b2c3d", (Sample(SQUARE, FLIPPED),), (Sample(FLIPPED, SQUARE),)),
    "11111111": Task("11111111", (Sample(SQUARE, SQUARE), Sample(FLIPPED, FLIPPED)), ()),
}


def battery_of(**bodies: str) -> ReferenceBattery:
    """A battery of one solver for each task: the key is a corpus and a task."""
    graphs = []
    for name, body in bodies.items():
        corpus, _, ident = name.partition("_")
        graphs.append((f"{corpus}/{ident}", graph_of(body)))
    return batteries.battery_of(link(graphs).code)


def check(limits: Limits | None = None, broken: tuple[str, ...] = (), **bodies: str) -> Results:
    return run_check(battery_of(**bodies), TASKS, limits or Limits(), broken=broken)


def test_a_right_solver_solves_its_task() -> None:
    results = check(own_0a1b2c3d="hmirror(I)")
    assert (results.tasks, results.tasks_solved) == (1, 1)
    assert (results.samples, results.correct) == (2, 2)
    assert results.solvers[0].status == "right"
    assert results.solvers[0].first_failure is None


def test_a_solver_right_on_some_samples_is_wrong_and_says_on_which() -> None:
    results = check(own_0a1b2c3d="canvas(THREE, UNITY)", own_11111111="replace(I, FOUR, TWO)")
    first, second = results.solvers
    assert first.first_failure.sample == "train[0]"
    assert first.first_failure.message == "a grid of 1x1, expected 2x2"
    assert second.first_failure.message == "1 cell differs, first at (1, 1): expected 4, got 2"
    assert second.first_failure.first_difference == (1, 1, 4, 2)
    assert (results.wrong, results.correct, results.tasks_solved) == (4, 0, 0)


def test_failures_are_counted_by_kind_and_named() -> None:
    results = check(
        Limits(elements=5),
        own_0a1b2c3d="x = first(difference(I, I)); I",
        own_11111111="x = interval(ZERO, TEN, ONE); I",
    )
    assert (results.error, results.over_budget) == (2, 2)
    statuses = [row.status for row in results.solvers]
    assert statuses == ["error", "over_budget"]
    failure = results.solvers[0].first_failure
    assert (failure.reason, failure.operation) == ("EMPTY", "first")


def test_a_later_failure_is_the_first_one_if_earlier_samples_are_right() -> None:
    results = check(own_0a1b2c3d="branch(equality(index(I, ORIGIN), ONE), hmirror(I), I)")
    assert results.solvers[0].correct == 1
    assert results.solvers[0].first_failure.sample == "test[0]"


def test_a_right_output_that_is_judged_wrong_points_to_the_comparison() -> None:
    said = describe("train[0]", Sample(SQUARE, FLIPPED), FLIPPED)
    assert said.message == (
        "it equals the expected output and was judged wrong: run `doit diagnose`"
    )


def test_of_two_solvers_of_a_task_one_right_is_enough_to_solve_it() -> None:
    results = check(a_0a1b2c3d="hmirror(I)", b_0a1b2c3d="I")
    assert (results.tasks, results.tasks_solved) == (1, 1)
    assert results.corpora == ("a", "b")


def test_a_broken_solver_counts_as_not_right() -> None:
    results = check(broken=("own/11111111",), own_0a1b2c3d="hmirror(I)")
    assert [row.status for row in results.solvers] == ["right", "broken"]
    assert (results.tasks, results.tasks_solved, results.samples, results.correct) == (2, 1, 4, 2)


def test_a_solver_without_a_task_is_no_failure() -> None:
    results = check(own_99999999="I")
    assert results.solvers[0].status == "no_task"
    assert (results.tasks, results.samples) == (0, 0)


def test_only_chosen_solvers_are_run() -> None:
    battery = battery_of(a_0a1b2c3d="hmirror(I)", b_0a1b2c3d="I")
    results = run_check(battery, TASKS, Limits(), lambda name: name.startswith("b/"))
    assert [row.solver for row in results.solvers] == ["b/0a1b2c3d"]


def test_results_are_plain_json_with_the_promised_fields() -> None:
    plain = json.loads(json.dumps(check(own_0a1b2c3d="I").to_json()))
    assert list(plain) == [
        *("workload", "backend", "nodes", "native_nodes", "corpora", "tasks", "tasks_solved"),
        *("samples", "correct", "wrong", "error", "over_budget", "seconds", "solvers"),
        "device",
    ]
    assert list(plain["seconds"]) == ["load", "run", "compare"]
    assert list(plain["solvers"][0]) == [
        *("solver", "task", "samples", "correct", "status", "first_failure")
    ]
    failure = plain["solvers"][0]["first_failure"]
    assert failure["first_difference"] == [0, 0, 3, 1]
    assert "reason" not in failure


@pytest.mark.parametrize(
    "bodies",
    [
        {},
        {"own_0a1b2c3d": "hmirror(I)"},
        {"own_0a1b2c3d": "I"},
        {
            "a_0a1b2c3d": "x = first(difference(I, I)); I",
            "b_0a1b2c3d": "hmirror(I)",
            "c_11111111": "canvas(ONE, UNITY)",
            "d_99999999": "I",
        },
    ],
)
def test_their_text_is_that_of_any_writer(bodies: dict[str, str]) -> None:
    results = check(**bodies)
    assert results.to_text() == json.dumps(results.to_json(), indent=1)


def test_a_battery_loads_from_its_file(tmp_path: Any) -> None:
    path = tmp_path / "batt.py"
    path.write_text(link([("test/0a1b2c3d", graph_of("I"))]).code)
    assert load_battery(path).solvers == ("test/0a1b2c3d",)
