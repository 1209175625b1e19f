"""The command `stress`: configuration and generated samples in, results and text out.

Samples are drawn once and kept in `.cache/stress` (see `data.generated`), so asking again, or for
more of them, draws only what is missing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from pipeline.battery.check import task_of
from pipeline.battery.stress import SolverStress, Stress, parts_of, run_stress
from pipeline.build import outputs
from pipeline.build.checking import Chosen, located
from pipeline.build.compiling import compiled_battery
from pipeline.build.config import Config, load_config
from pipeline.build.sourcing import read_lines
from pipeline.data.atomic import write_atomic
from pipeline.data.generated import GenerationError, Generators, published
from pipeline.report.progress import progress
from pipeline.report.stress import print_stress

AT_ONCE: Final = 20_000
"""Samples that are in memory together: about 100 MiB."""


def stress(chosen: Chosen, count: int, seed: int, broken: Sequence[str] = ()) -> int:
    """Run each chosen solver on `count` generated samples of its task; print the results, and
    write those of all solvers.

    0 if it ran, whatever it found; 1 if samples of a task could not be drawn; 2 if there is nothing
    to run. FetchError if the generators can't be had. Broken solvers are not run.
    """
    if count < 1:
        print(f"--samples {count}: at least 1 is needed", file=sys.stderr)
        return 2
    config = load_config()
    started = time.perf_counter()
    battery = compiled_battery(config)
    kept = chosen.of([*battery.solvers, *broken])
    picked = [k for k, name in enumerate(battery.solvers) if name in kept]
    if not picked:
        print(f"no solver in the battery matches {str(chosen)!r}", file=sys.stderr)
        return 2
    generators = published(".")
    known = generators.tasks()
    tasks = list(dict.fromkeys(task_of(battery.solvers[k]) for k in picked))
    tasks = sorted(task for task in tasks if task in known)
    loaded = time.perf_counter()
    undrawn = draw(generators, tasks, count, seed)
    drawn = time.perf_counter()
    tasks = [task for task in tasks if task not in undrawn]
    parts = list(parts_of(tasks, count, AT_ONCE))
    lanes = count * sum(task_of(battery.solvers[k]) in set(tasks) for k in picked)
    read = partial(generators.arrays, count=count, seed=seed)
    with progress("stress", lanes, "lanes") as advance:
        rows = run_stress(battery, config.budget, picked, parts, read, advance)
    ran = time.perf_counter()
    seconds = {"load": loaded - started, "draw": drawn - loaded, "run": ran - drawn}
    rows = [_located(config, generators, row, seed) for row in rows]
    without = [battery.solvers[k] for k in picked if task_of(battery.solvers[k]) not in known]
    found = Stress(
        battery.backend,
        count,
        seed,
        {name: round(value, 4) for name, value in seconds.items()},
        tuple(rows),
        tuple(without),
        undrawn,
    )
    if str(chosen) == "":
        _write(found)
    print_stress(found, read_lines)
    return 1 if undrawn else 0
