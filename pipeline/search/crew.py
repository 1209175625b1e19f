"""Who works on islands: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pipeline.battery.compiling import compile_apart
from pipeline.battery.devices import kernel_folder
from pipeline.battery.elsewhere import make_ready
from pipeline.cluster.connecting import Where, connected, require_no_rows
from pipeline.cluster.job import ClusterJob, FailedLoad, Run, Station
from pipeline.cluster.pool import WorkerPool
from pipeline.cluster.supply import EachLoad
from pipeline.config.config import Config
from pipeline.kernels.names import BANK, instruction_names
from pipeline.kernels.shared_kernels import shared_in
from pipeline.search.islands import Crossing, IslandReport, Visit, World, start
from pipeline.system.problem import Problem
from pipeline.system.process import ended
from pipeline.system.spread import PartEnded, PartRaised, Processes

IslandLoad = Crossing | Visit


class Crew(Protocol):
    """Works on islands, wherever that is."""

    def run(self, loads: Iterable[IslandLoad]) -> Iterator[tuple[IslandLoad, IslandReport]]:
        """What comes of each load, in any order. Problem where it ends whatever works on it."""

    def end(self) -> None:
        """Let go of who works."""


class LocalCrew:
    """So many processes of this machine at most."""

    def __init__(self, world: World, kernels: Path, processes: int) -> None:
        self._processes: Processes[IslandLoad, tuple[IslandLoad, IslandReport]] = Processes(
            partial(_work, (world, kernels.absolute())), processes
        )

    def run(self, loads: Iterable[IslandLoad]) -> Iterator[tuple[IslandLoad, IslandReport]]:
        """See `Crew`."""
        try:
            with closing(self._processes.run(loads, home=lambda load: load.home)) as found:
                yield from found
        except PartEnded as error:
            raise Problem(_said(error.part, error.status)) from None
        except PartRaised as raised:
            raise (raised.error or raised) from None

    def end(self) -> None:
        """See `Crew`."""
        self._processes.end()


_runs: dict[str, Run] = {}
"""What this process works with."""


def _work(
    given: tuple[World, Path], load: IslandLoad, careful: bool
) -> tuple[IslandLoad, IslandReport]:
    """What a process does for each load."""
    if not _runs:
        world, kernels = given
        _runs["run"] = start(world, Station(kernels, 0, 0))
    return load, _runs["run"](load)


class ClusterCrew:
    """The workers of a pool. here: makes who works once more on what ended a worker's process."""

    def __init__(self, job: ClusterJob, pool: WorkerPool, here: Callable[[], LocalCrew]) -> None:
        self._job, self._pool = job, pool
        self._make = here
        self._here: LocalCrew | None = None

    def run(self, loads: Iterable[IslandLoad]) -> Iterator[tuple[IslandLoad, IslandReport]]:
        """See `Crew`."""
        with closing(self._pool.run(self._job, EachLoad(loads))) as found:
            for done in found:
                if isinstance(done.result, FailedLoad):
                    self._here = self._here or self._make()
                    yield from self._here.run([done.load])
                else:
                    yield done.load, done.result

    def end(self) -> None:
        """See `Crew`."""
        if self._here is not None:
            self._here.end()


def job_of(world: World, kernels: Path, memory_mib: int) -> ClusterJob:
    """What workers of a cluster have to have."""
    names = (*instruction_names(), *BANK)
    return ClusterJob(start, world, names, kernels.absolute(), memory_mib)


@contextmanager
def crew_of(world: World, config: Config, processes: int, where: Where) -> Iterator[Crew]:
    """Who works on the islands of a world: a cluster, if one is meant, or so many processes."""
    folder = kernel_folder(config).absolute()

    def here(most: int = 1) -> LocalCrew:
        compile_apart(folder, (*instruction_names(), *BANK))
        return LocalCrew(world, folder, most)

    with connected(where, config.cluster) as pool:
        crew: Crew
        if pool is None:
            crew = here(processes)
        else:
            require_no_rows(config)
            job = replace(job_of(world, folder, config.memory_mib), shared=shared_in(config))
            make_ready(pool, job)
            crew = ClusterCrew(job, pool, here)
        try:
            yield crew
        finally:
            crew.end()


def _said(load: Any, status: int) -> str:
    where = f"of task {load.puzzle}" if isinstance(load, Visit) else "of all tasks"
    return (
        f"the search {where} ends the process that it runs in, {ended(status)}: what is done is"
        " kept, --resume goes on with it"
    )
