"""The CPU backend: generated code as instructions, run in blocks of samples by compiled kernels.

A *block* is a run of consecutive samples and the solvers that are wanted on all of them. Each
thread has a heap of its own and runs whole blocks, from writing the grids into it to reading the
verdicts off, so threads share nothing and wait for nothing; the machine code runs without Python's
lock. A block for which the heap is too small is halved and run again.

The unit that is batched is the block's lanes: nodes that several solvers share are computed once.
How large a block is hardly matters (a call of a kernel costs some ten nanoseconds), so blocks are
small: what a sample's values take is then still in the processor's cache when it is used.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.primitives.words import FAILED, REASON_CODES, REFERENCES
from pipeline.runtime import instruction as fields
from pipeline.runtime.heap import CONSTANTS, FULL, JUMP, SLOTS, TOP, Heap
from pipeline.runtime.image import Image, assemble
from pipeline.runtime.kernels import FOLDER, kernels_in
from pipeline.runtime.program import Recorder

KERNEL: Final = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)
_REASONS: Final = {code: reason for reason, code in REASON_CODES.items()}

RIGHT: Final = 1
WRONG: Final = 0
"""Verdicts of lanes that ended with a grid; a failure is `-(32 * operation + reason)`."""


class TooLarge(RuntimeError):
    """One solver on one sample, its number or its name, does not fit the memory of a thread."""

    def __init__(self, solver: str, sample: int | str) -> None:
        super().__init__(
            f"{solver or 'a solver'} on sample {sample} needs more memory than a thread may use: "
            "raise memory_mib in config.yaml, or lower threads"
        )
        self.solver = solver
        self.sample = sample


@dataclass(frozen=True, slots=True)
class Samples:
    """Input grids, and expected outputs where they are known, encoded once for all blocks.

    words: the encoded grids one after another; inputs, outputs: for each sample where in `words`
    its grid begins, -1 for none; starts: where the words of a sample begin, and the end.
    """

    words: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)


def encode_samples(pairs: Iterable[tuple[Any, Any]]) -> Samples:
    """Encode pairs of an input grid and the expected output, or None."""
    parts: list[np.ndarray] = []
    inputs: list[int] = []
    outputs: list[int] = []
    starts = [0]
    place = 0
    for given, expected in pairs:
        for grid, places in ((given, inputs), (expected, outputs)):
            if grid is None:
                places.append(-1)
                continue
            words = encode_grid(grid)
            parts.append(words)
            places.append(place)
            place += len(words)
        starts.append(place)
    joined = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return Samples(joined, *(np.array(x, np.int64) for x in (inputs, outputs, starts)))


def encode_grid(grid: Any) -> np.ndarray:
    """The words of a grid as it lies in a heap."""
    height = len(grid)
    width = len(grid[0]) if height else 0
    words = np.zeros(1 + (height * width + 1) // 2, np.int64)
    words[0] = height << 32 | width << 2 | 2
    if height * width:
        words[1:].view(np.int32)[: height * width] = np.array(grid, np.int32).ravel()
    return words


@dataclass(frozen=True, slots=True)
class Block:
    """Samples first to last - 1 (numbers in `Samples`), and solvers, all of them if None."""

    first: int
    last: int
    solvers: tuple[int, ...] | None


@dataclass(slots=True)
class Outcome:
    """How the lanes of a block ended: verdicts[k, lane] of the block's k-th solver.

    grids: what was asked to be kept, by (k, lane).
    """

    block: Block
    solvers: tuple[int, ...]
    verdicts: np.ndarray
    grids: dict[tuple[int, int], Any] = field(default_factory=dict)

    def lanes(self) -> Iterator[tuple[int, int, int, int]]:
        """For each lane its place in `verdicts`, then its solver and its sample."""
        for k, solver in enumerate(self.solvers):
            for lane in range(self.block.last - self.block.first):
                yield k, lane, solver, self.block.first + lane


class Engine:
    """An image, loaded with its kernels and ready to run blocks."""

    def __init__(
        self,
        image: Image,
        kernels: Path,
        limits: Limits = DEFAULT_LIMITS,
        memory_mib: int = 1024,
        threads: int = 1,
    ) -> None:
        self.image = image
        self.limits = limits
        self.threads = threads
        self.addresses = kernels_in(kernels).load([*image.kernels, "drive"])
        self.words = memory_mib * 2**20 // 8 // threads

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none"
    ) -> Generator[Outcome, None, None]:
        """Run blocks on all threads; outcomes come as they are done, in any order.

        keep: which output grids to give back: "none", "wrong" or "all". Closing the generator ends
        the threads once their blocks are done.
        """
        waiting = deque(blocks)
        if self.threads == 1 or len(waiting) < 2:
            worker = Worker(self, samples, keep)
            while waiting:
                yield from worker.run(waiting.popleft())
            return
        yield from _run_threads(self, samples, waiting, keep)

    def failure(self, verdict: int) -> Failure:
        """What a negative verdict says."""
        operation, reason = divmod(-int(verdict), 32)
        return Failure(_REASONS[reason], self.image.operations[operation])

    def instructions_of(self, solvers: tuple[int, ...] | None) -> np.ndarray:
        """The numbers of the instructions that these solvers need, in order."""
        if solvers is None:
            return np.arange(len(self.image))
        lists = [self.image.instructions_of(k) for k in solvers]
        if len(lists) == 1:
            return lists[0]
        return np.unique(np.concatenate(lists)) if lists else np.zeros(0, np.int64)


class Runtime(Recorder):
    """What `backends.reference.Runtime` is, on compiled kernels: for code generated a moment ago.

    Generated code is recorded, and run when the verdicts are asked for.
    """

    name = "cpu"

    def __init__(
        self,
        grids: list[Any],
        limits: Limits = DEFAULT_LIMITS,
        wanted: list[list[int]] | None = None,
    ) -> None:
        super().__init__()
        self.grids = grids
        self.limits = limits
        self.wanted = wanted

    @cached_property
    def verdicts(self) -> dict[int, dict[int, Any]]:
        """For each solver number, a mapping from sample to the output grid or the Failure."""
        count = max(self.program.verdicts) + 1
        image = assemble(self.program, ("",) * count)
        engine = Engine(image, FOLDER, self.limits)
        samples = encode_samples((grid, None) for grid in self.grids)
        blocks = blocks_of(len(samples), 16)
        if self.wanted is not None:
            blocks = blocks_for(self.wanted, len(samples))
        found: dict[int, dict[int, Any]] = {k: {} for k in range(count)}
        for outcome in engine.run(samples, blocks, keep="all"):
            for k, lane, solver, sample in outcome.lanes():
                grid = outcome.grids.get((k, lane))
                code = outcome.verdicts[k, lane]
                found[solver][sample] = engine.failure(code) if grid is None else grid
        return found


def blocks_for(wanted: Sequence[Sequence[int]], count: int, size: int = 64) -> list[Block]:
    """Blocks for the lanes wanted: for each solver the numbers of samples, of `count` in all."""
    solvers: list[list[int]] = [[] for _ in range(count)]
    for solver, lanes in enumerate(wanted):
        for lane in lanes:
            solvers[lane].append(solver)
    blocks: list[Block] = []
    for sample, chosen in enumerate(map(tuple, solvers)):
        last = blocks[-1] if blocks else None
        if last and last.last == sample and last.solvers == chosen and sample - last.first < size:
            blocks[-1] = Block(last.first, sample + 1, chosen)
        elif chosen:
            blocks.append(Block(sample, sample + 1, chosen))
    return blocks


def _run_threads(
    engine: Engine, samples: Samples, waiting: deque[Block], keep: str
) -> Iterator[Outcome]:
    done: deque[Outcome | BaseException | None] = deque()
    arrived = threading.Semaphore(0)
    stop = threading.Event()

    def work() -> None:
        try:
            worker = Worker(engine, samples, keep)
            while not stop.is_set():
                try:
                    block = waiting.popleft()
                except IndexError:
                    break
                for outcome in worker.run(block):
                    done.append(outcome)
                    arrived.release()
            done.append(None)
        except BaseException as error:
            done.append(error)
        arrived.release()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(engine.threads)]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            arrived.acquire()
            item = done.popleft()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                running -= 1
            else:
                yield item
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class Worker:
    """One thread's heap, with the program in it."""

    def __init__(self, engine: Engine, samples: Samples, keep: str) -> None:
        self.engine = engine
        self.samples = samples
        self.keep = keep
        self.heap = Heap(engine.words, engine.limits)
        self.drive = KERNEL(engine.addresses["drive"])
        self.addresses = _load(engine, self.heap)
        self.base = int(self.heap.words[TOP])

    def run(self, block: Block) -> Iterator[Outcome]:
        """Run a block, in halves where the heap is too small."""
        outcome = self._run(block)
        if outcome is not None:
            yield outcome
            return
        for half in _halves(block, self.engine.image.solvers):
            yield from self.run(half)

    def begin(self, block: Block) -> tuple[np.ndarray, int]:
        """Write all that a block's run needs into the heap: the numbers of its instructions, and
        where they are listed. Raises MemoryError if that alone is too much.
        """
        heap = self.heap
        heap.words[TOP] = self.base
        heap.words[[FULL, JUMP]] = 0
        self._put_root(block)
        numbers = self.engine.instructions_of(block.solvers)
        return numbers, heap.put_all(self.addresses[numbers])

    def _run(self, block: Block) -> Outcome | None:
        heap = self.heap
        try:
            numbers, at = self.begin(block)
        except MemoryError:
            return None
        self.drive(heap.words.ctypes.data, heap.colours.ctypes.data, at, len(numbers))
        return None if heap.words[FULL] else self._outcome(block)

    def _put_root(self, block: Block) -> None:
        """Write the samples and the root's record."""
        heap, samples = self.heap, self.samples
        size = block.last - block.first
        begin, end = int(samples.starts[block.first]), int(samples.starts[block.last])
        place = heap.take(end - begin)
        heap.words[place : place + end - begin] = samples.words[begin:end]
        root = heap.take(fields.D_WORDS + 3 * size)
        scopes = root + fields.D_WORDS
        words = heap.words
        words[root:scopes] = 0
        words[scopes : scopes + size] = np.arange(size)
        for number, places in ((1, samples.inputs), (2, samples.outputs)):
            column = places[block.first : block.last]
            target = scopes + number * size
            words[target : target + size] = np.where(
                column < 0, 0, REFERENCES - (column - begin + place)
            )
        words[root + fields.D_SIZE] = size
        words[root + fields.D_SCOPES] = scopes
        words[root + fields.D_SOURCE_A] = scopes + size
        words[root + fields.D_STEP_A] = 1
        words[root + fields.D_SOURCE_B] = scopes + 2 * size
        words[root + fields.D_STEP_B] = 1
        words[int(words[SLOTS])] = root

    def _outcome(self, block: Block) -> Outcome:
        words, image = self.heap.words, self.engine.image
        solvers = block.solvers
        if solvers is None:
            solvers, slots = tuple(image.verdict_solvers.tolist()), image.verdict_slots
        else:
            slots = image.verdict_slots[np.searchsorted(image.verdict_solvers, solvers)]
        size = block.last - block.first
        places = words[slots + words[SLOTS]][:, None] + np.arange(size)
        ends, right = words[places], words[places + size]
        failed = (ends <= FAILED) & (ends > REFERENCES)
        codes = np.where(failed, ends - FAILED, right).astype(np.int32)
        outcome = Outcome(block, solvers, codes)
        if self.keep != "none":
            wanted = ~failed if self.keep == "all" else ~failed & (right == 0)
            for k, lane in zip(*np.nonzero(wanted), strict=True):
                outcome.grids[int(k), int(lane)] = self.heap.decode(ends[k, lane])
        return outcome


def _halves(block: Block, names: Sequence[str]) -> list[Block]:
    first, last, solvers = block.first, block.last, block.solvers
    if last - first > 1:
        middle = (first + last) // 2
        return [Block(first, middle, solvers), Block(middle, last, solvers)]
    solvers = tuple(range(len(names))) if solvers is None else solvers
    if len(solvers) < 2:
        raise TooLarge(names[solvers[0]], first)
    middle = len(solvers) // 2
    return [Block(first, last, solvers[:middle]), Block(first, last, solvers[middle:])]


def _load(engine: Engine, heap: Heap) -> np.ndarray:
    """Write a program into a fresh heap; gives the places of its instructions."""
    image, words = engine.image, heap.words
    words[CONSTANTS] = heap.put_all(image.constants)
    extras = heap.put_all(image.extras)
    table = image.table.copy()
    codes = np.array([engine.addresses[name] for name in image.kernels], np.int64)
    table[:, fields.CODE] = codes[table[:, fields.CODE]]
    table[:, fields.EXTRAS] += extras
    begin = heap.put_all(table.ravel())
    words[SLOTS] = heap.take(image.slots)
    words[words[SLOTS] : words[SLOTS] + image.slots] = 0
    return begin + fields.STRIDE * np.arange(len(table))


def blocks_of(count: int, size: int, solvers: tuple[int, ...] | None = None) -> list[Block]:
    """Blocks of at most `size` samples that together are `count` samples."""
    return [Block(k, min(k + size, count), solvers) for k in range(0, count, size)]
