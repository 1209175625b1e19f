"""The commands that look at solvers, and generated files run by themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.commands import ir, standalone
from pipeline.config.config import load_config
from pipeline.config.context import Context
from pipeline.config.solvers import find_units, read_lines
from tests.extracted import extract_all
from tests.project import PROJECT


@pytest.fixture(autouse=True)
def in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    extract_all()


def test_a_solver_is_found_by_its_name_with_and_without_corpus() -> None:
    config = load_config()
    names = [unit.name for unit in find_units(config, "00d62c1b")]
    assert names == ["own/00d62c1b", "re-arc/00d62c1b"]
    assert [unit.name for unit in find_units(config, "re-arc/00d62c1b")] == ["re-arc/00d62c1b"]
    assert find_units(config, "ffffffff") == []


def test_ir_prints_the_graph_after_the_pass_asked_for(capsys: Any) -> None:
    assert ir.print_ir(Context.of(), "own/67a3c6ac", "resolve") == 0
    untyped = capsys.readouterr().out
    assert "n1 = vmirror(n0)" in untyped
    assert ir.print_ir(Context.of(), "own/67a3c6ac", "") == 0
    assert "n1: Grid = vmirror(n0)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("solver", "after", "said"),
    [
        ("", "", "which solver? `doit ir --solver CORPUS/ID`\n"),
        ("own/67a3c6ac", "x", "no pass 'x'; there are resolve, infer, flatten, intern\n"),
        ("own/ffffffff", "", "no solver 'own/ffffffff' in the corpora of config.yaml\n"),
    ],
)
def test_ir_says_what_is_wrong_with_the_question(
    capsys: Any, solver: str, after: str, said: str
) -> None:
    assert ir.print_ir(Context.of(), solver, after) == 2
    assert capsys.readouterr().err == said


def test_the_lines_of_a_file_that_is_gone_are_none() -> None:
    assert read_lines("solvers/no-such-file.py") == []


def test_a_generated_solver_runs_by_itself(tmp_path: Path) -> None:
    unit = find_units(load_config(), "own/67a3c6ac")[0]
    code = compile_unit(unit).code
    assert code is not None
    path = tmp_path / "67a3c6ac.py"
    path.write_text(code)
    environment = {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, str(path)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "check: 1 of 1 tasks solved, 4 of 4 samples right (reference," in done.stdout


def test_without_data_a_generated_solver_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(standalone, "tasks_of", _no_data)
    with pytest.raises(SystemExit, match="2"):
        standalone.main(lambda rt: None, "own/67a3c6ac")
    assert capsys.readouterr().err.startswith("there is no data: run `doit data`")


def _no_data(config: Any) -> Any:
    raise standalone.DataError("there is no data: run `doit data`")
