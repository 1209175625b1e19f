"""Blocks of lanes as loads: so many as are wanted, with the samples that they have.

A sample goes with the loads that have it and not with the job: a load has some blocks of all
solvers, so that almost every sample reaches one worker, once. Measured with 400 solvers: a load of
40,000 lanes takes 8 KB, its verdicts 10 KB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from pipeline.engine.engine import Block, Outcome
from pipeline.engine.samples import Samples


@dataclass(frozen=True, slots=True)
class BlockLoad:
    """Blocks that one task runs.

    samples: those from `first` on; blocks: as numbered there. everyone: how many solvers a block
    has that names none. scores: whether outcomes have them.
    """

    blocks: tuple[Block, ...]
    first: int
    samples: Samples
    everyone: int
    scores: bool

    @property
    def lanes(self) -> int:
        """How many there are."""
        return sum(lanes_of(block, self.everyone) for block in self.blocks)

    def parts(self) -> list[Self]:
        """The same in two loads; none where it is one lane."""
        middle = len(self.blocks) // 2
        if middle:
            parts = [self.blocks[:middle], self.blocks[middle:]]
        else:
            parts = [(block,) for block in _halves(self.blocks[0], self.everyone)]
            if len(parts) < 2:
                return []
        return [replace(self, blocks=part) for part in parts]

    def placed(self, outcome: Outcome) -> Outcome:
        """An outcome of it, numbered as all samples are."""
        block = outcome.block
        moved = Block(block.first + self.first, block.last + self.first, block.solvers)
        return replace(outcome, block=moved)


def lanes_of(block: Block, everyone: int) -> int:
    """How many lanes a block has."""
    solvers = everyone if block.solvers is None else len(block.solvers)
    return solvers * (block.last - block.first)


def _halves(block: Block, everyone: int) -> list[Block]:
    if block.last - block.first > 1:
        middle = (block.first + block.last) // 2
        return [replace(block, last=middle), replace(block, first=middle)]
    solvers = tuple(range(everyone)) if block.solvers is None else block.solvers
    middle = len(solvers) // 2
    parts = [solvers[:middle], solvers[middle:]] if middle else [solvers]
    return [replace(block, solvers=part) for part in parts]


class BlockSupply:
    """Loads made of blocks, in their order."""

    def __init__(
        self, samples: Samples, blocks: Iterable[Block], everyone: int, scores: bool
    ) -> None:
        self._samples = samples
        self._everyone = everyone
        self._scores = scores
        self._left = _no_larger(blocks, everyone)
        self._next = next(self._left, None)

    def next(self, lanes: int) -> BlockLoad | None:
        """See `supply.Supply`."""
        taken: list[Block] = []
        count = 0
        while self._next is not None and (not taken or count < lanes):
            taken.append(self._next)
            count += lanes_of(self._next, self._everyone)
            self._next = next(self._left, None)
        if not taken:
            return None
        first, last = min(b.first for b in taken), max(b.last for b in taken)
        moved = tuple(replace(b, first=b.first - first, last=b.last - first) for b in taken)
        part = self._samples.part(first, last)
        return BlockLoad(moved, first, part, self._everyone, self._scores)


MOST: int = 20_000
"""Lanes of a block at most, where it has several solvers on several samples."""


def _no_larger(blocks: Iterable[Block], everyone: int) -> Iterator[Block]:
    """The blocks, those that are too large in parts."""
    for block in blocks:
        if lanes_of(block, everyone) <= MOST:
            yield block
        else:
            parts = _halves(block, everyone)
            yield from _no_larger(parts, everyone) if len(parts) > 1 else parts
