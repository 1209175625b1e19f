"""The CPU backend: a battery's instructions, run in blocks of samples by compiled kernels.

Each thread has a heap of its own and runs whole blocks, from writing the grids into it to reading
the verdicts off, so threads share nothing and wait for nothing; the machine code runs without
Python's lock.

The unit that is batched is the block's lanes: nodes that several solvers share are computed once.
How large a block is hardly matters (a call of a kernel costs some ten nanoseconds), so blocks are
small: what a sample's values take is then still in the processor's cache when it is used.
"""

from __future__ import annotations

import ctypes
import errno
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.engine import engine as engines
from pipeline.engine.engine import (
    BLOCKS_A_THREAD,
    WRONG,
    Block,
    Outcome,
    halves,
    outcome_in,
    put_roots,
)
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import BASE, CONSTANTS, DONE, FULL, JUMP, SLOTS, TOP, Heap
from pipeline.kernels.names import DRIVER
from pipeline.kernels.processor import kernels_in
from pipeline.kernels.scores import SCORE_WORDS

KERNEL: Final = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)

BATCH_LANES: Final = 256
"""About how many lanes are run by one call, fewer where threads would have nothing to do."""


@dataclass(frozen=True, slots=True)
class LoadedHeap:
    """A heap with a program: where its instructions are, and where what is free begins."""

    heap: Heap
    places: np.ndarray
    base: int


@dataclass(slots=True)
class Batch:
    """Blocks that are ready to be run by one call.

    table: where their records are listed for the driver. For each block its solvers; numbers: of
    the instructions, for each set of solvers.
    """

    table: int
    solvers: list[tuple[int, ...]]
    numbers: list[np.ndarray]


class CpuEngine(engines.Engine):
    """An image, loaded with its kernels. Heaps are used again and again."""

    def __init__(
        self,
        image: Image,
        kernels: Path,
        limits: Limits = DEFAULT_LIMITS,
        memory_mib: int = 1024,
        threads: int = 1,
    ) -> None:
        super().__init__(image, limits)
        self.threads = threads
        self.addresses = kernels_in(kernels).load([*image.kernels, DRIVER])
        self.words = memory_mib * 2**20 // 8 // threads
        self._heaps: list[LoadedHeap] = []

    def take_heap(self) -> LoadedHeap:
        """A heap that nobody else has."""
        try:
            return self._heaps.pop()
        except IndexError:
            pass
        try:
            return _load(self)
        except MemoryError:
            text = (
                "the battery does not fit the memory that a thread gets: "
                "change memory_mib or threads in config.yaml"
            )
            raise OSError(errno.ENOMEM, text) from None

    def give_back(self, heap: LoadedHeap) -> None:
        """Let others have a heap."""
        self._heaps.append(heap)

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none", scores: bool = False
    ) -> Generator[Outcome, None, None]:
        """Run blocks on all threads: see `engine.Engine`. Closing the generator ends the threads
        once their blocks are done.
        """
        blocks = list(blocks)
        everyone = len(self.image.solvers)
        batches = _batches(blocks, everyone, self.threads)
        waiting = deque([[b] for b in blocks] if keep == "all" else batches)
        if self.threads > 1 and len(waiting) > 1:
            workers = [lambda: CpuWorker(self, samples, keep, scores)] * self.threads
            yield from engines.run_on_threads(workers, waiting)
            return
        worker = CpuWorker(self, samples, keep, scores)
        try:
            while waiting:
                yield from worker.run(waiting.popleft())
        finally:
            worker.close()


class CpuWorker:
    """One thread's heap, with the program and the samples of some blocks in it."""

    def __init__(
        self, engine: CpuEngine, samples: Samples, keep: str, scores: bool = False
    ) -> None:
        self.engine = engine
        self.samples = samples
        self.keep = keep
        self.scores = scores
        self.loaded = engine.take_heap()
        self.heap = self.loaded.heap
        self.drive = KERNEL(engine.addresses[DRIVER])

    def close(self) -> None:
        """Give the heap back to the engine."""
        self.engine.give_back(self.loaded)

    def run(self, blocks: Sequence[Block]) -> Iterator[Outcome]:
        """Run blocks in one call, those for which the heap is too small in halves."""
        blocks = list(blocks)
        while blocks:
            done = self._run(blocks)
            yield from self._with_grids(done, is_alone=len(blocks) == 1)
            blocks = blocks[len(done) :]
            if blocks:
                first, *blocks = blocks
                for half in halves(first, self.engine.image.solvers):
                    yield from self.run([half])

    def _run(self, blocks: list[Block]) -> list[Outcome]:
        """The outcomes of the blocks up to the first for which the heap is too small."""
        try:
            batch = self.begin(blocks)
        except MemoryError:
            return self._run(blocks[: len(blocks) // 2]) if len(blocks) > 1 else []
        words = self.heap.words
        self.drive(words.ctypes.data, self.heap.colours.ctypes.data, batch.table, len(blocks))
        end = batch.table + len(blocks) * fields.B_WORDS
        records = words[batch.table : end].reshape(-1, fields.B_WORDS)
        done = zip(blocks, batch.solvers, records, strict=True)
        return [outcome_in(words, 0, *found) for found in islice(done, int(words[DONE]))]

    def _with_grids(self, outcomes: list[Outcome], is_alone: bool) -> Iterator[Outcome]:
        """The outcomes with the grids that are to be kept.

        The values are those of the last block begun, which may have found no room: a block that
        was not alone is run again.
        """
        for outcome in outcomes:
            kept = self._kept(outcome.verdicts)
            if kept is not None and kept.any():
                if not is_alone:
                    self._run([outcome.block])
                self._decode(outcome, kept)
            yield outcome

    def _kept(self, verdicts: np.ndarray) -> np.ndarray | None:
        if self.keep == "none":
            return None
        kept: np.ndarray = verdicts >= 0 if self.keep == "all" else verdicts == WRONG
        return kept

    def _decode(self, outcome: Outcome, kept: np.ndarray) -> None:
        words = self.heap.words
        places = words[words[SLOTS] + self.engine.verdict_slots(outcome.block.solvers)]
        for k, lane in zip(*np.nonzero(kept), strict=True):
            outcome.grids[int(k), int(lane)] = self.heap.decode(words[places[k] + lane])

    def begin(self, blocks: Sequence[Block]) -> Batch:
        """Write all that the blocks' run needs into the heap; raises MemoryError if that alone is
        too much.
        """
        heap, engine, words = self.heap, self.engine, self.heap.words
        words[TOP] = self.loaded.base
        words[[FULL, JUMP, DONE]] = 0
        roots = put_roots(heap.put_all, self.samples, blocks)
        words[words[SLOTS]] = roots[0]
        rows: list[tuple[int, ...]] = []
        known: dict[tuple[int, ...] | None, tuple[tuple[int, ...], int, int, int]] = {}
        batch = Batch(0, [], [])
        for block, root in zip(blocks, roots, strict=True):
            if block.solvers not in known:
                numbers = engine.instructions_of(block.solvers)
                listed = heap.put_all(self.loaded.places[numbers])
                slots = heap.put_all(engine.verdict_slots(block.solvers))
                solvers = engine.solvers_of(block.solvers)
                known[block.solvers] = (solvers, listed, len(numbers), slots)
                batch.numbers.append(numbers)
            solvers, listed, count, slots = known[block.solvers]
            lanes = len(solvers) * (block.last - block.first)
            out = heap.take(lanes)
            scores = heap.take(lanes * SCORE_WORDS) if self.scores else 0
            rows.append((root, listed, count, slots, len(solvers), out, 0, 0, scores))
            batch.solvers.append(solvers)
        batch.table = heap.put_all(np.array(rows, np.int64).ravel())
        words[BASE] = words[TOP]
        return batch


def _load(engine: CpuEngine) -> LoadedHeap:
    """A fresh heap with the program in it."""
    heap, image = Heap(engine.words, engine.limits), engine.image
    words = heap.words
    words[CONSTANTS] = heap.put_all(image.constants)
    extras = heap.put_all(image.extras)
    table = image.table_with(engine.addresses, extras)
    begin = heap.put_all(table.ravel())
    words[SLOTS] = heap.take(image.slots)
    words[words[SLOTS] : words[SLOTS] + image.slots] = 0
    return LoadedHeap(heap, begin + fields.STRIDE * np.arange(len(table)), int(words[TOP]))


def _batches(blocks: Sequence[Block], everyone: int, threads: int = 1) -> Iterator[list[Block]]:
    """Consecutive blocks that together have few lanes: a call has its price, and so has waiting."""
    counts = [
        (everyone if block.solvers is None else len(block.solvers)) * (block.last - block.first)
        for block in blocks
    ]
    most = BATCH_LANES
    if threads > 1:
        most = min(most, -(-sum(counts) // (threads * BLOCKS_A_THREAD)))
    batch: list[Block] = []
    lanes = 0
    for block, more in zip(blocks, counts, strict=True):
        if batch and (lanes + more > most or block.first < batch[-1].first):
            yield batch
            batch, lanes = [], 0
        batch.append(block)
        lanes += more
    if batch:
        yield batch
