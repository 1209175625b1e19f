"""Where in its source a solver fails, for those who ask about many lanes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pipeline.battery.results import FirstFailure
from pipeline.config.config import Config
from pipeline.config.solvers import source_files
from pipeline.data.arc import Grid
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit, split_units
from pipeline.ir.status import Limits
from pipeline.oracle.interpret import locate


def all_units(config: Config) -> dict[str, Unit]:
    """The solvers of all corpora by name; of one that is defined twice, the first."""
    found: dict[str, Unit] = {}
    for corpus in config.corpora:
        for path in source_files(config, corpus.name):
            for unit in split_units(corpus.name, path.as_posix(), path.read_bytes())[0]:
                found.setdefault(unit.name, unit)
    return found


@dataclass(frozen=True, eq=False)
class Locator:
    """Gives failures their places. They come from interpreting a sample again: generated code and
    interpretation agree on how a lane ends, and the interpreter knows the statement.
    """

    units: dict[str, Unit]
    limits: Limits
    parsed: dict[str, Program | None] = field(default_factory=dict)

    def __call__(self, solver: str, grid: Grid, failure: FirstFailure) -> FirstFailure:
        """The failure of a solver on a grid with its place, if that can be found."""
        if solver not in self.parsed:
            unit = self.units.get(solver)
            self.parsed[solver] = parse_unit(unit)[0] if unit is not None else None
        program = self.parsed[solver]
        span = locate(program, grid, self.limits) if program is not None else None
        if span is None:
            return failure
        return replace(failure, **span._asdict())
