"""The CUDA backend: blocks of lanes run by teams on one GPU or several.

Blocks are cut as teams want them (see `cutting`), and a launch has as many teams as the device runs
at once, which share the memory. Blocks that found no room in their team's heap are halved; a lane
that finds none by itself is run by fewer teams with larger heaps, at last by one with all there is.

Long work is several launches of bounded length. After an error a device is of no use to its
process: the lane that fails and its instruction are looked for in processes of their own, so that
the fault can name both, and what is left of the run goes on elsewhere or ends. A device with less
memory than was thought is no fault: a launch has fewer teams then.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

import numpy as np

from pipeline.engine import engine as engines
from pipeline.engine.cuda import layout
from pipeline.engine.cuda.cutting import cut_blocks, dealt
from pipeline.engine.cuda.driver import (
    CudaError,
    DeviceFacts,
    DeviceMemory,
    LaunchTiming,
    NoAnswer,
)
from pipeline.engine.cuda.faults import DeviceFault, fault_of, guard_fault
from pipeline.engine.cuda.layout import Launch, Loaded
from pipeline.engine.cuda.measured import MeasuredCosts, ProgramCosts
from pipeline.engine.engine import Block, Outcome, TooLarge, halves
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.scoring import SCORE_WORDS
from pipeline.system.problem import Problem

THREADS: Final = 64
"""Threads of a team."""

HEAP_WORDS: Final = 1 << 24
"""A team's heap at most, 128 MiB, unless a lane found no room in it: teams share what memory there
is. Blocks of `matrix`, 64 samples of one program, take 1.4 MiB at the median, 16 at the ninth
tenth, 139 at the last hundredth (counted with the kernels' code run on a CPU).
"""

LEAST_HEAP_WORDS: Final = 1 << 17
GRID_WORDS: Final = 1 << 23
"""Room for the grids that are kept, 64 MiB at most."""

LARGER: Final = 8
"""How many times larger a heap is that a lane gets which found no room in a smaller one."""

ADVICE: Final = "the GPU has for it: raise gpu_memory_mib in config.yaml"

LANES: Final = 1 << 22
"""Lanes of a launch at most, fewer where they have scores: what is uploaded and downloaded for them
takes some 100 MiB."""


LAUNCH_SECONDS: Final = 4.0
WATCHED_SECONDS: Final = 0.5
"""How long a launch should take at most, also where the driver watches it; by what is known once
devices have been at it for MEASURED seconds, before that by lanes."""

MEASURED: Final = 0.5
FIRST_LANES: Final = 1 << 20
FIRST_WATCHED: Final = 1 << 16
LEAST_MEMORY: Final = 1 << 20
LESS: Final = 0.75
"""Of the memory that was asked for, what is tried where there is not as much."""


class Accelerator(Protocol):
    """What the engine needs of a device: see `cuda.driver.Device`."""

    facts: DeviceFacts
    fault: Problem | None

    def abandon(self, fault: Problem) -> None:
        """Use it no more after an error."""

    def trial(self, words: np.ndarray, size: int, work: int, teams: int, threads: int) -> str:
        """How a launch fails in a process of its own; empty where it does not."""

    def close(self) -> None:
        """Give everything back."""

    def free_bytes(self) -> int:
        """How much memory could be taken now."""

    def teams_at_once(self, threads: int) -> int:
        """How many teams of so many threads run at the same time."""

    def read(self, first: int, last: int) -> np.ndarray:
        """Words of the array."""

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Upload words, launch, download parts."""


@dataclass(slots=True)
class Usage:
    """What the devices did: launches, lanes, seconds of uploads, kernels and downloads, blocks
    that were run again: halved, with a larger heap, or on the CPU; and what devices came to, which
    is told too.
    """

    launches: int = 0
    lanes: int = 0
    upload: float = 0.0
    kernel: float = 0.0
    download: float = 0.0
    again: int = 0
    on_cpu: int = 0
    faults: list[str] = field(default_factory=list)
    tell: Callable[[str], None] = lambda text: None
    lock: Any = field(default_factory=threading.Lock)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "launches": self.launches,
            "lanes": self.lanes,
            "kernel_seconds": round(self.kernel, 6),
            "transfer_seconds": round(self.upload + self.download, 6),
            "blocks_again": self.again,
            "blocks_on_cpu": self.on_cpu,
            **({"faults": list(self.faults)} if self.faults else {}),
        }

    def add(self, timing: LaunchTiming, lanes: int) -> None:
        """Count a launch."""
        with self.lock:
            self.launches += 1
            self.lanes += lanes
            self.upload += timing.upload
            self.kernel += timing.kernel
            self.download += timing.download

    def add_fault(self, text: str) -> None:
        """Note what a device has come to."""
        with self.lock:
            self.faults.append(text)
        self.tell(text)

    def add_blocks(self, again: int = 0, on_cpu: int = 0) -> None:
        """Count blocks that are run again."""
        with self.lock:
            self.again += again
            self.on_cpu += on_cpu


class CudaEngine(engines.Engine):
    """An image on devices.

    memory_bytes: how much of each device's memory to use at most; codes: the number of each kernel;
    spare: what runs a block on which a device fails, or none, then DeviceFault is raised. usage:
    where to count; measured: what programs are known to cost, to which each run adds.
    """

    def __init__(
        self,
        image: Image,
        codes: dict[str, int],
        devices: Sequence[Accelerator],
        memory_bytes: int,
        limits: Limits = DEFAULT_LIMITS,
        threads: int = THREADS,
        spare: Callable[[], engines.Engine] | None = None,
        usage: Usage | None = None,
        measured: MeasuredCosts | None = None,
    ) -> None:
        super().__init__(image, limits)
        self.devices = tuple(devices)
        self.memory_bytes = memory_bytes
        self.threads = threads
        self.spare = spare
        self.usage = usage or Usage()
        self.loaded: Loaded = layout.load(image, codes, limits)
        self.costs = ProgramCosts(image, measured)

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none", scores: bool = False
    ) -> Generator[Outcome, None, None]:
        """Run blocks on all devices: see `engine.Engine`."""
        alive = [device for device in self.devices if device.fault is None] or self.devices[:1]
        waiting = deque(self._parts(list(blocks), samples.starts, alive, scores))
        workers = [partial(_DeviceWorker, self, device, samples, keep, scores) for device in alive]
        try:
            if len(workers) > 1 and len(waiting) > 1:
                yield from engines.run_on_threads(workers, waiting)
                return
            worker = workers[0]()
            while waiting:
                yield from worker.run(waiting.popleft())
        finally:
            self.costs.learn()

    def _parts(
        self,
        blocks: list[Block],
        starts: np.ndarray,
        devices: Sequence[Accelerator],
        scores: bool = False,
    ) -> list[list[Block]]:
        """What the launches get: cut blocks, in parts of about LANES at most, one a device."""
        known = [d.teams_at_once(self.threads) for d in devices if d.fault is None]
        costs = self.costs.known()
        cut = cut_blocks(blocks, max(1, sum(known)), costs, self.everyone, starts)
        lanes = [self.lanes(block) for block in cut]
        words = 1 + SCORE_WORDS if scores else 1
        launches = -(-sum(lanes) * words // LANES)
        return dealt(cut, lanes, max(launches, len(devices)))


class _DeviceWorker:
    """One device, with the samples of a run."""

    def __init__(
        self,
        engine: CudaEngine,
        device: Accelerator,
        samples: Samples,
        keep: str,
        scores: bool = False,
    ) -> None:
        self.engine = engine
        self.device = device
        self.samples = samples
        self.keep = keep
        self.scores = scores
        self.has_all = False
        self.at_most = 1 << 62
        self.memory = self.most_teams = 0

    def close(self) -> None:
        """The device stays open for the next run."""

    def run(self, blocks: Sequence[Block], larger: int = 1) -> Iterator[Outcome]:
        """Run blocks in launches of bounded length, and again in parts what found no room."""
        waiting = list(blocks)
        while waiting:
            fault = self.device.fault
            chosen = self._fitting(waiting) if fault is None else set(range(len(waiting)))
            now = [block for k, block in enumerate(waiting) if k in chosen]
            waiting = [block for k, block in enumerate(waiting) if k not in chosen]
            if fault is None:
                yield from self._run_launch(now, larger)
            else:
                yield from self._run_on_spare(now, fault)

    def _fitting(self, blocks: Sequence[Block]) -> set[int]:
        """The places of the blocks that the next launch should have, one at least. The costliest
        come first: so that launches take about as long as each other, each has some of every cost.
        """
        usage, is_watched = self.engine.usage, self.device.facts.is_watched
        most: float = FIRST_WATCHED if is_watched else FIRST_LANES
        if usage.kernel > MEASURED:
            seconds = WATCHED_SECONDS if is_watched else LAUNCH_SECONDS
            most = seconds * usage.lanes / usage.kernel
        lanes = np.array([self.engine.lanes(block) for block in blocks])
        places = np.arange(0, len(blocks), max(1, math.ceil(lanes.sum() / max(1.0, most))))
        count = np.searchsorted(np.cumsum(lanes[places]), most, "right")
        return set(places[: max(1, int(count))].tolist())

    def _run_launch(self, blocks: Sequence[Block], larger: int) -> Iterator[Outcome]:
        """Run blocks in one launch, and again in parts what found no room; elsewhere what is left
        where the device fails.
        """
        try:
            found = self._launch(blocks, larger)
        except DeviceMemory as error:
            yield from self._run_with_less(blocks, larger, error)
            return
        except CudaError as error:
            yield from self._run_on_spare(blocks, self._fault_of(blocks, larger, error))
            return
        except CudaMemory as error:
            if len(blocks) > 1:
                yield from self._run_halves(blocks, larger)
            else:
                yield from self._run_on_spare(blocks, error)
            return
        had_all = self.has_all
        self.engine.usage.add_blocks(again=len(found.no_room) + len(found.no_grids))
        yield from found.outcomes
        if found.no_room:
            yield from self._run_roomless(found.no_room, larger, had_all)
        if found.no_grids:
            yield from self._run_gridless(found.no_grids, larger, len(blocks))

    def _run_with_less(
        self, blocks: Sequence[Block], larger: int, error: DeviceMemory
    ) -> Iterator[Outcome]:
        """Run blocks with less memory than the device was thought to have: with fewer teams, or
        smaller heaps, until it is too little for one.
        """
        if self.memory < LEAST_MEMORY:
            raise error
        self.at_most = int(LESS * self.memory)
        yield from self.run(blocks, larger)

    def _fault_of(self, blocks: Sequence[Block], larger: int, error: CudaError) -> DeviceFault:
        """What the device has come to, which is abandoned."""
        self.device.abandon(error)
        if isinstance(error, NoAnswer):
            first, last = min(b.first for b in blocks), max(b.last for b in blocks) - 1
            where = f"{len(blocks)} blocks of samples {first} to {last}"
            fault = DeviceFault(f"the GPU gave no answer for {where}: {error}")
        else:
            fails = partial(self._trial, larger)
            fault = fault_of(self.engine, blocks, error, fails)
        self.device.fault = fault
        self.engine.usage.add_fault(str(fault))
        return fault

    def _trial(self, larger: int, blocks: Sequence[Block], instructions: int) -> str:
        """How blocks fail in a process of their own: see `faults.Fails`."""
        launch = self._lay_out(blocks, larger)
        if instructions:
            _stop_after(launch, instructions)
        return self.device.trial(
            launch.words, launch.size, launch.work, launch.teams, self.engine.threads
        )

    def _run_halves(self, blocks: Sequence[Block], larger: int) -> Iterator[Outcome]:
        """Run blocks in two launches."""
        middle = len(blocks) // 2
        yield from self.run(blocks[:middle], larger)
        yield from self.run(blocks[middle:], larger)

    def _run_on_spare(self, blocks: Sequence[Block], error: Exception) -> Iterator[Outcome]:
        """Run blocks that the device can't on the spare engine; without one that is the error."""
        if self.engine.spare is None:
            raise error
        self.engine.usage.add_blocks(on_cpu=len(blocks))
        yield from self.engine.spare().run(self.samples, blocks, self.keep, self.scores)

    def _run_roomless(
        self, blocks: Sequence[Block], larger: int, had_all: bool
    ) -> Iterator[Outcome]:
        """Run blocks for which a heap was too small: in halves, lanes with a larger heap."""
        again: list[Block] = []
        alone: list[Block] = []
        for block in blocks:
            (alone if self.engine.lanes(block) == 1 else again).append(block)
        if again:
            names = self.engine.image.solvers
            yield from self.run([half for block in again for half in halves(block, names)], larger)
        if alone and had_all:
            solver = self.engine.image.solvers[self.engine.solvers_of(alone[0].solvers)[0]]
            yield from self._run_on_spare(alone, TooLarge(solver, alone[0].first, ADVICE))
        elif alone:
            yield from self.run(alone, larger * LARGER)

    def _run_gridless(
        self, blocks: Sequence[Block], larger: int, launched: int
    ) -> Iterator[Outcome]:
        """Run blocks for whose grids there was no room: as they are where others of the launch had
        taken it, else by themselves, for one may have tried to take more than there is.
        """
        if len(blocks) < launched:
            yield from self.run(blocks, larger)
        elif len(blocks) > 1:
            yield from self._run_halves(blocks, larger)
        else:
            yield from self._run_roomless(blocks, larger, had_all=True)

    def _ask(self) -> None:
        """Ask the device how many teams and how much memory it has now."""
        self.most_teams = self.device.teams_at_once(self.engine.threads)
        self.memory = min(self.engine.memory_bytes, self.device.free_bytes(), self.at_most)

    def _launch(self, blocks: Sequence[Block], larger: int) -> layout.LaunchResults:
        engine = self.engine
        self._ask()
        launch = self._lay_out(blocks, larger)
        reads = [(launch.work, launch.grids)]
        (results,), timing = self.device.run(
            launch.words, launch.size, launch.work, launch.teams, engine.threads, reads
        )
        engine.usage.add(timing, sum(engine.lanes(block) for block in blocks))
        grids = np.zeros(0, np.int64)
        if self.keep != "none":
            begin = time.perf_counter()
            end = min(int(results[fields.W_GRIDS]), launch.heaps)
            grids = self.device.read(launch.grids, end)
            engine.usage.download += time.perf_counter() - begin
        found = layout.read(launch, results, grids)
        if found.broken:
            raise guard_fault(engine, found.broken[0])
        starts = self.samples.starts
        engine.costs.note(launch.blocks, launch.solvers, starts, found.nanoseconds)
        return found

    def _lay_out(self, blocks: Sequence[Block], larger: int) -> Launch:
        """The launch of blocks, with as many teams as the memory and the blocks ask for."""
        engine = self.engine
        grid_words = GRID_WORDS if self.keep != "none" else 0
        most = max(1, min(self.most_teams, len(blocks)) // larger)
        memory = self.memory // 8
        grid_words = min(grid_words, memory // 8)
        front = layout.lay_out(
            engine, engine.loaded, self.samples, blocks, self.keep, grid_words, self.scores
        )
        least = layout.heap_words_at_least(engine.image, engine.threads)
        room = memory - front.heaps
        teams = max(1, min(most, room // (least + LEAST_HEAP_WORDS)))
        wanted = max(HEAP_WORDS * larger, least + LEAST_HEAP_WORDS)
        wanted = -(-wanted // layout.ALIGNMENT) * layout.ALIGNMENT
        heap_words = room // teams // layout.ALIGNMENT * layout.ALIGNMENT
        if heap_words < least + LEAST_HEAP_WORDS // 8:
            raise CudaMemory(engine.memory_bytes, 8 * (front.heaps + least + LEAST_HEAP_WORDS))
        self.has_all = teams == 1 and room <= wanted
        return front.with_heaps(teams, min(heap_words, wanted))


class CudaMemory(Problem):
    """The memory that may be used does not hold even one team."""

    def __init__(self, allowed: int, needed: int) -> None:
        super().__init__(
            f"{allowed >> 20} MiB of GPU memory do not hold the battery and one heap: at least "
            f"{(needed >> 20) + 1} MiB are needed, see gpu_memory_mib in config.yaml"
        )


def _stop_after(launch: Launch, instructions: int) -> None:
    """Let each block end after so many instructions."""
    table = launch.table_in(launch.words)
    table[:, fields.B_COUNT] = instructions
    table[:, fields.B_SOLVERS] = 0
