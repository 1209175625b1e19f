"""How fast batteries run: `doit bench engine`, which writes bench/results/engine.json.

Ours is measured against the published Python DSL in the same run: the same 400 verifiers on the
same samples, in turns, each figure the median of the turns' ratios; absolute seconds stand beside
it. Ours has all cores, as its user has, and one thread where the figure says so; the published code
is Python on one thread, in a process that does nothing else (`bench.published`).

Lanes that our engine stops over budget are left out on both sides, and counted. In `matrix` ours
runs into them like its user does, so there they are left out of the published side alone.

The published `matrix` is estimated: every verifier on as many random samples, the same in each run.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bench import build, memory, processes
from bench.build import PROJECT
from bench.figures import (
    BARS,
    CPU,
    OURS,
    PUBLISHED,
    SINGLE,
    Effort,
    against_published,
    figure,
    ratio,
    table,
    take_turns,
)
from bench.published import CUT, ENDED, Lane, Published, Run
from pipeline.battery.batteries import CompiledBattery
from pipeline.battery.check_workload import judge, run_check
from pipeline.battery.devices import compile_missing
from pipeline.battery.journal import Partial
from pipeline.battery.matrix_workload import Layout, lay_out, run_matrix
from pipeline.battery.stress_workload import parts_of, run_stress
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.commands.stress import AT_ONCE
from pipeline.data.arc import extract_data, load_tasks
from pipeline.data.corpora import extract_corpus
from pipeline.data.drawn.generated import published as published_generators
from pipeline.data.drawn.packed import Drawn, Packed, pack_sample
from pipeline.data.fetch import fetch
from pipeline.data.tasks import Sample, Task
from pipeline.frontend.candidates import task_of
from pipeline.frontend.units import split_units
from pipeline.ir.status import DEFAULT_LIMITS, OVER_BUDGET
from pipeline.kernels.names import DRIVER
from pipeline.system.cores import cores

RESULTS = PROJECT / "bench/results/engine.json"
KERNELS = PROJECT / ".cache/kernels"
PARTS = {"matrix_growth": "matrix"} | {name: "memory" for name in BARS if "memory_" in name}
"""Figures that are measured together with others, and what that is called."""

SEED = 0
GENERATED = 100
"""Samples a task in `stress`."""

PAIRS = 5
"""Random samples a verifier in the estimate of the published `matrix`: 2,000 pairs together."""

LONGEST = 10
"""Pairs of them whose seconds are named, because most of the estimate is theirs."""

SHOWN = 40
"""Differing verdicts that are named."""


def main() -> int:
    """Measure, write the results, and say which bars are missed."""
    options = argparse.ArgumentParser(prog="bench.engine", description=__doc__)
    options.add_argument("names", nargs="*", help=f"figures: {', '.join(BARS)} (default: all)")
    options.add_argument("--runs", type=int, default=5, help="turns of each, if time allows")
    options.add_argument("--patience", type=float, default=900, help="seconds a workload, about")
    options.add_argument("--pairs", type=int, default=PAIRS, help="published ones a verifier")
    options.add_argument("--quick", action="store_true", help="a part of each, to try it out")
    options.add_argument("--output", type=Path, help="where to write what is not the whole")
    chosen = options.parse_args()
    unknown = set(chosen.names) - set(BARS)
    if unknown:
        options.error(f"no figure {unknown.pop()!r}; there are {', '.join(BARS)}")
    names = chosen.names or list(BARS)
    runs = 1 if chosen.quick else max(1, chosen.runs)
    effort = Effort(runs, chosen.patience, chosen.pairs, chosen.quick)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), effort, names)
    print(table(results["figures"]))
    whole = not chosen.quick and set(names) == set(BARS)
    output = chosen.output or (RESULTS if whole else None)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(results, indent=2) + "\n")
        print(f"written to {output}")
    return 0 if all(found["met"] for found in results["figures"].values()) else 1


def measure(folder: Path, effort: Effort, names: Sequence[str]) -> dict[str, Any]:
    """The named figures."""
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        bench = Bench(folder, effort, stack)
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "check": functools.partial(check, bench),
            "check_process": functools.partial(check_process, bench),
            "stress": functools.partial(stress, bench),
            "matrix": functools.partial(matrix, bench),
            "cold_start": lambda: {"cold_start": processes.cold_start(folder, effort)},
            "memory": lambda: memory.in_memory(effort, names),
        }
        wanted = {PARTS.get(name, name) for name in names}
        for name, step in steps.items():
            if name in wanted:
                print(f"measuring {name} ...", flush=True)
                figures.update(step())
    kept = {name: figures[name] for name in BARS if name in names}
    return {"machine": machine(), "quick": effort.quick, "figures": kept}


class Bench:
    """What is measured: the battery of the 400 verifiers, ready to run, and the published one."""

    def __init__(self, folder: Path, effort: Effort, stack: ExitStack) -> None:
        self.folder = folder
        self.effort = effort
        extract_data(PROJECT / ".cache")
        self.tasks = load_tasks("arc1-train", PROJECT / ".cache")
        if effort.quick:
            self.tasks = {k: self.tasks[k] for k in list(self.tasks)[::10]}
        self.batteries = linked(folder)
        self.published = stack.enter_context(Published(fetch("reasoning-gym", PROJECT / ".cache")))

    @functools.cached_property
    def chosen(self) -> Chosen:
        """The lanes of `check`."""
        return within_budget(self.batteries[OURS], self.tasks)

    @property
    def reaches(self) -> str:
        """What the lanes are."""
        return "a part of the tasks" if self.effort.quick else "all 400 tasks"


def linked(folder: Path) -> dict[str, CompiledBattery]:
    """The verifiers compiled and linked: on all cores, and on one thread."""
    path = extract_corpus(PROJECT / ".cache")
    units, found = split_units("re-arc", path.as_posix(), path.read_bytes())
    graphs = [(unit.name, compile_unit(unit).graph) for unit in units]
    broken = [name for name, text in graphs if not text]
    if found or broken:
        raise SystemExit(f"these verifiers do not compile: {broken or found}")
    image = link(graphs).image
    made = {
        who: CompiledBattery(image, KERNELS, threads=threads)
        for who, threads in ((OURS, cores()), (SINGLE, 1))
    }
    compile_missing(KERNELS, [*made[OURS].image.kernels, DRIVER])
    return made


@dataclass(frozen=True)
class Chosen:
    """Lanes that our engine does not stop over budget, and how they ended there.

    tasks: with the samples of these lanes only. left_out: how many lanes are not among them.
    """

    tasks: dict[str, Task]
    lanes: list[Lane]
    statuses: list[str]
    left_out: int


def within_budget(battery: CompiledBattery, tasks: dict[str, Task]) -> Chosen:
    """Run every solver on the samples of its task, and leave out what is over budget."""
    samples: list[Sample] = []
    places: dict[str, Sequence[int]] = {}
    for task in tasks.values():
        places[task.id] = range(len(samples), len(samples) + len(task.samples))
        samples += task.samples
    wanted = [places.get(task_of(name), ()) for name in battery.solvers]
    outcomes = battery.outcomes(samples, wanted, DEFAULT_LIMITS)
    by_task = dict(zip(map(task_of, battery.solvers), outcomes, strict=True))
    kept: dict[str, Task] = {}
    lanes: list[Lane] = []
    statuses: list[str] = []
    for task in tasks.values():
        ends = list(map(judge, task.samples, by_task[task.id]))
        inside = [k for k, status in enumerate(ends) if status != OVER_BUDGET]
        kept[task.id] = Task(task.id, tuple(task.samples[k] for k in inside), ())
        for k in inside:
            sample = task.samples[k]
            lanes.append(Lane(f"{task.id} sample {k}", task.id, sample.input, sample.output))
            statuses.append(ends[k])
    return Chosen(kept, lanes, statuses, len(samples) - len(lanes))


def seconds_of(call: Callable[[], Any]) -> float:
    """What a call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def check(bench: Bench) -> dict[str, Any]:
    """Every verifier on the samples of its task, from grids to the table of results."""
    chosen = bench.chosen
    runs: list[Run] = []
    gc.collect()
    gc.freeze()

    def ours(who: str) -> float:
        battery = bench.batteries[who]
        return seconds_of(lambda: run_check(battery, chosen.tasks, DEFAULT_LIMITS))

    steps = {who: functools.partial(ours, who) for who in (OURS, SINGLE)}
    taken = take_turns(
        {**steps, PUBLISHED: functools.partial(published, bench, chosen.lanes, runs)}, bench.effort
    )
    more = counts(bench, chosen.lanes, chosen.left_out, chosen.statuses, runs)
    return {"check": against_published("check", taken, **more)}


def check_process(bench: Bench) -> dict[str, Any]:
    """The same, as a whole process."""
    step = functools.partial(published, bench, bench.chosen.lanes, [])
    return {"check_process": processes.check_process(bench.folder, bench.effort, step)}


def stress(bench: Bench) -> dict[str, Any]:
    """Every verifier on generated samples of its task."""
    count = 5 if bench.effort.quick else GENERATED
    generators = published_generators(PROJECT / ".cache")
    drawn = generators.samples(bench.tasks, count, SEED)
    tasks = {ident: Task(ident, samples, ()) for ident, samples in drawn.items()}
    chosen = within_budget(bench.batteries[OURS], tasks)
    arrays = {ident: packed(task) for ident, task in chosen.tasks.items()}
    parts = list(parts_of(list(arrays), count, AT_ONCE))
    picked = range(len(bench.batteries[OURS].solvers))
    runs: list[Run] = []
    gc.collect()
    gc.freeze()

    def read(part: Sequence[str]) -> dict[str, Drawn]:
        return {ident: arrays[ident] for ident in part}

    def ours(who: str) -> float:
        battery = bench.batteries[who]
        return seconds_of(lambda: run_stress(battery, DEFAULT_LIMITS, picked, parts, read))

    steps = {who: functools.partial(ours, who) for who in (OURS, SINGLE)}
    taken = take_turns(
        {**steps, PUBLISHED: functools.partial(published, bench, chosen.lanes, runs)}, bench.effort
    )
    more = counts(bench, chosen.lanes, chosen.left_out, chosen.statuses, runs)
    return {"stress": against_published("stress", taken, samples_a_task=count, **more)}


def packed(task: Task) -> Drawn:
    """The samples of a task as arrays."""
    return Packed().then(pack_sample(s.input, s.output) for s in task.samples).arrays()


def published(bench: Bench, lanes: Sequence[Lane], runs: list[Run]) -> float:
    """Run the published code on lanes; `runs` gets how they ended."""
    runs[:] = bench.published.run(lanes)
    return sum(run.seconds for run in runs)


def counts(
    bench: Bench,
    lanes: Sequence[Lane],
    left_out: int,
    statuses: Sequence[str],
    runs: Sequence[Run],
) -> dict[str, Any]:
    """How many lanes there are, and where the published verdicts differ from ours."""
    differing = [
        (lane.name, run.status, status)
        for lane, run, status in zip(lanes, runs, statuses, strict=True)
        if run.status not in (status, ENDED)
    ]
    kinds = Counter(f"published {theirs}, ours {ours}" for _, theirs, ours in differing)
    return {
        "programs_on": bench.reaches,
        "lanes": len(lanes),
        "lanes_left_out": left_out,
        "lanes_published_ended": sum(run.status == ENDED for run in runs),
        "published_ended_after_seconds": CUT,
        "verdicts_compared": sum(run.status != ENDED for run in runs),
        "verdicts_differing": dict(kinds),
        "differing": [
            f"{name}: published {theirs}, ours {ours}" for name, theirs, ours in differing[:SHOWN]
        ],
    }


class MatrixRuns:
    """`matrix` of all samples and of random halves of them; keeps the verdicts of the last run."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.layout = lay_out({"arc1-train": bench.tasks})
        order = list(self.layout.samples)
        random.Random(SEED).shuffle(order)
        middle = len(order) // 2
        self.halves = [_layout(order[:middle]), _layout(order[middle : 2 * middle])]
        self.verdicts = np.zeros((0, 0), np.int16)

    def run(self, who: str, layout: Layout) -> float:
        """Seconds of a run, from grids to all verdicts, which are kept in a file as they come."""
        battery = self.bench.batteries[who]
        path = self.bench.folder / "matrix.part"
        path.unlink(missing_ok=True)
        begin = time.perf_counter()
        shape = len(battery.solvers), len(layout.samples)
        with Partial(path, "bench", *shape) as partial:
            run_matrix(battery.engine(DEFAULT_LIMITS), layout, partial)
        taken = time.perf_counter() - begin
        self.verdicts = partial.verdicts
        return taken

    def all_samples(self, who: str) -> float:
        """Seconds for all samples."""
        return self.run(who, self.layout)

    def half(self) -> float:
        """Seconds for a random half of the samples: the mean of the two halves."""
        return statistics.mean(self.run(OURS, half) for half in self.halves)


def _layout(samples: Sequence[Any]) -> Layout:
    return Layout((), tuple(samples), np.arange(len(samples)))


def matrix(bench: Bench) -> dict[str, Any]:
    """Every verifier on every sample, and what twice the samples cost."""
    ours = MatrixRuns(bench)
    ours.all_samples(OURS)  # which lanes are over budget; and no first run is timed
    pairs = Pairs(bench, ours)
    gc.collect()
    gc.freeze()
    steps: dict[str, Callable[[], float]] = {
        OURS: functools.partial(ours.all_samples, OURS),
        "ours_half": ours.half,
        SINGLE: functools.partial(ours.all_samples, SINGLE),
        PUBLISHED: pairs.published,
    }
    taken = take_turns(steps, bench.effort)
    halves = taken.pop("ours_half")
    growth = {OURS: taken[OURS], "ours_half": halves, OURS + CPU: taken[OURS + CPU]}
    growth["ours_half" + CPU] = [both / 2 for both in taken.pop("ours_half" + CPU)]
    more = counts(bench, pairs.lanes, pairs.left_out, pairs.statuses, pairs.runs)
    note = "published seconds are those of random pairs, scaled up; a pair over budget counts 0 "
    note += "there, and is run in ours"
    found = against_published("matrix", taken, **more | pairs.facts(taken[OURS]), note=note)
    value = ratio(taken[OURS], halves)
    samples = [len(ours.halves[0].samples), len(ours.layout.samples)]
    note = "the median of turns, each against the mean of two random halves"
    return {
        "matrix": found,
        "matrix_growth": figure("matrix_growth", value, growth, samples=samples, note=note),
    }


class Pairs:
    """Random pairs of a verifier and a sample, as many of each verifier, that stand for all."""

    def __init__(self, bench: Bench, ours: MatrixRuns) -> None:
        self.bench = bench
        self.lanes: list[Lane] = []
        self.statuses: list[str] = []
        self.runs: list[Run] = []
        battery = bench.batteries[OURS]
        samples = ours.layout.samples
        engine = battery.engine(DEFAULT_LIMITS)
        codes, times = np.unique(ours.verdicts, return_counts=True)
        kinds = {code: _status(engine, code) for code in codes.tolist()}
        over = [kinds[code] == OVER_BUDGET for code in codes.tolist()]
        self.all_lanes = ours.verdicts.size
        self.all_over = int(times[over].sum())
        source = random.Random(SEED)
        self.drawn = 0
        for k, name in enumerate(battery.solvers):
            for place in source.sample(range(len(samples)), bench.effort.pairs):
                self.drawn += 1
                status = kinds[int(ours.verdicts[k, place])]
                if status != OVER_BUDGET:
                    task, sample = task_of(name), samples[place]
                    called = f"{task} on {ours.layout.name_of(place)}"
                    self.lanes.append(Lane(called, task, sample.input, sample.output))
                    self.statuses.append(status)
        self.left_out = self.drawn - len(self.lanes)

    def published(self) -> float:
        """The published seconds of all lanes, as the pairs say."""
        taken = published(self.bench, self.lanes, self.runs)
        return taken * self.all_lanes / self.drawn

    def facts(self, ours: Sequence[float]) -> dict[str, Any]:
        """What the estimate is made of, and how sure it is."""
        seconds = sorted((run.seconds for run in self.runs), reverse=True)
        spread = statistics.pstdev([*seconds, *[0.0] * self.left_out])
        rest = sum(seconds[LONGEST:]) * self.all_lanes / self.drawn
        return {
            "lanes": self.all_lanes,
            "lanes_left_out": self.all_over,
            "pairs": self.drawn,
            "pairs_left_out": self.left_out,
            "pair_seconds_mean": sum(seconds) / self.drawn,
            "pair_seconds_median": statistics.median(seconds),
            "pair_seconds_longest": seconds[:LONGEST],
            "seconds_published_standard_error": spread * self.all_lanes / self.drawn**0.5,
            "ratio_without_longest": rest / statistics.median(ours),
        }


def _status(engine: Any, code: int) -> str:
    if code < 0:
        kind: str = engine.failure(code).kind
        return kind
    return "right" if code else "wrong"


def machine() -> dict[str, Any]:
    """Where this was measured."""
    found = {**build.machine(), "cores_used": cores()}
    found.update({name: version(name) for name in ("numba", "llvmlite", "numpy")})
    return {**found, "load_before": list(os.getloadavg())}


if __name__ == "__main__":
    sys.exit(main())
