"""What a search sees of a task: its train samples, and nothing else of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.data.tasks import Grid, Sample, Task


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A task without its tests: nothing that steers a search can see them. train: the smallest
    sample first, as that one decides about most programs.
    """

    id: str
    train: tuple[Sample, ...]


def puzzles_of(tasks: Mapping[str, Task]) -> dict[str, Puzzle]:
    """What a search sees of tasks."""
    return {
        ident: Puzzle(ident, tuple(sorted(task.train, key=_cells))) for ident, task in tasks.items()
    }


def _cells(sample: Sample) -> int:
    return _area(sample.input) + _area(sample.output)


def _area(grid: Grid) -> int:
    return len(grid) * len(grid[0]) if grid else 0


def copied(sample: Sample) -> int:
    """How many cells of the output are right for nothing: those of the input, where that has the
    output's shape, and else those of the commonest colour.
    """
    given, wanted = sample.input, sample.output
    if len(given) == len(wanted) and given and len(given[0]) == len(wanted[0]):
        pairs = zip(given, wanted, strict=True)
        return sum([a == b for row, other in pairs for a, b in zip(row, other, strict=True)])
    counts = Counter(cell for row in wanted for cell in row)
    return max(counts.values(), default=0)


class Gaining:
    """What outputs gain over copying, on some samples."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._areas = np.array([_area(sample.output) for sample in samples], np.int64)
        self._free = np.array([copied(sample) for sample in samples], np.int64)
        self._left = np.maximum(self._areas - self._free, 1)

    def of(self, same: np.ndarray) -> np.ndarray:
        """1 where all cells are right, 0 where as many as in a copy, less for fewer; -1 where there
        is no output of the right shape.

        same: how many cells are right, -1 for none, with a column for each sample.
        """
        found = np.maximum((same - self._free) / self._left, -0.9)
        found[same == self._areas] = 1
        found[same < 0] = -1
        return found
