"""What runs machine code for a Dask worker: a process of its own, one for each of its threads.

A fault in machine code, or the system's killer of what takes too much memory, ends this process
and not the worker: the worker sees it, and who else runs there goes on. See `system.process`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cluster.job import Equipment, Run, Station, our_version, packed, unpacked
from pipeline.kernels.store import Target

_running: dict[str, Run] = {}
"""The one job of this process, by its key."""

_clock: list[Callable[[], float]] = [time.process_time]
"""What its loads are timed with: a process waits for a GPU."""


def serve(what: str, *given: Any) -> Any:
    """Do what a worker asks for: one of the functions below."""
    return _ANSWERS[what](*given)


def _take_job(key: str, version: str, data: bytes, place: Station) -> str:
    """Make a job ready; gives what is in the way of that, if something is."""
    if version != our_version():
        return "the code of arc-battery has changed since the worker began: start it again"
    _running.clear()
    start, given, _ = unpacked(data)
    _running[key] = start(given, place)
    _clock[0] = time.perf_counter if place.kind else time.process_time
    return ""


def _look(data: bytes, folder: Path) -> Equipment:
    """What runs a job's loads here."""
    _, given, look = unpacked(data)
    found: Equipment = look(given, folder)
    return found


def _run_load(key: str, data: bytes) -> tuple[bytes, float]:
    """The result of a load, and how long that took."""
    began = _clock[0]()
    return packed(_running[key](unpacked(data))), _clock[0]() - began


def _compile(folder: Path, name: str) -> str:
    """Compile a kernel."""
    from pipeline.kernels import store

    capability, _, plain = name.rpartition("/")
    return next(store.compile_kernels(folder, [plain], target_of(folder, capability)))


def target_of(folder: Path, capability: str) -> Target:
    """For what kernels are compiled that are called `9.0/rot90`: GPUs of this compute capability;
    or, where that is empty, the processor that a folder is for."""
    from pipeline.engine.cuda.target import Gpu
    from pipeline.kernels.processor import processor_of

    if not capability:
        return processor_of(folder)
    major, minor = capability.split(".")
    return Gpu((int(major), int(minor)))


JOB, LOOK, LOAD, KERNEL = "job", "look", "load", "kernel"
_ANSWERS: dict[str, Callable[..., Any]] = {
    JOB: _take_job,
    LOOK: _look,
    LOAD: _run_load,
    KERNEL: _compile,
}
