"""Sharing solvers among threads, with a compiler and a disk of our own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.codegen.compile import Compiled
from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.units import Unit
from pipeline.incremental.generate import TOGETHER, Generator
from pipeline.incremental.plan import BuildError, Plan
from pipeline.system.records import Piece, Records

NAMES = [f"own/{k:08x}" for k in range(100)]


class Compilers:
    """Compiles to the solver's name; some solvers are broken, some can't be compiled now."""

    def __init__(self) -> None:
        self.compiled: Counter[str] = Counter()
        self.broken: set[str] = set()
        self.failing: set[str] = set()

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        for unit in units:
            if unit.name in self.failing:
                raise BuildError(f"no {unit.name}")
            self.compiled[unit.name] += 1
            problem = Diagnostic(Span(unit.path, 1, 1), "wrong", "it is")
            broken = unit.name in self.broken
            yield Compiled(None if broken else unit.name, "{}", (problem,) if broken else ())


class FakePlan(Plan):
    """All solvers are to be built."""

    def __init__(self) -> None:
        self.env = "env"
        self.units = {name: (("own", "f.py"), Piece(name, 1, name)) for name in NAMES}
        self.pending = dict.fromkeys(NAMES)
        self.current = {}

    def unit(self, name: str) -> Unit:
        return Unit(name, "f.py", 1, "")

    def cache_key(self, name: str) -> str:
        return name


class NoObjects:
    """A cache that is empty."""

    def get(self, key: str) -> None:
        return None

    def put(self, key: str, texts: tuple[str, ...]) -> None:
        pass


@pytest.fixture
def generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator:
    monkeypatch.chdir(tmp_path)
    records = Records("db", print)
    plan: Any = FakePlan()
    plan.units = {n: type("Entry", (), {"piece": e[1]}) for n, e in plan.units.items()}
    parts: Any = (plan, records, NoObjects(), Compilers())
    return Generator(*parts, NAMES)


def test_one_task_builds_several(generator: Generator) -> None:
    generator.build(NAMES[3])
    built = {NAMES[3], *[n for n in NAMES if n != NAMES[3]][: TOGETHER - 1]}
    assert set(generator._plan.current) == built
    assert set(generator._plan.pending) == set(NAMES) - built
    assert generator._records.units().keys() == built


def test_threads_build_each_solver_once(generator: Generator) -> None:
    def work(names: list[str]) -> None:
        for name in names:
            generator.build(name)
            assert name in generator._plan.current

    threads = [threading.Thread(target=work, args=(NAMES[k::4],)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    compilers: Any = generator.compilers
    assert compilers.compiled == Counter(NAMES)
    assert generator.counts == {"generated": len(NAMES)}


def test_failure_of_another_solver_is_left_to_its_own_task(generator: Generator) -> None:
    compilers: Any = generator.compilers
    compilers.failing = {NAMES[5]}
    generator.build(NAMES[0])
    assert set(generator._plan.current) == set(NAMES[:5])
    with pytest.raises(BuildError, match=NAMES[5]):
        generator.build(NAMES[5])
    compilers.failing = set()
    generator.build(NAMES[5])
    generator.build(NAMES[6])
    assert set(NAMES[:7]) <= set(generator._plan.current)
    assert max(compilers.compiled.values()) == 1


def test_broken_solver_is_recorded_without_outputs(generator: Generator) -> None:
    compilers: Any = generator.compilers
    compilers.broken = {NAMES[1]}
    generator.build(NAMES[0])
    row = generator._records.units()[NAMES[1]]
    assert row.problems is not None
    assert not Path(f"generated/solvers/{NAMES[1]}.py").exists()
    assert Path(f"generated/solvers/{NAMES[0]}.py").read_text() == NAMES[0]
