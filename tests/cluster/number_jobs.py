"""A job that needs no kernel: squares of numbers, some of which end whatever looks at them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cluster.job import ClusterJob, Station
from pipeline.engine.engine import TooLarge

DEADLY, LARGE, FAULTY, HUNGRY, FELLING = 13, 17, 19, 23, 29
"""Ends its process; asks for too much memory; raises; takes memory without end; ends its worker."""


MOST_BYTES = 1 << 31


@dataclass(frozen=True)
class Numbers:
    """A load of numbers. home: as in `pool.home_of`."""

    numbers: tuple[int, ...]
    home: str = ""

    @property
    def lanes(self) -> int:
        """How many there are."""
        return len(self.numbers)

    def parts(self) -> list[Numbers]:
        """Two loads, or none."""
        middle = len(self.numbers) // 2
        parts = [self.numbers[:middle], self.numbers[middle:]] if middle else []
        return [Numbers(part, self.home) for part in parts]


@dataclass
class NumberSupply:
    """Loads of so many numbers, however many are asked for, all of one home."""

    left: Sequence[int]
    size: int = 4
    home: str = ""

    def next(self, lanes: int) -> Numbers | None:
        """The next one."""
        part, self.left = self.left[: self.size], self.left[self.size :]
        return Numbers(tuple(part), self.home) if part else None


def squares(seconds: float = 0.0) -> ClusterJob:
    """A job that squares numbers, each load in so many seconds."""
    return ClusterJob(start, seconds, (), Path("kernels"))


def start_at_last(given: tuple[Path, int, int], place: Station) -> Any:
    """As `start`, in the process after so many that end by a signal; they are counted in a file."""
    counted, ends, how = given
    if _is_one_of(ends, counted):
        os.kill(os.getpid(), how)
    return start(0.0, place)


def start_and_end(given: tuple[Path, int, int], place: Station) -> Any:
    """What ends its process by a signal at its first loads, so many, and then squares numbers."""
    counted, ends, how = given
    squaring = start(0.0, place)

    def run(load: Numbers) -> list[int]:
        if _is_one_of(ends, counted):
            os.kill(os.getpid(), how)
        found: list[int] = squaring(load)
        return found

    return run


def _is_one_of(count: int, counted: Path) -> bool:
    """Whether this is one of the first so many times; they are counted in a file."""
    with counted.open("ab") as file:
        file.write(b".")
    return counted.stat().st_size <= count


def start(seconds: float, place: Station) -> Any:
    """What squares the numbers of a load."""

    def run(load: Numbers) -> list[int]:
        time.sleep(seconds)
        if DEADLY in load.numbers:
            os.kill(os.getpid(), signal.SIGSEGV)
        if LARGE in load.numbers:
            raise TooLarge("own/a", 0)
        if HUNGRY in load.numbers:
            taken = []
            while sum(map(len, taken)) < MOST_BYTES:
                taken.append(bytearray(b"x") * (1 << 26))
        if FELLING in load.numbers:
            os.kill(os.getppid(), signal.SIGKILL)
        if FAULTY in load.numbers:
            raise ZeroDivisionError("a fault of ours")
        return [number * number for number in load.numbers]

    return run
