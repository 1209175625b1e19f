"""Draw samples with published generators, in a process of its own, which may be killed at any time.

The generators run as they are in the wheel, under a package name that nothing else has. They take
their random numbers from an argument, never from the module `random`; each attempt at a sample has
a source of its own, seeded by the text `SEED TASK SAMPLE ATTEMPT`. So a sample depends on nothing
that was drawn before. They also iterate sets, in the order of CPython's hash tables: of integers,
tuples of them and sets of these only, whose hashes are the same in every process. Checked: ten
samples of all 400 tasks came out the same under three hash seeds, in three orders and with memory
laid out differently. The string hash is fixed all the same, and since another release of Python
may arrange its tables otherwise, the release is part of a file's title.

An attempt fails, and the next one is made, if the generator raises, if a grid is none of ARC
(e26a3af2 draws some of 38 columns, 484b58aa leaves cells of colour -1), or after `NUMBERS` random
numbers: an endless loop over draws ends at the same point everywhere. A loop that draws nothing
can only be ended by the clock, so this never leads to another attempt: the process ends, and the
task has no samples. Measured twice with 100 samples of each of the 400 tasks: no generator raised
or looped, the greatest use was 14,544 numbers (72ca375d), the longest attempt took 0.7 s
(239be575), and only the two tasks above had failed attempts, at most 27 and 8 in a run.
"""

from __future__ import annotations

import functools
import importlib
import random
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.data.drawn.packed import Packed, pack_sample, read_packed, write_packed
from pipeline.system.atomic import write_atomic

FOLDER = "reasoning_gym/arc/rearc_utils"
"""Where the generators are in the wheel: the package `generators` and what it imports."""

RECIPE = 1
"""The version of how samples are drawn: to be raised when any sample comes out differently."""

DIFFICULTY = (0.0, 1.0)
ATTEMPTS = 20
NUMBERS = 200_000
SECONDS = 300
"""Processor time of one attempt after which the process ends."""

LEAST = 100
"""Samples that are drawn before the file is written; later as many as it holds already."""

NAMESPACE = "published_generators"


class OutOfNumbers(BaseException):
    """A generator has used all random numbers; no `except Exception` of its own stops this."""


class BoundedRandom(random.Random):
    """Random numbers, `NUMBERS` of them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.left = NUMBERS

    def random(self) -> float:
        """A number from 0 to 1; OutOfNumbers."""
        self._use()
        return super().random()

    def getrandbits(self, k: int) -> int:
        """A number of k bits; OutOfNumbers."""
        self._use()
        return super().getrandbits(k)

    def _use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OutOfNumbers(f"no end after {NUMBERS} random numbers")


class Failed(Exception):
    """A sample can't be drawn; the text says why."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to draw: `count` samples of each task that is asked for, kept in `folder`."""

    wheel: str
    digest: str
    seed: int
    folder: str
    count: int

    def path(self, task: str) -> Path:
        """The file of a task."""
        return Path(self.folder, f"{task}.z")

    def load(self, task: str) -> Packed:
        """All samples that a task's file holds; none if it is missing or damaged."""
        try:
            return read_packed(self.path(task).read_bytes(), self._title(task))
        except (OSError, ValueError):
            return Packed()

    def save(self, task: str, packed: Packed) -> None:
        """Write a task's file, unless it holds as many samples by now; OSError."""
        if self.load(task).total < packed.total:
            write_atomic(self.path(task), write_packed(packed, self._title(task)))

    def _title(self, task: str) -> str:
        return f"samples of {task}, seed {self.seed}, {recipe(self.digest)}"


def recipe(digest: str) -> str:
    """What, beside seed and task, a sample depends on: the wheel, our code, the kind of Python."""
    return f"{digest[:16]}-{RECIPE}-{sys.implementation.cache_tag}"


def load_generators(wheel: str) -> ModuleType:
    """The module with the functions `generate_TASK`, imported from the wheel alone."""
    package = ModuleType(NAMESPACE)
    package.__path__ = [f"{wheel}/{FOLDER}"]
    sys.modules[NAMESPACE] = package
    return importlib.import_module(f"{NAMESPACE}.generators")


def draw_sample(generate: Callable[..., Any], seed: int, task: str, number: int) -> Packed:
    """Sample `number` of a task: of the first attempt that comes to a valid one, else Failed."""
    why = ""
    for attempt in range(ATTEMPTS):
        source = BoundedRandom(f"{seed} {task} {number} {attempt}")
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            pair = generate(source, *DIFFICULTY)
            return pack_sample(pair["input"], pair["output"])
        except (Exception, OutOfNumbers) as error:
            why = str(error) if isinstance(error, OutOfNumbers) else _words(error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    raise Failed(f"sample {number}: all {ATTEMPTS} attempts failed, the last one: {why}")


def draw_task(job: Job, task: str, generate: Callable[..., Any]) -> None:
    """Bring a task's file to the wanted number of samples; Failed or OSError."""
    kept = job.load(task)
    while kept.total < job.count:
        until = min(job.count, max(LEAST, 2 * kept.total))
        numbers = range(kept.total, until)
        kept = kept.then(_draw_samples(generate, job.seed, task, numbers))
        job.save(task, kept)


def _draw_samples(
    generate: Callable[..., Any], seed: int, task: str, numbers: range
) -> Iterator[Packed]:
    for number in numbers:
        yield draw_sample(generate, seed, task, number)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def draw_apart(job: Job, task: str, careful: bool = False) -> tuple[str, str | None]:
    """What a process does with a task: draws its samples; the task and None, or why that failed."""
    try:
        generate = getattr(_loaded(job.wheel), f"generate_{task}")
        draw_task(job, task, generate)
    except Failed as error:
        return task, str(error)
    except OSError as error:
        return task, f"{job.path(task)} can't be written: {error}"
    except Exception as error:
        return task, _words(error)
    return task, None


_loaded = functools.cache(load_generators)
