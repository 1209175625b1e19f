"""The command `agree`: lanes interpreted and run as generated code, random ones of the matrix or
each solver's on generated samples of its task.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from pipeline.battery.batteries import CompiledBattery, load_battery
from pipeline.battery.devices import kernel_folder
from pipeline.battery.matrix_workload import Layout, lay_out
from pipeline.battery.opening import compiled_battery, is_empty, tasks_of
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
from pipeline.frontend.program import Program
from pipeline.report.agree_text import agreement_lines
from pipeline.system.apart import end_of
from pipeline.system.cores import cores
from pipeline.system.progress import progress
from pipeline.system.spread import spread
from pipeline.trust.agreement.lanes import Agreement, compare_lanes, random_lanes

PART: Final = 200
"""Lanes that are drawn and compared at once: a second or so, as an interpreted lane takes 5 ms."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lanes that are compared at once: so many random ones of the matrix, or with tasks each
    solver of theirs on `count` generated samples.
    """

    seed: int
    number: int
    count: int
    tasks: tuple[str, ...] = ()


def agree(context: Context, lanes: int, seed: int, jobs: int = 0, stress: int = 0) -> int:
    """Compare random lanes of all solvers on all samples of the data sets in config.yaml, or with
    `stress` each solver on so many generated samples of its task; on so many processes (0: one a
    core).

    0 if all agree, 1 if not or if samples could not be drawn, 2 for a question without an answer.
    """
    if lanes < 1 or jobs < 0 or stress < 0:
        text = "--lanes takes a number of lanes, --jobs of processes (0: all), --stress of samples"
        print(text, file=sys.stderr)
        return 2
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
    seen = _run(context.root, parts, total, jobs or cores(), started)
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
    root: Path, parts: Sequence[Part], lanes: int, processes: int, started: float
) -> Agreement:
    total = Agreement()
    try:
        results = spread(partial(_compare, root), parts, processes, _tell_death)
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


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What every part needs, in each process."""

    config: Config
    battery: CompiledBattery
    programs: dict[str, Program]


@cache
def _prepared(root: Path) -> _Prepared:
    context = Context.of(root)
    config = context.config
    image = load_image(context.at(BATTERY))
    spoken = partial(load_battery, context.at(BATTERY))
    battery = CompiledBattery(image, kernel_folder(config), config.memory_mib, spoken=spoken)
    units = all_units(config)
    parsed = {name: parse_unit(units[name])[0] for name in battery.solvers}
    programs = {name: program for name, program in parsed.items() if program is not None}
    return _Prepared(config, battery, programs)


@cache
def _layout(root: Path) -> Layout:
    config = _prepared(root).config
    return lay_out({name: load_tasks(name, config.cache.folder) for name in config.data})


def _compare(root: Path, part: Part, careful: bool) -> Agreement:
    """What a process does with a part."""
    ready = _prepared(root)
    name_of: Callable[[int], str]
    if part.tasks:
        samples, names, wanted = _generated(ready, part)
        name_of = names.__getitem__
    else:
        samples, name_of = _layout(root).samples, _layout(root).name_of
        rng = random.Random(f"{part.seed}/{part.number}")
        wanted = random_lanes(rng, len(ready.battery.solvers), len(samples), part.count)
    limits = ready.config.budget
    compare = partial(compare_lanes, ready.battery, ready.programs)
    return compare(samples, wanted, limits, careful, name_of)


def _generated(ready: _Prepared, part: Part) -> tuple[Sequence[Sample], list[str], list[list[int]]]:
    """The samples of the part's tasks, how they are called, and for each solver which it gets."""
    samples: list[Sample] = []
    names: list[str] = []
    places: dict[str, list[int]] = {}
    drawn = published(ready.config.cache.folder).samples(part.tasks, part.count, part.seed)
    for task, found in drawn.items():
        places[task] = list(range(len(samples), len(samples) + len(found)))
        samples += found
        names += [f"{task} generated[{k}]" for k in range(len(found))]
    return samples, names, [places.get(task_of(name), []) for name in ready.battery.solvers]


def _tell_death(part: Part, status: int) -> None:
    print(f"part {part.number} ended its process: {end_of(status)}; looking closer", flush=True)
