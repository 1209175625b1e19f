"""Workers for tests, as processes of their own, and the loads of numbers that they are given."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from distributed import LocalCluster

from pipeline.cluster.job import FailedLoad
from pipeline.cluster.pool import WorkerPool
from pipeline.search.crew import ClusterCrew, job_of
from pipeline.search.islands import World
from pipeline.search.search_store import Store, StoredPopulation
from pipeline.system.package import PACKAGE
from tests.cluster.number_jobs import Numbers, NumberSupply, squares
from tests.compiled import compiled_kernels
from tests.search.crews import in_processes


def run(
    pool: WorkerPool, numbers: list[int], size: int = 4, seconds: float = 0.0, home: str = ""
) -> dict[int, Any]:
    """What became of each number."""
    found: dict[int, Any] = {}
    for done in pool.run(squares(seconds), NumberSupply(numbers, size, home)):
        results = done.result
        if isinstance(results, FailedLoad):
            results = [results] * done.load.lanes
        for number, result in zip(done.load.numbers, results, strict=True):
            assert number not in found
            found[number] = result
    return found


def processes(word: str, above: Any = None) -> list[Any]:
    """The processes below one, this one if none is named, whose command line has this word."""
    found = []
    for each in (above or psutil.Process()).children(recursive=True):
        try:
            if word in " ".join(each.cmdline()):
                found.append(each)
        except psutil.NoSuchProcess:
            continue
    return found


WORKER, CHILD = "spawn_main", "pipeline.system.process"
OLD = 2.0
"""Seconds after which a process can be killed at any time."""


def kill(process: Any) -> None:
    """As the system does it that has no memory left."""
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return


@contextmanager
def killing(pool: WorkerPool, kills: int, seed: int) -> Iterator[list[int]]:
    """Let processes be killed at random points of what is done meanwhile; gives who was: those that
    run loads, here too, and workers who have such. Most have been there for a while, or nothing
    would be done between two kills. In the end there are as many workers as before.
    """
    there = len(pool.client.ncores())
    rng, over = random.Random(seed), threading.Event()
    killed: list[int] = []

    def killer() -> None:
        while len(killed) < kills and not over.wait(rng.uniform(0.05, 0.4)):
            ours = {each.pid: each for each in processes(WORKER)}
            born = time.time() - rng.uniform(0, OLD)
            at_work = [each for each in processes(CHILD) if each.create_time() < born]
            if at_work:
                chosen = rng.choice(at_work)
                with suppress(psutil.NoSuchProcess):
                    above = ours.get(chosen.ppid(), chosen)
                    chosen = rng.choice((chosen, above, above))
                    kill(chosen)
                    killed.append(chosen.pid)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()
        while len(pool.client.run(os.getpid, on_error="ignore")) < there:
            time.sleep(0.05)  # the scheduler counts the dead until it hears of them


@dataclass
class UntilKilled:
    """Loads of eight numbers, until so many processes are killed."""

    killed: list[int]
    kills: int
    count: int = 100

    def next(self, lanes: int) -> Numbers | None:
        """The next one."""
        if len(self.killed) >= self.kills:
            return None
        self.count += 8
        return Numbers(tuple(range(self.count - 8, self.count)))


def assert_all_outlive(pool: WorkerPool, kills: int, seed: int) -> None:
    """That each number is answered once, however many processes are killed meanwhile. One whose
    process was killed each time, in ever smaller loads, is told as that: it would be run here.
    """
    found: dict[int, Any] = {}
    with killing(pool, kills, seed) as killed:
        supply = UntilKilled(killed, kills)
        for done in pool.run(squares(0.1), supply):
            results = done.result
            if isinstance(results, FailedLoad):
                results = [n * n for n in done.load.numbers if results.status == -signal.SIGKILL]
            for number, result in zip(done.load.numbers, results, strict=True):
                assert number not in found
                found[number] = result
    assert len(killed) == kills
    assert found == {n: n * n for n in range(100, supply.count)}


@contextmanager
def scheduler() -> Iterator[str]:
    """A scheduler without workers; gives its address."""
    with LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as cluster:
        yield cluster.scheduler_address


@contextmanager
def worker(
    address: str,
    code: Path = PACKAGE.parent,
    *words: str,
    before: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> Iterator[psutil.Popen]:
    """A worker that runs this code. words: more options; before: a command that runs it."""
    more = ["--nthreads", "1", "--no-dashboard", *words]
    command = [*before, sys.executable, "-m", "distributed.cli.dask_worker", address, *more]
    with begun(command, code, variables) as process:
        yield process


@contextmanager
def scheduler_at(address: str) -> Iterator[psutil.Popen]:
    """A scheduler in a process of its own, which can be killed."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    words = ["--host", host, "--port", port, "--no-dashboard"]
    with begun([sys.executable, "-m", "distributed.cli.dask_scheduler", *words]) as process:
        yield process


@contextmanager
def begun(
    command: Sequence[str],
    code: Path = PACKAGE.parent,
    variables: Mapping[str, str] | None = None,
) -> Iterator[psutil.Popen]:
    """A process, which is ended with all that it began."""
    path = os.pathsep.join([str(code), str(PACKAGE.parent)])
    process = psutil.Popen(
        command,
        env={**os.environ, "PYTHONPATH": path, **(variables or {})},
        cwd=code,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: psutil.Popen) -> None:
    """Kill a process and all below it, as a machine does that goes away."""
    try:
        below = process.children(recursive=True)
    except psutil.NoSuchProcess:
        below = []
    for each in (process, *below):
        kill(each)
    psutil.wait_procs((process, *below))


def free_address(host: str = "127.0.0.1") -> str:
    """An address that nobody listens to."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return f"tcp://{host}:{probe.getsockname()[1]}"


def on(pool: WorkerPool) -> Callable[[World], ClusterCrew]:
    """Who has the workers of a pool do it."""
    return lambda world: ClusterCrew(
        job_of(world, compiled_kernels(), 0), pool, lambda: in_processes(world)
    )


def population_in(folder: Path) -> StoredPopulation:
    """The population of the task that is not solved."""
    with Store(folder) as store:
        found = store.population(1, "cccccccc")
    assert found is not None
    return found
