"""Measure the whole pipeline several times, for several numbers of tasks.

Every size is measured once before any is measured again, so that the spread between repeats has in
it what the machine does over the whole time, not over a moment. One run of the smallest size comes
first and is not counted: it imports what is imported late.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from pipeline.battery.batteries import CompiledBattery, LinkedBattery
from pipeline.battery.check_workload import lanes_of
from pipeline.battery.opening import tasks_of
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.paths import BATTERY
from pipeline.config.solvers import all_units
from pipeline.engine.costs import Cost, Profile
from pipeline.engine.engine import TooLarge
from pipeline.frontend.candidates import task_of
from pipeline.measuring.chain import Changed, Run, run_chain, yardstick
from pipeline.measuring.timings import (
    KernelsCompiled,
    Measured,
    OperationTiming,
    ProfileFacts,
    Scale,
    SolverTiming,
    spread_over,
    timing,
    timings,
)
from pipeline.system.cores import cores
from pipeline.system.progress import progress
from pipeline.system.stamp import digest
from pipeline.system.surroundings import processor

PACKAGES: Final = ("numpy", "numba", "llvmlite")


@dataclass(frozen=True, slots=True)
class Workload:
    """What is measured: a battery, how often, and for how many tasks, the last time for all."""

    context: Context
    battery: LinkedBattery
    repeats: int
    sizes: Sequence[int]
    compiled: KernelsCompiled | None = None

    def names(self, size: int) -> list[str]:
        """The solvers of so many tasks, evenly spread over the sorted ids."""
        chosen = set(spread_over(tasks_in(self.battery), size))
        return [name for name in self.battery.solvers if task_of(name) in chosen]


def tasks_in(battery: LinkedBattery) -> list[str]:
    """The tasks that the battery has solvers for, sorted."""
    return sorted({task_of(name) for name in battery.solvers})


def measure(work: Workload) -> Measured:
    """Measure; raises Changed where the sources are not those of the battery any more."""
    runs: list[dict[int, Run]] = []
    costs: list[Profile] = []
    sticks: list[tuple[float, float]] = []
    chosen = {size: work.names(size) for size in work.sizes}
    kernels, why = _kernels(work)
    with progress("measuring", work.repeats * sum(work.sizes), "tasks") as advance:
        run_chain(work.context.config, chosen[work.sizes[0]])
        for _ in range(work.repeats):
            found: dict[int, Run] = {}
            for size, names in chosen.items():
                sticks.append(yardstick())
                found[size] = run_chain(work.context.config, names)
                advance(size)
            _require_same_battery(work, found[work.sizes[-1]])
            runs.append(found)
            if not why:
                costs.append(kernels())
    return Measured(
        facts=_facts(work, runs[-1][work.sizes[-1]]),
        yardstick=timing("yardstick", [seconds for seconds, _ in sticks]),
        busy=max(0.0, 1 - sum(worked for _, worked in sticks) / sum(s for s, _ in sticks)),
        **_whole([run[work.sizes[-1]] for run in runs]),
        operations=_operations(costs),
        solvers=_solvers([run[work.sizes[-1]] for run in runs], costs),
        scaling=tuple(
            _scale(size, len(names), [run[size] for run in runs]) for size, names in chosen.items()
        ),
        no_operations=why,
        compiled=work.compiled,
    )


def _require_same_battery(work: Workload, run: Run) -> None:
    if run.code != work.context.at(BATTERY).read_text("utf-8"):
        raise Changed(BATTERY)


def _kernels(work: Workload) -> tuple[Callable[[], Profile], str]:
    """What measures the kernels one by one; else why they can't be."""
    battery, budget = work.battery, work.context.config.budget
    samples, wanted = lanes_of(
        battery.solvers, tasks_of(work.context.config), range(len(battery.solvers))
    )

    def costs() -> Profile:
        assert isinstance(battery, CompiledBattery)
        return battery.profile(samples, wanted, budget)

    if not isinstance(battery, CompiledBattery):
        return costs, "the reference backend has no kernels"
    if not samples:
        return costs, "no data set has a task of the battery"
    try:
        costs()
    except TooLarge as error:
        return costs, str(error)
    return costs, ""


# -- from runs to timings


def _whole(runs: Sequence[Run]) -> dict[str, Any]:
    left = [run.whole - sum(run.phases.values()) for run in runs]
    return {
        "whole": timing("whole", [run.whole for run in runs]),
        "unexplained": timing("unexplained", left),
        "phases": timings([run.phases for run in runs]),
        "steps": timings([run.steps for run in runs]),
    }


def _scale(size: int, solvers: int, runs: Sequence[Run]) -> Scale:
    whole = timing("whole", [run.whole for run in runs])
    return Scale(size, solvers, whole, timings([run.phases for run in runs]))


def _operations(costs: Sequence[Profile]) -> tuple[OperationTiming, ...]:
    if not costs:
        return ()
    facts = {cost.name: cost for cost in costs[0].operations}
    each = timings([_seconds(found.operations) for found in costs])
    rows = [OperationTiming(t, facts[t.name].calls, facts[t.name].lanes) for t in each]
    return tuple(sorted(rows, key=lambda row: (-row.timing.seconds, row.timing.name)))


def _solvers(runs: Sequence[Run], costs: Sequence[Profile]) -> tuple[SolverTiming, ...]:
    ran = {}
    if costs:
        ran = {t.name: t for t in timings([_seconds(found.solvers) for found in costs])}
    rows = []
    for name in runs[0].solvers:
        steps = timings([run.solvers[name] for run in runs])
        slowest = max(steps, key=lambda step: step.seconds)
        whole = timing(name, [sum(run.solvers[name].values()) for run in runs])
        rows.append(SolverTiming(whole, slowest.name, slowest.seconds, ran.get(name)))
    return tuple(sorted(rows, key=lambda row: (-row.seconds, row.name)))


def _seconds(costs: Sequence[Cost]) -> dict[str, float]:
    return {cost.name: cost.seconds for cost in costs}


# -- what is measured


def _facts(work: Workload, run: Run) -> ProfileFacts:
    config, battery = work.context.config, work.battery
    samples, _ = lanes_of(battery.solvers, tasks_of(config), range(len(battery.solvers)))
    units = all_units(config)
    sources = "\0".join(f"{name}\0{units[name].text}" for name in battery.solvers)
    return ProfileFacts(
        made=datetime.fromtimestamp(work.context.clock(), UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        repeats=work.repeats,
        machine={"processor": processor(), "cores": cores()},
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        battery={
            "solvers": len(battery.solvers),
            "tasks": len(tasks_in(battery)),
            "samples": len(samples),
            "sources": digest(sources.encode("utf-8", "surrogatepass")),
            "code": digest(run.code.encode()),
        },
        settings=_settings(config, run.device),
    )


def _settings(config: Config, device: Mapping[str, Any]) -> dict[str, Any]:
    """What of the configuration, and of the device that ran, the times depend on."""
    return {
        "backend": config.backend,
        "device": device["device"],
        "threads": device.get("threads", config.threads or cores()),
        "memory_mib": config.memory_mib,
        "data": list(config.data),
        **{f"budget.{key}": value for key, value in asdict(config.budget).items()},
    }
