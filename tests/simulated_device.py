"""The same launches on Numba's simulator: threads of a team are Python threads.

`NUMBA_ENABLE_CUDASIM=1` must be set before Numba is imported. It is slow, some milliseconds an
instruction, and takes nothing but Numba CUDA's Python code: for tests, where there is no GPU.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from pipeline.engine.cuda import team_loops, texts
from pipeline.engine.cuda.driver import DeviceFacts, LaunchTiming
from pipeline.kernels import drive, team
from pipeline.kernels.binding import Binder
from tests.host_device import HostDevice

THREADS: Final = 4
SWITCH_SECONDS: Final = 1e-5
"""How soon a thread that waits gets its turn: the simulator's threads wait for each other."""

_PRELUDE: Final = """
def thread():
    return cuda.threadIdx.x

def threads():
    return cuda.blockDim.x

def block():
    return cuda.blockIdx.x

def barrier():
    cuda.syncthreads()

def wait(m):
    cuda.syncthreads()

def claim(m, at, amount):
    return cuda.atomic.add(m.heap, at, amount)

def run_code(m, code, at, count):
    KERNELS[code](m.heap, m.colours, m.state, m.rank, m.team, at, count)
"""


class _Array:
    """An array whose elements are plain integers: what the simulator gives is slow."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getitem__(self, place: int) -> int:
        if place < 0:
            raise IndexError(f"a word at {place} is read")
        value: int = self.array.item(place)
        return value

    def __setitem__(self, place: int, value: int) -> None:
        if place < 0:
            raise IndexError(f"a word at {place} is written")
        self.array[place] = value


@cache
def _main() -> Any:
    from numba import config, cuda

    if not config.ENABLE_CUDASIM:
        raise RuntimeError("set NUMBA_ENABLE_CUDASIM=1 before Numba is imported")
    scope = texts.names_in_texts() | {"cuda": cuda}
    exec(compile(_PRELUDE + team_loops.MAIN, "<main kernel>", "exec"), scope)
    replaced = {
        team.wait: scope["wait"],
        team.claim: scope["claim"],
        drive.run_code: scope["run_code"],
    }
    binder = Binder(lambda function: function, replaced.get)
    numbers = texts.numbers()
    scope["KERNELS"] = [
        texts.row_loop(name, binder) for name in sorted(numbers, key=lambda name: numbers[name])
    ]
    scope["run_work"] = binder.of(drive.run_work)
    return cuda.jit(scope["main"])


class SimulatedDevice(HostDevice):
    """A device that is no device: see `driver.Device`."""

    def __init__(self, memory_bytes: int = 1 << 28, processors: int = 2) -> None:
        super().__init__(DeviceFacts(0, "simulator", (0, 0), processors, memory_bytes, "none"))

    def trial(self, words: np.ndarray, size: int, work: int, teams: int, threads: int) -> str:
        """Launch elsewhere: see `driver.Device.trial`."""
        type(self)().run(words, size, work, teams, threads, [])
        return ""

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Launch: see `driver.Device.run`."""
        self._words = np.full(size, -1, np.int64)
        self._words[: len(words)] = words
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            arrays = _Array(self._words), _Array(self._words.view(np.int32))
            _main()[teams, threads](*arrays, work)
        finally:
            sys.setswitchinterval(before)
        return [self.read(first, last) for first, last in reads], LaunchTiming(0.0, 0.0, 0.0)
