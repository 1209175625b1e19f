"""The checkers that `doit lint` runs are content."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.commands.jobs import CHECKERS
from tests.project import PROJECT


@pytest.mark.parametrize("words", CHECKERS, ids=" ".join)
def test_checker_is_content(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
