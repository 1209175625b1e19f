"""The CPU backend: a battery's instructions, run in blocks of samples by compiled kernels.

Each thread has a heap of its own and runs whole blocks, from writing the grids into it to reading
the verdicts off, so threads share nothing and wait for nothing; the machine code runs without
Python's lock. A lane for which a thread's heap is too small is run in one as large as what the
machine has free, for as long as it takes; one such lane at a time.

The unit that is batched is the block's lanes: nodes that several solvers share are computed once.
How large a block is hardly matters (a call of a kernel costs some ten nanoseconds), so blocks are
small: what a sample's values take is then still in the processor's cache when it is used.
"""

from __future__ import annotations

import ctypes
import errno
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
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
    TooLarge,
    halves,
    outcome_in,
    put_roots,
)
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import BASE, CONSTANTS, DONE, FULL, HEADER, JUMP, SLOTS, TOP, Heap
from pipeline.kernels.names import DRIVER, has_code
from pipeline.kernels.processor import kernels_in
from pipeline.kernels.scoring import SCORE_WORDS
from pipeline.system.free_memory import free_bytes, share_bytes

KERNEL: Final = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)

BATCH_LANES: Final = 256
"""About how many lanes are run by one call, fewer where threads would have nothing to do."""

LEAST_WORDS: Final = 1 << 17
"""What a heap has at least behind the program."""


@dataclass(frozen=True, slots=True)
class Room:
    """For how large a program a heap has room: in words, instructions and slots."""

    constants: int
    extras: int
    instructions: int
    slots: int

    @property
    def words(self) -> int:
        """How many words that is."""
        table = self.instructions * fields.STRIDE
        return self.constants + self.extras + table + self.slots


def room_of(image: Image) -> Room:
    """Just the room that a program takes."""
    return Room(len(image.constants), len(image.extras), len(image), image.slots)


@dataclass(slots=True)
class LoadedHeap:
    """A heap with a program: where constants, extras and each instruction are, and where what is
    free begins. loaded: how many constants, extras and instructions it has of a growing program.
    """

    heap: Heap
    constants: int
    extras: int
    places: np.ndarray
    base: int
    loaded: tuple[int, int, int] = (0, 0, 0)


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
    """An image, loaded with its kernels. Heaps are used again and again.

    room: how large the program may become (see `grow`), by default as it is. memory_mib: what the
    heaps of all threads may take together, 0 for a share of what is free; free says how many bytes
    that is. words: how large each is.
    """

    def __init__(
        self,
        image: Image,
        kernels: Path,
        limits: Limits = DEFAULT_LIMITS,
        memory_mib: int = 0,
        threads: int = 1,
        room: Room | None = None,
        free: Callable[[], int] = free_bytes,
    ) -> None:
        super().__init__(image, limits)
        self.threads = threads
        self.room = room_of(image) if room is None else room
        self._kernels = kernels_in(kernels)
        self.addresses = self._kernels.load([*filter(has_code, image.kernels), DRIVER])
        self.free = free
        self.program_words = HEADER + self.room.words
        share = share_bytes(memory_mib, threads, 0 if memory_mib else free()) // 8
        self.words = max(share, self.program_words + LEAST_WORDS)
        self.alone = threading.Lock()
        self._heaps: list[LoadedHeap] = []

    def take_heap(self) -> LoadedHeap:
        """A heap that nobody else has."""
        try:
            loaded = self._heaps.pop()
        except IndexError:
            found = self._largest(self.words, self.program_words)
            if found is None:
                text = "the battery does not fit the memory that there is: lower threads"
                raise OSError(errno.ENOMEM, f"{text} in config.yaml") from None
            return found
        self._fill(loaded)
        return loaded

    def take_all(self, more_than: int) -> LoadedHeap | None:
        """A heap of nearly all that is free, for who has `alone`; None if that is not more words
        than these. It is not to be given back.
        """
        return self._largest(self.free() // 8 * 7 // 8, more_than + 1)

    def _largest(self, words: int, least: int) -> LoadedHeap | None:
        """A heap of so many words, or of as many as the system gives, but at least so many, with
        the program in it.
        """
        while words >= least:
            try:
                loaded = _load(words, self.limits, self.room)
            except MemoryError:
                words //= 2
                continue
            self._fill(loaded)
            return loaded
        return None

    def grow(self, image: Image) -> None:
        """Go on with a program that begins as the one before does, or after `restart` with any."""
        self.image = image
        self.__dict__.pop("everyone", None)
        self.addresses = self._kernels.load([*filter(has_code, image.kernels)])

    def restart(self) -> None:
        """Forget the program that is in the heaps."""
        for loaded in self._heaps:
            loaded.loaded = (0, 0, 0)

    def _fill(self, loaded: LoadedHeap) -> None:
        """Write what a heap does not have yet of the program."""
        image, words = self.image, loaded.heap.words
        constants, extras, instructions = loaded.loaded
        new = image.constants[constants:]
        begin = loaded.constants + constants
        words[begin : begin + len(new)] = new
        new = image.extras[extras:]
        begin = loaded.extras + extras
        words[begin : begin + len(new)] = new
        new = image.table_with(self.addresses, loaded.extras, instructions).ravel()
        begin = loaded.places[0] + fields.STRIDE * instructions if len(new) else 0
        words[begin : begin + len(new)] = new
        loaded.loaded = len(image.constants), len(image.extras), len(image)

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
    """A heap, a thread's own or the one given, with the program and the samples of some blocks."""

    def __init__(
        self,
        engine: CpuEngine,
        samples: Samples,
        keep: str,
        scores: bool = False,
        loaded: LoadedHeap | None = None,
    ) -> None:
        self.engine = engine
        self.samples = samples
        self.keep = keep
        self.scores = scores
        self.loaded = loaded or engine.take_heap()
        self.heap = self.loaded.heap
        self.drive = KERNEL(engine.addresses[DRIVER])

    def close(self) -> None:
        """Give the heap back to the engine."""
        self.engine.give_back(self.loaded)

    def run(self, blocks: Sequence[Block]) -> Iterator[Outcome]:
        """Run blocks in one call, those for which the heap is too small in halves, and a lane for
        which it is with all the memory that there is.
        """
        blocks = list(blocks)
        while blocks:
            done = self._run(blocks)
            yield from self._with_grids(done, is_alone=len(blocks) == 1)
            blocks = blocks[len(done) :]
            if blocks:
                first, *blocks = blocks
                try:
                    parts = halves(first, self.engine.image.solvers)
                except TooLarge as error:
                    yield self._run_alone(first, error)
                    continue
                for half in parts:
                    yield from self.run([half])

    def _run_alone(self, lane: Block, error: TooLarge) -> Outcome:
        """The outcome of a lane in a heap of its own; raises the error if that is too small too."""
        with self.engine.alone:
            loaded = self.engine.take_all(len(self.heap.words))
            if loaded is not None:
                larger = CpuWorker(self.engine, self.samples, self.keep, self.scores, loaded)
                for outcome in larger._with_grids(larger._run([lane]), is_alone=True):
                    return outcome
        raise error

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


def _load(words: int, limits: Limits, room: Room) -> LoadedHeap:
    """A fresh heap with room for a program; what is not used of it takes no memory."""
    heap = Heap(words, limits)
    constants, extras = heap.take(room.constants), heap.take(room.extras)
    table = heap.take(room.instructions * fields.STRIDE)
    slots = heap.take(room.slots)
    heap.words[CONSTANTS] = constants
    heap.words[SLOTS] = slots
    heap.words[slots : slots + room.slots] = 0
    places = table + fields.STRIDE * np.arange(room.instructions)
    return LoadedHeap(heap, constants, extras, places, int(heap.words[TOP]))


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
