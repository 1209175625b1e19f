"""Where a link finds graphs: made in this run, kept, or compiled once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.codegen.compile import Compiled, compile_unit
from pipeline.frontend.units import Unit
from pipeline.incremental.graphs import graphs_of
from pipeline.incremental.plan import BuildError
from pipeline.system.cache import Objects
from pipeline.system.stamp import digest
from tests.programs_text import unit_of

UNITS = {f"own/{k}": unit_of(body) for k, body in enumerate(("I", "rot90(I)", "hmirror(I)"))}
MADE = {name: compile_unit(unit) for name, unit in UNITS.items()}
CODES = {name: digest((made.code or "").encode()) for name, made in MADE.items()}
EXPECTED = [(name, made.graph) for name, made in MADE.items()]


class Looked:
    """What `graphs_of` asks of a session; `compiled` says which solvers were compiled again."""

    def __init__(self, folder: Path, made: dict[str, str] | None = None) -> None:
        self.plan: Any = SimpleNamespace(graph_key=lambda code: f"key of {code}", unit=UNITS.get)
        self.objects = Objects(str(folder / "objects.db"), 1 << 20, print)
        self.generator = SimpleNamespace(compilers=self)
        self.made = made or {}
        self.compiled: list[str] = []

    def graphs(self) -> dict[str, str]:
        return self.made

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        for unit in units:
            self.compiled.append(next(name for name, u in UNITS.items() if u is unit))
            yield compile_unit(unit)


def found(looked: Any) -> list[tuple[str, str]]:
    return graphs_of(looked, list(CODES.items()))


def test_what_is_kept_nowhere_is_compiled_once(tmp_path: Path) -> None:
    looked = Looked(tmp_path)
    assert found(looked) == EXPECTED
    assert looked.compiled == list(UNITS)
    looked.objects.close()
    again = Looked(tmp_path)
    assert found(again) == EXPECTED
    assert again.compiled == []


def test_what_was_made_in_this_run_needs_no_cache(tmp_path: Path) -> None:
    looked = Looked(tmp_path, {"own/1": MADE["own/1"].graph})
    assert found(looked) == EXPECTED
    assert looked.compiled == ["own/0", "own/2"]


def test_what_the_cache_lost_is_compiled_again(tmp_path: Path) -> None:
    found(Looked(tmp_path))
    looked = Looked(tmp_path)
    looked.objects._execute("delete from objects where key like ?", f"%{CODES['own/2']}")
    key = f"key of {CODES['own/0']}"
    looked.objects._execute("update objects set data = substr(data, 1, 80) where key = ?", key)
    assert found(looked) == EXPECTED
    assert looked.compiled == ["own/0", "own/2"]


def test_a_solver_that_gives_other_code_now_is_an_error(tmp_path: Path) -> None:
    looked: Any = Looked(tmp_path)
    with pytest.raises(BuildError, match=r"^generated/solvers/own/1.py is not what its source"):
        graphs_of(looked, [("own/1", CODES["own/2"])])
