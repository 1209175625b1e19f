"""The whole way on a clock: that it is the way that builds go, and whom its seconds are charged."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.battery import check_workload
from pipeline.battery.batteries import Accelerated, CompiledBattery
from pipeline.battery.devices import DeviceChoice
from pipeline.codegen import compile as compiling
from pipeline.config.config import load_config
from pipeline.engine.cuda.cuda_engine import Usage
from pipeline.measuring import chain
from pipeline.measuring.chain import STEPS, Changed, run_chain, yardstick
from pipeline.passes.intern import NODES
from tests import diagnosed
from tests.battery.small import FLIP, ODD, SAME
from tests.programs_text import text_of

NAMES = (f"own/{FLIP}", f"own/{SAME}")
PHASES = ["data", "generate", "link", "load", "kernels", "run", "compare"]


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed.prepare(tmp_path, monkeypatch)


class Clock:
    """A clock that stands still but where something is said to take its time."""

    def __init__(self) -> None:
        self.now = 0.0

    def slow(self, function: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        """The function, taking so many seconds."""

        def slower(*args: Any, **options: Any) -> Any:
            self.now += seconds
            return function(*args, **options)

        return slower


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the chain and the check look at; no garbage is collected meanwhile."""
    made = Clock()
    fake = SimpleNamespace(perf_counter=lambda: made.now)
    monkeypatch.setattr(chain, "time", fake)
    monkeypatch.setattr("pipeline.battery.check_workload.time", fake)
    monkeypatch.setattr(gc, "callbacks", [])
    return made


def test_it_makes_the_battery_that_a_build_makes() -> None:
    before = {path: path.read_bytes() for path in Path("generated").rglob("*") if path.is_file()}
    run = run_chain(load_config(), NAMES)
    assert run.code == Path("generated/batt.py").read_text()
    assert {path: path.read_bytes() for path in before} == before
    assert {p for p in Path("generated").rglob("*") if p.is_file()} == set(before)


class Device:
    """A GPU that nothing runs on."""

    def __init__(self) -> None:
        self.opened = True

    def close(self) -> None:
        self.opened = False


@pytest.mark.parametrize("fails", [False, True])
def test_gpus_are_opened_each_time_and_given_back(
    fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []

    def choose(config: Any) -> DeviceChoice:
        opened.append(Device())
        return DeviceChoice(Accelerated((opened[-1],), 1 << 20, 1_000_000, Usage()))

    def run_check(*args: Any) -> Any:
        assert opened[-1].opened
        if fails:
            raise RuntimeError("the device fell off the bus")
        return check_workload.run_check(*args)

    monkeypatch.setattr(chain, "choose", choose)
    monkeypatch.setattr(chain, "run_check", run_check)
    for _ in range(2):
        with pytest.raises(RuntimeError) if fails else nullcontext():
            run_chain(load_config(), NAMES)
    assert [device.opened for device in opened] == [False, False]


def test_a_part_of_the_solvers_makes_the_battery_of_that_part() -> None:
    diagnosed.build({FLIP: diagnosed.BODIES[FLIP]})
    alone = Path("generated/batt.py").read_text()
    diagnosed.build(diagnosed.BODIES)
    assert run_chain(load_config(), NAMES[:1]).code == alone


def test_phases_and_steps_are_all_there_and_in_order() -> None:
    run = run_chain(load_config(), NAMES)
    assert list(run.phases) == PHASES
    assert list(run.steps) == list(STEPS) == ["read", "parse", "passes", "emit", "collect"]
    assert list(run.solvers) == list(NAMES)
    assert run.device == {"device": "cpu", "threads": run.device["threads"]}
    assert 0 < sum(run.phases.values()) <= run.whole
    assert 0 < sum(run.steps.values()) <= run.phases["generate"]


def test_the_reference_loads_no_kernels() -> None:
    Path("config.yaml").write_text(diagnosed.CONFIG + "backend: reference\n")
    run = run_chain(load_config(), NAMES)
    assert list(run.phases) == [phase for phase in PHASES if phase != "kernels"]


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("tasks_of", "data"),
        ("all_units", "generate"),
        ("link", "link"),
        ("CompiledBattery", "load"),
        ("choose", "kernels"),
    ],
)
def test_seconds_are_charged_to_the_phase_that_takes_them(
    name: str, phase: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(chain, name)
    slower = clock.slow(original, 8.0)
    if name == "CompiledBattery":  # `run_chain` asks what kind of battery it has

        class Slower(original):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **named: Any) -> None:
                clock.now += 8.0
                super().__init__(*args, **named)

        slower = Slower
    monkeypatch.setattr(chain, name, slower)
    run = run_chain(load_config(), NAMES)
    assert run.phases == {**dict.fromkeys(PHASES, 0.0), phase: 8.0}
    assert run.whole == 8.0
    assert sum(run.steps.values()) == run.steps["read"] == (8.0 if phase == "generate" else 0.0)


def test_the_run_and_the_comparison_are_told_apart(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CompiledBattery, "outcomes", clock.slow(CompiledBattery.outcomes, 4.0))
    monkeypatch.setattr(check_workload, "judge", clock.slow(check_workload.judge, 0.25))
    run = run_chain(load_config(), NAMES)
    assert (run.phases["run"], run.phases["compare"]) == (4.0, 7 * 0.25)
    assert run.whole == 4.0 + 7 * 0.25


@pytest.mark.parametrize(
    ("step", "name"), [("parse", "parse_partial"), ("passes", "run_passes"), ("emit", "emit")]
)
def test_seconds_are_charged_to_the_step_and_the_solver(
    step: str, name: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, name, clock.slow(getattr(compiling, name), 2.0))
    run = run_chain(load_config(), NAMES)
    assert run.solvers == {name: {**dict.fromkeys(STEPS[1:-1], 0.0), step: 2.0} for name in NAMES}
    assert run.steps == {**dict.fromkeys(STEPS, 0.0), step: 4.0}


def test_a_run_does_not_find_what_the_one_before_made() -> None:
    run_chain(load_config(), NAMES)
    known = len(NODES.young)
    run_chain(load_config(), NAMES)
    assert len(NODES.young) == known


def test_no_solver_is_charged_with_collecting_garbage(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = compiling.parse_partial

    def parse(unit: Any) -> Any:
        for call in gc.callbacks:
            call("start", {})
        clock.now += 3.0
        for call in gc.callbacks:
            call("stop", {})
        clock.now += 1.0
        return original(unit)

    monkeypatch.setattr(compiling, "parse_partial", parse)
    run = run_chain(load_config(), NAMES)
    assert run.steps == {**dict.fromkeys(STEPS, 0.0), "parse": 2.0, "collect": 6.0}
    assert [run.solvers[name]["parse"] for name in NAMES] == [1.0, 1.0]
    assert run.phases["generate"] == 8.0
    assert gc.callbacks == []


@pytest.mark.parametrize("body", ["hconcat(I)", "noise(I)", "hmirror", "add(I, ONE)"])
def test_a_solver_that_does_not_compile_any_more_is_no_measurement(body: str) -> None:
    path = Path("own", f"{FLIP}.py")
    path.write_text(text_of(body, FLIP))
    with pytest.raises(Changed):
        run_chain(load_config(), NAMES)
    assert gc.get_freeze_count() == 0


def test_a_solver_that_is_gone_is_no_measurement() -> None:
    with pytest.raises(Changed):
        run_chain(load_config(), [*NAMES, f"own/{ODD}"])


def test_the_yardstick_works_for_as_long_as_it_takes_at_most() -> None:
    seconds, worked = yardstick()
    assert seconds > 0
    assert worked > 0
