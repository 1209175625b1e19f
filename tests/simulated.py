"""The CUDA backend on Numba's simulator, in processes of its own: what Numba is, is settled when it
is imported.

    run("fuzz", "1", "96")                      what `simulated_cases.fuzz` gives
    ran(Case(threads=5), Case(keep="none"))     how the lanes of `mixed_battery` ended

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

MEMORY = 16 << 20
"""Bytes of a device that has enough for every lane."""

SIZES = {"HEAP_WORDS": 1 << 16, "LEAST_HEAP_WORDS": 1 << 14, "GRID_WORDS": 1 << 15}
"""Constants of `cuda_engine` with which several teams have room."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the battery.

    blocks: first and last sample, and solvers, all if None. devices: how many; processors: how many
    teams each has. sizes: constants of `cuda_engine` besides SIZES. faults: the kernels in which
    the devices fail; failing: how many of the first launches fail. spare: whether a CPU engine
    stands by; scores: whether they are asked for. pauses: seed of random pauses before threads add
    to shared words; watch: look for words that threads use at the same time, and waits that not
    all come to.
    """

    blocks: list[tuple[int, int, list[int] | None]]
    keep: str = "all"
    threads: int = 2
    processors: int = 2
    devices: int = 1
    memory: int = MEMORY
    sizes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    failing: int = 0
    spare: bool = False
    scores: bool = False
    pauses: int | None = None
    watch: bool = False


@dataclass(frozen=True, slots=True)
class Launched:
    """What a device was launched with: how many blocks and lanes, teams, words of each heap."""

    device: int
    blocks: int
    lanes: int
    teams: int
    threads: int
    heap_words: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a case.

    lanes: the verdict and the kept grid, or None, of each solver and sample, in the order in which
    they came; scores: solver, sample and the score's words; outcomes: how many there were. usage:
    the engine's counts. error: the exception's name, text and fields. kernels: which had lanes to
    run so far. order: in which order threads added to shared words, hashed. found: what the watch
    found.
    """

    lanes: list[tuple[int, int, int, Any]]
    scores: list[list[int]]
    outcomes: int
    launches: list[Launched]
    usage: dict[str, float]
    resets: int
    error: dict[str, Any]
    kernels: list[str]
    order: str
    found: list[str]

    def ends(self) -> dict[tuple[int, int], tuple[int, Any]]:
        """The verdict and the kept grid by solver and sample; each may come only once."""
        ends = {(solver, sample): (code, grid) for solver, sample, code, grid in self.lanes}
        assert len(ends) == len(self.lanes)
        return ends


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
    return [_ran(found) for found in run("cases", json.dumps([asdict(case) for case in cases]))]


def _ran(found: dict[str, Any]) -> Ran:
    lanes = [(solver, sample, code, _grid(rows)) for solver, sample, code, rows in found["lanes"]]
    launches = [Launched(**launch) for launch in found["launches"]]
    return Ran(**found | {"lanes": lanes, "launches": launches})


def _grid(rows: Any) -> Any:
    return None if rows is None else tuple(map(tuple, rows))


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:]), indent=1))
