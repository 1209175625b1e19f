"""An engine and, beside it, the reference runtime: for solvers that use rows which only that has.

A row of a project's own may have no row function. What uses it runs lane by lane on plain Python
values, some thousand times slower, and gives the same outcomes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import numpy as np

from pipeline.engine import engine as engines
from pipeline.engine.engine import RIGHT, WRONG, Block, Outcome
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import Failure
from pipeline.kernels import instruction
from pipeline.kernels.heap import grid_at
from pipeline.kernels.names import has_code
from pipeline.kernels.scoring import SCORE
from pipeline.oracle.murmur import grid_hash
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.primitives.words import REASON_CODES

TOGETHER: Final = 64
"""Samples that are run at once: a call goes through all lines of the battery, whoever is asked."""

Evaluate = Callable[[Any], None]
"""A battery's generated function, which runs its solvers on a runtime."""


@dataclass
class InterpretedSolvers:
    """The solvers of an image that are run on the reference runtime.

    numbers: for each its number in what `evaluate` runs, which has no more solvers than the image.
    seconds: how long they have run.
    """

    numbers: Mapping[int, int]
    evaluate: Callable[[], Evaluate]
    seconds: float = field(default=0.0, compare=False)


def interpreted_in(image: Image) -> tuple[int, ...]:
    """The solvers of an image that have an operation without a kernel."""
    lacking = {k for k, name in enumerate(image.kernels) if not has_code(name)}
    if not lacking:
        return ()
    return tuple(
        k for k in range(len(image.solvers)) if not lacking.isdisjoint(kernels_of(image, k))
    )


def rows_lacking(image: Image) -> list[str]:
    """The operations of an image that have no kernel."""
    return sorted(name for name in image.kernels if not has_code(name))


def kernels_of(image: Image, solver: int) -> set[int]:
    """The numbers of the kernels that a solver needs."""
    return set(image.table[image.instructions_of(solver), instruction.CODE].tolist())


class BesideEngine(engines.Engine):
    """An engine, beside which some solvers are interpreted."""

    def __init__(self, engine: engines.Engine, interpreted: InterpretedSolvers) -> None:
        super().__init__(engine.image, engine.limits)
        self.engine = engine
        self.interpreted = interpreted

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none", scores: bool = False
    ) -> Generator[Outcome, None, None]:
        """Run blocks, each in two parts where some of its solvers are interpreted."""
        quick: list[Block] = []
        slow: list[Block] = []
        for block in blocks:
            solvers = self.solvers_of(block.solvers)
            mine = tuple(k for k in solvers if k in self.interpreted.numbers)
            others = tuple(k for k in solvers if k not in self.interpreted.numbers)
            if others:
                quick.append(Block(block.first, block.last, others) if mine else block)
            if mine:
                slow.append(Block(block.first, block.last, mine))
        if quick:
            yield from self.engine.run(samples, quick, keep, scores)
        for part in _parts(slow):
            started = time.perf_counter()
            outcomes = self._interpret(samples, part, keep, scores)
            self.interpreted.seconds += time.perf_counter() - started
            yield from outcomes

    def _interpret(
        self, samples: Samples, blocks: Sequence[Block], keep: str, scores: bool
    ) -> list[Outcome]:
        """The outcomes of blocks that have the same solvers."""
        numbers = self.interpreted.numbers
        lanes = [k for block in blocks for k in range(block.first, block.last)]
        wanted: list[list[int]] = [[] for _ in self.image.solvers]
        for solver in blocks[0].solvers or ():
            wanted[numbers[solver]] = list(range(len(lanes)))
        grids = [_grid(samples, samples.inputs[k]) for k in lanes]
        known = samples.shown
        shown = None if known is None else [known.pairs_of(k) for k in lanes]
        runtime = ReferenceRuntime(grids, self.limits, wanted, shown)
        self.interpreted.evaluate()(runtime)
        outcomes = []
        begin = 0
        for block in blocks:
            assert block.solvers is not None
            ends = [
                [runtime.verdicts[numbers[solver]][begin + k] for k in range(_width(block))]
                for solver in block.solvers
            ]
            outcomes.append(self._outcome(samples, block, ends, keep, scores))
            begin += _width(block)
        return outcomes

    def _outcome(
        self,
        samples: Samples,
        block: Block,
        ends: Sequence[Sequence[Any]],
        keep: str,
        scores: bool,
    ) -> Outcome:
        assert block.solvers is not None
        shape = len(block.solvers), _width(block)
        outcome = Outcome(block, block.solvers, np.zeros(shape, np.int32))
        kept: tuple[int, ...] = {"none": (), "wrong": (WRONG,), "all": (WRONG, RIGHT)}[keep]
        if scores:
            outcome.scores = np.zeros(shape, SCORE)
        for lane in range(shape[1]):
            expected = _grid(samples, samples.outputs[block.first + lane])
            for k, row in enumerate(ends):
                end = row[lane]
                code = self._code(end) if isinstance(end, Failure) else int(end == expected)
                outcome.verdicts[k, lane] = code
                if code in kept:
                    outcome.grids[k, lane] = end
                if outcome.scores is not None:
                    outcome.scores[k, lane] = score_of(expected, end)
        return outcome

    def _code(self, failure: Failure) -> int:
        """The verdict that says how a lane failed."""
        operations = self.image.operations
        known = failure.operation in operations
        place = operations.index(failure.operation) if known else 0
        return -(32 * place + REASON_CODES[failure.reason])


def score_of(expected: Any, end: Any) -> tuple[int, int, int, Any]:
    """A lane's score, as `kernels.scoring` gives it."""
    if isinstance(end, Failure):
        return 0, 0, -1, (0, 0)
    height, width = _shape(end)
    same = -1
    if expected is not None and _shape(expected) == (height, width):
        pairs = zip(expected, end, strict=True)
        same = sum(a == b for row, other in pairs for a, b in zip(row, other, strict=True))
    return height, width, same, grid_hash(end)


def _grid(samples: Samples, place: int) -> Any:
    """The grid at a place of the samples; None for none."""
    return None if place < 0 else grid_at(samples.words, int(place))


def _shape(grid: Any) -> tuple[int, int]:
    return len(grid), len(grid[0]) if grid else 0


def _width(block: Block) -> int:
    return block.last - block.first


def _parts(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks of the same solvers, some samples at a time."""
    ordered = sorted(blocks, key=lambda block: (block.solvers or (), block.first))
    for _, same in groupby(ordered, key=lambda block: block.solvers):
        part: list[Block] = []
        for block in same:
            if part and sum(map(_width, part)) + _width(block) > TOGETHER:
                yield part
                part = []
            part.append(block)
        if part:
            yield part
