"""The files in `solvers/`: one a task, in one style, all of them compile."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.diagnostics import render_all
from pipeline.frontend.units import split_units
from pipeline.primitives.table import TABLE

FOLDER = Path(__file__).resolve().parents[2] / "solvers"
SOLVERS = sorted(FOLDER.iterdir())
TASK = re.compile(r"[0-9a-f]{8}\Z")


def lines_of(path: Path) -> list[str]:
    """The lines of a file."""
    return path.read_text("utf-8").splitlines()


def primitives_of(path: Path) -> set[str]:
    """The primitives that a file names."""
    tree = ast.parse(path.read_text("utf-8"))
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} & TABLE.keys()


each_file = pytest.mark.parametrize("path", SOLVERS, ids=lambda path: path.name)


@each_file
def test_it_compiles(path: Path) -> None:
    units, found = split_units("own", path.name, path.read_bytes())
    compiled = [compile_unit(unit) for unit in units]
    found += [d for c in compiled for d in c.diagnostics]
    assert not found, render_all(found, {path.name: lines_of(path)})
    assert [unit.name for unit in units] == [f"own/{path.stem}"]


@each_file
def test_it_is_named_after_its_task(path: Path) -> None:
    assert TASK.match(path.stem)
    assert path.suffix == ".py"


@each_file
def test_it_is_a_comment_and_one_function(path: Path) -> None:
    lines = lines_of(path)
    assert lines[0].startswith("# ")
    tree = ast.parse("\n".join(lines))
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    assert function.name == f"solve_{path.stem}"
    assert all(line.startswith("# ") for line in lines[: function.lineno - 1])
    assert ast.unparse(function.args) == "I"
    assert isinstance(function.body[-1], ast.Return)


@each_file
def test_its_lines_are_short_and_clean(path: Path) -> None:
    text = path.read_bytes()
    assert text.isascii()
    assert text.endswith(b"\n")
    assert not text.endswith(b"\n\n")
    assert b"\r" not in text
    assert b"\t" not in text
    for line in lines_of(path):
        assert len(line) <= 100
        assert line == line.rstrip()


def test_there_are_enough_of_them() -> None:
    assert len(SOLVERS) >= 60


def test_together_they_use_most_primitives() -> None:
    used = set().union(*(primitives_of(path) for path in SOLVERS))
    assert len(used) >= 120, f"not used: {sorted(TABLE.keys() - used)}"
