"""Timings of repeats, sizes, growth, and a profile's JSON."""

from __future__ import annotations

import json

import pytest

from pipeline.measuring.timings import (
    Timing,
    sizes_to_measure,
    spread_over,
    timing,
    timings,
    with_powers,
)
from tests.report.small_profile import MEASURED, profile, scale


def test_a_timing_has_the_median_and_the_ends() -> None:
    assert timing("x", [5.0, 1.0, 2.0]) == Timing("x", 2.0, 1.0, 5.0)
    assert timing("x", iter([1.0, 2.0])) == Timing("x", 1.5, 1.0, 2.0)
    assert timing("x", [3.0]).spread == 0
    assert timing("x", [5.0, 1.0, 2.0]).spread == 4.0


def test_timings_are_in_the_order_of_the_first_run() -> None:
    found = timings([{"b": 1.0, "a": 2.0}, {"a": 4.0}, {"a": 3.0, "b": 3.0}])
    assert found == (Timing("b", 1.0, 0.0, 3.0), Timing("a", 3.0, 2.0, 4.0))


def test_tasks_are_chosen_evenly_and_without_repetition() -> None:
    idents = [f"{k:02}" for k in range(10)]
    assert spread_over(idents, 4) == ["00", "02", "05", "07"]
    assert spread_over(idents, 10) == idents
    for count in range(1, 11):
        assert len(set(spread_over(idents, count))) == count


@pytest.mark.parametrize(
    ("wanted", "everything", "measured"),
    [
        ([10, 25, 50], 400, [10, 25, 50, 400]),
        ([50, 10, 10], 50, [10, 50]),
        ([100], 3, [3]),
        ([], 7, [7]),
    ],
)
def test_all_tasks_are_always_measured_and_never_more(
    wanted: list[int], everything: int, measured: list[int]
) -> None:
    assert sizes_to_measure(wanted, everything) == measured


def test_the_exponent_says_how_the_time_grows() -> None:
    scales = [scale(10, 0.5), scale(20, 0.5), scale(40, 1.0), scale(80, 4.0), scale(160, 0.0)]
    assert [power for _, power in with_powers(scales)] == [None, 0.0, 1.0, 2.0, None]
    assert with_powers([]) == []


def test_the_json_has_all_of_it() -> None:
    raw = json.loads(json.dumps(MEASURED.to_json()))
    assert raw == profile()
    assert list(raw) == [
        *("form", "made", "repeats", "machine", "versions", "battery", "settings", "yardstick"),
        *("busy", "whole", "unexplained", "phases", "passes", "kernels_compiled", "scaling"),
        *("no_operations", "operations", "solvers"),
    ]
    assert raw["phases"][0] == {"name": "generate", "seconds": 1.2, "least": 1.14, "most": 1.26}
    assert raw["operations"][1] == {
        "name": "fill",
        "seconds": 0.001,
        "least": 0.00095,
        "most": 0.00105,
        "calls": 1_000,
        "lanes": 20,
    }
    assert raw["solvers"][0] == {
        "name": "re-arc/0a1b2c3d",
        "seconds": 0.015,
        "compile": {"seconds": 0.012, "least": 0.0114, "most": 0.0126},
        "slowest_step": "passes",
        "slowest_step_seconds": 0.006,
        "run": {"seconds": 0.003, "least": 0.00285, "most": 0.00315},
    }
    assert raw["scaling"][2] == {
        "tasks": 40,
        "solvers": 2,
        "seconds": 1.6,
        "least": 1.52,
        "most": 1.68,
        "exponent": 1.6781,
        "phases": {"generate": 1.2, "run": 0.4},
    }
