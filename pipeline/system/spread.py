"""Parts of a long run, spread over processes.

A process may end at any moment, by a fault in machine code or a loop without end: its part is then
done once more in a new one, carefully, which is up to the work. Processes are spawned, so that none
inherits a thread or a lock; a process ends when its parent is gone.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection, wait
from typing import Any, Final, TypeVar

from pipeline.system.apart import end_of

SECONDS: Final = 900
"""After so long a process ends itself: its part hangs."""

WHOLE: Final = 64
"""After so many parts all memory is looked through for garbage, after each only what is new."""

P = TypeVar("P")
R = TypeVar("R")
Work = Callable[[Any, bool], Any]


@dataclass(slots=True)
class _Process:
    """One process, and the part it is at."""

    process: Any
    connection: Connection
    part: Any = None
    careful: bool = False


def spread(
    work: Callable[[P, bool], R],
    parts: Iterable[P],
    processes: int,
    died: Callable[[P, str], None] = lambda part, how: None,
) -> Generator[R, None, None]:
    """What `work(part, careful)` gives for each part, in any order, from so many processes.

    `work` and the parts are pickled. A part whose process ended is told to `died`, and done again
    with careful=True. RuntimeError where that ends the process too, or where the work raises.
    Closing the iterator ends the processes.
    """
    waiting = deque(parts)
    workers: dict[Connection, _Process] = {}
    try:
        for _ in range(min(processes, len(waiting))):
            _give(_start(work, workers), waiting.popleft(), False)
        while workers:
            for ready in wait(list(workers)):
                worker = workers[ready]  # type: ignore[index]
                try:
                    done, result = worker.connection.recv()
                except (EOFError, OSError):
                    _forget(worker, workers)
                    how = end_of(worker.process.exitcode)
                    if worker.careful:
                        raise RuntimeError(f"{worker.part} ends its process: {how}") from None
                    died(worker.part, how)
                    _give(_start(work, workers), worker.part, True)
                    continue
                if not done:
                    raise RuntimeError(f"{worker.part} raises:\n{result}")
                if waiting:
                    _give(worker, waiting.popleft(), False)
                else:
                    worker.connection.send(None)
                    _forget(worker, workers)
                yield result
    finally:
        for worker in workers.values():
            worker.process.terminate()
            worker.process.join()


def _start(work: Work, workers: dict[Connection, _Process]) -> _Process:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    worker = workers[ours] = _Process(process, ours)
    return worker


def _give(worker: _Process, part: Any, careful: bool) -> None:
    worker.part, worker.careful = part, careful
    with contextlib.suppress(OSError):  # the process is gone: that is seen when it is waited for
        worker.connection.send((part, careful))


def _forget(worker: _Process, workers: dict[Connection, _Process]) -> None:
    worker.process.join()
    del workers[worker.connection]
    worker.connection.close()


def _serve(connection: Connection, work: Work) -> None:
    """What a process does: parts, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # between parts is soon enough, and a tenth faster
    for number in count(1):
        try:
            given = connection.recv()
        except EOFError:
            return
        if given is None:
            return
        if hasattr(signal, "alarm"):
            signal.alarm(SECONDS)
        try:
            answer = (True, work(*given))
        except Exception:
            answer = (False, traceback.format_exc())
        connection.send(answer)
        gc.collect(2 if number % WHOLE == 0 else 0)
