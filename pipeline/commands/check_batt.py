"""The command `check_batt`: configuration and files in, results and text out."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.battery.batteries import CompiledBattery, LinkedBattery
from pipeline.battery.check_workload import lanes_of, run_check, score_rows
from pipeline.battery.devices import is_no_device
from pipeline.battery.locating import KeptPlaces, Locator, located_row, locator_of
from pipeline.battery.opening import (
    battery_on,
    is_empty,
    tasks_of,
    tell_use,
)
from pipeline.battery.results import Results, unexpected
from pipeline.battery.score_files import put_tables
from pipeline.commands.asked import ALL, BACKENDS, Chosen
from pipeline.commands.verdict_files import NO_FILES, VerdictFiles
from pipeline.config.config import DEVICES, Config
from pipeline.config.context import Context
from pipeline.config.paths import CHECK
from pipeline.config.solvers import read_lines
from pipeline.data.arc import SOURCES, load_tasks
from pipeline.data.tasks import DataError, Task
from pipeline.diagnostics import MOST_SHOWN
from pipeline.frontend.candidates import task_of
from pipeline.report.check_text import print_check
from pipeline.report.profile_text import print_profile
from pipeline.system.atomic import write_atomic
from pipeline.system.progress import working

if TYPE_CHECKING:
    import numpy as np

    from pipeline.engine.costs import Profile


def check(
    context: Context,
    chosen: Chosen = ALL,
    broken: Sequence[str] = (),
    backend: str = "",
    profile: bool = False,
    device: str = "",
    most: int | None = MOST_SHOWN,
    formats: Sequence[str] = (),
    verdicts: VerdictFiles = NO_FILES,
    kept: KeptPlaces | None = None,
) -> int:
    """Check the battery, or a part of it; write and print the results, so many failures in full,
    None for all. 0 if nothing unexpected is wrong.

    Only a whole check is written: a part would pass for the whole. formats: those of the scores of
    all lanes, also of a part. verdicts: where else they go. kept: where places are kept.
    """
    config = context.config
    started = time.perf_counter()
    tasks = tasks_of(config)
    backend = backend or config.backend
    if is_no_backend(backend) or is_no_device(device):
        return 2
    if backend in DEVICES:
        backend, device = "compiled", device or backend
    battery = battery_on(backend, context, device)
    loaded = time.perf_counter() - started
    if not broken and is_empty(battery):
        return 2
    names = [*battery.solvers, *broken]
    if not (wanted := chosen.of(names)):
        print(chosen.nothing_of(names), file=sys.stderr)
        return 2
    scores: dict[str, np.ndarray] | None = {} if formats else None
    with working(f"checking {len(wanted):,} solvers on the samples of their tasks"):
        is_wanted = wanted.__contains__
        results = run_check(battery, tasks, config.budget, is_wanted, broken, loaded, scores)
    if not results.tasks:
        print(nothing_to_check(config, wanted), file=sys.stderr)
        return 2
    locate = locator_of(config, kept)
    results = _located(results, locate, tasks)
    if isinstance(battery, CompiledBattery):
        tell_use(battery)
    costs = _profiled(battery, tasks, wanted, config) if profile else None
    is_whole = len(wanted) == len(names)
    if is_whole:
        write_results(results, context.at(CHECK))
    if formats or is_whole:
        each = {cost.name: cost.seconds for cost in costs.solvers} if costs else {}
        put_tables(context.root, "check", formats, score_rows(results, tasks, scores or {}, each))
    if costs:
        print_profile(costs)
    print_check(results, config.known_failures, cache(read_lines), most)
    seconds = sum(results.seconds.values())
    verdicts.put("check", results.solvers, config.known_failures, locate.unit_of, seconds)
    return 1 if unexpected(results, config.known_failures) else 0


def _located(results: Results, locate: Locator, tasks: dict[str, Task]) -> Results:
    rows = tuple(located_row(locate, tasks, row) for row in results.solvers)
    return replace(results, solvers=rows)


def is_no_backend(name: str) -> bool:
    """Whether there is no backend of this name; says which there are."""
    if name not in BACKENDS:
        print(f"no backend {name!r}; there are {', '.join(BACKENDS)}", file=sys.stderr)
    return name not in BACKENDS


def nothing_to_check(config: Config, solvers: Collection[str]) -> str:
    """What is said where no data set has a task of these solvers, as after a slip in `data`."""
    wanted = set(map(task_of, solvers))
    counts = {}
    for name in SOURCES:
        with suppress(DataError):  # what nobody asked for need not be there
            counts[name] = len(wanted & load_tasks(name, config.cache.folder).keys())
    there = [f"{name} ({counts.get(name, 0):,} of their tasks)" for name in SOURCES]
    return (
        f"{', '.join(config.data)}: no data set in config.yaml has a task of the "
        f"{len(solvers):,} solvers\n"
        f"there are {', '.join(there)}, and paths of JSON files with tasks"
    )


def _profiled(
    battery: LinkedBattery, tasks: dict[str, Task], kept: set[str], config: Config
) -> Profile | None:
    """What the solvers cost; None, and it is said, on a backend that can't tell."""
    if not isinstance(battery, CompiledBattery):
        print("the reference backend has no profile: use --backend cpu", file=sys.stderr)
        return None
    picked = [k for k, name in enumerate(battery.solvers) if name in kept]
    samples, wanted = lanes_of(battery.solvers, tasks, picked)
    return battery.profile(samples, wanted, config.budget)


def write_results(results: Results, path: Path) -> None:
    """Write the results as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, f"{results.to_text()}\n".encode())
