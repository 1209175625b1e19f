"""The published DSL and its 400 verifiers, run in a process of their own: what ours is compared to.

They are taken as they are from the wheel that they are published in, under a package name that
nothing else has, so nothing else of that wheel is imported. Their process does nothing beside: it
loads neither NumPy nor our code. Grids are tuples of tuples of integers, as the DSL wants them.

A lane's seconds are taken inside that process, around one call and the comparison with the expected
grid: what goes between the processes is not counted. A lane that raises counts until it raises. One
that takes longer than `CUT` is ended with its process and counts as `CUT` seconds.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NamedTuple

FOLDER = "reasoning_gym/arc/rearc_utils"
NAMESPACE = "published_verifiers"
CUT = 20.0
"""Seconds after which a lane is ended."""

MEMORY = 6 << 30
"""Bytes that the process may have; what wants more raises MemoryError there."""

BATCH = 256
"""Lanes sent at once."""

RIGHT, WRONG, ERROR, ENDED = "right", "wrong", "error", "ended"
"""How a lane ends; the first three are called as ours are."""


class Lane(NamedTuple):
    """One verifier on one sample, and how a reader calls it."""

    name: str
    task: str
    given: Any
    wanted: Any


class Run(NamedTuple):
    """How a lane ended, and what it took."""

    seconds: float
    status: str


class Published:
    """The process. Lanes that were ended once are not run again: they count the same each time."""

    def __init__(self, wheel: Path) -> None:
        self._wheel = wheel
        self._ended: set[str] = set()
        self._start()

    def run(self, lanes: Sequence[Lane]) -> list[Run]:
        """Run lanes one after another, in this order."""
        found: dict[str, Run] = {name: Run(CUT, ENDED) for name in self._ended}
        waiting = [lane for lane in lanes if lane.name not in found]
        while waiting:
            batch = waiting[:BATCH]
            self._connection.send([lane[1:] for lane in batch])
            for lane, run in zip(batch, self._replies(), strict=False):
                found[lane.name] = run
                if run.status == ENDED:
                    self._ended.add(lane.name)
                    break
            waiting = [lane for lane in waiting if lane.name not in found]
        return [found[lane.name] for lane in lanes]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._connection.close()

    def __enter__(self) -> Published:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> None:
        self._connection, theirs = multiprocessing.Pipe()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self._wheel), str(theirs.fileno())],
            env={**os.environ, "PYTHONHASHSEED": "0"},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._connection.recv()

    def _replies(self) -> Iterator[Run]:
        """Runs as they are done; the last one is of a lane that was ended, if there is one."""
        while True:
            try:
                run = Run(*self._connection.recv()) if self._connection.poll(CUT) else None
            except EOFError:
                run = None  # the lane took the process with it
            if run is None:
                self.close()
                self._start()
                run = Run(CUT, ENDED)
            yield run


def load_verifiers(wheel: str) -> ModuleType:
    """The module with the functions `verify_TASK`, imported from the wheel alone."""
    package = ModuleType(NAMESPACE)
    package.__path__ = [f"{wheel}/{FOLDER}"]
    sys.modules[NAMESPACE] = package
    return importlib.import_module(f"{NAMESPACE}.verifiers")


def run_lane(verify: Any, given: Any, wanted: Any) -> Run:
    """Run one lane."""
    begin = time.perf_counter()
    try:
        status = RIGHT if verify(given) == wanted else WRONG
    except Exception:
        status = ERROR
    return Run(time.perf_counter() - begin, status)


def main() -> None:
    """Run what comes over the connection until it is closed."""
    wheel, place = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    verifiers = load_verifiers(wheel)
    connection = Connection(int(place))
    gc.collect()
    gc.freeze()  # what was loaded is not looked at again while lanes run
    connection.send("ready")
    while True:
        try:
            batch = connection.recv()
        except EOFError:
            return
        for task, given, wanted in batch:
            run = run_lane(getattr(verifiers, f"verify_{task}"), given, wanted)
            connection.send(tuple(run))


if __name__ == "__main__":
    main()
