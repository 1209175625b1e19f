"""The command `stubs`, and what Pyright makes of solvers with what it writes."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.commands.stubs import stubs
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import ROWS
from tests.project import PROJECT

FAULTY = """\
from dsl import hmirror as flipped


def solve_00000000(I):
    left, right = lefthalf(asobject(I)), righthalf(I)
    wide = hconcat(flipped(I), hmirrr(I), I)
    chosen = branch(T, hmirror, fgpartition)(I)
    shapes = objects(I, T, F, F)
    largest = argmax(shapes, size)
    bare = paint(canvas(ZERO, UNITY), merge(apply(rbind(shift, UP), shapes)))
    O = fill(I, largest, largest)
    return O
"""


def test_a_second_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my editor" / "typings"
    for done in ("written", "up to date"):
        assert stubs(folder) == 0
        said = capsys.readouterr().out
        assert said == f"stubs: {folder}/dsl.pyi {done}\nstubs: {folder}/__builtins__.pyi {done}\n"
    (folder / "dsl.pyi").write_text("")
    stubs(folder)
    text = (folder / "dsl.pyi").read_text()
    assert set(re.findall(r"^def (\w+)", text, re.M)) == {row.name for row in ROWS}
    assert all(f"\n{name}: Final = " in text for name in CONSTANTS)


@pytest.mark.skipif(
    not importlib.util.find_spec("pyright"), reason="Pyright is not installed: .[test] has it"
)
def test_pyright_finds_no_fault_with_our_solvers_and_names_one_that_is_there(
    tmp_path: Path,
) -> None:
    stubs(tmp_path / "typings")
    shutil.copytree(PROJECT / "solvers", tmp_path / "solvers")
    (tmp_path / "faulty.py").write_text(FAULTY)
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "solvers", "typings", "faulty.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYRIGHT_PYTHON_FORCE_VERSION": "", "NODE_OPTIONS": ""},
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:  # it is no test of ours that Pyright can be run
        pytest.skip(f"Pyright does not run here: {(done.stdout + done.stderr)[-300:]}")
    assert found["summary"]["filesAnalyzed"] == len(list(PROJECT.glob("solvers/*.py"))) + 3
    faults = [fault for fault in found["generalDiagnostics"] if fault["severity"] == "error"]
    assert {Path(fault["file"]).name for fault in faults} == {"faulty.py"}
    assert sorted({1 + fault["range"]["start"]["line"] for fault in faults}) == [5, 6, 11]
    said = "\n".join(fault["message"] for fault in faults)
    assert '"hmirrr" is not defined' in said
    assert "Expected 2 positional arguments" in said
    assert 'parameter "value" of type "Integer | None"' in said
