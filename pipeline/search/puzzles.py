"""What a search sees of a task: its train samples, and nothing else of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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


def gains(same: np.ndarray, samples: tuple[Sample, ...]) -> np.ndarray:
    """What outputs gain over copying: 1 where all cells are right, 0 where as many as in a copy,
    less for fewer; -1 where there is no output of the right shape.

    same: how many cells are right, -1 for none, with a column for each sample.
    """
    areas = np.array([_area(sample.output) for sample in samples], float)
    free = np.array([copied(sample) for sample in samples], float)
    left = np.maximum(areas - free, 1)
    found = np.where(same == areas, 1.0, np.maximum((same - free) / left, -0.9))
    shown: np.ndarray = np.where(same < 0, -1.0, found)
    return shown
