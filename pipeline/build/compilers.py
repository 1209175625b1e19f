"""Who compiles: this process, or a pool of workers when doit runs several threads.

doit's own `-n 8` copies every task into processes and hangs when one of them dies, so we run it
with threads, and hand the compiling to processes of our own. Each thread talks to one worker over
its own pipes: a death is seen at once as the end of the pipe, concerns one solver only, and that
one is tried again in a new worker.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from pipeline.build.plan import BuildError

if TYPE_CHECKING:
    from pipeline.codegen.compile import Compiled
    from pipeline.frontend.units import Unit

WORTH_WORKERS = 64
"""Solvers below which starting workers (0.2 s) takes longer than compiling here (2 ms each)."""


class Compilers:
    """Compiles solvers with the compiler that has the fingerprint `env`."""

    def __init__(self, package: str, env: str, known: dict[str, list[Any]], jobs: int) -> None:
        self._first = (os.path.abspath(package), env, _absolute(known))
        self._jobs = jobs
        self._threads: set[int] = set()
        self._pool: Pool | None = None
        self._compile: Any = None
        self._guard = threading.Lock()

    def compile(self, unit: Unit) -> Compiled:
        """What a unit compiles to; raises BuildError."""
        self._threads.add(threading.get_ident())
        if len(self._threads) > 1 and self._jobs >= WORTH_WORKERS:
            with self._guard:
                if self._pool is None:
                    self._pool = Pool(self._first, min(_cpus(), self._jobs))
            return self._pool.compile(unit)
        with self._guard:  # the compiler need not be safe for threads
            return self._here(unit)

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._pool is not None:
            self._pool.close()

    def _here(self, unit: Unit) -> Compiled:
        from pipeline.build.worker import guarded, load_compiler

        if self._compile is None:
            self._compile = load_compiler(*self._first)
            if self._compile is None:
                raise BuildError(CHANGED)
        compiled: Compiled = guarded(self._compile, unit)
        return compiled


CHANGED = "the sources of the compiler changed during the build: run again"


class Pool:
    """At most `size` workers, started when first needed."""

    def __init__(self, first: tuple[Any, ...], size: int) -> None:
        self._first = first
        self._free = threading.Semaphore(size)
        self._idle: list[Worker] = [Worker(first) for _ in range(size)]
        self._all = list(self._idle)
        self._guard = threading.Lock()
        self._closed = False

    def compile(self, unit: Unit) -> Compiled:
        """Compile in a worker. One that dies is replaced, and the unit tried once more."""
        with self._free:
            for _ in range(2):
                worker = self._take()
                try:
                    compiled = worker.compile(unit)
                except (EOFError, OSError, pickle.UnpicklingError):
                    status = worker.end()
                    continue
                self._idle.append(worker)
                return compiled
        if self._closed:
            raise BuildError("interrupted")
        return _death(unit, status)

    def close(self) -> None:
        """End all workers now."""
        with self._guard:
            self._closed = True
            for worker in self._all:
                worker.end()

    def _take(self) -> Worker:
        with self._guard:
            if self._closed:
                raise BuildError("interrupted")
            if self._idle:
                return self._idle.pop()
            worker = Worker(self._first)
            self._all.append(worker)
            return worker


class Worker:
    """One process and its pipes."""

    def __init__(self, first: tuple[Any, ...]) -> None:
        root = os.path.dirname(first[0])
        command = [sys.executable, "-m", "pipeline.build.worker"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command,
            cwd=root,
            stdin=pipe,
            stdout=pipe,
            process_group=0,  # Ctrl-C goes to the parent only, which then decides
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._ready = False
        with contextlib.suppress(OSError):  # a dead worker shows when it should answer
            self._send(first)

    def compile(self, unit: Unit) -> Compiled:
        """Compile one unit; EOFError or OSError if the process dies."""
        if not self._ready:
            self._start()
        self._send(unit)
        compiled: Compiled = pickle.load(self._out)
        return compiled

    def end(self) -> int:
        """Kill the process if it lives; its exit status."""
        self._process.kill()
        return self._process.wait()

    def _start(self) -> None:
        try:
            same = pickle.load(self._out)
        except EOFError:
            status = self._process.wait()
            if status < 0:
                raise
            raise BuildError(f"a worker ended with status {status}, see above") from None
        if not same:
            raise BuildError(CHANGED)
        self._ready = True

    def _send(self, value: object) -> None:
        pickle.dump(value, self._in)
        self._in.flush()


def _death(unit: Unit, status: int) -> Compiled:
    from pipeline.build.problems import INTERNAL, problem_at
    from pipeline.codegen.compile import Compiled

    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    text = f"{unit.name}: the compiling process was ended {how}, twice"
    note = "out of memory, perhaps: run with -n 1, or make the program smaller"
    return Compiled(None, "{}", (problem_at(unit.path, unit.first_line, INTERNAL, text, note),))


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _absolute(known: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {os.path.abspath(path): pair for path, pair in known.items()}
