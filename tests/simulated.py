"""The CUDA backend on Numba's simulator, as a process of its own: what Numba is, is settled when it
is imported.

    python -m tests.simulated fuzz SEED PROGRAMS [FIRST]    as JSON: what was compared
    python -m tests.simulated FUNCTION ...                  what one of the functions below gives

Threads of a team, teams and heaps are few and small here, so that they meet.
"""

from __future__ import annotations

import os

os.environ["NUMBA_ENABLE_CUDASIM"] = "1"

import json
import subprocess
import sys
from typing import Any

from pipeline.battery import fuzz
from pipeline.data.fetch import PROJECT
from pipeline.runtime.backends import cpu, cuda
from pipeline.runtime.cuda import simulated, target
from pipeline.runtime.image import Image

MEMORY = 48 << 20
USED: set[str] = set()
"""The kernels that the runs of this process called."""


class Runtime(cpu.Runtime):
    """As the CPU's, on two simulated teams of three threads."""

    name = "cuda"

    def engine(self, image: Image) -> cuda.Engine:
        """What runs the program."""
        USED.update(image.kernels)
        device = simulated.Device(MEMORY)
        return cuda.Engine(image, target.numbers(), [device], MEMORY, self.limits, threads=3)


SIMULATED = fuzz.Backend("cuda", Runtime, alone=1 << 30, together=True)


def fuzzed(seed: str, programs: str, first: str = "0") -> dict[str, Any]:
    """Compare random programs with their direct interpretation."""
    found = fuzz.Summary()
    for numbers in fuzz.blocks_of(int(programs), int(first)):
        fuzz.run_block(int(seed), numbers, [SIMULATED], found)
    return {
        "compared": sum(found.compared.values()),
        "lanes": {f"{limits} {what}": n for (limits, what), n in sorted(found.lanes.items())},
        "mismatches": [
            f"{m.number} {m.way}: {m.expected!s:.200} / {m.got!s:.9000}" for m in found.mismatches
        ],
        "kernels": sorted(USED),
    }


FUNCTIONS = {"fuzz": fuzzed}


def run(*words: str, seconds: float = 600) -> Any:
    """What a function here gives, in a process of its own."""
    command = [sys.executable, "-m", "tests.simulated", *words]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(FUNCTIONS[sys.argv[1]](*sys.argv[2:])))
