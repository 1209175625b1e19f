"""How fast batteries run on the GPU: `doit bench_gpu`, which writes bench/results/cuda.json.

The same 400 verifiers on the same samples, on the GPU and on all cores of the same machine, and as
published, in turns: each figure is the median of the turns' ratios, with absolute seconds beside
it. Everything from grids to verdicts is timed, transfers included; kernels are compiled and
devices opened before. Without a GPU nothing is measured and nothing written.

The published `matrix` is estimated as in `bench.engine`, and what the lanes write into heaps is
taken from a profile of some samples on the CPU, where the same instructions make the same values.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from bench.build import PROJECT
from bench.engine import KERNELS, SEED, Bench, MatrixRuns, Pairs, counts, machine, seconds_of
from bench.figures import OURS, PUBLISHED, SINGLE, Effort, figure, ratio, table, take_turns
from pipeline.battery.batteries import Accelerated, CompiledBattery
from pipeline.battery.check_workload import run_check
from pipeline.battery.devices import insisted
from pipeline.battery.matrix_workload import BLOCK
from pipeline.battery.stress_workload import parts_of, run_stress
from pipeline.commands.stress import AT_ONCE
from pipeline.config.config import load_config
from pipeline.data.drawn.generated import published as published_generators
from pipeline.data.drawn.packed import Drawn
from pipeline.data.tasks import Sample
from pipeline.engine.costs import profile
from pipeline.engine.cuda.cubins import LinkError
from pipeline.engine.cuda.driver import CudaError, NoDevice
from pipeline.engine.engine import blocks_of
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.measuring.launches import Probe, probe
from pipeline.system.cores import cores

RESULTS = PROJECT / "bench/results/cuda.json"
GPU, ALL_CORES = "gpu", "all_cores"
"""Who is measured, besides the published DSL."""

GENERATED = 1_000
"""Samples a task in `stress`."""

FASTER_CPU, SHARE, OF_CPU = "x faster than the CPU", "of the run", "x the CPU's seconds"
BARS = {
    "matrix": (FASTER_CPU, 5.0, 5.0),
    "matrix_published": ("x faster than published", 2_000.0, 5_000.0),
    "stress": (FASTER_CPU, 10.0, 30.0),
    "check": (OF_CPU, 1.5, 1.0),
    "kernel_share": (SHARE, 0.5, 0.8),
}
COLUMNS = {
    "gpu s": "seconds_gpu",
    "all cores s": "seconds_all_cores",
    "published s": "seconds_published",
}


PROFILED = 64
"""Samples that are profiled for what lanes write."""

COSTLY = 12
"""Operations that are named, the costliest."""


def main() -> int:
    """Measure, write the results, and say which bars are missed."""
    options = argparse.ArgumentParser(prog="bench.cuda", description=__doc__)
    options.add_argument("--runs", type=int, default=5, help="turns of each, if time allows")
    options.add_argument("--patience", type=float, default=300, help="seconds a workload, about")
    options.add_argument("--pairs", type=int, default=5, help="published ones a verifier")
    options.add_argument("--samples", type=int, default=GENERATED, help="a task, in stress")
    options.add_argument("--quick", action="store_true", help="a part of each, to try it out")
    options.add_argument("--output", type=Path, help="where to write what is not the whole")
    chosen = options.parse_args()
    try:
        config = load_config()
        gpus = insisted(config)
    except (NoDevice, CudaError, LinkError) as error:
        print(f"bench_gpu: {error}", file=sys.stderr)
        return 1
    runs = 1 if chosen.quick else max(1, chosen.runs)
    effort = Effort(runs, chosen.patience, chosen.pairs, chosen.quick)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        bench = prepared(Bench(Path(folder), effort, stack), gpus)
        count = 5 if chosen.quick else chosen.samples
        results = measure(bench, gpus, functools.partial(drawn, bench, count))
    print(table(results["figures"], COLUMNS))
    whole = not chosen.quick and chosen.samples == GENERATED
    output = chosen.output or (RESULTS if whole else None)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(results, indent=2) + "\n")
        print(f"written to {output}")
    alike = results["verdicts_differing"] == 0
    if not alike:
        print(f"{results['verdicts_differing']:,} verdicts of GPU and CPU differ", file=sys.stderr)
    return 0 if alike and all(found["met"] for found in results["figures"].values()) else 1


def prepared(bench: Bench, gpus: Accelerated) -> Bench:
    """The measurements with the battery on the GPU too."""
    image = bench.batteries[OURS].image
    bench.batteries[GPU] = CompiledBattery(image, KERNELS, threads=cores(), accelerated=gpus)
    bench.batteries[ALL_CORES] = bench.batteries[OURS]
    return bench


def drawn(bench: Bench, count: int) -> dict[str, Drawn]:
    """So many generated samples of each task."""
    return published_generators(PROJECT / ".cache").arrays(bench.tasks, count, SEED)


def measure(
    bench: Bench, gpus: Accelerated, draw: Callable[[], Mapping[str, Drawn]]
) -> dict[str, Any]:
    """All figures, on these devices; the samples for `stress` are drawn when they are needed."""
    print("measuring check ...", flush=True)
    figures = {"check": check(bench, gpus)}
    print("measuring stress ...", flush=True)
    figures["stress"] = stress(bench, gpus, draw())
    print("measuring matrix ...", flush=True)
    found, differing = matrix(bench, gpus, [probe(device) for device in gpus.devices])
    figures |= found
    return {
        "machine": machine() | versions(),
        "devices": [device_facts(gpus, k) for k in range(len(gpus.devices))],
        "quick": bench.effort.quick,
        "verdicts_differing": differing,
        "figures": {name: figures[name] for name in BARS},
    }


def versions() -> dict[str, str]:
    """Of the packages that only a GPU needs."""
    found = {}
    for name in ("numba-cuda", "cuda-bindings"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def device_facts(gpus: Accelerated, number: int) -> dict[str, Any]:
    """What a device is."""
    facts = gpus.devices[number].facts
    return {
        "name": facts.name,
        "compute_capability": ".".join(map(str, facts.capability)),
        "processors": facts.processors,
        "memory_bytes": facts.total_bytes,
        "memory_bytes_a_run": gpus.memory_bytes,
        "cuda_driver": facts.driver,
        "peak_gb_per_second": facts.memory_rate / 1e9,
    }


class Used:
    """What the devices did in each timed run of a workload; `usage` is not new for each."""

    def __init__(self, gpus: Accelerated) -> None:
        self.gpus = gpus
        self.runs: list[dict[str, float]] = []

    def timed(self, run: Callable[[], float]) -> float:
        """The seconds of a run, which is counted."""
        before = self._now()
        seconds = run()
        now = self._now()
        spent = {name: now[name] - before[name] for name in now}
        self.runs.append({"seconds": seconds, **spent})
        return seconds

    def _now(self) -> dict[str, float]:
        usage = self.gpus.usage
        return {
            "launches": usage.launches,
            "lanes": usage.lanes,
            "upload_seconds": usage.upload,
            "kernel_seconds": usage.kernel,
            "download_seconds": usage.download,
            "blocks_again": usage.again,
        }

    def facts(self) -> dict[str, Any]:
        """The medians of the runs, and lanes a second."""
        found: dict[str, Any] = {
            name: statistics.median(run[name] for run in self.runs) for name in self.runs[0]
        }
        for name in ("launches", "lanes", "blocks_again"):
            found[name] = round(found[name])
        found["lanes_per_second"] = round(found["lanes"] / found["seconds"])
        transfers = found["upload_seconds"] + found["download_seconds"]
        found["transfer_share"] = transfers / len(self.gpus.devices) / found["seconds"]
        return found

    def shares(self) -> list[float]:
        """Of each run, the part that devices were in kernels."""
        devices = len(self.gpus.devices)
        return [run["kernel_seconds"] / devices / run["seconds"] for run in self.runs]


def turns(
    bench: Bench, used: Used, ours: Callable[[str], float], more: Mapping[str, Callable[[], float]]
) -> dict[str, list[float]]:
    """The seconds of both, in turns; each was run once before, so nothing is the first."""
    ours(GPU)
    ours(ALL_CORES)
    gc.collect()
    gc.freeze()
    steps: dict[str, Callable[[], float]] = {
        GPU: lambda: used.timed(functools.partial(ours, GPU)),
        ALL_CORES: functools.partial(ours, ALL_CORES),
        **more,
    }
    return take_turns(steps, bench.effort)


def check(bench: Bench, gpus: Accelerated) -> dict[str, Any]:
    """Every verifier on the samples of its task, from grids to the table of results."""
    used = Used(gpus)

    def ours(who: str) -> float:
        battery = bench.batteries[who]
        return seconds_of(lambda: run_check(battery, bench.tasks, DEFAULT_LIMITS))

    taken = turns(bench, used, ours, {})
    value = ratio(taken[GPU], taken[ALL_CORES])
    return record("check", value, taken, gpu=used.facts())


def stress(bench: Bench, gpus: Accelerated, samples: Mapping[str, Drawn]) -> dict[str, Any]:
    """Every verifier on generated samples of its task, as many at once as `doit stress` takes."""
    used = Used(gpus)
    count = max(len(found.inputs.heights) for found in samples.values())
    parts = list(parts_of(list(samples), count, AT_ONCE))

    def read(part: Sequence[str]) -> dict[str, Drawn]:
        return {ident: samples[ident] for ident in part}

    def ours(who: str) -> float:
        battery = bench.batteries[who]
        picked_ones = range(len(battery.solvers))
        return seconds_of(lambda: run_stress(battery, DEFAULT_LIMITS, picked_ones, parts, read))

    taken = turns(bench, used, ours, {})
    value = ratio(taken[ALL_CORES], taken[GPU])
    return record("stress", value, taken, samples_a_task=count, gpu=used.facts())


def matrix(bench: Bench, gpus: Accelerated, probes: Sequence[Probe]) -> tuple[dict[str, Any], int]:
    """Every verifier on every sample; and on how many lanes GPU and CPU differ."""
    used = Used(gpus)
    runs = MatrixRuns(bench)
    runs.all_samples(ALL_CORES)
    known = runs.verdicts.copy()
    pairs = Pairs(bench, runs)
    taken = turns(bench, used, runs.all_samples, {PUBLISHED: pairs.published})
    runs.all_samples(GPU)
    differing = int((runs.verdicts != known).sum())
    facts = used.facts()
    written = written_by(bench, runs.layout.samples, facts, gpus)
    more = counts(bench, pairs.lanes, pairs.left_out, pairs.statuses, pairs.runs)
    note = "published seconds are those of random pairs, scaled up"
    published = {"published": more | pairs.facts(taken[GPU]), "note": note}
    faster = ratio(taken[ALL_CORES], taken[GPU])
    measured = {"gpu": facts, "devices": [found.to_json() for found in probes]}
    return {
        "matrix": record("matrix", faster, taken, lanes=known.size, **measured, written=written),
        "matrix_published": record(
            "matrix_published", ratio(taken[PUBLISHED], taken[GPU]), taken, **published
        ),
        "kernel_share": record(
            "kernel_share", statistics.median(used.shares()), taken, shares=used.shares()
        ),
    }, differing


def written_by(
    bench: Bench, samples: Sequence[Sample], facts: Mapping[str, Any], gpus: Accelerated
) -> dict[str, Any]:
    """What the lanes of `matrix` write into heaps, a second of kernels, beside what the device's
    memory is said to take; and which operations cost most, on one thread of the CPU.
    """
    battery = bench.batteries[SINGLE]
    chosen = random.Random(SEED).sample(list(samples), min(PROFILED, len(samples)))
    encoded = encode_samples((s.input, s.output) for s in chosen)
    found = profile(battery.cpu_engine(DEFAULT_LIMITS), encoded, blocks_of(len(encoded), BLOCK))
    size = sum(cost.written_bytes for cost in found.operations) * len(samples) / len(chosen)
    peak = float(np.mean([device.facts.memory_rate for device in gpus.devices])) / 1e9
    kernels = facts["kernel_seconds"]
    rate = size / kernels / 1e9 if kernels else None
    return {
        "note": "bytes are those of a CPU's profile of some samples, scaled up; reads not counted",
        "samples_profiled": len(chosen),
        "bytes": size,
        "gb_per_second_of_kernels": rate,
        "of_peak_bandwidth": rate / peak if rate and peak else None,
        "costliest_on_the_cpu": [
            {
                "operation": cost.name,
                "share": cost.seconds / found.seconds if found.seconds else 0.0,
                "bytes_share": cost.written_bytes * len(samples) / len(chosen) / size,
            }
            for cost in found.operations[:COSTLY]
        ],
    }


def record(name: str, value: float, taken: Mapping[str, list[float]], **more: Any) -> Any:
    """One figure."""
    return figure(name, value, taken, BARS, **more)


if __name__ == "__main__":
    sys.exit(main())
