"""Who compiles: this process, or a pool of workers when doit runs several threads.

doit's own `-n 8` copies every task into processes and hangs when one of them dies, so we run it
with threads, and hand the compiling to processes of our own. These are not a `spread`, which has
all parts at once and one caller: here each of doit's threads holds one worker while it builds its
own solvers. A death concerns one solver only, and that one is tried again in a new worker.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.incremental.doit_adapter import threads
from pipeline.incremental.loading import CompilerOf
from pipeline.incremental.plan import BuildError
from pipeline.system.cores import cores
from pipeline.system.process import Worker, WorkRaised, ended

if TYPE_CHECKING:
    from pipeline.codegen.compile import Compiled
    from pipeline.frontend.units import Unit

WORTH_WORKERS = 64
"""Solvers below which starting workers (0.2 s) takes longer than compiling here (2 ms each)."""


class Compilers:
    """Compiles solvers with the compiler that is `wanted`: its package, fingerprint and sources."""

    def __init__(
        self, wanted: tuple[str, str, dict[str, Any]], options: dict[str, Any], jobs: int
    ) -> None:
        package, env, known = wanted
        self._compile = CompilerOf(os.path.abspath(package), env, _absolute(known), options)
        self._jobs = jobs
        self._pool: Pool | None = None
        self._guard = threading.Lock()

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        """What each unit compiles to, in order; raises BuildError."""
        if self._jobs >= WORTH_WORKERS and threads() > 1:
            with self._guard:
                if self._pool is None:
                    self._pool = Pool(replace(self._compile), min(cores(), self._jobs))
            yield from self._pool.compile_all(units)
            return
        for unit in units:
            with self._guard:  # the compiler need not be safe for threads
                compiled = self._compile(unit)
            yield compiled

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._pool is not None:
            self._pool.close()


class Pool:
    """At most `size` workers, which are started at once."""

    def __init__(self, work: CompilerOf, size: int) -> None:
        self._work = work
        self._free = threading.Semaphore(size)
        self._idle = [Worker(work) for _ in range(size)]
        self._all = list(self._idle)
        self._guard = threading.Lock()
        self._closed = False

    def compile_all(self, units: list[Unit]) -> Iterator[Compiled]:
        """Compile in one worker; if it dies, another tries the same unit once more."""
        with self._free:
            for unit in units:
                yield self._compiled(unit)

    def close(self) -> None:
        """End all workers now."""
        with self._guard:
            self._closed = True
            for worker in self._all:
                worker.end()

    def _compiled(self, unit: Unit) -> Compiled:
        status = 0
        for _ in range(2):
            worker = self._take()
            worker.give(unit)
            try:
                compiled: Compiled = worker.answer()
            except EOFError:
                status = worker.end()
                continue
            except WorkRaised as raised:
                worker.end()
                if isinstance(raised.error, BuildError):
                    raise raised.error from None
                raise BuildError(f"a worker can't compile:\n{raised}") from None
            self._idle.append(worker)
            return compiled
        return _death(unit, status)

    def _take(self) -> Worker:
        with self._guard:
            if self._closed:
                raise BuildError("interrupted")
            if self._idle:
                return self._idle.pop()
            worker = Worker(self._work)
            self._all.append(worker)
            return worker


def _death(unit: Unit, status: int) -> Compiled:
    from pipeline.codegen.compile import Compiled
    from pipeline.incremental.problems import INTERNAL, problem_at

    text = f"{unit.name}: the compiling process was ended {ended(status)}, twice"
    note = "out of memory, perhaps: run with -n 1, or make the program smaller"
    return Compiled(None, "{}", (problem_at(unit.path, unit.first_line, INTERNAL, text, note),))


def _absolute(known: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {os.path.abspath(path): pair for path, pair in known.items()}
