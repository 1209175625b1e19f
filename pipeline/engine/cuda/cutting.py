"""Blocks as teams take them: some samples of one program, the costliest first.

The blocks of a CPU have few samples and many programs, which share what they compute. A team runs
the operations of a program one after another whatever the number of samples, and programs share
little, so it gets many samples of one; several programs only where there are few samples.

Teams end at about the same time if the blocks that take longest are begun first, and if none takes
longer than a part of what a team has to do in all: costly programs get fewer samples a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapreplace
from itertools import pairwise
from typing import Final

import numpy as np

from pipeline.engine.engine import Block
from pipeline.engine.image import Image
from pipeline.kernels import instruction as fields

SAMPLES: Final = 64
"""Lanes of a block at most, where a program has that many samples: as many as a team has threads.

The team's longest threads, counted in the kernels' code of `matrix` run on a CPU, not on a device:
a lane takes 26,000 instructions in a block of 64; of every eighth program it takes 81,000 in a
block of 8 and 233,000 by itself (`bench/results/gpu_model.json`)."""

SHARED_LANES: Final = 4
"""What a block costs whatever its lanes, counted in lanes. For most programs it is more, by the
figures above; the few costly ones, which alone are cut smaller, take about as long for each lane
in a block of 8 as in one of 64."""

PARTS: Final = 4
"""A block costs at most this part of what a team has to do in all, unless it is one lane."""

_BRANCHING: Final = 8.0
"""How many lanes a domain has for each lane that it was opened in, about."""

_OPENING: Final = ("open_domains", "loop_test")


def costs_of(image: Image) -> np.ndarray:
    """What a lane of each solver costs, about, by number: the instructions, those in a domain as
    often as it has lanes. Known before anything has run; only how they compare counts.
    """
    kernels = image.table[:, fields.CODE]
    opening = [image.kernels.index(name) for name in _OPENING if name in image.kernels]
    depths = np.zeros(image.slots, np.int64)
    weights = np.zeros(len(image))
    opens = np.isin(kernels, opening)
    columns = image.table[:, [fields.DOMAIN, fields.DEST]].tolist()
    for k, (domain, dest) in enumerate(columns):
        weights[k] = _BRANCHING ** depths[domain]
        if opens[k]:
            depths[dest] = depths[domain] + 1
    before = np.concatenate([[0.0], np.cumsum(weights[image.users])])
    return np.asarray(before[image.user_offsets[1:]] - before[image.user_offsets[:-1]])


def cut_blocks(
    blocks: Sequence[Block],
    teams: int,
    costs: np.ndarray,
    everyone: tuple[int, ...],
    starts: np.ndarray,
) -> list[Block]:
    """The lanes of blocks, for so many teams; no lane more or less.

    costs: of a word of a sample's grids, by solver; everyone: the solvers of a block that names
    none; starts: where each sample's words begin, see `Samples`.
    """
    runs = [
        (block.first, block.last, everyone if block.solvers is None else block.solvers)
        for block in _joined(blocks)
    ]
    words: list[int] = starts.tolist()
    total = sum(
        float(costs[list(solvers)].sum()) * weight(words, first, last)
        for first, last, solvers in runs
    )
    most = total / (teams * PARTS)
    found = [part for run in runs for part in _cut(*run, most, costs.tolist(), words)]
    return [block for block, _ in sorted(found, key=lambda part: -part[1])]


def weight(starts: Sequence[int], first: int, last: int) -> float:
    """What samples of a program cost in the largest blocks, counted in words of their grids: that
    a block costs something by itself is as if it had some samples more.
    """
    lanes = last - first
    return (starts[last] - starts[first]) * (1 + SHARED_LANES * -(-lanes // SAMPLES) / lanes)


def dealt(blocks: Sequence[Block], lanes: Sequence[int], parts: int) -> list[list[Block]]:
    """Blocks in so many parts of about as many lanes, each in the order in which the blocks are."""
    waiting = [(0, k) for k in range(parts)]
    found: list[list[Block]] = [[] for _ in range(parts)]
    for block, count in zip(blocks, lanes, strict=True):
        taken, k = waiting[0]
        found[k].append(block)
        heapreplace(waiting, (taken + count, k))
    return [part for part in found if part]


def _joined(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, those that follow one another with the same solvers as one."""
    last: Block | None = None
    for block in blocks:
        if last and last.last == block.first and last.solvers == block.solvers:
            last = Block(last.first, block.last, last.solvers)
            continue
        if last:
            yield last
        last = block
    if last:
        yield last


def _cut(
    first: int,
    last: int,
    solvers: tuple[int, ...],
    most: float,
    costs: Sequence[float],
    starts: Sequence[int],
) -> Iterator[tuple[Block, float]]:
    """Blocks of these lanes and what each costs."""
    count = last - first
    edges = [first + count * k // -(-count // SAMPLES) for k in range(-(-count // SAMPLES) + 1)]
    whole = weight(starts, first, last)
    packed: list[int] = []
    spent = 0.0
    for solver in solvers:
        cost = costs[solver] * whole
        if count > SAMPLES or (cost > most and count > 1):
            for begin, end in pairwise(edges):
                yield from _halved(solver, begin, end, most, costs[solver], starts)
            continue
        if packed and ((len(packed) + 1) * count > SAMPLES or spent + cost > most):
            yield Block(first, last, tuple(packed)), spent
            packed, spent = [], 0.0
        packed.append(solver)
        spent += cost
    if packed:
        yield Block(first, last, tuple(packed)), spent


def _halved(
    solver: int, first: int, last: int, most: float, cost: float, starts: Sequence[int]
) -> Iterator[tuple[Block, float]]:
    """A program's samples in blocks that cost no more than they may, unless they are one lane."""
    spent = cost * weight(starts, first, last)
    if spent > most and last - first > 1:
        middle = (first + last) // 2
        yield from _halved(solver, first, middle, most, cost, starts)
        yield from _halved(solver, middle, last, most, cost, starts)
    else:
        yield Block(first, last, (solver,)), spent
