"""Where in its source a solver fails.

Interpreting a sample takes 20 ms where the engine takes a thousandth of that, so that of thousands
of candidates those that fail cost more than all else of a check. What is found is kept in the
cache, by all that it depends on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace

from pipeline.battery.results import FirstFailure, SolverResult
from pipeline.config.config import Config
from pipeline.config.solvers import SolverTexts
from pipeline.data.tasks import Grid, Task
from pipeline.diagnostics import Span
from pipeline.frontend.libraries import NOTHING_USED
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit
from pipeline.ir.status import Failure, Limits
from pipeline.oracle.interpret import locate
from pipeline.system.cache import Objects
from pipeline.system.stamp import digest


@dataclass(frozen=True)
class KeptPlaces:
    """Places that were found before, in the cache; code: the digest of the code that finds them."""

    objects: Objects
    code: str

    def key(self, unit: Unit, grid: Grid, limits: Limits) -> str:
        """The hash of all that the place depends on; "" where a unit is not all of its text."""
        if unit.used != NOTHING_USED:
            return ""
        text = unit.text, unit.shared, unit.dialect, unit.first_line
        return digest(f"place\0{self.code}\0{json.dumps((text, grid, astuple(limits)))}".encode())

    def get(self, key: str, path: str) -> tuple[Span, str] | None:
        """Where in a file it failed, and what did; None where that is not known."""
        found = self.objects.get(key) if key else None
        if found is None:
            return None
        line, column, width, operation = found
        return Span(path, int(line), int(column), int(width)), operation

    def put(self, key: str, path: str, span: Span, operation: str) -> None:
        """Keep a place that is in this file."""
        if key and span.path == path:
            self.objects.put(key, (*map(str, span[1:]), operation))


@dataclass(frozen=True, eq=False)
class Locator:
    """Gives failures their places. They come from interpreting a sample again: generated code and
    interpretation agree on how a lane ends, and the interpreter knows the statement, and what in it
    is called what there is no name for in compiled code.

    unit_of: the text of a solver by its name, if there is any. kept: where places are kept.
    """

    unit_of: Callable[[str], Unit | None]
    limits: Limits
    kept: KeptPlaces | None = None
    parsed: dict[str, Program | None] = field(default_factory=dict)

    def __call__(self, solver: str, grid: Grid, failure: FirstFailure) -> FirstFailure:
        """The failure of a solver on a grid with its place, if that can be found."""
        unit = self.unit_of(solver)
        found = None if unit is None else self._found(unit, grid)
        if found is None:
            return failure
        span, operation = found
        located = replace(failure, **span._asdict())
        if not operation:
            return located
        message = str(Failure(failure.reason, operation))
        return replace(located, operation=operation, message=message)

    def _found(self, unit: Unit, grid: Grid) -> tuple[Span, str] | None:
        if self.kept is None:
            return self._interpreted(unit, grid)
        key = self.kept.key(unit, grid, self.limits)
        found = self.kept.get(key, unit.path)
        if found is None:
            found = self._interpreted(unit, grid)
            if found is not None:
                self.kept.put(key, unit.path, *found)
        return found

    def _interpreted(self, unit: Unit, grid: Grid) -> tuple[Span, str] | None:
        if unit.name not in self.parsed:
            self.parsed[unit.name] = parse_unit(unit)[0]
        program = self.parsed[unit.name]
        found = None if program is None else locate(program, grid, self.limits)
        return None if found is None else (found[0], found[1].operation)


def locator_of(config: Config, kept: KeptPlaces | None = None) -> Locator:
    """One that finds each text when it is asked for."""
    return Locator(SolverTexts(config).first, config.budget, kept)


def located_row(locate: Locator, tasks: dict[str, Task], row: SolverResult) -> SolverResult:
    """The row with the place in the source where its first failing sample failed."""
    failure = row.first_failure
    if failure is None or not failure.reason:
        return row
    grid = _sample_input(tasks[row.task], failure)
    return replace(row, first_failure=locate(row.solver, grid, failure))


def _sample_input(task: Task, failure: FirstFailure) -> Grid:
    part, _, place = failure.sample.rstrip("]").partition("[")
    samples = task.train if part == "train" else task.test
    return samples[int(place)].input
