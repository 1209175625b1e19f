"""For all tests: random examples take the time that they take, however busy the machine is, and
compiled kernels are those of the repository, wherever a test runs.
"""

from __future__ import annotations

import compileall
import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

PROJECT = Path(__file__).resolve().parents[1]
KERNELS = PROJECT / ".cache" / "kernels"
os.environ.setdefault("ARC_KERNELS", str(KERNELS))  # before the module that reads it is imported


def pytest_collection_finish() -> None:
    """Take the tests themselves out of what the collector looks through: they stay to the end, and
    commands that collect before they measure would pay for all of them each time.
    """
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package to bytecode: working trees that tests make take it along, and each of
    hundreds of commands in them would compile it for itself.
    """
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(PROJECT / "pipeline", quiet=2)
