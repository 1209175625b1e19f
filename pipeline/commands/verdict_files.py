"""What `--junit` and `--annotations` ask for: verdicts for those who run builds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pipeline.battery.results import SolverResult
from pipeline.config.solvers import read_lines
from pipeline.diagnostics import Diagnostic
from pipeline.frontend.units import Unit
from pipeline.incremental.plan import Plan
from pipeline.incremental.problems import load_problems
from pipeline.report.verdicts import Place, annotation_lines, cases_of, file_cases, junit_text
from pipeline.system.atomic import write_atomic


@dataclass(frozen=True, slots=True)
class VerdictFiles:
    """Where verdicts go beside the terminal: to a file of JUnit XML, and as annotations of GitHub.

    broken: what is wrong with the solvers that have no code, by name; files: with whole files.
    """

    junit: str = ""
    annotations: bool = False
    broken: Mapping[str, Sequence[Diagnostic]] = field(default_factory=dict)
    files: Sequence[Diagnostic] = ()

    @classmethod
    def asked(cls, junit: str, annotations: bool, plan: Callable[[], Plan]) -> VerdictFiles:
        """What the options ask for; the plan knows what is broken, and is made only if needed."""
        if not junit and not annotations:
            return cls()
        broken = {name: list(load_problems(text)) for name, text in plan().why_broken().items()}
        files = [found for text in plan().sources.problems() for found in load_problems(text)]
        return cls(junit, annotations, broken, files)

    def put(
        self,
        workload: str,
        rows: Iterable[SolverResult],
        known: Mapping[str, Sequence[str]],
        unit_of: Callable[[str], Unit | None],
        seconds: float,
    ) -> None:
        """Write the file, and print the annotations; nothing where nothing was asked for."""
        if not self.junit and not self.annotations:
            return

        def place_of(name: str) -> Place:
            unit = unit_of(name)
            return (unit.path, unit.first_line) if unit is not None else ("", 0)

        lines = cache(read_lines)
        cases = [*file_cases(self.files, lines)]
        cases += cases_of(rows, known, self.broken, place_of, lines)
        if self.junit:
            write_atomic(self.junit, junit_text(workload, cases, seconds).encode())
        if self.annotations:
            for line in annotation_lines(cases, os.environ.get("GITHUB_WORKSPACE", "")):
                print(line)


NO_FILES = VerdictFiles()
