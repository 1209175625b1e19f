"""Whether the GPU and the CPU agree on lanes of a battery: the same verdicts, and the same grids
where they are asked for.

The CPU's own agreement with the direct interpreter is shown elsewhere (`lanes`, `fuzzing`); here
are far more lanes than could be interpreted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from pipeline.battery.batteries import Wanted
from pipeline.engine import engine as engines
from pipeline.engine.engine import Block, blocks_for
from pipeline.engine.samples import Samples

UNDONE: Final = int(np.iinfo(np.int32).min)
"""Stands where no verdict has come."""

Found = tuple[np.ndarray, dict[tuple[int, int], object]]
"""Verdicts, int32 (solvers, samples), and grids by solver and sample."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A lane, by the numbers of its solver and sample, and both answers in words."""

    solver: int
    sample: int
    cpu: str
    gpu: str


@dataclass(slots=True)
class EnginesCompared:
    """What was compared; operations: lanes that failed alike, but in different operations."""

    lanes: int = 0
    grids: int = 0
    operations: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: EnginesCompared) -> None:
        """Take over what another comparison found."""
        self.lanes += other.lanes
        self.grids += other.grids
        self.operations += other.operations
        self.differences += other.differences


def compare_engines(
    cpu: engines.Engine, gpu: engines.Engine, samples: Samples, wanted: Wanted, keep: str
) -> EnginesCompared:
    """Run lanes on both. keep: which grids to compare too, see `Engine.run`."""
    blocks = blocks_for(wanted, len(samples))
    (codes, grids), (others, theirs) = (
        _run(engine, samples, blocks, keep, len(wanted)) for engine in (cpu, gpu)
    )
    places = np.array([(k, lane) for k, lanes in enumerate(wanted) for lane in lanes], np.int64)
    solvers, lanes = places.reshape(-1, 2).T
    mine, other = codes[solvers, lanes], others[solvers, lanes]
    failed = (mine < 0) & (other < 0) & (mine != UNDONE) & (other != UNDONE)
    alike = np.where(failed, (-mine & 31) == (-other & 31), mine == other)
    found = EnginesCompared(len(mine), len(grids), int((failed & alike & (mine != other)).sum()))
    differing = set(np.flatnonzero(~alike).tolist())
    for k in range(len(mine) if keep != "none" else 0):
        place = int(solvers[k]), int(lanes[k])
        if grids.get(place) != theirs.get(place):
            differing.add(k)
    for k in sorted(differing):
        place = int(solvers[k]), int(lanes[k])
        answers = _text(cpu, mine[k], grids.get(place)), _text(gpu, other[k], theirs.get(place))
        found.differences.append(Difference(*place, *answers))
    return found


def _run(
    engine: engines.Engine, samples: Samples, blocks: Sequence[Block], keep: str, solvers: int
) -> Found:
    codes = np.full((solvers, len(samples)), UNDONE, np.int32)
    grids: dict[tuple[int, int], object] = {}
    for outcome in engine.run(samples, blocks, keep):
        block = outcome.block
        codes[list(outcome.solvers), block.first : block.last] = outcome.verdicts
        for (k, lane), grid in outcome.grids.items():
            grids[outcome.solvers[k], block.first + lane] = grid
    return codes, grids


def _text(engine: engines.Engine, code: int, grid: object) -> str:
    if code == UNDONE:
        return "no verdict"
    try:
        if code < 0:
            return str(engine.failure(int(code)))
    except (KeyError, IndexError):
        return f"a failure that there is not: {code}"
    if code not in (engines.RIGHT, engines.WRONG):
        return f"a verdict that there is not: {code}"
    verdict = "right" if code == engines.RIGHT else "wrong"
    return verdict if grid is None else f"{verdict}: {grid!s:.200}"


def parts_of(wanted: Wanted, samples: int, most: int) -> Iterator[list[list[int]]]:
    """Lanes in parts of about so many: for each part those on some consecutive samples."""
    total = sum(map(len, wanted))
    size = max(1, samples * most // max(1, total))
    for first in range(0, samples, size):
        part = [
            list(lanes[bisect_left(lanes, first) : bisect_left(lanes, first + size)])
            for lanes in wanted
        ]
        if any(part):
            yield part
