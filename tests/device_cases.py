"""Runs of the small battery on emulated devices: with little memory, with several, with faults.

run_case(Case(blocks, threads=5))     what came of it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.engine.cuda import cuda_engine, texts
from pipeline.engine.cuda.driver import CudaError, DeviceMemory, LaunchTiming, NoAnswer
from pipeline.engine.cuda.faults import DeviceFault
from pipeline.kernels import instruction as fields
from pipeline.system.problem import Problem
from tests.columns import engine_of
from tests.emulator.device import EmulatedDevice, blocks_of, kernels_of
from tests.mixed_battery import LIMITS, encoded, image
from tests.small_devices import MEMORY, Stretches, blocks_in, with_sizes

PLANTED = "cuEventQuery: CUDA_ERROR_ILLEGAL_ADDRESS (planted)"


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the battery.

    devices: how many; processors: how many teams each has. sizes: constants of `cuda_engine`
    besides `small_devices.SIZES`. faults: the kernels in which the devices fail; failing: how many
    of the first launches fail, elsewhere none. spare: whether a CPU engine stands by; scores:
    whether they are asked for. order: in which threads go on; memory_is: what a device has where
    that is less than it says, or 0; hangs: whether a failing one gives no answer.
    """

    blocks: Stretches
    keep: str = "all"
    threads: int = 2
    processors: int = 2
    devices: int = 1
    memory: int = MEMORY
    sizes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    failing: int = 0
    spare: bool = False
    scores: bool = False
    order: int = 0
    memory_is: int = 0
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class Launched:
    """What a device was launched with: how many blocks and lanes, teams, words of each heap."""

    device: int
    blocks: int
    lanes: int
    teams: int
    threads: int
    heap_words: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a case.

    lanes: the verdict and the kept grid, or None, of each solver and sample, in the order in which
    they came; scores: solver, sample and the score's words; outcomes: how many there were. usage:
    the engine's counts. error: the exception's name, text and fields. trials: launches elsewhere;
    told: the faults that were told.
    """

    lanes: list[tuple[int, int, int, Any]]
    scores: list[list[int]]
    outcomes: int
    launches: list[Launched]
    usage: dict[str, float]
    error: dict[str, Any]
    trials: int
    told: list[str]

    def ends(self) -> dict[tuple[int, int], tuple[int, Any]]:
        """The verdict and the kept grid by solver and sample; each may come only once."""
        ends = {(solver, sample): (code, grid) for solver, sample, code, grid in self.lanes}
        assert len(ends) == len(self.lanes)
        return ends


class PlannedDevice(EmulatedDevice):
    """A device that says what it was launched with, and fails where it is told to."""

    def __init__(self, number: int, case: Case, launches: list[Launched]) -> None:
        super().__init__(case.memory, case.processors, case.order, seed=number + 1)
        self.number = number
        self.case = case
        self.launches = launches
        self.trials = 0
        self.faults = frozenset(case.faults)

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Launch: see `driver.Device.run`."""
        assert self.fault is None
        if 0 < self.case.memory_is < 8 * size:
            raise DeviceMemory("cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (planted)")
        fails = len(self.launches) < self.case.failing or self._fails(words, work)
        heap_words = int(words[work + fields.W_HEAP_WORDS])
        made = len(blocks_of(words, work)), _lanes(words, work), teams, threads, heap_words
        self.launches.append(Launched(self.number, *made, fails))
        if fails:
            kind = NoAnswer if self.case.hangs else CudaError
            raise kind(PLANTED)
        found, _ = super().run(words, size, work, teams, threads, reads)
        return found, LaunchTiming(0.0, 0.0, 0.0)

    def trial(self, words: np.ndarray, size: int, work: int, teams: int, threads: int) -> str:
        """Launch elsewhere: see `driver.Device.trial`."""
        self.trials += 1
        return PLANTED if self._fails(words, work) else ""

    def _fails(self, words: np.ndarray, work: int) -> bool:
        return not self.faults.isdisjoint(kernels_of(words, work))


def _lanes(words: np.ndarray, work: int) -> int:
    blocks = blocks_of(words, work)
    sizes = words[blocks[:, fields.B_ROOT] + fields.D_SIZE]
    return int((sizes * blocks[:, fields.B_SOLVERS]).sum())


def run_case(case: Case) -> Ran:
    """Run the battery as a case says."""
    launches: list[Launched] = []
    told: list[str] = []
    devices = [PlannedDevice(k, case, launches) for k in range(case.devices)]
    spare = (lambda: engine_of(image(), LIMITS)) if case.spare else None
    usage = cuda_engine.Usage(tell=told.append)
    engine = cuda_engine.CudaEngine(
        image(), texts.numbers(), devices, case.memory, LIMITS, case.threads, spare, usage
    )
    lanes: list[Any] = []
    scores: list[list[int]] = []
    outcomes, error = 0, {}
    with with_sizes(case.sizes):
        try:
            for outcome in engine.run(encoded(), blocks_in(case.blocks), case.keep, case.scores):
                outcomes += 1
                for k, lane, solver, sample in outcome.lanes():
                    if outcome.scores is not None:
                        words = np.array([outcome.scores[k, lane]]).view(np.int64)
                        scores.append([solver, sample, *words.tolist()])
                    grid = outcome.grids.get((k, lane))
                    lanes.append((solver, sample, int(outcome.verdicts[k, lane]), grid))
        except (RuntimeError, OSError, Problem) as fault:
            error = _told(fault)
    counts = {name: getattr(usage, name) for name in ("launches", "lanes", "again", "on_cpu")}
    trials = sum(device.trials for device in devices)
    return Ran(lanes, scores, outcomes, launches, counts, error, trials, told)


def _told(fault: Exception) -> dict[str, Any]:
    """An exception as plain data."""
    told: dict[str, Any] = {"name": type(fault).__name__, "text": str(fault)}
    for name in ("solver", "sample", "operation"):
        if hasattr(fault, name):
            told[name] = getattr(fault, name)
    if isinstance(fault, DeviceFault) and fault.block is not None:
        block = fault.block
        told["block"] = [block.first, block.last, block.solvers]
    return told
