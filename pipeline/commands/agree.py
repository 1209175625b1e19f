"""The command `agree`: lanes interpreted and run as generated code, random ones of the matrix or
each solver's on generated samples of its task.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Final

from pipeline.battery.batteries import CompiledBattery, load_battery
from pipeline.battery.devices import kernel_folder
from pipeline.battery.elsewhere import make_ready
from pipeline.battery.matrix_workload import Layout, lay_out
from pipeline.battery.opening import compiled_battery, is_empty, shown_of, tasks_of
from pipeline.cluster.connecting import HERE, Where, asked_for, connected, require_no_rows
from pipeline.cluster.job import ClusterJob, FailedLoad
from pipeline.cluster.once_more import run_apart
from pipeline.cluster.pool import WorkerPool
from pipeline.cluster.supply import EachLoad
from pipeline.commands.stress import draw
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.paths import BATTERY
from pipeline.config.solvers import all_units
from pipeline.data.arc import load_tasks
from pipeline.data.drawn.generated import published
from pipeline.data.tasks import Sample
from pipeline.engine.image import load_image
from pipeline.frontend.candidates import task_of
from pipeline.frontend.parse import parse_unit
from pipeline.kernels.names import DRIVER
from pipeline.kernels.shared_kernels import shared_in
from pipeline.report.agree_text import agreement_lines
from pipeline.system.apart import end_of
from pipeline.system.cores import cores
from pipeline.system.problem import Problem
from pipeline.system.progress import progress
from pipeline.system.spread import spread
from pipeline.trust.agreement.lanes import Agreement
from pipeline.trust.agreement.parts import (
    Compared,
    ComparedAway,
    Lanes,
    Part,
    PartLoad,
    serve_parts,
)

PART: Final = 200
"""Lanes that are drawn and compared at once: a second or so, as an interpreted lane takes 5 ms."""


def agree(
    context: Context,
    lanes: int,
    seed: int,
    jobs: int = 0,
    stress: int = 0,
    where: Where = HERE,
) -> int:
    """Compare random lanes of all solvers on all samples of the data sets in config.yaml, or with
    `stress` each solver on so many generated samples of its task; on so many processes (0: one a
    core), or by the workers of a cluster.

    0 if all agree, 1 if not or if samples could not be drawn, 2 for a question without an answer.
    """
    if lanes < 1 or jobs < 0 or stress < 0:
        text = "--lanes takes a number of lanes, --jobs of processes (0: all), --stress of samples"
        print(text, file=sys.stderr)
        return 2
    cluster = asked_for(where, context.config.cluster)
    started = time.perf_counter()
    battery = compiled_battery(context)  # here once: kernels may be missing
    if is_empty(battery):
        return 2
    tasks_of(context.config)  # a data set that is damaged is said here, not by every process
    solvers = battery.solvers
    undrawn: dict[str, str] = {}
    parts, total = _matrix_parts(lanes, seed), lanes
    if stress:
        known = sorted(set(map(task_of, solvers)) & published(context.config.cache.folder).tasks())
        undrawn = draw(published(context.config.cache.folder), known, stress, seed)
        tasks = [task for task in known if task not in undrawn]
        parts = _stress_parts(solvers, tasks, stress, seed)
        total = stress * sum(task_of(name) in tasks for name in solvers)
        if not known:
            print(f"no generator has a task of the {len(solvers):,} solvers", file=sys.stderr)
            return 2
    with connected(cluster, context.config.cluster) as pool:
        seen = _run(context.root, parts, total, jobs or cores(), started, pool)
    for task, why in undrawn.items():
        print(f"task {task} has no samples: {why}", file=sys.stderr)
    return 1 if seen.disagreements or undrawn else 0


def _matrix_parts(lanes: int, seed: int) -> list[Part]:
    counts = [PART] * (lanes // PART) + [lanes % PART] * (lanes % PART > 0)
    return [Part(seed, number, count) for number, count in enumerate(counts)]


def _stress_parts(
    solvers: Sequence[str], tasks: Sequence[str], count: int, seed: int
) -> list[Part]:
    """Parts of about PART lanes, one task at least."""
    size = max(1, PART * len(tasks) // (count * len(solvers)))
    chunks = [tuple(tasks[k : k + size]) for k in range(0, len(tasks), size)]
    return [Part(seed, number, count, chunk) for number, chunk in enumerate(chunks)]


def _run(
    root: Path,
    parts: Sequence[Part],
    lanes: int,
    processes: int,
    started: float,
    pool: WorkerPool | None,
) -> Agreement:
    total = Agreement()
    try:
        results: Generator[Agreement, None, None]
        if pool is None:
            results = spread(partial(_compare, root), parts, processes, _tell_death)
        else:
            results = _away(pool, root, parts)
        with closing(results) as found, progress("agree", lanes, "lanes") as advance:
            for seen in found:
                total.add(seen)
                advance(seen.lanes)
                for lane in seen.disagreements:
                    print(f"MISMATCH: {lane.solver} on {lane.sample}", flush=True)
    finally:
        seconds = time.perf_counter() - started
        print("\n".join(agreement_lines(total, seconds)), flush=True)
    return total


@cache
def _prepared(root: Path) -> Compared:
    context = Context.of(root)
    config = context.config
    image = load_image(context.at(BATTERY))
    spoken = partial(load_battery, context.at(BATTERY))
    battery = CompiledBattery(image, kernel_folder(config), config.memory_mib, spoken=spoken)
    units = all_units(config)
    parsed = {name: parse_unit(units[name])[0] for name in battery.solvers}
    programs = {name: program for name, program in parsed.items() if program is not None}
    return Compared(battery, programs, config.budget)


@cache
def _layout(root: Path) -> Layout:
    config = Context.of(root).config
    sets = {name: load_tasks(name, config.cache.folder) for name in config.data}
    return lay_out(sets, by_shown=_prepared(root).battery.uses_shown)


def _compare(root: Path, part: Part, careful: bool) -> Agreement:
    """What a process does with a part."""
    ready = _prepared(root)
    if part.tasks:
        lanes = _generated(ready, Context.of(root).config, part)
    else:
        layout = _layout(root)
        wanted = ready.random_of(part, layout.samples)
        lanes = Lanes(layout.samples, layout.name_of, wanted)
    return ready.compare(lanes, careful)


def _generated(ready: Compared, config: Config, part: Part) -> Lanes:
    """The samples of the part's tasks, how they are called, and for each solver which it gets."""
    samples: list[Sample] = []
    names: list[str] = []
    places: dict[str, list[int]] = {}
    drawn = published(config.cache.folder).samples(part.tasks, part.count, part.seed)
    shown = shown_of(config, ready.battery)
    for task, found in drawn.items():
        places[task] = list(range(len(samples), len(samples) + len(found)))
        samples += [Sample(s.input, s.output, shown.get(task)) for s in found]
        names += [f"{task} generated[{k}]" for k in range(len(found))]
    wanted = [places.get(task_of(name), []) for name in ready.battery.solvers]
    return Lanes(samples, names.__getitem__, wanted)


def _away(pool: WorkerPool, root: Path, parts: Sequence[Part]) -> Generator[Agreement, None, None]:
    """What the workers of a cluster see."""
    ready, config, layout = _prepared(root), Context.of(root).config, _layout(root)
    require_no_rows(config)
    battery = ready.battery
    kernels = (*battery.image.kernels, DRIVER)
    given = ComparedAway(
        battery.image, ready.programs, ready.limits, layout.samples, layout.names_of_samples
    )
    folder = kernel_folder(config).absolute()
    sizes = config.memory_mib, 1, 1
    job = ClusterJob(serve_parts, given, kernels, folder, *sizes, shared_in(config))
    make_ready(pool, job)
    loads = (_load_of(ready, config, part) for part in parts)
    for done in pool.run(job, EachLoad(loads)):
        result = done.result
        if isinstance(result, FailedLoad):
            result, status = run_apart(job, done.load)
            if result is None:
                raise Problem(f"part {done.load.part.number} ended its process: {end_of(status)}")
        yield result


def _load_of(ready: Compared, config: Config, part: Part) -> PartLoad:
    if not part.tasks:
        return PartLoad(part, part.count)
    samples, name_of, wanted = _generated(ready, config, part)
    names = [name_of(k) for k in range(len(samples))]
    return PartLoad(part, sum(map(len, wanted)), (samples, names, wanted))


def _tell_death(part: Part, status: int) -> None:
    print(f"part {part.number} ended its process: {end_of(status)}; looking closer", flush=True)
