"""The command `fuzz`: kernels, processes and progress; what it finds is printed."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Final

from pipeline.battery.devices import compile_missing, kernel_folder
from pipeline.config.context import Context
from pipeline.kernels.names import all_names
from pipeline.report.fuzz_text import describe, tell
from pipeline.system.apart import end_of
from pipeline.system.progress import progress
from pipeline.system.spread import spread
from pipeline.trust.agreement.fuzzing import (
    BACKENDS,
    CPU,
    MOST_MISMATCHES,
    REFERENCE,
    Backend,
    FuzzMismatch,
    FuzzSummary,
    blocks_of,
    run_block,
    shrunk,
)
from pipeline.trust.agreement.runners import ImageRunner

CHOICES: Final = ("both", *(backend.name for backend in BACKENDS))


def fuzz(
    context: Context,
    programs: int,
    seed: int,
    backend: str = "both",
    jobs: int = 1,
    writer: str = "rows",
) -> int:
    """Run programs 0, 1, ... of a seed and a writer on so many processes: 0 if all answers agree, 1
    if not, 2 for a question without an answer.

    What is found is told when it is found, and shrunk at the end. A run that is interrupted still
    sums up what it did.
    """
    if backend not in CHOICES:
        print(f"no backend {backend!r}; there are {', '.join(CHOICES)}", file=sys.stderr)
        return 2
    if programs < 1 or jobs < 1:
        print("--programs and --jobs: at least 1 is needed", file=sys.stderr)
        return 2
    kernels = kernel_folder(context.config)
    every = (REFERENCE, replace(CPU, runner=ImageRunner(kernels=kernels)))
    backends = tuple(b for b in every if backend in ("both", b.name))
    if any(b.machine for b in backends):
        compile_missing(kernels, all_names())
    return run_backends(programs, seed, backends, jobs, writer)


def run_backends(
    programs: int, seed: int, backends: tuple[Backend, ...], jobs: int, writer: str = "rows"
) -> int:
    """Run and tell; see `fuzz`."""
    started = time.perf_counter()
    total = FuzzSummary()
    try:
        _run(programs, seed, backends, jobs, total, writer)
        found = sorted(total.mismatches, key=lambda m: m.number)
        for mismatch in found[:MOST_MISMATCHES]:
            print(describe(shrunk(mismatch), seed, writer) + "\n", flush=True)
    finally:
        print(tell(total, time.perf_counter() - started), flush=True)
    return 1 if total.mismatches else 0


def _block(
    seed: int, backends: tuple[Backend, ...], writer: str, numbers: range, careful: bool
) -> FuzzSummary:
    """What a process does with a block."""
    summary = FuzzSummary()
    run_block(seed, numbers, backends, summary, careful, writer)
    return summary


def _run(
    programs: int,
    seed: int,
    backends: tuple[Backend, ...],
    jobs: int,
    total: FuzzSummary,
    writer: str,
) -> None:
    parts = spread(
        partial(_block, seed, backends, writer),
        blocks_of(programs),
        jobs,
        partial(_tell_death, seed),
    )
    with closing(parts) as summaries, progress("fuzzing", programs, "programs") as advance:
        for summary in summaries:
            total.add(summary)
            advance(summary.programs)
            for mismatch in summary.mismatches:
                _tell_first(mismatch, seed)
            if len(total.mismatches) >= MOST_MISMATCHES:
                break


def _tell_first(mismatch: FuzzMismatch, seed: int) -> None:
    where = f"{mismatch.backend.name}, {mismatch.way}"
    print(f"MISMATCH in program {mismatch.number} of seed {seed} on {where}", flush=True)


def _tell_death(seed: int, numbers: range, status: int) -> None:
    blocks = f"programs {numbers.start} to {numbers.stop - 1} of seed {seed}"
    print(f"{blocks} ended their process: {end_of(status)}; looking closer", flush=True)
