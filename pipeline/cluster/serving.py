"""What runs machine code for a Dask worker: a process of its own, one for each of its threads.

A fault in machine code, or the system's killer of what takes too much memory, ends this process
and not the worker: the worker sees it, and who else runs there goes on. See `system.process`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cluster.job import Run, Station, our_version, packed, unpacked

_running: dict[str, Run] = {}
"""The one job of this process, by its key."""


def serve(what: str, *given: Any) -> Any:
    """Do what a worker asks for: one of the functions below."""
    return _ANSWERS[what](*given)


def _take_job(key: str, version: str, data: bytes, place: Station) -> str:
    """Make a job ready; gives what is in the way of that, if something is."""
    if version != our_version():
        return "the code of arc-battery has changed since the worker began: start it again"
    _running.clear()
    start, inner = unpacked(data)
    _running[key] = start(inner, place)
    return ""


def _run_load(key: str, data: bytes) -> tuple[bytes, float]:
    """The result of a load, and the processor time that it took."""
    began = time.process_time()
    return packed(_running[key](unpacked(data))), time.process_time() - began


def _compile(folder: Path, name: str) -> str:
    """Compile a kernel."""
    from pipeline.kernels import store
    from pipeline.kernels.processor import processor_of

    return next(store.compile_kernels(folder, [name], processor_of(folder)))


JOB, LOAD, KERNEL = "job", "load", "kernel"
_ANSWERS: dict[str, Callable[..., Any]] = {JOB: _take_job, LOAD: _run_load, KERNEL: _compile}
