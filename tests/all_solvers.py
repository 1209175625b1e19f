"""All solvers of the default corpora, compiled and linked once for the tests that run them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.battery.batteries import ReferenceBattery, battery_of
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.data.corpora import extract_corpus
from pipeline.data.tasks import Task
from pipeline.engine.image import Image
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit, split_units
from tests.extracted import training
from tests.project import CACHE, PROJECT


@dataclass(frozen=True)
class Linked:
    """Every solver, parsed, and the battery of all of them; its statistics and its image too."""

    programs: dict[str, Program]
    battery: ReferenceBattery
    statistics: str
    image: Image


def _units() -> Iterator[Unit]:
    files = [("own", path) for path in sorted(Path(PROJECT, "solvers").glob("*.py"))]
    files.append(("re-arc", extract_corpus(CACHE)))
    for corpus, path in files:
        units, found = split_units(corpus, path.as_posix(), path.read_bytes())
        assert not found
        yield from units


@pytest.fixture(scope="session")
def linked() -> Linked:
    """The battery of all own solvers and all verifiers; every one must compile."""
    programs: dict[str, Program] = {}
    graphs: list[tuple[str, str]] = []
    for unit in _units():
        compiled = compile_unit(unit)
        assert compiled.code is not None, compiled.diagnostics
        graphs.append((unit.name, compiled.graph))
        program, _ = parse_unit(unit)
        assert program is not None
        programs[unit.name] = program
    made = link(graphs)
    return Linked(programs, battery_of(made.code), made.statistics, made.image)


@pytest.fixture(scope="session")
def tasks() -> dict[str, Task]:
    """The 400 tasks of the ARC-AGI-1 training set."""
    return training()
