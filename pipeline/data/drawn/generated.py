"""More samples of a task: drawn once by the published generators, and kept.

Sample k of a task is the same in every process and on every machine, whatever else is asked for:
`drawing` says why. What was drawn is in `.cache/stress/WHEEL-RECIPE-PYTHON/seed-N/`,
a file a task (`packed`), which asking for more samples extends. A damaged file is
drawn again. The generators run in processes of their own, never in the caller's.

Measured for 400 tasks with 100 samples each: drawing takes 110 s of processor time, shared by the
processes; reading takes 0.1 s as arrays and 1 s as samples.
"""

from __future__ import annotations

import re
import signal
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.data.drawn.drawing import FOLDER, SECONDS, Job, draw_apart, recipe
from pipeline.data.drawn.packed import Drawn, Packed
from pipeline.data.fetch import WHEELS, fetch
from pipeline.data.tasks import DataError, Sample
from pipeline.system.cores import cores
from pipeline.system.process import ended
from pipeline.system.spread import spread

STRESS = "stress"
"""The folder of the cache that keeps what is drawn."""
ROUNDS = 3
"""How often to draw what is missing: a file can go again while the others are drawn."""

Progress = Callable[[int, int], None]
"""Told how many tasks are there, of how many: once at the start, then after each task."""

_DEFINITION = re.compile(rb"^def generate_(\w+)\(", re.MULTILINE)


class GenerationError(DataError):
    """Some tasks have no samples; `failures` says why, by task, the others are kept."""

    status = 1

    def __init__(self, failures: Mapping[str, str]) -> None:
        self.failures = dict(sorted(failures.items()))
        lines = [f"  task {task}: {why}" for task, why in self.failures.items()]
        super().__init__("\n".join(["samples could not be generated", *lines]))


@dataclass(frozen=True, slots=True)
class Generators:
    """The generators in a wheel that has the given SHA-256; `cache` keeps what they draw.

    All methods raise GenerationError, and ValueError for a number of samples below 1.
    """

    wheel: Path
    digest: str
    cache: Path

    def tasks(self) -> frozenset[str]:
        """The ids of the tasks that have a generator, found without running anything."""
        with zipfile.ZipFile(self.wheel) as archive:
            names = [n for n in archive.namelist() if n.startswith(f"{FOLDER}/generators")]
            texts = [archive.read(name) for name in names if name.endswith(".py")]
        return frozenset(i.decode() for text in texts for i in _DEFINITION.findall(text))

    def samples(
        self,
        tasks: Iterable[str],
        count: int,
        seed: int = 0,
        *,
        processes: int | None = None,
        progress: Progress | None = None,
    ) -> dict[str, tuple[Sample, ...]]:
        """`count` samples of each task, by task in the given order; as many processes as cores."""
        packed = self._packed(tasks, count, seed, processes, progress)
        return {task: p.samples() for task, p in packed.items()}

    def arrays(
        self,
        tasks: Iterable[str],
        count: int,
        seed: int = 0,
        *,
        processes: int | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Drawn]:
        """The same as arrays: heights, widths and cells of the inputs and of the outputs."""
        packed = self._packed(tasks, count, seed, processes, progress)
        return {task: p.arrays() for task, p in packed.items()}

    def _packed(
        self,
        tasks: Iterable[str],
        count: int,
        seed: int,
        processes: int | None,
        progress: Progress | None,
    ) -> dict[str, Packed]:
        if count < 1:
            raise ValueError(f"{count} samples a task: at least 1 is needed")
        wanted = list(dict.fromkeys(tasks))
        folder = self.cache.absolute() / recipe(self.digest) / f"seed-{seed}"
        job = Job(str(self.wheel.absolute()), self.digest, seed, str(folder), count)
        found: dict[str, Packed] = {}
        for turn in range(ROUNDS):
            missing = _look(job, wanted, found)
            if turn == 0:
                _tell(progress, len(found), len(wanted))
            if not missing:
                return {task: found[task] for task in wanted}
            self._check_known(missing)
            _draw(job, missing, cores() if processes is None else processes, progress, len(wanted))
        raise GenerationError({task: f"{job.path(task)} does not stay" for task in missing})

    def _check_known(self, tasks: Iterable[str]) -> None:
        unknown = set(tasks) - self.tasks()
        if unknown:
            raise GenerationError(dict.fromkeys(unknown, f"{self.wheel.name} has no generator"))


def published(cache: Path) -> Generators:
    """The 400 published generators, those of arc1-train; FetchError if they can't be had."""
    cache = cache.absolute()
    wheel = fetch("reasoning-gym", cache)
    return Generators(wheel, WHEELS["reasoning-gym"].sha256, cache / STRESS)


def _look(job: Job, wanted: list[str], found: dict[str, Packed]) -> list[str]:
    """Load what there is of the tasks that are not found yet; returns those that are missing."""
    missing = []
    for task in wanted:
        if task not in found:
            packed = job.load(task)
            if packed.total < job.count:
                missing.append(task)
            else:
                found[task] = packed.first(job.count)
    return missing


def _draw(
    job: Job, tasks: list[str], processes: int, progress: Progress | None, total: int
) -> None:
    """Draw the tasks in processes; GenerationError, once all tasks had their turn.

    The next task goes to whoever is free. No process outlives the call, however it ends.
    """
    failures: dict[str, str] = {}
    done = total - len(tasks)
    work = partial(draw_apart, job)
    seeded = {"PYTHONHASHSEED": "0"}
    with closing(spread(work, tasks, max(1, processes), _death, 0, seeded)) as answers:
        for task, why in answers:
            if why is not None:
                failures[task] = why
            done += 1
            _tell(progress, done - len(failures), total)
    if failures:
        raise GenerationError(failures)


def _death(task: str, status: int) -> tuple[str, str | None]:
    if status == -signal.SIGVTALRM:
        return task, f"no end of one draw after {SECONDS} s of processor time"
    return task, f"the process that drew it was ended {ended(status)}"


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
