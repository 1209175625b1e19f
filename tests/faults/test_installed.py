"""A project that holds nothing of ours but `dodo.py`: the package is installed elsewhere, and the
whole cache is where `cache.dir` says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled import compiled_kernels
from tests.extracted import extract_all
from tests.project import CACHE, PROJECT

CONFIG = """
corpora: {own: {path: mine}}
data: [./tasks.json]
known_failures: {}
cache: {dir: kept/cache}
"""
GRID = [[1, 2], [3, 4]]
FLIPPED = [[2, 1], [4, 3]]
SOLVER = "def solve_0a1b2c3d(I):\n    O = vmirror(I)\n    return O\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the package, as an installation that can't be edited has it."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "pipeline", tmp_path / "site" / "pipeline", ignore=skip)
    return tmp_path / "site"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a solver and a task; what is fetched and compiled is in its cache already."""
    root = tmp_path / "project"
    (root / "mine").mkdir(parents=True)
    shutil.copy(PROJECT / "dodo.py", root)
    (root / "config.yaml").write_text(CONFIG)
    (root / "mine" / "0a1b2c3d.py").write_text(SOLVER)
    pair = {"input": GRID, "output": FLIPPED}
    tasks = {"0a1b2c3d": {"train": [pair, pair], "test": [pair]}}
    (root / "tasks.json").write_text(json.dumps(tasks))
    extract_all()
    (root / "kept" / "cache").mkdir(parents=True)
    (root / "kept/cache/downloads").symlink_to(CACHE / "downloads")
    (root / "kept/cache/kernels").symlink_to(compiled_kernels())
    return root


def run(site: Path, folder: Path, *words: str) -> str:
    """What a command prints, run where there is no package."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_solvers_are_checked_beside_an_installed_package(
    site: Path, project: Path, tmp_path: Path
) -> None:
    printed = run(site, project, "-m", "doit")
    assert "check: 1 of 1 tasks solved, 3 of 3 samples right" in printed
    assert run(site, project, "-m", "doit").splitlines()[-1] == "check_batt: up to date"
    names = {path.name for path in project.iterdir()} - {"__pycache__"}
    assert sorted(names) == [
        *(".doit.db", ".doit.db.lock", "config.yaml", "dodo.py"),
        *("generated", "kept", "mine", "tasks.json"),
    ]
    solver = project / "generated/solvers/own/0a1b2c3d.py"
    assert "3 of 3 samples right (reference" in run(site, tmp_path, str(solver))


def test_an_edit_of_the_installed_package_is_seen(site: Path, project: Path) -> None:
    run(site, project, "-m", "doit")
    with open(site / "pipeline/battery/results.py", "a") as file:
        file.write("\n# another rule\n")
    printed = run(site, project, "-m", "doit").splitlines()
    assert printed[:2] == ["generate: 1 up to date", "link: up to date"]
    assert printed[-1].startswith("check: 1 of 1 tasks solved")
    with open(site / "pipeline/trust/programs/writer.py", "a") as file:
        file.write("\n# another comment\n")
    assert run(site, project, "-m", "doit").splitlines()[-1] == "check_batt: up to date"
