"""All solvers of the default corpora, compiled and linked once for the tests that run them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.batteries import ReferenceBattery
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.data.arc import load_tasks
from pipeline.data.corpora import extract_corpus
from pipeline.data.fetch import PROJECT
from pipeline.data.tasks import Task
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit, split_units
from tests.extracted import extract_all


@dataclass(frozen=True)
class Linked:
    """Every solver, parsed, and the battery of all of them, its text and its statistics too."""

    programs: dict[str, Program]
    battery: ReferenceBattery
    code: str
    statistics: str


def _units() -> Iterator[Unit]:
    files = [("own", path) for path in sorted(Path(PROJECT, "solvers").glob("*.py"))]
    files.append(("re-arc", extract_corpus(PROJECT)))
    for corpus, path in files:
        units, found = split_units(corpus, path.as_posix(), path.read_bytes())
        assert not found
        yield from units


@pytest.fixture(scope="session")
def linked() -> Linked:
    """The battery of all own solvers and all verifiers; every one must compile."""
    programs: dict[str, Program] = {}
    modules: list[tuple[str, str]] = []
    for unit in _units():
        compiled = compile_unit(unit)
        assert compiled.code is not None, compiled.diagnostics
        modules.append((unit.name, compiled.code))
        program, _ = parse_unit(unit)
        assert program is not None
        programs[unit.name] = program
    scope: dict[str, Any] = {"__name__": "batt"}
    made = link(modules)
    exec(compile(made.code, "batt.py", "exec"), scope)
    battery = ReferenceBattery(scope["SOLVERS"], scope["evaluate"])
    return Linked(programs, battery, made.code, made.statistics)


@pytest.fixture(scope="session")
def tasks() -> dict[str, Task]:
    """The 400 tasks of the ARC-AGI-1 training set."""
    extract_all()
    return load_tasks("arc1-train")
