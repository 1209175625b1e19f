"""What runs on a Dask worker: functions that are submitted to it, and the processes that it keeps.

The worker's own process runs no machine code and holds no battery but as bytes, so that it always
answers the scheduler, and no lane can end it.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from pipeline.cluster import serving
from pipeline.cluster.job import (
    Equipment,
    FailedLoad,
    Greeting,
    Reply,
    Station,
    key_of,
    our_version,
    packed,
    unpacked,
)
from pipeline.kernels.shared_kernels import (
    SharedCache,
    fetch_kernels,
    put_kernels,
    remote_of,
)
from pipeline.system.free_memory import free_bytes, share_bytes
from pipeline.system.kills import Kills
from pipeline.system.problem import Problem, told
from pipeline.system.process import Worker, WorkRaised, ended
from pipeline.system.remote import Remote

PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""A process that ends before it has run anything is begun again after so many seconds: what
takes all memory of a machine may be gone by then. See `system.kills` for what does not count."""

KNOWN: Final = 4
"""How many jobs a worker remembers, the newest ones."""


class _Child(Worker):
    """A process of this worker's, and the job that it has."""

    def __init__(self) -> None:
        super().__init__(serving.serve)
        self.job = ""

    def ask(self, *request: Any) -> Any:
        """An answer; EOFError where the process ended, WorkRaised where the work raises."""
        self.give(*request)
        return self.answer()


_lock: Final = threading.Lock()
_jobs: Final[dict[str, tuple[bytes, Station]]] = {}
_idle: Final[list[_Child]] = []


@dataclass(frozen=True, slots=True)
class Asked:
    """What a worker is told of a job before it gets it: see `job.ClusterJob`."""

    key: str
    kernels: tuple[str, ...]
    folder: Path
    memory_mib: int
    shared: SharedCache
    device: str = "cpu"


def greet(asked: Asked, data: bytes, version: str) -> Greeting:
    """Take over a job, if this worker's code is that of the client and the kernels are there."""
    found = Greeting(our_version(), sys.version_info[:2])
    if version != our_version() or key_of(data) != asked.key:
        return found
    folder = _kernels(asked.folder)
    equipment = _equipment(data, folder, asked.device) if asked.device != "cpu" else Equipment()
    if equipment.why:
        return replace(found, why=equipment.why)
    missing = _missing(folder, equipment.kernels or asked.kernels, asked.shared)
    if not missing:
        with _lock:
            _jobs.pop(asked.key, None)
            _jobs[asked.key] = data, _place(folder, asked.memory_mib, equipment.kind)
            for old in list(_jobs)[:-KNOWN]:
                del _jobs[old]
    found = replace(found, machine=socket.gethostname(), folder=str(folder))
    return replace(found, missing=missing, kind=equipment.kind)


def _equipment(data: bytes, folder: Path, device: str) -> Equipment:
    """What runs a job's loads here, as a process says that may end at it."""
    try:
        found: Equipment = _asked((serving.LOOK, data, folder))
    except WorkRaised as raised:
        raise _error_of(raised) from None
    except _Ended as end:
        text = f"a process that looked for GPUs was ended {ended(end.status or 0)}"
        return Equipment(why=text if device == "cuda" else "")
    return found


def _missing(folder: Path, names: Sequence[str], shared: SharedCache) -> tuple[str, ...]:
    """Those kernels that are not here; what machines share is fetched."""
    from pipeline.kernels.store import missing

    found: list[str] = []
    for before, group in groupby(names, lambda name: "".join(name.rpartition("/")[:2])):
        target = serving.target_of(folder, before.rstrip("/"))
        left = missing(folder, [name.removeprefix(before) for name in group], target)
        if fetch_kernels(_remote(shared), folder, left, target):
            left = missing(folder, left, target)
        found += [before + name for name in left]
    return tuple(found)


def _kernels(wanted: Path) -> Path:
    """The folder of kernels: what `ARC_KERNELS` says here; or the client's, where it is here too;
    or one of the user's."""
    named = os.environ.get("ARC_KERNELS")
    if named:
        return Path(named)
    if wanted.is_dir():
        return wanted
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "arc-battery" / "kernels"


def _place(folder: Path, memory_mib: int, kind: str) -> Station:
    """The part of this worker's memory that each of its threads may use."""
    from distributed import get_worker

    worker = get_worker()
    threads = worker.state.nthreads
    limit = worker.memory_manager.memory_limit
    free = min(free_bytes(), limit) if limit else free_bytes()
    share = share_bytes(memory_mib, threads, free)
    return Station(folder, share, free // threads, kind, threads)


@cache
def _remote(shared: SharedCache) -> Remote:
    """The cache of machines: one that gives no answer is not asked again."""
    return remote_of(shared)


def compile_one(folder: str, name: str, shared: SharedCache) -> str:
    """Compile one kernel, for this machine and for others."""
    try:
        _asked((serving.KERNEL, Path(folder), name))
    except WorkRaised as raised:
        raise _error_of(raised) from None
    except _Ended as end:
        text = f"a process that compiled kernels was ended {ended(end.status or 0)}"
        raise Problem(f"{text} (no memory left?)") from None
    capability, _, plain = name.rpartition("/")
    put_kernels(_remote(shared), Path(folder), [plain], serving.target_of(Path(folder), capability))
    return name


def run_load(key: str, data: bytes) -> Reply:
    """The answer to a load of a job."""
    from distributed import get_worker

    address = str(get_worker().address)
    with _lock:
        known = _jobs.get(key)
    if known is None:
        return Reply(address, ready=False)
    try:
        result, seconds = _run(key, data, *known)
        return Reply(address, ((None, result),), seconds)
    except _Ended as end:
        load = unpacked(data)
        try:
            return Reply(address, tuple(_in_parts(load, end.status, key, *known)))
        except (Problem, OSError) as error:
            return Reply(address, wrong=_words(error))
    except (Problem, OSError) as error:
        return Reply(address, wrong=_words(error))


def _words(error: Exception) -> str:
    known = told(error)
    return known[0] if known else str(error)


class _Ended(Exception):
    """What was asked of a process ended it, with this status, or takes too much memory (None)."""

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


def _run(key: str, data: bytes, job: bytes, place: Station) -> tuple[bytes, float]:
    """The packed result of a load and its processor time; _Ended where there is none."""
    from pipeline.engine.engine import TooLarge

    try:
        found: tuple[bytes, float] = _asked((serving.LOAD, key, data), key, job, place)
    except WorkRaised as raised:
        if isinstance(raised.error, TooLarge):
            raise _Ended(None) from None
        raise _error_of(raised) from None
    return found


def _error_of(raised: WorkRaised) -> Exception:
    """What a process raised: a problem as it is, a fault of ours as its traceback."""
    if isinstance(raised.error, Problem | OSError):
        return raised.error
    return RuntimeError(str(raised))


def _in_parts(
    load: Any, status: int | None, key: str, job: bytes, place: Station
) -> Iterator[tuple[Any, Any]]:
    """The parts of a load with their packed results, or with how they failed."""
    parts = load.parts()
    if not parts:
        yield load, packed(FailedLoad(status))
        return
    for part in parts:
        try:
            yield part, _run(key, packed(part), job, place)[0]
        except _Ended as end:
            yield from _in_parts(part, end.status, key, job, place)


def _asked(
    request: tuple[Any, ...], key: str = "", job: bytes = b"", place: Station | None = None
) -> Any:
    """The answer of a process, with a job if one is named, or of the next one where somebody kills
    it; _Ended where what it was asked did that, WorkRaised where it raises."""
    kills = Kills()
    while True:
        try:
            with _child(key, job, place) as child:
                return child.ask(*request)
        except EOFError:
            status = child.end()
            if not kills.came_from_outside(status):
                raise _Ended(status) from None


@contextmanager
def _child(key: str = "", job: bytes = b"", place: Station | None = None) -> Iterator[_Child]:
    """A process that nobody else uses, with a job if one is named; one that was left in the middle
    is ended."""
    child = _with_job(key, job, place)
    try:
        yield child
    except BaseException:
        child.end()
        raise
    with _lock:
        _idle.append(child)


def _with_job(key: str, job: bytes, place: Station | None) -> _Child:
    """A process that is free, with the job, or else one that is begun."""
    child = _idle_one()
    if child is not None and (not key or _has_job(child, key, job, place)):
        return child
    kills, pauses = Kills(), iter(PAUSES)
    while True:
        child = _Child()
        if not key or _has_job(child, key, job, place):
            return child
        status = child.end()
        if kills.came_from_outside(status):
            continue
        pause = next(pauses, None)
        if pause is None:
            break
        time.sleep(pause)
    raise Problem(
        f"a process that makes the battery ready ended {len(PAUSES) + 1} times, {ended(status)}"
        " (no memory left?)"
    )


def _idle_one() -> _Child | None:
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.is_alive:
                return child
            child.end()
    return None


def _has_job(child: _Child, key: str, job: bytes, place: Station | None) -> bool:
    """Have a process make a job ready; whether it lives. Problem where it can't do it."""
    if child.job == key:
        return True
    try:
        wrong = child.ask(serving.JOB, key, our_version(), job, place)
    except EOFError:
        child.end()
        return False
    except WorkRaised as raised:
        child.end()
        raise _error_of(raised) from None
    if wrong:
        child.end()
        raise Problem(wrong)
    child.job = key
    return True
