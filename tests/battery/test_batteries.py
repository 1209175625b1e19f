"""Batteries on both backends: the same outcomes, and every node compiled."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.batteries import CompiledBattery, LinkedBattery, load_battery
from pipeline.battery.check_workload import lanes_of, run_check
from pipeline.data.tasks import Sample
from pipeline.engine.engine import TooLarge
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from tests.battery.small import BODIES, TASKS, compiled, write_battery
from tests.compiled import compiled_kernels

LIMITS = {
    "default": DEFAULT_LIMITS,
    "few elements": Limits(elements=9),
    "few cells": Limits(cells=4),
}
GRIDS = (((1, 2), (3, 4)), ((1, 2, 2, 1), (0, 0, 5, 0)), ((5,),), ((), ()), ((3, 1), (4, 2)))
SAMPLES = [Sample(a, b) for a in GRIDS for b in (a, a[::-1], GRIDS[0])]
WANTED: dict[str, list[list[int]]] = {
    "everything": [list(range(len(SAMPLES)))] * len(BODIES),
    "nothing": [[]] * len(BODIES),
    "something": [[0, 1, 2], [], [5, 14], [3], list(range(7))],
    "in any order": [[2, 0, 1], [9], [14, 5], [3, 2], []],
}


@pytest.fixture(scope="module")
def batteries(tmp_path_factory: pytest.TempPathFactory) -> tuple[LinkedBattery, LinkedBattery]:
    """The small battery on the reference runtime and compiled."""
    path = write_battery(tmp_path_factory.mktemp("batteries") / "batt.py")
    return load_battery(path, 7), compiled(path)


def texts(outcomes: list[list[Any]]) -> list[list[Any]]:
    """Failures as text, with their operation."""
    return [[str(e) if isinstance(e, Failure) else e for e in ends] for ends in outcomes]


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_both_give_the_same_outcomes(
    batteries: tuple[LinkedBattery, LinkedBattery], wanted: list[list[int]], limits: Limits
) -> None:
    expected, found = (texts(b.outcomes(SAMPLES, wanted, limits)) for b in batteries)
    assert found == expected
    assert [len(ends) for ends in found] == [len(lanes) for lanes in wanted]


def test_lanes_end_in_all_ways(batteries: tuple[LinkedBattery, LinkedBattery]) -> None:
    ends = texts(batteries[1].outcomes(SAMPLES, WANTED["everything"], Limits(elements=9)))
    kinds = {end.split(":")[0] if isinstance(end, str) else "grid" for e in ends for end in e}
    assert kinds == {"grid", "error", "over_budget"}
    assert ends[BATTERY.index("re-arc/22222222")][0] == (
        "error: first: EMPTY: needs at least one element"
    )


BATTERY = sorted(BODIES)


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_both_give_the_same_check(
    batteries: tuple[LinkedBattery, LinkedBattery], limits: Limits
) -> None:
    expected, found = (run_check(battery, TASKS, limits) for battery in batteries)
    assert (expected.backend, found.backend) == ("reference", "cpu")
    told = {"backend": "", "nodes": 0, "native_nodes": 0, "seconds": {}, "device": {}}
    assert replace(found, **told) == replace(expected, **told)  # type: ignore[arg-type]


def test_they_say_what_they_are(batteries: tuple[LinkedBattery, LinkedBattery]) -> None:
    reference, cpu = batteries
    assert reference.solvers == cpu.solvers == tuple(BATTERY)
    assert (reference.backend, reference.nodes, reference.native_nodes) == ("reference", 7, 0)
    assert cpu.backend == "cpu"
    assert cpu.nodes == cpu.native_nodes > len(BATTERY)


def test_the_engine_gets_memory_and_threads(tmp_path: Path) -> None:
    battery = compiled(write_battery(tmp_path / "batt.py"), memory_mib=64, threads=4)
    engine = battery.engine(Limits(turns=3))
    assert (engine.words, engine.threads) == (64 * 2**20 // 8 // 4, 4)
    assert engine.limits.turns == 3


def test_what_does_not_fit_the_memory_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = compiled(write_battery(tmp_path / "batt.py"), memory_mib=1, threads=16)
    sample = Sample(((1,) * 100,) * 100, ((1,),))
    wanted = [[0] if name.startswith("own/") else [] for name in BATTERY]
    engine = battery.cpu_engine(DEFAULT_LIMITS)
    engine.words = engine.program_words + 3_000
    monkeypatch.setattr(battery, "cpu_engine", lambda limits: engine)
    engine.free = lambda: 0
    with pytest.raises(TooLarge, match=r"on sample 0 needs more memory than is free on this"):
        battery.outcomes([sample], wanted, DEFAULT_LIMITS)
    engine.free = lambda: 1 << 26
    found = battery.outcomes([sample], wanted, DEFAULT_LIMITS)
    assert [len(ends) for ends in found] == [len(lanes) for lanes in wanted]


def test_a_profile_is_of_the_solvers_that_run(
    batteries: tuple[LinkedBattery, LinkedBattery],
) -> None:
    battery = batteries[1]
    assert isinstance(battery, CompiledBattery)
    picked = [k for k, name in enumerate(BATTERY) if name.startswith("re-arc/")]
    samples, wanted = lanes_of(BATTERY, TASKS, picked)
    profile = battery.profile(samples, wanted, DEFAULT_LIMITS)
    assert {cost.name for cost in profile.solvers} == {BATTERY[k] for k in picked}
    assert {"difference", "first", "verdict"} < {cost.name for cost in profile.operations}


@pytest.fixture
def everything(linked: Any) -> CompiledBattery:
    """The battery of all solvers, compiled."""
    return CompiledBattery(linked.image, compiled_kernels())


def test_every_node_of_every_solver_is_compiled(linked: Any, everything: CompiledBattery) -> None:
    facts = json.loads(linked.statistics)
    assert everything.nodes == everything.native_nodes == facts["nodes"]
    assert everything.solvers == linked.battery.solvers
    assert len(everything.solvers) == facts["solvers"]
    assert sorted(everything.image.verdict_solvers.tolist()) == list(range(facts["solvers"]))
