"""The CUDA backend on Numba's simulator, in processes of its own: what Numba is, is settled when it
is imported.

    run("fuzz", "1", "96")                      what `simulated_cases.fuzz` gives
    ran(Case(WHOLE, threads=5))                 the lanes of `mixed_battery`, watched

By hand: `python -m tests.simulated fuzz SEED PROGRAMS FIRST`, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.project import PROJECT
from tests.small_devices import Stretches


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the battery under the watch.

    processors: how many teams there are; sizes: constants of `cuda_engine` besides
    `small_devices.SIZES`.
    """

    blocks: Stretches
    threads: int = 2
    processors: int = 2
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a case: how many lanes were done, and what the watch found."""

    lanes: int
    found: list[str]


def run(function: str, *words: str, seconds: float = 900) -> Any:
    """What a function of `simulated_cases` gives."""
    command = [sys.executable, "-m", "tests.simulated_cases", function, *words]
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=seconds
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def ran(*cases: Case) -> list[Ran]:
    """What comes of each case, all in one process."""
    return [Ran(**found) for found in run("cases", json.dumps([asdict(case) for case in cases]))]


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:]), indent=1))
