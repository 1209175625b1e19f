"""The workload `stress`: each solver on generated samples of its own task.

Samples come as arrays, some tasks at a time, and verdicts are numbers in an array: what a run takes
does not grow with the number of samples. Only the first sample that a solver does not get right is
looked at as a grid, in a second run of that one lane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from pipeline.battery.batteries import CompiledBattery
from pipeline.battery.check_workload import describe
from pipeline.battery.journal import UNDONE, Partial
from pipeline.battery.matrix_workload import count_kinds
from pipeline.battery.results import RIGHT, FirstFailure
from pipeline.battery.score_rows import LANE, ScoreRows, lanes_in, rows_of
from pipeline.data.drawn.packed import Drawn, Grids
from pipeline.data.tasks import Grid, Sample, TrainPairs
from pipeline.engine import engine as engines
from pipeline.engine.engine import Block, blocks_for
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples, encode_drawn
from pipeline.engine.shown import encode_shown, uses_shown
from pipeline.frontend.candidates import task_of
from pipeline.ir.status import Limits

BLOCK: Final = 16
"""Samples of a block: large enough that what a block costs by itself does not show."""

NONE_SHOWN: Final[Mapping[str, TrainPairs]] = MappingProxyType({})

Read = Callable[[Sequence[str]], Mapping[str, Drawn]]
"""Gives the samples of tasks, the same number of each."""


@dataclass(frozen=True, slots=True)
class SolverStress:
    """One solver on the generated samples of its task.

    first_failing: the number, from 0, of the first sample that it does not get right;
    first_failure: how, naming the sample as `generated[NUMBER]`.
    """

    solver: str
    task: str
    samples: int
    right: int
    wrong: int
    error: int
    over_budget: int
    first_failing: int | None = None
    first_failure: FirstFailure | None = None

    @property
    def status(self) -> str:
        """`right` or that of the first failure."""
        return self.first_failure.status if self.first_failure else RIGHT


@dataclass(frozen=True, slots=True)
class Stress:
    """A whole run.

    samples: how many a task; seed: what they were drawn with. without: the solvers whose task has
    no generator. device: what ran it. undrawn: why there are no samples, by task.
    """

    backend: str
    samples: int
    seed: int
    seconds: dict[str, float]
    solvers: tuple[SolverStress, ...]
    without: tuple[str, ...] = ()
    device: Mapping[str, Any] = field(default_factory=dict)
    undrawn: Mapping[str, str] | None = None

    def total(self, kind: str) -> int:
        """The sum of a count of the solvers: samples, right, wrong, error or over_budget."""
        return sum(getattr(row, kind) for row in self.solvers)

    def to_json(self) -> dict[str, Any]:
        """As plain values; what a failure does not have is left out."""
        rows = [asdict(row) for row in self.solvers]
        for row in rows:
            failure = row["first_failure"]
            if failure is not None:
                row["first_failure"] = {k: v for k, v in failure.items() if v not in (None, "", 0)}
        return {
            "workload": "stress",
            "backend": self.backend,
            "samples": self.samples,
            "seed": self.seed,
            "device": dict(self.device),
            "lanes": self.total("samples"),
            **{kind: self.total(kind) for kind in ("right", "wrong", "error", "over_budget")},
            "seconds": self.seconds,
            "no_generator": list(self.without),
            "undrawn": dict(self.undrawn or {}),
            "solvers": rows,
        }


def parts_of(tasks: Sequence[str], count: int, most: int) -> Iterator[list[str]]:
    """The tasks in parts of at most `most` samples, `count` of each task; at least one a part."""
    size = max(1, most // count)
    for k in range(0, len(tasks), size):
        yield list(tasks[k : k + size])


def run_stress(
    battery: CompiledBattery,
    limits: Limits,
    picked: Sequence[int],
    parts: Sequence[Sequence[str]],
    read: Read,
    advance: Callable[[int], None] = lambda lanes: None,
    scores: dict[str, np.ndarray] | None = None,
    kept: Partial | None = None,
    shown: Mapping[str, TrainPairs] = NONE_SHOWN,
) -> list[SolverStress]:
    """Run the picked solvers, in order of their names.

    picked: their numbers. parts: the tasks, those to be read together in a list of their own;
    solvers of other tasks are left out. `advance` is told of lanes as they are done. scores: takes
    the lanes (see `score_rows.LANE`) of each solver. kept: has the lanes of an interrupted run,
    (solvers, samples of a task), and takes those of this one. shown: the train pairs of tasks, for
    solvers that use them. LaneProblem if a lane can't be run.
    """
    engine = battery.engine(limits)
    rows: list[SolverStress] = []
    for part in parts:
        drawn = read(part)
        solvers = [k for k in picked if task_of(battery.solvers[k]) in drawn]
        samples = _encoded(engine.image, drawn, shown)
        lanes = _run_part(engine, solvers, drawn, samples, advance, scores is not None, kept)
        if scores is not None:
            names = [battery.solvers[k] for k in solvers]
            scores.update(zip(names, lanes, strict=True))
        codes = [found["verdict"] for found in lanes]
        rows += _judge(battery, limits, solvers, drawn, codes, shown)
    return sorted(rows, key=lambda row: row.solver)


def _encoded(image: Image, drawn: Mapping[str, Drawn], shown: Mapping[str, TrainPairs]) -> Samples:
    """All samples, those of a task shown with its train pairs where a solver uses them."""
    samples = encode_drawn(list(drawn.values()))
    if not uses_shown(image):
        return samples
    pairs = [shown.get(task) for task, found in drawn.items() for _ in found.inputs.heights]
    return replace(samples, shown=encode_shown(pairs))


def _run_part(
    engine: engines.Engine,
    solvers: Sequence[int],
    drawn: Mapping[str, Drawn],
    samples: Samples,
    advance: Callable[[int], None],
    is_scored: bool,
    kept: Partial | None,
) -> list[np.ndarray]:
    """For each solver its lanes on the samples of its task, `LANE`; just the verdicts of them
    unless all is wanted.
    """
    begins: dict[str, int] = {}
    total = 0
    for task, found in drawn.items():
        begins[task] = total
        total += len(found.inputs.heights)
    names = engine.image.solvers
    wanted: list[Sequence[int]] = [()] * len(names)
    lanes = {}
    first = {}
    for k in solvers:
        task = task_of(names[k])
        size = len(drawn[task].inputs.heights)
        wanted[k] = range(begins[task], begins[task] + size)
        first[k] = begins[task]
        lanes[k] = np.zeros(size, LANE)
        if kept is not None:
            known = lanes[k] if is_scored else lanes[k]["verdict"]
            known[:] = kept.lanes[k, :size]
    blocks = blocks_for(wanted, len(samples), BLOCK)
    if kept is not None:
        blocks = [b for b in blocks if _lacks(kept, b, first)]
    for outcome in engine.run(samples, blocks, scores=is_scored):
        ended = lanes_in(outcome) if is_scored else outcome.verdicts
        for k, row in zip(outcome.solvers, ended, strict=True):
            at = outcome.block.first - first[k]
            part = lanes[k][at : at + len(row)]
            (part if is_scored else part["verdict"])[:] = row
        if kept is not None:
            kept.add(outcome.block.first - first[outcome.solvers[0]], outcome.solvers, ended)
        advance(outcome.verdicts.size)
    return [lanes[k] for k in solvers]


def _lacks(kept: Partial, block: Block, first: Mapping[int, int]) -> bool:
    """Whether lanes of a block, whose solvers all are of one task, have not been run."""
    solvers = list(block.solvers or ())
    begin = first[solvers[0]]
    return bool((kept.verdicts[solvers, block.first - begin : block.last - begin] == UNDONE).any())


def score_rows(scores: Mapping[str, np.ndarray]) -> Iterator[ScoreRows]:
    """The rows of all solvers, in order of their names; scores: what `run_stress` took."""
    for solver, lanes in sorted(scores.items()):
        task = task_of(solver)
        names = [f"{task} generated[{k}]" for k in range(len(lanes))]
        yield rows_of(solver, names, [task] * len(lanes), lanes)


def _judge(
    battery: CompiledBattery,
    limits: Limits,
    solvers: Sequence[int],
    drawn: Mapping[str, Drawn],
    codes: Sequence[np.ndarray],
    shown: Mapping[str, TrainPairs],
) -> list[SolverStress]:
    """Count, and look again at the first sample that each solver does not get right."""
    failed = {
        k: int(np.argmax(found != engines.RIGHT))
        for k, found in zip(solvers, codes, strict=True)
        if (found != engines.RIGHT).any()
    }
    places = [(task_of(battery.solvers[k]), at) for k, at in failed.items()]
    samples = [sample_of(drawn[task], at, shown.get(task)) for task, at in places]
    wanted: list[Sequence[int]] = [()] * len(battery.solvers)
    for place, k in enumerate(failed):
        wanted[k] = (place,)
    outcomes = battery.outcomes(samples, wanted, limits) if failed else []
    failures = {
        k: describe(f"generated[{at}]", sample, outcomes[k][0])
        for (k, at), sample in zip(failed.items(), samples, strict=True)
    }
    rows = []
    for k, found in zip(solvers, codes, strict=True):
        name = battery.solvers[k]
        right, wrong, error, over_budget = count_kinds(found).tolist()
        rows.append(
            SolverStress(
                *(name, task_of(name), len(found), right, wrong, error, over_budget),
                first_failing=failed.get(k),
                first_failure=failures.get(k),
            )
        )
    return rows


def sample_of(drawn: Drawn, number: int, shown: TrainPairs | None = None) -> Sample:
    """One of the samples, as those of a published task. shown: the train pairs of the task."""
    given, wanted = (_grid_of(grids, number) for grids in drawn)
    return Sample(given, wanted, shown)


def _grid_of(grids: Grids, number: int) -> Grid:
    areas = grids.heights * grids.widths
    begin = int(areas[:number].sum())
    cells = grids.cells[begin : begin + int(areas[number])]
    rows = cells.reshape(int(grids.heights[number]), int(grids.widths[number]))
    return tuple(tuple(row) for row in rows.tolist())
