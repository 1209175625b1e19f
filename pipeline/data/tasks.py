"""Tasks: what is given, and the right answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pipeline.data.grid_html import samples_html
from pipeline.system.problem import Problem

Grid = tuple[tuple[int, ...], ...]
TrainPairs = tuple[tuple[Grid, Grid], ...]
"""Input and output of each train sample of a task, in its order: what is shown of it."""

UNKNOWN: Final[Grid] = ()
"""The output of a test sample whose answer is not known."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair of grids: the question and its right answer. shown: the train pairs of the task that
    it is a sample of, None where it is of none; equal pairs are equal whatever those are.
    """

    input: Grid
    output: Grid
    shown: TrainPairs | None = field(default=None, compare=False, repr=False)

    def _repr_html_(self) -> str:
        return samples_html("", [("", self.input, self.output)])


@dataclass(frozen=True, slots=True)
class Task:
    """The samples of one task; `train` are shown to whoever solves it, `test` are not.

    The answers of all test samples are known, or of none. Each of its samples has its train pairs.
    """

    id: str
    train: tuple[Sample, ...]
    test: tuple[Sample, ...]

    def __post_init__(self) -> None:
        """Let each sample know what is shown with it."""
        self._show(self.train_pairs)

    def _show(self, shown: TrainPairs | None) -> None:
        for name, samples in (("train", self.train), ("test", self.test)):
            own = tuple([Sample(sample.input, sample.output, shown) for sample in samples])
            object.__setattr__(self, name, own)

    @property
    def train_pairs(self) -> TrainPairs:
        """Input and output of each train sample."""
        return tuple([(sample.input, sample.output) for sample in self.train])

    def with_shown(self, shown: TrainPairs | None) -> Task:
        """The task, with samples that have other train pairs than its own, or none."""
        made = Task(self.id, self.train, self.test)
        made._show(shown)
        return made

    @property
    def answered(self) -> bool:
        """Whether the answers of the test samples are known."""
        return all(sample.output != UNKNOWN for sample in self.test)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples whose answer is known, train first."""
        return self.train + self.test if self.answered else self.train

    def _repr_html_(self) -> str:
        parts = (("train", self.train), ("test", self.test))
        named = [(f"{part}[{k}]", s) for part, samples in parts for k, s in enumerate(samples)]
        return samples_html(self.id, [(name, s.input, s.output) for name, s in named])


class DataError(Problem):
    """The data is not what it must be; the text says where, and what to do."""

    status = 2


def grid_text(grid: Iterable[Iterable[int]]) -> str:
    """The grid as a reader sees it: a line a row, cells apart only where one is no digit."""
    rows = [[str(cell) for cell in row] for row in grid]
    width = max((len(cell) for row in rows for cell in row), default=1)
    gap = "" if width == 1 else " "
    return "\n".join(gap.join(cell.rjust(width) for cell in row) for row in rows)
