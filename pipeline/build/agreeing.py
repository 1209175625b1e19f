"""The command `agree`: random lanes of the matrix, interpreted and run as generated code."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from pipeline.battery.agreement import Agreement, compare_lanes, random_lanes
from pipeline.battery.backends import CompiledBattery
from pipeline.battery.matrix import Layout, lay_out
from pipeline.battery.spread import spread
from pipeline.build.compiling import compiled_battery, cores, image_folder, kernel_folder
from pipeline.build.config import Config, load_config
from pipeline.build.outputs import BATTERY
from pipeline.build.sourcing import source_files
from pipeline.data.arc import load_tasks
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import split_units
from pipeline.report.agreement import agreement_lines
from pipeline.report.progress import progress

PART: Final = 200
"""Lanes that are drawn and compared at once: a second or so, as an interpreted lane takes 5 ms."""


def agree(lanes: int, seed: int, jobs: int = 0) -> int:
    """Compare random lanes of all solvers on all samples of the data sets in config.yaml, on so
    many processes (0: one a core): 0 if all agree, 1 if not, 2 for a question without an answer.
    """
    if lanes < 1 or jobs < 0:
        print("--lanes takes a number of lanes, --jobs of processes (0: all)", file=sys.stderr)
        return 2
    started = time.perf_counter()
    compiled_battery(load_config())  # here once, not in each process: kernels may be missing
    layout = _prepared().layout
    total = Agreement()
    counts = [PART] * (lanes // PART) + [lanes % PART] * (lanes % PART > 0)
    work = partial(_compare, seed)
    try:
        parts = spread(work, enumerate(counts), jobs or cores(), _tell_death)
        with closing(parts) as found, progress("agree", lanes, "lanes") as advance:
            for seen in found:
                total.add(seen)
                advance(seen.lanes)
                for lane in seen.disagreements:
                    print(f"MISMATCH: {lane.solver} on {layout.name_of(lane.sample)}", flush=True)
    finally:
        seconds = time.perf_counter() - started
        print("\n".join(agreement_lines(total, layout.name_of, seconds)), flush=True)
    return 1 if total.disagreements else 0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What every part needs, in each process."""

    config: Config
    battery: CompiledBattery
    programs: dict[str, Program]
    layout: Layout


@cache
def _prepared() -> _Prepared:
    config = load_config()
    battery = CompiledBattery(
        Path(BATTERY), image_folder(config), kernel_folder(config), config.memory_mib
    )
    known = set(battery.solvers)
    programs = {name: program for name, program in _programs(config) if name in known}
    return _Prepared(config, battery, programs, lay_out({n: load_tasks(n) for n in config.data}))


def _programs(config: Config) -> Iterator[tuple[str, Program]]:
    for entry in config.corpora:
        for path in source_files(config, entry.name):
            units, _ = split_units(entry.name, path.as_posix(), path.read_bytes())
            for unit in units:
                program, _ = parse_unit(unit)
                if program is not None:
                    yield unit.name, program


def _compare(seed: int, part: tuple[int, int], careful: bool) -> Agreement:
    """What a process does with a part: its number, and how many lanes it has."""
    number, count = part
    ready = _prepared()
    samples = ready.layout.samples
    rng = random.Random(f"{seed}/{number}")
    wanted = random_lanes(rng, len(ready.battery.solvers), len(samples), count)
    limits = ready.config.budget
    return compare_lanes(ready.battery, ready.programs, samples, wanted, limits, careful)


def _tell_death(part: tuple[int, int], how: str) -> None:
    print(f"part {part[0]} ended its process: {how}; looking closer", flush=True)
