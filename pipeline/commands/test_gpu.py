"""The command `test_gpu`: the differential tests on the GPU.

Lanes of `check` and of `matrix` run on both engines and are compared, many samples side by side
too; random programs run on the GPU and are compared with their interpretation; and a build of the
kernels that guards what they claim says whether anybody wrote elsewhere.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pipeline.battery.batteries import Accelerated, CompiledBattery, Wanted
from pipeline.battery.check_workload import lanes_of, place_of
from pipeline.battery.devices import accelerate, insisted
from pipeline.battery.matrix_workload import lay_out
from pipeline.battery.opening import compiled_battery, is_empty, tasks_of
from pipeline.commands.calibrate import names_of
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.data.tasks import Sample, Task
from pipeline.engine.cuda.cutting import SAMPLES
from pipeline.engine.shown import samples_for
from pipeline.frontend.candidates import task_of
from pipeline.report.fuzz_text import describe
from pipeline.report.gpu_text import FAILED, LOST, OK, SKIPPED, DeviceFinding
from pipeline.system.problem import Problem
from pipeline.system.progress import progress
from pipeline.trust.agreement.engines import Difference, EnginesCompared, compare_engines, parts_of
from pipeline.trust.agreement.fuzzing import (
    MOST_MISMATCHES,
    FuzzSummary,
    blocks_of,
    run_block,
    shrunk,
)
from pipeline.trust.agreement.lanes import random_lanes
from pipeline.trust.agreement.on_device import DeviceRunner, device_backend

PART: Final = 20_000
"""Lanes of the matrix that are compared at once, about."""

WITH_GRIDS: Final = 8
"""Of one part in so many the grids are compared too: they take memory and time."""

SHOWN: Final = 20
"""Differences that are told."""


@dataclass(frozen=True, slots=True)
class GpuTestsAsked:
    """How much to test: lanes of the matrix, random programs, and what both are drawn with."""

    lanes: int = 200_000
    programs: int = 2_000
    seed: int = 0
    skip_guards: bool = False


def run_tests(
    context: Context, asked: GpuTestsAsked, accelerated: Accelerated | None = None
) -> int:
    """Run all tests on these devices, else on those of config.yaml, and tell what differs.

    0 if nothing does, 1 if anything, 2 for a question without an answer; NoDevice without a GPU.
    """
    if asked.lanes < 1 or asked.programs < 1:
        print("--lanes and --programs: at least 1 is needed", file=sys.stderr)
        return 2
    config = context.config
    gpus = accelerated or insisted(config)
    battery = compiled_battery(context, gpus)
    if is_empty(battery):
        return 2
    steps: dict[str, Callable[[], DeviceFinding]] = {
        "check": partial(_test_check, config, battery),
        "matrix": partial(_test_matrix, config, battery, asked),
        "side by side": partial(_side_by_side, "side by side", config, battery, asked),
        "fuzz": partial(_test_programs, gpus, asked),
        "guards": partial(_test_guards, config, battery, asked),
    }
    failed = []
    for what, step in steps.items():
        try:
            lost = any(device.fault is not None for device in gpus.devices)
            found = DeviceFinding(what, SKIPPED, LOST) if lost else step()
        except (
            Problem,
            RuntimeError,
            OSError,
        ) as error:
            found = DeviceFinding(what, FAILED, f"ended: {error}")
        print(found.line, flush=True)
        failed += [what] * (found.status == FAILED)
    told = f"{', '.join(failed)} failed" if failed else "all agree"
    print(f"test_gpu: {' + '.join(names_of(gpus))}: {told}")
    return 1 if failed else 0


# -- lanes of the battery


def _test_check(config: Config, battery: CompiledBattery) -> DeviceFinding:
    """Every lane of `check`, grids too."""
    tasks = tasks_of(config)
    samples, wanted = lanes_of(battery.solvers, tasks, range(len(battery.solvers)))
    names = sample_names(battery.solvers, tasks)
    parts = [(wanted, "all")]
    return _compared("check", config, battery, samples, parts, names.__getitem__)


def sample_names(solvers: Sequence[str], tasks: dict[str, Task]) -> list[str]:
    """How the samples of `lanes_of` all solvers are called."""
    known = dict.fromkeys(map(task_of, solvers))
    return [
        f"{ident} {place_of(tasks[ident], k)}"
        for ident in known
        if ident in tasks
        for k in range(len(tasks[ident].samples))
    ]


def _test_matrix(config: Config, battery: CompiledBattery, asked: GpuTestsAsked) -> DeviceFinding:
    """Random lanes of all solvers on all samples."""
    layout = lay_out({name: load_tasks(name, config.cache.folder) for name in config.data})
    samples = len(layout.samples)
    count = min(asked.lanes, samples * len(battery.solvers))
    wanted = random_lanes(random.Random(asked.seed), len(battery.solvers), samples, count)
    parts = [
        (part, "all" if k % WITH_GRIDS == 0 else "none")
        for k, part in enumerate(parts_of(wanted, samples, PART))
    ]
    return _compared("matrix", config, battery, layout.samples, parts, layout.name_of)


def _side_by_side(
    what: str, config: Config, battery: CompiledBattery, asked: GpuTestsAsked
) -> DeviceFinding:
    """All solvers on as many samples in one block as a team has lanes at once, where what threads
    do to one another can show.
    """
    layout = lay_out({name: load_tasks(name, config.cache.folder) for name in config.data})
    count = min(SAMPLES, len(layout.samples))
    first = random.Random(asked.seed).randrange(len(layout.samples) - count + 1)
    wanted = [range(count)] * len(battery.solvers)
    samples = layout.samples[first : first + count]

    def name_of(k: int) -> str:
        return layout.name_of(first + k)

    return _compared(what, config, battery, samples, [(wanted, "all")], name_of)


def _compared(
    what: str,
    config: Config,
    battery: CompiledBattery,
    samples: Sequence[Sample],
    parts: Iterable[tuple[Wanted, str]],
    name_of: Callable[[int], str],
) -> DeviceFinding:
    """Run parts of lanes on both engines; which grids to compare stands beside each."""
    parts = list(parts)
    encoded = samples_for(battery.image, samples)
    cpu, gpu = battery.cpu_engine(config.budget), battery.gpu_engine(config.budget)
    total = EnginesCompared()
    lanes = sum(len(part) for wanted, _ in parts for part in wanted)
    with progress(what, lanes, "lanes") as advance:
        for wanted, keep in parts:
            found = compare_engines(cpu, gpu, encoded, wanted, keep)
            advance(found.lanes)
            shown = found.differences[: max(0, SHOWN - len(total.differences))]
            for difference in shown:
                _tell(difference, battery.solvers, name_of)
            total.add(found)
    text = f"{total.lanes:,} lanes, {total.grids:,} grids"
    if total.operations:
        text += f", {total.operations:,} failures that name different operations"
    count = len(total.differences)
    if count:
        return DeviceFinding(what, FAILED, f"{text}; {count:,} lanes differ")
    return DeviceFinding(what, OK, f"{text}, all the same as on the CPU")


def _tell(lane: Difference, solvers: Sequence[str], name_of: Callable[[int], str]) -> None:
    print(f"MISMATCH: {solvers[lane.solver]} on {name_of(lane.sample)}")
    print(f"  CPU: {lane.cpu}\n  GPU: {lane.gpu}", flush=True)


# -- random programs


def _test_programs(gpus: Accelerated, asked: GpuTestsAsked) -> DeviceFinding:
    """Random programs against their interpretation; mismatches are shrunk and told."""
    backend = device_backend(DeviceRunner(gpus.devices, gpus.memory_bytes))
    seen = FuzzSummary()
    with progress("fuzz", asked.programs, "programs") as advance:
        for numbers in blocks_of(asked.programs):
            run_block(asked.seed, numbers, [backend], seen)
            advance(len(numbers))
            if len(seen.mismatches) >= MOST_MISMATCHES:
                break
    for mismatch in seen.mismatches[:MOST_MISMATCHES]:
        print(describe(shrunk(mismatch), asked.seed) + "\n", flush=True)
    lanes = sum(seen.compared.values())
    text = f"{seen.programs:,} programs (seed {asked.seed}), {lanes:,} lanes"
    if seen.mismatches:
        return DeviceFinding("fuzz", FAILED, f"{text}; {len(seen.mismatches):,} mismatches")
    return DeviceFinding("fuzz", OK, f"{text}, all the same as interpreted")


# -- memory


def _test_guards(config: Config, battery: CompiledBattery, asked: GpuTestsAsked) -> DeviceFinding:
    """Lanes side by side once more, with a build of the kernels that puts words behind all that
    threads claim, and looks at them when a block is done.
    """
    if asked.skip_guards:
        return DeviceFinding("guards", SKIPPED, "as asked for")
    assert battery.accelerated is not None
    facts = [device.facts for device in battery.accelerated.devices]
    guarded = accelerate(config, facts, 0, has_guards=True)
    with_guards = CompiledBattery(
        battery.image, battery.kernels, battery.memory_mib, battery.threads, guarded
    )
    try:
        return _side_by_side("guards", config, with_guards, asked)
    finally:
        for device in guarded.devices:
            device.close()
