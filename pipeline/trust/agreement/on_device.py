"""Graphs on devices: a runner for the fuzzer, and what its kernels were compared on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pipeline.engine.cuda import cuda_engine
from pipeline.engine.cuda.cuda_engine import Accelerator
from pipeline.engine.cuda.texts import numbers
from pipeline.engine.image import Image
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.trust.agreement import fuzzing
from pipeline.trust.agreement.fuzzing import Backend, FuzzMismatch, FuzzSummary
from pipeline.trust.agreement.runners import ImageRunner
from pipeline.trust.agreement.shrink import Case

NAME: Final = "cuda"
RARELY: Final = 48
"""One program in so many gets a runtime of its own: a launch takes as long as for all of a block.
"""

MOST_MISMATCHES: Final = 3

EVERYWHERE: Final = {"inputs", "verdict"}
"""The kernels that every program calls."""

RARE: Final = """\
def solve_xxxxxxxx(I):
    some = astuple(rot90, rot180)
    held = matcher(chain(first, rbind(rapply, I), initset), hmirror(I))
    f = extract(combine(some, astuple(rot270, identity)), held)
    O = f(I)
    return O
"""
"""A program with the kernels that random programs hardly ever call."""

RARE_SHOWN: Final = """\
def solve_xxxxxxxx(S, I):
    return first(first(S))
"""
"""One with the kernel that they never call; grids without a task have no train pairs."""

RARE_GRIDS: Final = (((1, 2), (3, 4)), ((5, 5), (5, 5)), ((1, 0),))
RARE_CASE: Final = Case(
    (RARE, RARE_SHOWN), RARE_GRIDS, (tuple(range(len(RARE_GRIDS))),) * 2, DEFAULT_LIMITS
)


@dataclass(frozen=True)
class DeviceRunner(ImageRunner):
    """Graphs, lowered, on devices; `used` gets the kernels that programs call."""

    devices: Sequence[Accelerator]
    memory_bytes: int
    threads: int = cuda_engine.THREADS
    used: set[str] = field(default_factory=set)

    def engine(self, image: Image, limits: Limits) -> cuda_engine.CudaEngine:
        """What runs an image."""
        self.used.update(image.kernels)
        return cuda_engine.CudaEngine(
            image, numbers(), self.devices, self.memory_bytes, limits, self.threads
        )


def device_backend(runner: DeviceRunner, alone: int = RARELY) -> Backend:
    """The runner as the fuzzer takes it. What runs on a device is never run in a fork."""
    return Backend(NAME, runner, alone=alone, together=True)


@dataclass(slots=True)
class KernelsCompared:
    """What random programs said about kernels.

    unreached: those that no program called. differing: for each mismatch the kernels of the
    smallest program that shows it, without those of every program.
    """

    summary: FuzzSummary = field(default_factory=FuzzSummary)
    compared: int = 0
    unreached: tuple[str, ...] = ()
    differing: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def names_differing(self) -> list[str]:
        """The kernels that are under suspicion: those of the programs with fewest, of others only
        where none of these is in them.
        """
        names: set[str] = set()
        for case in sorted(self.differing, key=len):
            if not names & set(case):
                names |= set(case)
        return sorted(names)


def compare_kernels(
    devices: Sequence[Accelerator],
    memory_bytes: int,
    wanted: Iterable[str],
    programs: int,
    seed: int = 0,
    threads: int = cuda_engine.THREADS,
    advance: Callable[[int], None] = lambda programs: None,
) -> KernelsCompared:
    """Compare random programs with their interpretation until all wanted kernels were called, or so
    many programs were run; a few mismatches are enough.
    """
    used: set[str] = set()
    backend = device_backend(DeviceRunner(devices, memory_bytes, threads, used))
    found = KernelsCompared()
    missing = set(wanted)
    count = len(missing)
    differing = fuzzing.differences(RARE_CASE, backend, "alone")
    for expected, got in islice(differing, 1):
        found.summary.mismatches.append(FuzzMismatch(0, backend, "alone", RARE_CASE, expected, got))
    for block in fuzzing.blocks_of(programs):
        fuzzing.run_block(seed, block, [backend], found.summary)
        advance(len(block))
        missing -= used
        if not missing or len(found.summary.mismatches) >= MOST_MISMATCHES:
            break
    found.compared = count - len(missing)
    found.unreached = tuple(sorted(missing))
    mismatches = found.summary.mismatches[:MOST_MISMATCHES]
    found.summary.mismatches = [fuzzing.shrunk(mismatch) for mismatch in mismatches]
    found.differing = [_kernels_of(m, backend, used) for m in found.summary.mismatches]
    return found


def _kernels_of(mismatch: FuzzMismatch, backend: Backend, used: set[str]) -> tuple[str, ...]:
    """The kernels of a case; all of them where it has none but those of every program."""
    used.clear()
    list(fuzzing.differences(mismatch.case, backend, mismatch.way))
    return tuple(sorted(used - EVERYWHERE or used))
