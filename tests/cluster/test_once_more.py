"""Processes of workers, and of this machine for what ended workers: which ends count."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.programs_away import Away, EndsProcess
from pipeline.battery.resident import serve_programs
from pipeline.cluster import on_worker
from pipeline.cluster.job import ClusterJob, FailedLoad, Station, packed, unpacked
from pipeline.cluster.once_more import run_apart
from pipeline.cluster.pool import Done
from pipeline.config.config import Cache, Config
from pipeline.data.given import samples_of
from pipeline.system.kills import memory_kills
from pipeline.system.problem import Problem
from tests.battery.small import FLIP, TASKS
from tests.cluster.number_jobs import Numbers, start_and_end, start_at_last
from tests.compiled import compiled_kernels

SEVEN = Numbers((7,))
counted = pytest.mark.skipif(memory_kills() is None, reason="the system counts no kills")


def job_of(start: Any, folder: Path, ends: int, how: int) -> ClusterJob:
    """A job whose processes end so often."""
    return ClusterJob(start, (folder / "begun", ends, how), (), folder)


def on_a_worker(job: ClusterJob, folder: Path) -> Any:
    """What a worker makes of a number; the process that it keeps is ended."""
    result, _ = on_worker._run(job.key, packed(SEVEN), job.data, Station(folder, 1, 1))
    on_worker._idle.pop().end()
    return unpacked(result)


def test_a_process_that_ends_before_it_is_ready_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(start_at_last, tmp_path, 2, signal.SIGSEGV)
    monkeypatch.setattr(on_worker, "PAUSES", ())
    with pytest.raises(Problem, match=r"ready ended 1 times, by signal 11"):
        on_a_worker(job, tmp_path)
    monkeypatch.setattr(on_worker, "PAUSES", (0.0,))
    assert on_a_worker(job, tmp_path) == [49]


@counted
@pytest.mark.parametrize("start", [start_at_last, start_and_end])
def test_who_kills_processes_does_not_harm_their_loads(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_worker, "PAUSES", ())
    assert on_a_worker(job_of(start, tmp_path, 1, signal.SIGKILL), tmp_path) == [49]
    (tmp_path / "begun").unlink()
    assert run_apart(job_of(start, tmp_path, 1, signal.SIGKILL), SEVEN) == ([49], 0)


class Killed:
    """Processes that somebody kills, one after the other, but for the last."""

    def __init__(self, kills: int) -> None:
        self._left = kills

    def ask(self, *request: Any) -> str:
        """As a process."""
        if self._left:
            self._left -= 1
            raise EOFError
        return "done"

    def end(self) -> int:
        """As a process."""
        return -signal.SIGKILL


@counted
def test_a_load_bears_thirty_kills_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = Killed(30)
    monkeypatch.setattr(on_worker, "_child", lambda *job: nullcontext(killed))
    assert on_worker._asked(("load",)) == "done"


def test_what_ends_its_process_here_is_told(tmp_path: Path) -> None:
    job = job_of(start_and_end, tmp_path, 1, signal.SIGSEGV)
    assert run_apart(job, SEVEN) == (None, -signal.SIGSEGV)
    with pytest.raises(on_worker._Ended):
        on_a_worker(job_of(start_and_end, tmp_path, 3, signal.SIGSEGV), tmp_path)


# -- programs


class Losing:
    """A pool in which every load ends its worker. start: makes, in place of the job's own, what
    runs loads here."""

    def __init__(self, start: Any = None) -> None:
        self._start = start

    def run(self, job: Any, supply: Any) -> Iterator[Done]:
        """As a pool."""
        if self._start is not None:
            object.__setattr__(job, "start", self._start)
        yield Done(supply.next(1), FailedLoad(-signal.SIGKILL))


TEXT = "def solve_a(I):\n    O = hmirror(I)\n    return O\n"


def scores_of(pool: Any, tmp_path: Path) -> Any:
    """How a program ends whose loads end their workers."""
    config = Config(cache=Cache(str(tmp_path)), memory_mib=64)
    away = Away(None, config, serve_programs)
    away._pool = pool
    samples = samples_of(TASKS[FLIP])
    return away.evaluate(samples, compiled_kernels(), [("a", TEXT)], None, lambda *what: ())


def test_a_program_that_ended_workers_is_run_once_more_here(tmp_path: Path) -> None:
    found = scores_of(Losing(), tmp_path)
    assert found.exact.any()


def test_a_program_that_ends_its_process_here_too_is_named(tmp_path: Path) -> None:
    with pytest.raises(EndsProcess, match=r"^a ends the process that runs it, by signal 11: "):
        scores_of(Losing(ending), tmp_path)


def ending(given: Any, place: Station) -> Any:
    """What ends its process."""
    return lambda load: os.kill(os.getpid(), signal.SIGSEGV)
