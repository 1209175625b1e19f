"""The stages of `gpu_first`, each run by a process of its own.

python -m pipeline.commands.gpu_stages STAGE FACTS     prints lines, writes facts as JSON
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pipeline.battery.batteries import CompiledBattery, Wanted
from pipeline.battery.check_workload import lanes_of
from pipeline.battery.devices import insisted, kernel_folder, memory_of, open_device, picked
from pipeline.battery.matrix_workload import BLOCK, Layout, lay_out
from pipeline.battery.opening import compiled_battery, tasks_of
from pipeline.commands.calibrate import QUICK, Effort, keep, measured_crossover, names_of
from pipeline.commands.gpu_carry import FOLDER, limits_of, unpack
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.data.tasks import Sample
from pipeline.engine.cuda import cubins, cuda_engine
from pipeline.engine.cuda.driver import NoFit, devices
from pipeline.engine.cuda.supported import package_versions
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import numbers
from pipeline.engine.engine import Block, Engine, blocks_of
from pipeline.engine.samples import Samples
from pipeline.engine.shown import samples_for
from pipeline.kernels.names import instruction_names
from pipeline.measuring.launches import probe
from pipeline.report.gpu_text import (
    crossover_text,
    device_text,
    names_text,
    probe_text,
    size_text,
    versions_text,
)
from pipeline.system.cores import cores
from pipeline.system.problem import Problem
from pipeline.trust.agreement.engines import compare_engines
from pipeline.trust.agreement.on_device import compare_kernels

FEW: Final = 12
"""Solvers of the first comparison: a few seconds, whatever is wrong."""

TEAMS: Final = (32, 64, 128, 256)
"""Threads of a team that are tried."""

RUNS: Final = 3
GROUPS: Final = (4, 16, 64)
"""Samples side by side in one block, so that a team has many lanes at once."""

PROGRAMS: Final = 600
PART: Final = 256
"""Samples of the matrix on which teams of several sizes are timed."""

SMI: Final = (
    "nvidia-smi",
    "--query-gpu=name,driver_version,compute_cap,memory.total,memory.used,clocks.max.sm,"
    "compute_mode,mig.mode.current",
    "--format=csv,noheader",
)
Facts = dict[str, Any]


class _World:
    """The battery with its devices, and the samples of the matrix."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.config = context.config
        self.gpus = insisted(self.config)
        self.battery: CompiledBattery = compiled_battery(context, self.gpus)

    def layout(self) -> Layout:
        """The samples of all data sets."""
        sets = {name: load_tasks(name, self.config.cache.folder) for name in self.config.data}
        return lay_out(sets)

    def gpu(self, threads: int = cuda_engine.THREADS) -> cuda_engine.CudaEngine:
        """An engine with teams of so many threads."""
        gpus, budget = self.gpus, self.config.budget
        image, memory = self.battery.image, gpus.memory_bytes
        return cuda_engine.CudaEngine(
            image, numbers(), gpus.devices, memory, budget, threads, measured=gpus.measured
        )

    def cpu(self) -> Engine:
        """The CPU's engine, on all cores."""
        return self.battery.cpu_engine(self.config.budget)


def fitting(devices: Sequence[cuda_engine.Accelerator], sizes: Sequence[int]) -> dict[int, int]:
    """The sizes of teams that fit on the processors of all devices, with how many run at once; says
    which do not. NoFit where none does.
    """
    found: dict[int, int] = {}
    for threads in sizes:
        try:
            found[threads] = sum(device.teams_at_once(threads) for device in devices)
        except NoFit as error:
            if not found and threads == sizes[-1]:
                raise
            print(f"left out: {error}")
    return found


def compared(
    world: _World, what: str, samples: Sequence[Sample], wanted: Wanted, keep: str, threads: int
) -> Facts:
    """Lanes on both engines: prints how many differ, and the first of them."""
    begin = time.perf_counter()
    encoded = samples_for(world.battery.image, samples)
    gpu = world.gpu(threads)
    found = compare_engines(world.cpu(), gpu, encoded, wanted, keep)
    print(
        f"{what}, {threads} threads a team: {found.lanes:,} lanes, {found.grids:,} grids, "
        f"{len(found.differences)} differ; kernels {gpu.usage.kernel:.3f} s, "
        f"{gpu.usage.launches} launches, {time.perf_counter() - begin:.1f} s in all"
    )
    for lane in found.differences[:5]:
        print(f"  {world.battery.solvers[lane.solver]} on sample {lane.sample}")
        print(f"    CPU: {lane.cpu}\n    GPU: {lane.gpu}")
    return {**gpu.usage.to_json(), "lanes": found.lanes, "differing": len(found.differences)}


def unpack_stage(context: Context) -> Facts:
    """What was carried, where this machine looks for it."""
    if not context.at(FOLDER).is_dir():
        print(f"there is no {FOLDER}: what is missing is compiled here")
        return {}
    wrong = unpack(context)
    print(wrong or f"{FOLDER} is unpacked")
    return {"failed": wrong} if wrong else {}


def machine_stage(context: Context) -> Facts:
    """What is installed, and what the machine says of itself."""
    found: Facts = {"packages": package_versions(), "python": sys.version, "cores": cores()}
    print(f"{versions_text(found['packages'])}, Python {sys.version.split()[0]}, {cores()} cores")
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(SMI, capture_output=True, text=True, timeout=15)
        found["nvidia-smi"] = done.stdout.strip()
        print(found["nvidia-smi"])
    return found


def device_stage(context: Context) -> Facts:
    """Each device: what it is, how long opening takes, its teams, its bandwidth."""
    rows = []
    config = context.config
    for facts in picked(devices(), config.devices):
        print(device_text(facts))
        begin = time.perf_counter()
        device = open_device(config, kernel_folder(config), facts)
        seconds = time.perf_counter() - begin
        fits = fitting([device], TEAMS)
        memory = memory_of(config, [device])
        print(f"opened in {seconds:.2f} s, a run takes up to {size_text(memory)}, teams {fits}")
        found = probe(device)
        print(probe_text(found))
        rows.append({"name": facts.name, "teams": fits, "bytes": memory, **found.to_json()})
        device.close()
    return {"devices": rows}


def few_stage(context: Context) -> Facts:
    """A few solvers on their samples, with grids: whether anything is right."""
    world = _World(context)
    solvers = world.battery.solvers
    samples, wanted = lanes_of(solvers, tasks_of(world.config), range(min(FEW, len(solvers))))
    sizes = fitting(world.gpus.devices, TEAMS[:2])
    rows = [compared(world, "a few", samples, wanted, "all", threads) for threads in sizes]
    return {"runs": rows, "differing": sum(row["differing"] for row in rows)}


def check_stage(context: Context) -> Facts:
    """Every solver on its own samples, with grids."""
    world = _World(context)
    solvers = world.battery.solvers
    samples, wanted = lanes_of(solvers, tasks_of(world.config), range(len(solvers)))
    return compared(world, "check", samples, wanted, "all", cuda_engine.THREADS)


def matrix_stage(context: Context) -> Facts:
    """Every solver on every sample: how long both engines take, and where they differ."""
    world = _World(context)
    samples = samples_for(world.battery.image, world.layout().samples)
    blocks = blocks_of(len(samples), BLOCK)
    gpu = world.gpu()
    on_gpu, mine = _timed(gpu, samples, blocks)
    on_cpu, theirs = _timed(world.cpu(), samples, blocks)
    differing = sum(not _alike(mine[lane], theirs[lane]) for lane in theirs)
    ratio = statistics.median(on_cpu) / statistics.median(on_gpu)
    print(
        f"matrix: {len(theirs):,} lanes, {differing} differ; GPU {_list(on_gpu)} s, CPU with "
        f"{world.battery.threads} threads {_list(on_cpu)} s: {ratio:.2f} x; {gpu.usage.to_json()}"
    )
    facts = {"lanes": len(theirs), "differing": differing, "ratio": ratio}
    return {**gpu.usage.to_json(), "gpu": on_gpu, "cpu": on_cpu, **facts}


def _timed(
    engine: Engine, samples: Samples, blocks: Sequence[Block], runs: int = RUNS
) -> tuple[list[float], dict[tuple[int, int], int]]:
    """The seconds of some runs, the first aside, and the verdicts of the last."""
    taken: list[float] = []
    verdicts: dict[tuple[int, int], int] = {}
    for _ in range(runs):
        begin = time.perf_counter()
        outcomes = list(engine.run(samples, blocks))
        taken.append(round(time.perf_counter() - begin, 4))
    for outcome in outcomes:
        codes = outcome.verdicts.tolist()
        verdicts |= {(s, t): codes[k][lane] for k, lane, s, t in outcome.lanes()}
    return taken[1:] or taken, verdicts


def _alike(a: int, b: int) -> bool:
    """Whether verdicts agree: two failures of the same reason do, whichever operation they name."""
    return a == b or (a < 0 and b < 0 and -a & 31 == -b & 31)


def _list(seconds: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in seconds)


def groups_stage(context: Context) -> Facts:
    """Many lanes side by side in a team, so that what threads do to each other can show."""
    world = _World(context)
    samples = world.layout().samples
    rng = random.Random(1)
    rows = []
    sizes = fitting(world.gpus.devices, TEAMS[1:3])
    for size in GROUPS:
        first = rng.randrange(max(1, len(samples) - size))
        part = samples[first : first + size]
        wanted = [range(len(part))] * len(world.battery.solvers)
        keep_grids = "all" if size <= GROUPS[1] else "none"
        what = f"{len(part)} samples side by side"
        for threads in sizes:
            rows.append(compared(world, what, part, wanted, keep_grids, threads))
    return {"runs": rows, "differing": sum(row["differing"] for row in rows)}


def programs_stage(context: Context) -> Facts:
    """Random programs against their interpretation."""
    world = _World(context)
    gpus = world.gpus
    found = compare_kernels(gpus.devices, gpus.memory_bytes, instruction_names(), PROGRAMS)
    lanes = sum(found.summary.compared.values())
    count = len(found.summary.mismatches)
    print(f"{found.summary.programs} random programs, {lanes:,} lanes: {count} mismatches")
    print(f"kernels called: {found.compared}, not reached: {names_text(found.unreached)}")
    if count:
        print(f"under suspicion: {names_text(found.names_differing)}")
    facts = {"programs": found.summary.programs, "lanes": lanes, "differing": count}
    return facts | {"kernels": found.names_differing, "not_reached": list(found.unreached)}


def teams_stage(context: Context) -> Facts:
    """How long a part of the matrix takes with teams of several sizes."""
    world = _World(context)
    samples = samples_for(world.battery.image, world.layout().samples[:PART])
    blocks = blocks_of(len(samples), BLOCK)
    rows = {}
    for threads in fitting(world.gpus.devices, TEAMS):
        gpu = world.gpu(threads)
        taken, _ = _timed(gpu, samples, blocks)
        rows[threads] = {"seconds": taken, **gpu.usage.to_json()}
        print(f"{threads} threads a team: {_list(taken)} s; {gpu.usage.to_json()}")
    return {"teams": rows}


def registers_stage(context: Context) -> Facts:
    """How long the same takes with machine code of other limits on registers, of which there is."""
    rows = {}
    for registers in limits_of(context):
        config = replace(context.config, gpu_registers=registers)
        known = kernel_folder(config)
        found = picked(devices(), config.devices)
        places = [cubins.place_of(known, Gpu(facts.capability), registers) for facts in found]
        if not all(place.exists() for place in places):
            print(f"left out: no machine code with {registers} registers a thread")
            continue
        world = _World(replace(context, config=config))
        samples = samples_for(world.battery.image, world.layout().samples[:PART])
        gpu = world.gpu()
        taken, _ = _timed(gpu, samples, blocks_of(len(samples), BLOCK))
        teams = fitting(world.gpus.devices, [cuda_engine.THREADS])[cuda_engine.THREADS]
        rows[registers] = {"seconds": taken, "teams": teams, **gpu.usage.to_json()}
        print(f"{registers} registers a thread, {teams} teams: {_list(taken)} s")
        for device in world.gpus.devices:
            device.close()
    return {"registers": rows}


def crossover_stage(context: Context) -> Facts:
    """From how many lanes on the GPU wins."""
    world = _World(context)
    effort: Effort = QUICK
    found = measured_crossover(world.config, world.battery, effort)
    keep(world.config, world.gpus, found)
    print(crossover_text(found, names_of(world.gpus), world.battery.threads))
    return {"crossover": found.to_json()}


def bench_stage(context: Context) -> Facts:
    """The figures of `bench_gpu`, a part of each."""
    words = [sys.executable, "-m", "bench.cuda", "--quick", "--patience", "20"]
    target = context.at("generated/results/cuda.quick.json")
    done = subprocess.run([*words, "--output", str(target)])
    return (
        {"figures": json.loads(target.read_bytes())}
        if target.exists()
        else {"failed": f"bench.cuda ended with status {done.returncode}"}
    )


STAGES: Final[dict[str, Callable[[Context], Facts]]] = {
    "unpack": unpack_stage,
    "machine": machine_stage,
    "device": device_stage,
    "few": few_stage,
    "check": check_stage,
    "matrix": matrix_stage,
    "groups": groups_stage,
    "programs": programs_stage,
    "teams": teams_stage,
    "registers": registers_stage,
    "crossover": crossover_stage,
    "bench": bench_stage,
}


def main(stage: str, target: Path) -> int:
    """Run a stage and write its facts: 1 where something differs or failed."""
    try:
        facts = STAGES[stage](Context.of())
    except Problem as error:
        print(error)
        facts = {"failed": str(error)}
    target.write_text(json.dumps(facts, default=str))
    return 1 if facts.get("differing") or facts.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
