"""The command `stress`: configuration and generated samples in, results and text out.

Samples are drawn once and kept in `stress` of the cache (see `drawn.generated`): asking again, or
for more of them, draws only what is missing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Final

import numpy as np

from pipeline.battery.batteries import CompiledBattery
from pipeline.battery.devices import is_no_device
from pipeline.battery.elsewhere import elsewhere
from pipeline.battery.journal import UNDONE, Partial, forget_old, partial_path
from pipeline.battery.locating import Locator, locator_of
from pipeline.battery.opening import battery_for, is_empty, shown_of, tell_use
from pipeline.battery.score_files import put_tables
from pipeline.battery.score_rows import LANE
from pipeline.battery.stress_workload import (
    SolverStress,
    Stress,
    parts_of,
    run_stress,
    sample_of,
    score_rows,
)
from pipeline.cluster.connecting import HERE, Where, asked_for
from pipeline.commands.asked import Chosen
from pipeline.commands.verdict_files import NO_FILES, VerdictFiles
from pipeline.config import paths
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.solvers import SolverTexts, read_lines
from pipeline.data.drawn.generated import GenerationError, Generators, published
from pipeline.data.tasks import TrainPairs
from pipeline.frontend.candidates import task_of
from pipeline.incremental import outputs
from pipeline.incremental.session import notice
from pipeline.report.stress_text import plain_result, print_stress
from pipeline.system.atomic import write_atomic
from pipeline.system.progress import progress

FOLDER: Final = "stressed"
"""Where in the cache unfinished runs are kept."""

AT_ONCE: Final = 20_000
"""Samples that are in memory together. With 100 samples of each of 400 tasks the whole run takes
350 MiB at its peak (measured)."""


def stress(
    context: Context,
    chosen: Chosen,
    count: int,
    seed: int,
    device: str = "",
    formats: Sequence[str] = (),
    verdicts: VerdictFiles = NO_FILES,
    where: Where = HERE,
    key: str = "",
) -> int:
    """Run each chosen solver on `count` generated samples of its task; print the results, and
    write those of all solvers. formats: those in which the scores of all lanes are written, of
    some solvers too. verdicts: where else they go. where: the cluster that runs them, if one does.
    key: the hash of all that the verdicts depend on; without, nothing is kept of a run that is
    interrupted.

    0 if it ran, whatever it found; 1 if the samples of a task could not be drawn; 2 for a question
    without an answer. FetchError if the generators can't be had.
    """
    if count < 1:
        print(f"--samples {count}: at least 1 is needed", file=sys.stderr)
        return 2
    if is_no_device(device):
        return 2
    config = context.config
    cluster = asked_for(where, config.cluster)
    started = time.perf_counter()
    battery = battery_for(context, "cpu" if cluster else device)
    if is_empty(battery):
        return 2
    kept = chosen.of(battery.solvers)
    if not kept:
        print(chosen.nothing_of(battery.solvers), file=sys.stderr)
        return 2
    loaded = time.perf_counter() - started
    scores: dict[str, np.ndarray] | None = {} if formats else None
    generators = published(config.cache.folder)
    with (
        _kept_of(config, key, (len(battery.solvers), count), formats) as partly,
        elsewhere(battery, config, cluster, device),
    ):
        found = _run(config, battery, sorted(kept), generators, count, seed, scores, partly)
    if not found.solvers and not found.undrawn:
        print(f"no generator has a task of the {len(kept):,} solvers", file=sys.stderr)
        return 2
    tell_use(battery)
    found = replace(found, seconds={"load": round(loaded, 4), **found.seconds})
    if len(kept) == len(battery.solvers):
        _write(context, found)
    if formats or len(kept) == len(battery.solvers):
        put_tables(context.root, "stress", formats, score_rows(scores or {}))
    print_stress(found, cache(read_lines))
    rows, texts = map(plain_result, found.solvers), SolverTexts(config)
    verdicts.put("stress", rows, {}, texts.first, sum(found.seconds.values()))
    return 1 if found.undrawn else 0


def _run(
    config: Config,
    battery: CompiledBattery,
    names: Sequence[str],
    generators: Generators,
    count: int,
    seed: int,
    scores: dict[str, np.ndarray] | None,
    kept: Partial | None,
) -> Stress:
    known = generators.tasks()
    tasks = sorted({task_of(name) for name in names} & known)
    started = time.perf_counter()
    undrawn = draw(generators, tasks, count, seed)
    drawn = time.perf_counter()
    parts = list(parts_of([task for task in tasks if task not in undrawn], count, AT_ONCE))
    ready = {task for part in parts for task in part}
    picked = [k for k, name in enumerate(battery.solvers) if name in set(names)]
    lanes = count * sum(task_of(battery.solvers[k]) in ready for k in picked)
    done = _done_of(kept, [k for k in picked if task_of(battery.solvers[k]) in ready])
    if done:
        notice(f"stress: going on, {lanes - done:,} of {lanes:,} lanes are left")
    read = partial(generators.arrays, count=count, seed=seed)
    shown = shown_of(config, battery)
    with progress("stress", lanes - done, "lanes") as advance:
        rows = run_stress(battery, config.budget, picked, parts, read, advance, scores, kept, shown)
    ran = time.perf_counter()
    locate = locator_of(config)
    return Stress(
        backend=battery.backend,
        device=battery.device,
        samples=count,
        seed=seed,
        seconds={"draw": round(drawn - started, 4), "run": round(ran - drawn, 4)},
        solvers=tuple(_located(locate, generators, row, seed, shown.get(row.task)) for row in rows),
        without=tuple(name for name in names if task_of(name) not in known),
        undrawn=undrawn,
    )


@contextmanager
def _kept_of(
    config: Config, key: str, shape: tuple[int, int], formats: Sequence[str]
) -> Iterator[Partial | None]:
    """What an interrupted run has left of (solvers, samples of a task), if it is to be kept."""
    if not key:
        yield None
        return
    path = partial_path(config.cache.folder / FOLDER, key, formats)
    kind = LANE if formats else np.int16
    with Partial(path, f"stress {key}", *shape, kind) as partly:
        forget_old(path)
        yield partly


def _done_of(kept: Partial | None, solvers: Sequence[int]) -> int:
    """How many lanes of these solvers an interrupted run has left."""
    return 0 if kept is None else int((kept.verdicts[list(solvers)] != UNDONE).sum())


def forget_partial(context: Context, key: str, formats: Sequence[str] = ()) -> None:
    """Remove what was kept of an unfinished run: its result is written and recorded."""
    partial_path(context.config.cache.folder / FOLDER, key, formats).unlink(missing_ok=True)


def draw(generators: Generators, tasks: Sequence[str], count: int, seed: int) -> dict[str, str]:
    """Have `count` samples of each task drawn; why that failed, by task."""
    undrawn: dict[str, str] = {}
    with progress("drawing samples", len(tasks), "tasks") as advance:
        for part in parts_of(tasks, count, AT_ONCE):
            try:
                generators.arrays(part, count, seed, progress=_differences(advance))
            except GenerationError as error:
                undrawn.update(error.failures)
    return undrawn


def _differences(advance: Callable[[int], None]) -> Callable[[int, int], None]:
    """Tell how much more is done to someone who is told how much is done."""
    known = 0

    def tell(done: int, total: int) -> None:
        nonlocal known
        advance(done - known)
        known = done

    return tell


def _located(
    locate: Locator,
    generators: Generators,
    row: SolverStress,
    seed: int,
    shown: TrainPairs | None,
) -> SolverStress:
    """The row with the place in the source where its first failing sample failed."""
    failure, number = row.first_failure, row.first_failing
    if failure is None or number is None or not failure.reason:
        return row
    drawn = generators.arrays([row.task], number + 1, seed)[row.task]
    sample = sample_of(drawn, number, shown)
    return replace(row, first_failure=locate(row.solver, sample, failure))


def _write(context: Context, found: Stress) -> None:
    outputs.remove_unfinished(str(context.at(paths.RESULTS)))
    text = json.dumps(found.to_json(), indent=1)
    write_atomic(context.at(paths.STRESS), (text + "\n").encode())
