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
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.incremental.doit_adapter import threads
from pipeline.incremental.plan import BuildError

if TYPE_CHECKING:
    from pipeline.codegen.compile import Compiled
    from pipeline.frontend.units import Unit

WORTH_WORKERS = 64
"""Solvers below which starting workers (0.2 s) takes longer than compiling here (2 ms each)."""


class Compilers:
    """Compiles solvers with the compiler that has the fingerprint `env`."""

    def __init__(
        self, wanted: tuple[str, str, dict[str, Any]], options: dict[str, Any], jobs: int
    ) -> None:
        package, env, known = wanted
        self._first = os.path.abspath(package), env, _absolute(known), options
        self._jobs = jobs
        self._pool: Pool | None = None
        self._compile: Any = None
        self._guard = threading.Lock()

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        """What each unit compiles to, in order; raises BuildError."""
        if self._jobs >= WORTH_WORKERS and threads() > 1:
            with self._guard:
                if self._pool is None:
                    self._pool = Pool(self._first, min(_cpus(), self._jobs))
            yield from self._pool.compile_all(units)
            return
        for unit in units:
            with self._guard:  # the compiler need not be safe for threads
                compiled = self._here(unit)
            yield compiled

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._pool is not None:
            self._pool.close()

    def _here(self, unit: Unit) -> Compiled:
        from pipeline.incremental.worker import guarded, load_compiler

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
        self._idle: list[CompilerProcess] = [CompilerProcess(first) for _ in range(size)]
        self._all = list(self._idle)
        self._guard = threading.Lock()
        self._closed = False

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        """Compile in one worker, which answers one by one.

        If it dies, another goes on, and tries the unit that was not answered once more.
        """
        left = list(units)
        tried = 0
        with self._free:
            while left:
                worker = self._take()
                first = left[0]
                status = 0
                try:
                    for compiled in worker.compile_all(list(left)):
                        del left[0]
                        yield compiled
                except (EOFError, OSError, pickle.UnpicklingError):
                    pass
                finally:
                    if left:  # dead, or its answers are no longer wanted
                        status = worker.end()
                    else:
                        self._idle.append(worker)
                tried = tried + 1 if left and left[0] is first else 1
                if left and tried == 2:
                    yield _death(left.pop(0), status)
                    tried = 0

    def close(self) -> None:
        """End all workers now."""
        with self._guard:
            self._closed = True
            for worker in self._all:
                worker.end()

    def _take(self) -> CompilerProcess:
        with self._guard:
            if self._closed:
                raise BuildError("interrupted")
            if self._idle:
                return self._idle.pop()
            worker = CompilerProcess(self._first)
            self._all.append(worker)
            return worker


class CompilerProcess:
    """One process and its pipes."""

    def __init__(self, first: tuple[Any, ...]) -> None:
        root = os.path.dirname(first[0])
        command = [sys.executable, "-m", "pipeline.incremental.worker"]
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

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        """Compile units; EOFError or OSError if the process dies."""
        if not self._ready:
            self._start()
        self._send(units)
        for _ in units:
            compiled: Compiled = pickle.load(self._out)
            yield compiled

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
    from pipeline.codegen.compile import Compiled
    from pipeline.incremental.problems import INTERNAL, problem_at

    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    text = f"{unit.name}: the compiling process was ended {how}, twice"
    note = "out of memory, perhaps: run with -n 1, or make the program smaller"
    return Compiled(None, "{}", (problem_at(unit.path, unit.first_line, INTERNAL, text, note),))


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _absolute(known: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {os.path.abspath(path): pair for path, pair in known.items()}
