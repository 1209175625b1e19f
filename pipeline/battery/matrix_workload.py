"""The workload `matrix`: every solver on every sample of some data sets.

A *column* is a sample of a task. Data sets share tasks, so equal samples (the same input and the
same expected output) are computed once, for all columns that they stand in: of the 8,334 samples
of the four published sets 4,950 differ. Nothing here is made for a single lane: a verdict is a
number of 16 bits in an array, from the engine to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from pipeline.battery.batteries import CompiledBattery
from pipeline.battery.journal import UNDONE, Partial
from pipeline.battery.results import RIGHT, WRONG
from pipeline.battery.score_rows import LANE, ScoreRows, lanes_in, rows_of
from pipeline.data.tasks import Sample, Task, TrainPairs
from pipeline.engine import engine as engines
from pipeline.engine.engine import LaneProblem, blocks_of
from pipeline.engine.shown import samples_for
from pipeline.frontend.candidates import task_of
from pipeline.ir.status import BUDGET_REASONS, ERROR, OVER_BUDGET, Limits
from pipeline.primitives.words import REASON_CODES

BLOCK: Final = 4
"""Samples of a block. Measured with 400 solvers and 512 MiB, processor time of a lane: 30 us with
1, 27 with 2, 22 with 4 and with 16, 40 with 64. A block that does not fit the memory is halved,
which wastes what was run of it. Some solvers at a time, rather than all together, gain nothing."""

KINDS: Final = (RIGHT, WRONG, ERROR, OVER_BUDGET)
"""What a verdict can be."""

_CHUNK: Final = 256
"""Solvers counted at once, to bound what counting takes."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a task of a data set stands: from column `first`, its train samples before the test
    samples, of which there are none where the answers are not known."""

    data: str
    task: str
    first: int
    train: int
    test: int


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which column is which sample.

    tasks: in order of the columns. samples: those that differ. places: for each column which of
    them it is, int64 (columns,).
    """

    tasks: tuple[Columns, ...]
    samples: tuple[Sample, ...]
    places: np.ndarray

    def name_of(self, sample: int) -> str:
        """How one of `samples` is called, after the first column that it stands in."""
        return self.names[int(np.flatnonzero(self.places == sample)[0])]

    @property
    def names_of_samples(self) -> list[str]:
        """How each of `samples` is called."""
        names = self.names
        _, firsts = np.unique(self.places, return_index=True)
        return [names[first] for first in firsts.tolist()]

    @property
    def names(self) -> list[str]:
        """How the sample of each column is called."""
        return [
            f"{task.data}/{task.task} {part}[{k}]"
            for task in self.tasks
            for part, count in (("train", task.train), ("test", task.test))
            for k in range(count)
        ]


def lay_out(
    sets: Mapping[str, Mapping[str, Task]], most: int = 0, by_shown: bool = False
) -> Layout:
    """The columns of data sets, by name; of each only the first tasks that together have at least
    `most` samples, if that is not 0. by_shown: whether samples also differ where the train pairs of
    their tasks do.
    """
    tasks: list[Columns] = []
    places: list[int] = []
    known: dict[tuple[Sample, TrainPairs | None], int] = {}
    for name, members in sets.items():
        begin = len(places)
        for task in members.values():
            if most and len(places) - begin >= most:
                break
            tests = len(task.samples) - len(task.train)
            tasks.append(Columns(name, task.id, len(places), len(task.train), tests))
            shown = task.train_pairs if by_shown else None
            places += [known.setdefault((sample, shown), len(known)) for sample in task.samples]
    samples = tuple([sample for sample, _ in known])
    return Layout(tuple(tasks), samples, np.array(places, np.int64))


def run_matrix(
    engine: engines.Engine,
    layout: Layout,
    partial: Partial,
    advance: Callable[[int], None] = lambda lanes: None,
    size: int = BLOCK,
) -> None:
    """Compute the verdicts that are missing, in blocks of `size` samples.

    `advance` is told of lanes as they are done. TooLarge if a lane does not fit the memory; what
    was done until then is kept.
    """
    if len(engine.image.operations) > 1 << 10:
        raise ValueError("a verdict of 16 bits has room for 1,024 operations")
    samples = samples_for(engine.image, layout.samples)
    blocks = [b for b in blocks_of(len(samples), size) if partial.lacks(b.first, b.last)]
    try:
        is_scored = partial.lanes.dtype == LANE
        with closing(engine.run(samples, blocks, scores=is_scored)) as outcomes:
            for outcome in outcomes:
                lanes = lanes_in(outcome) if is_scored else outcome.verdicts
                partial.add(outcome.block.first, outcome.solvers, lanes)
                advance(outcome.verdicts.size)
    except LaneProblem as error:
        raise error.on(layout.name_of(int(error.sample))) from None


def score_rows(layout: Layout, solvers: Sequence[str], lanes: np.ndarray) -> Iterator[ScoreRows]:
    """The rows of all solvers, a row a column; lanes: `LANE` (solvers, `layout.samples`)."""
    names = layout.names
    idents = [task.task for task in layout.tasks for _ in range(task.train + task.test)]
    for solver, row in zip(solvers, lanes, strict=True):
        yield rows_of(solver, names, idents, row[layout.places])


@dataclass(frozen=True, slots=True)
class SetResult:
    """The verdicts on one data set, counted."""

    data: str
    tasks: int
    samples: int
    right: int
    wrong: int
    error: int
    over_budget: int


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The solvers that are right on all train samples of a task, and those of them that are right
    on its test samples too. first, train, test: see `Columns`."""

    data: str
    task: str
    first: int
    train: int
    test: int
    right_on_train: tuple[str, ...]
    right_on_all: tuple[str, ...]

    @property
    def own(self) -> bool:
        """Whether a solver of this very task is right on its train samples."""
        return any(task_of(name) == self.task for name in self.right_on_train)

    @property
    def others(self) -> bool:
        """Whether a solver of another task is."""
        return any(task_of(name) != self.task for name in self.right_on_train)


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a run found, beside the verdicts themselves.

    samples: how many columns there are; different: how many of their samples differ. computed: how
    many lanes this run had to compute, the rest was there from an interrupted one. seconds: of this
    run.
    """

    solvers: tuple[str, ...]
    operations: tuple[str, ...]
    sets: tuple[SetResult, ...]
    tasks: tuple[TaskResult, ...]
    samples: int
    different: int
    computed: int
    limits: Limits
    seconds: dict[str, float]
    backend: str
    device: dict[str, Any]

    @property
    def lanes(self) -> int:
        """How many verdicts there are."""
        return len(self.solvers) * self.samples

    def to_json(self) -> dict[str, Any]:
        """As plain values, with what is needed to read the codes of `matrix.npy`."""
        return {
            "workload": "matrix",
            "backend": self.backend,
            "device": self.device,
            "samples": self.samples,
            "different_samples": self.different,
            "lanes": self.lanes,
            "computed_lanes": self.computed,
            "seconds": self.seconds,
            "limits": asdict(self.limits),
            "codes": {RIGHT: 1, WRONG: 0, "failure": "-(32 * operation + reason)"},
            "operations": list(self.operations),
            "reasons": {str(code): reason for reason, code in REASON_CODES.items()},
            "over_budget_reasons": sorted(REASON_CODES[r] for r in BUDGET_REASONS),
            "data": [asdict(row) for row in self.sets],
            "solvers": list(self.solvers),
            "tasks": [asdict(row) for row in self.tasks],
        }


def sum_up(
    layout: Layout,
    verdicts: np.ndarray,
    battery: CompiledBattery,
    limits: Limits,
    computed: int,
    seconds: dict[str, float],
) -> Matrix:
    """Read the tables off verdicts, int16 (solvers, `layout.samples`), that are all there."""
    if (verdicts == UNDONE).any():
        raise ValueError("verdicts are missing")
    solvers = battery.solvers
    return Matrix(
        solvers=solvers,
        operations=battery.image.operations,
        sets=tuple(_count_sets(layout, verdicts)),
        tasks=tuple(_judge(task, layout, verdicts, solvers) for task in layout.tasks),
        samples=len(layout.places),
        different=len(layout.samples),
        computed=computed,
        limits=limits,
        seconds=seconds,
        backend=battery.backend,
        device=battery.device,
    )


def _count_sets(layout: Layout, verdicts: np.ndarray) -> list[SetResult]:
    rows = []
    for name in dict.fromkeys(task.data for task in layout.tasks):
        tasks = [task for task in layout.tasks if task.data == name]
        last = tasks[-1]
        places = layout.places[tasks[0].first : last.first + last.train + last.test]
        counts = np.zeros(len(KINDS), np.int64)
        for k in range(0, len(verdicts), _CHUNK):
            counts += count_kinds(verdicts[k : k + _CHUNK][:, places])
        rows.append(SetResult(name, len(tasks), len(places), *counts.tolist()))
    return rows


def count_kinds(verdicts: np.ndarray) -> np.ndarray:
    """How many verdicts are right, wrong, error and over_budget: int64 (4,)."""
    return np.bincount(_KIND_OF[verdicts.ravel()], minlength=len(KINDS))


def _kinds() -> np.ndarray:
    """The kind of every verdict, at the verdict's place; negative ones count from the end."""
    budget = [REASON_CODES[reason] for reason in BUDGET_REASONS]
    codes = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int64)
    kinds = np.where(np.isin(-codes & 31, budget), KINDS.index(OVER_BUDGET), KINDS.index(ERROR))
    kinds[codes >= 0] = KINDS.index(WRONG)
    kinds[engines.RIGHT] = KINDS.index(RIGHT)
    return kinds


_KIND_OF: Final = _kinds()


def _judge(
    task: Columns, layout: Layout, verdicts: np.ndarray, solvers: Sequence[str]
) -> TaskResult:
    places = layout.places[task.first : task.first + task.train + task.test]
    right = verdicts[:, places] == engines.RIGHT
    on_train = right[:, : task.train].all(axis=1)
    on_all = right.all(axis=1) & (task.test > 0)
    return TaskResult(
        *(task.data, task.task, task.first, task.train, task.test),
        tuple(solvers[k] for k in np.flatnonzero(on_train).tolist()),
        tuple(solvers[k] for k in np.flatnonzero(on_all).tolist()),
    )
