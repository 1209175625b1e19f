"""What engines have in common: blocks of lanes in, outcomes out.

A *block* is a run of consecutive samples and the solvers that are wanted on all of them. An engine
takes blocks and gives outcomes in any order, of blocks as they were or of parts of them: one for
which the memory is too small is halved and run again, and a lane gets more memory.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np

from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.engine.shown import put_shown
from pipeline.ir.status import Failure, Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.scoring import SCORE, SCORE_WORDS
from pipeline.primitives.words import REASON_CODES, REFERENCES
from pipeline.system.problem import Problem

_REASONS: Final = {code: reason for reason, code in REASON_CODES.items()}

RIGHT: Final = 1
WRONG: Final = 0
"""Verdicts of lanes that ended with a grid; a failure is `-(32 * operation + reason)`."""

CPU_ADVICE: Final = "is free on this machine: free some, or lower budget.total in config.yaml"


BLOCK_SOLVERS: Final = 256
"""Solvers of a block at most. Measured with 500 random programs of 4 to 8 lines on 3 samples,
processor time of a lane: 6.4 us with 16 solvers a block, 5.7 with 64, 5.0 with 128, 4.6 with 256,
4.9 with 500; each sample by itself 9.1 with 16, 6.2 with 500. With 4,000 programs the best is 256
as well. What a block costs by itself is Python's, which only one thread at a time can run."""

LEAST_SOLVERS: Final = 32
"""Solvers of a block at least, where threads want more blocks."""

BLOCK_LANES: Final = 1024
"""About how many lanes a block has, as long as it has this many samples at least and at most."""
LEAST_SAMPLES: Final = 4
MOST_SAMPLES: Final = 64

LEAST_LANES: Final = 64
"""Lanes of a block at least, about, where threads want more blocks."""

BLOCKS_A_THREAD: Final = 3
"""Blocks, or calls, that there should be for each thread: so that threads end at about the same
time."""


class LaneProblem(Problem):
    """One solver on one sample, its number or its name, can't be run: `what` says why."""

    def __init__(self, solver: str, sample: int | str, what: str) -> None:
        super().__init__(f"{solver or 'a solver'} on sample {sample} {what}")
        self.solver = solver
        self.sample = sample
        self.what = what

    def on(self, name: str) -> LaneProblem:
        """The same of a sample that is called so."""
        return LaneProblem(self.solver, name, self.what)


class TooLarge(LaneProblem):
    """One solver on one sample, its number or its name, does not fit the memory."""

    def __init__(self, solver: str, sample: int | str, advice: str = CPU_ADVICE) -> None:
        super().__init__(solver, sample, f"needs more memory than {advice}")

    def on(self, name: str) -> TooLarge:
        """The same of a sample that is called so."""
        return TooLarge(self.solver, name)

    def __reduce__(self) -> tuple[type, tuple[str, int | str]]:
        return TooLarge, (self.solver, self.sample)


@dataclass(frozen=True, slots=True)
class Block:
    """Samples first to last - 1 (numbers in `Samples`), and solvers, all of them if None."""

    first: int
    last: int
    solvers: tuple[int, ...] | None


@dataclass(slots=True)
class Outcome:
    """How the lanes of a block ended: verdicts[k, lane] of the block's k-th solver.

    grids: what was asked to be kept, by (k, lane). scores: `SCORE` records in the order of
    verdicts, or None where nobody asked.
    """

    block: Block
    solvers: tuple[int, ...]
    verdicts: np.ndarray
    grids: dict[tuple[int, int], Any] = field(default_factory=dict)
    scores: np.ndarray | None = None

    def lanes(self) -> Iterator[tuple[int, int, int, int]]:
        """For each lane its place in `verdicts`, then its solver and its sample."""
        for k, solver in enumerate(self.solvers):
            for lane in range(self.block.last - self.block.first):
                yield k, lane, solver, self.block.first + lane


def outcome_in(
    words: np.ndarray, begin: int, block: Block, solvers: tuple[int, ...], record: np.ndarray
) -> Outcome:
    """The outcome of a block, found by its record in words that begin at a place."""
    shape = len(solvers), block.last - block.first
    lanes = shape[0] * shape[1]
    at = int(record[fields.B_OUT]) - begin
    codes = words[at : at + lanes].reshape(shape).astype(np.int32)
    outcome = Outcome(block, solvers, codes)
    if record[fields.B_SCORES]:
        at = int(record[fields.B_SCORES]) - begin
        rows = words[at : at + lanes * SCORE_WORDS].copy()
        outcome.scores = rows.view(SCORE).reshape(shape)
    return outcome


class Engine:
    """An image, ready to run blocks within limits."""

    def __init__(self, image: Image, limits: Limits) -> None:
        self.image = image
        self.limits = limits

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none", scores: bool = False
    ) -> Generator[Outcome, None, None]:
        """Run blocks; outcomes come as they are done, in any order.

        keep: which output grids to give back: "none", "wrong" or "all". scores: whether outcomes
        have them. Closing the generator ends the run. TooLarge where a lane does not fit the
        memory.
        """
        raise NotImplementedError

    def lanes(self, block: Block) -> int:
        """How many lanes a block has."""
        return len(self.solvers_of(block.solvers)) * (block.last - block.first)

    @cached_property
    def everyone(self) -> tuple[int, ...]:
        """The numbers of all solvers."""
        return tuple(self.image.verdict_solvers.tolist())

    def solvers_of(self, solvers: tuple[int, ...] | None) -> tuple[int, ...]:
        """The numbers of a block's solvers."""
        return self.everyone if solvers is None else solvers

    def verdict_slots(self, solvers: tuple[int, ...] | None) -> np.ndarray:
        """The slots of the verdicts of a block's solvers."""
        if solvers is None:
            return self.image.verdict_slots
        return self.image.verdict_slots[np.searchsorted(self.image.verdict_solvers, solvers)]

    def failure(self, verdict: int) -> Failure:
        """What a negative verdict says."""
        operation, reason = divmod(-int(verdict), 32)
        return Failure(_REASONS[reason], self.image.operations[operation])

    def instructions_of(self, solvers: tuple[int, ...] | None) -> np.ndarray:
        """The numbers of the instructions that these solvers need, in order."""
        if solvers is None:
            return np.arange(len(self.image))
        chosen = np.array(solvers, np.int64)
        begins = self.image.user_offsets[chosen]
        counts = self.image.user_offsets[chosen + 1] - begins
        shifts = np.repeat(begins - (np.cumsum(counts) - counts), counts)
        is_needed = np.zeros(len(self.image), bool)
        is_needed[self.image.users[np.arange(len(shifts)) + shifts]] = True
        return np.flatnonzero(is_needed)


class BlockRunner(Protocol):
    """What a thread runs blocks with."""

    def run(self, blocks: Sequence[Block]) -> Iterator[Outcome]:
        """Run blocks: see `Engine.run`."""

    def close(self) -> None:
        """Called by the thread at its end."""


def run_on_threads(
    workers: Sequence[Callable[[], BlockRunner]], waiting: deque[list[Block]]
) -> Iterator[Outcome]:
    """Run blocks on a thread for each worker, which the thread makes; closing the iterator ends the
    threads once what they are at is done.
    """
    done: deque[Outcome | BaseException | None] = deque()
    arrived = threading.Semaphore(0)
    stop = threading.Event()

    def work(make: Callable[[], BlockRunner]) -> None:
        try:
            worker = make()
            while not stop.is_set():
                try:
                    blocks = waiting.popleft()
                except IndexError:
                    break
                for outcome in worker.run(blocks):
                    done.append(outcome)
                    arrived.release()
            worker.close()
            done.append(None)
        except BaseException as error:
            done.append(error)
        arrived.release()

    threads = [threading.Thread(target=work, args=(make,), daemon=True) for make in workers]
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


def put_roots(
    put: Callable[[np.ndarray], int], samples: Samples, blocks: Sequence[Block]
) -> np.ndarray:
    """Write the samples that blocks have, and a root domain's record for each; gives where the
    records begin. put: writes words, and gives their place.
    """
    first = min(block.first for block in blocks)
    last = max(block.last for block in blocks)
    begin, end = int(samples.starts[first]), int(samples.starts[last])
    place = put(samples.words[begin:end])
    columns = [
        put(np.where(column < 0, 0, REFERENCES - (column - begin + place)))
        for column in (samples.inputs[first:last], samples.outputs[first:last])
    ]
    starts = np.array([block.first for block in blocks])
    sizes = np.array([block.last for block in blocks]) - starts
    roots = np.zeros((len(blocks), fields.D_WORDS), np.int64)
    roots[:, fields.D_SIZE] = sizes
    roots[:, fields.D_SCOPES] = put(np.arange(sizes.max()))
    roots[:, fields.D_SOURCE_A] = columns[0] + starts - first
    roots[:, fields.D_SOURCE_B] = columns[1] + starts - first
    roots[:, [fields.D_STEP_A, fields.D_STEP_B]] = 1
    if samples.shown is not None:
        shown = put_shown(put, samples.shown.part(first, last))
        roots[:, fields.D_OFFSETS] = shown + starts - first
    at = put(roots.ravel())
    found: np.ndarray = at + fields.D_WORDS * np.arange(len(blocks))
    return found


def halves(block: Block, names: Sequence[str]) -> list[Block]:
    """A block in two parts; TooLarge where it is one lane."""
    first, last, solvers = block.first, block.last, block.solvers
    if last - first > 1:
        middle = (first + last) // 2
        return [Block(first, middle, solvers), Block(middle, last, solvers)]
    solvers = tuple(range(len(names))) if solvers is None else solvers
    if len(solvers) < 2:
        raise TooLarge(names[solvers[0]], first)
    middle = len(solvers) // 2
    return [Block(first, last, solvers[:middle]), Block(first, last, solvers[middle:])]


def blocks_of(count: int, size: int, solvers: tuple[int, ...] | None = None) -> list[Block]:
    """Blocks of at most `size` samples that together are `count` samples."""
    return [Block(k, min(k + size, count), solvers) for k in range(0, count, size)]


def blocks_over(solvers: Sequence[int], count: int, threads: int = 1) -> list[Block]:
    """Blocks for solvers on all of `count` samples, some for each of so many threads.

    They are cut by solvers first: samples that run together share every call of a kernel, solvers
    only the nodes that they have in common.
    """
    chosen = tuple(solvers)
    if not chosen or not count:
        return []
    parts = -(-len(chosen) // BLOCK_SOLVERS)
    size = -(-len(chosen) // parts)
    runs = -(-count // min(MOST_SAMPLES, max(LEAST_SAMPLES, BLOCK_LANES // size)))
    if threads > 1:
        wanted = min(threads * BLOCKS_A_THREAD, len(chosen) * count // LEAST_LANES)
        parts = max(parts, min(-(-wanted // runs), len(chosen) // LEAST_SOLVERS))
        size = -(-len(chosen) // parts)
        runs = max(runs, wanted // parts)
    step = -(-count // min(runs, count))
    return [
        block
        for k in range(0, len(chosen), size)
        for block in blocks_of(count, step, chosen[k : k + size])
    ]


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
