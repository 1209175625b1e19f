"""Where in its source a solver fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pipeline.battery.results import FirstFailure, SolverResult
from pipeline.config.config import Config
from pipeline.config.solvers import SolverTexts
from pipeline.data.tasks import Sample, Task
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit
from pipeline.ir.status import Limits
from pipeline.oracle.interpret import locate


@dataclass(frozen=True, eq=False)
class Locator:
    """Gives failures their places. They come from interpreting a sample again: generated code and
    interpretation agree on how a lane ends, and the interpreter knows the statement.

    unit_of: the text of a solver by its name, if there is any.
    """

    unit_of: Callable[[str], Unit | None]
    limits: Limits
    parsed: dict[str, Program | None] = field(default_factory=dict)

    def __call__(self, solver: str, sample: Sample, failure: FirstFailure) -> FirstFailure:
        """The failure of a solver on a sample with its place, if that can be found."""
        if solver not in self.parsed:
            unit = self.unit_of(solver)
            self.parsed[solver] = parse_unit(unit)[0] if unit is not None else None
        program = self.parsed[solver]
        if program is None:
            return failure
        span = locate(program, sample.input, self.limits, sample.shown)
        if span is None:
            return failure
        return replace(failure, **span._asdict())


def locator_of(config: Config) -> Locator:
    """One that finds each text when it is asked for."""
    return Locator(SolverTexts(config).first, config.budget)


def located_row(locate: Locator, tasks: dict[str, Task], row: SolverResult) -> SolverResult:
    """The row with the place in the source where its first failing sample failed."""
    failure = row.first_failure
    if failure is None or not failure.reason:
        return row
    sample = _sample_of(tasks[row.task], failure)
    return replace(row, first_failure=locate(row.solver, sample, failure))


def _sample_of(task: Task, failure: FirstFailure) -> Sample:
    part, _, place = failure.sample.rstrip("]").partition("[")
    samples = task.train if part == "train" else task.test
    return samples[int(place)]
