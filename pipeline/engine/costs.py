"""Where the time of a run goes: by operation, and by solver.

The driver here is Python: it calls the kernels one instruction at a time and looks at the clock, so
what a call itself costs from Python, measured with kernels that are given nothing to do, is taken
off. Run this way a battery takes longer than it does otherwise, by about a microsecond an
instruction.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from pipeline.engine.cpu import KERNEL, CpuEngine, CpuWorker
from pipeline.engine.engine import Block, halves
from pipeline.engine.samples import Samples
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import FULL, JUMP, SLOTS, TOP

WORD_BYTES = 8
_TRIALS = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation, or a solver, cost: calls of kernels, lanes, and bytes written."""

    name: str
    seconds: float
    calls: int
    lanes: int
    written_bytes: int


@dataclass(frozen=True, slots=True)
class Profile:
    """The costs of a run, the greatest first. What solvers share is divided among them."""

    seconds: float
    operations: tuple[Cost, ...]
    solvers: tuple[Cost, ...]


def profile(engine: CpuEngine, samples: Samples, blocks: Sequence[Block]) -> Profile:
    """Run blocks on one thread and measure; TooLarge where one lane does not fit the memory."""
    watch = _Watch(engine, samples)
    with _no_collection():
        for block in blocks:
            watch.run(block)
    table, image = watch.table, engine.image
    seconds = np.maximum(table[:, 0] - table[:, 1] * watch.call_ns, 0) / 1e9
    costs = np.column_stack([seconds, table[:, 1:]])
    kernels = image.table[:, fields.CODE]
    operations = [
        _cost(name, costs[kernels == number]) for number, name in enumerate(image.kernels)
    ]
    chosen = sorted({k for block in blocks for k in engine.solvers_of(block.solvers)})
    needed = [image.instructions_of(k) for k in chosen]
    users = np.bincount(np.concatenate([[], *needed]).astype(np.int64), minlength=len(image))
    shares = costs / np.maximum(users, 1)[:, None]
    solvers = [
        _cost(image.solvers[k], shares[numbers]) for k, numbers in zip(chosen, needed, strict=True)
    ]
    return Profile(float(seconds.sum()), _sorted(operations), _sorted(solvers))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python's garbage collector from running, or a kernel would be charged with it: the same
    kernel each time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _cost(name: str, rows: np.ndarray) -> Cost:
    seconds, calls, lanes, words = rows.sum(axis=0).tolist()
    return Cost(name, seconds, round(calls), round(lanes), round(words) * WORD_BYTES)


def _sorted(costs: list[Cost]) -> tuple[Cost, ...]:
    used = [cost for cost in costs if cost.lanes or cost.seconds]
    return tuple(sorted(used, key=lambda cost: (-cost.seconds, cost.name)))


class _Watch:
    """A worker whose instructions are called one by one; `table` has nanoseconds, calls, lanes and
    words for each.
    """

    def __init__(self, engine: CpuEngine, samples: Samples) -> None:
        self.samples = samples
        self.engine = engine
        self._use(CpuWorker(engine, samples, "none"))
        self.table = np.zeros((len(engine.image), 4))
        self.codes = [KERNEL(engine.addresses[name]) for name in engine.image.kernels]
        self.call_ns = self._nothing_ns()

    def _use(self, worker: CpuWorker) -> None:
        self.worker = worker
        self.heap = worker.heap
        self.places = (self.heap.words.ctypes.data, self.heap.colours.ctypes.data)

    def _nothing_ns(self) -> float:
        """What a call costs that has nothing to do: the median."""
        spent = []
        for _ in range(_TRIALS):
            begin = time.perf_counter_ns()
            self.codes[0](*self.places, 0, 0)
            spent.append(time.perf_counter_ns() - begin)
        return float(np.median(spent))

    def run(self, block: Block) -> None:
        """Run one block; where the heap is too small, with all the memory that there is, else in
        two parts. TooLarge where one lane does not fit."""
        if self._fits(block):
            return
        loaded = self.engine.take_all(len(self.heap.words))
        if loaded is not None:
            self._use(CpuWorker(self.engine, self.samples, "none", loaded=loaded))
            if self._fits(block):
                return
        for part in halves(block, self.engine.image.solvers):
            self.run(part)

    def _fits(self, block: Block) -> bool:
        """Run one block and note what it cost; or False if the heap is too small."""
        words, image = self.heap.words, self.engine.image
        try:
            batch = self.worker.begin([block])
        except MemoryError:
            return False
        numbers = batch.numbers[0]
        at = int(words[batch.table + fields.B_INSTRUCTIONS])
        kernels = image.table[numbers, fields.CODE].tolist()
        slots = words[SLOTS] + image.table[numbers, fields.DOMAIN]
        spent = np.zeros((len(numbers), 4))
        k = 0
        while k < len(kernels):
            code = self.codes[kernels[k]]
            top = int(words[TOP])
            begin = time.perf_counter_ns()
            code(*self.places, at + k, 1)
            ns = time.perf_counter_ns() - begin
            if words[FULL]:
                return False
            domain = words[words[slots[k]] + fields.D_SIZE]
            spent[k] += (ns, 1, domain, int(words[TOP]) - top)
            k += 1 + int(words[JUMP])
            words[JUMP] = 0
        self.table[numbers] += spent
        return True
