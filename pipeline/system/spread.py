"""Parts of a long run, spread over processes.

A process may end at any moment, by a fault in machine code or a loop without end: its part is then
done once more in a new one, carefully, which is up to the work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Final, Generic, TypeVar

from pipeline.system.apart import end_of
from pipeline.system.process import Worker, WorkRaised

SECONDS: Final = 900
"""After so long a process is ended: its part hangs."""

P = TypeVar("P")
R = TypeVar("R")


class PartRaised(RuntimeError):
    """The work raised, on this part; `error` is what, where that could be told."""

    def __init__(self, part: object, raised: WorkRaised) -> None:
        super().__init__(f"{part} raises:\n{raised}")
        self.error = raised.error


class PartEnded(RuntimeError):
    """A part ended its process, and did it again."""


def spread(
    work: Callable[[P, bool], R],
    parts: Iterable[P],
    processes: int,
    died: Callable[[P, int], R | None] = lambda part, status: None,
    seconds: int = SECONDS,
    environment: Mapping[str, str] | None = None,
) -> Generator[R, None, None]:
    """What `work(part, careful)` gives for each part, in any order, from so many processes.

    A part whose process ended is told to `died` with the exit status: what that gives is the part's
    result, and for None it is done again with careful=True. PartEnded where that ends the process
    too, PartRaised where the work raises. Closing the iterator ends the processes.
    """
    run: _Run[P, R] = _Run(lambda: Worker(work, seconds, environment), parts)
    try:
        for _ in range(min(processes, len(run.waiting))):
            run.give(run.start())
        while run.busy:
            for key, _ in run.selector.select():
                result = run.result_of(key.fileobj, died)
                if result is not None:
                    yield result[0]
    finally:
        run.end()


class _Run(Generic[P, R]):
    """Parts that wait, and processes with the part that each is at and whether it is careful."""

    def __init__(self, start: Callable[[], Worker], parts: Iterable[P]) -> None:
        self._start = start
        self.waiting = deque((part, False) for part in parts)
        self.busy: dict[Worker, tuple[P, bool]] = {}
        self.selector = DefaultSelector()

    def start(self) -> Worker:
        """A new process."""
        worker = self._start()
        self.selector.register(worker, EVENT_READ)
        return worker

    def give(self, worker: Worker) -> None:
        """The next part for a process."""
        self.busy[worker] = self.waiting.popleft()
        worker.give(*self.busy[worker])

    def result_of(self, worker: Any, died: Callable[[P, int], R | None]) -> tuple[R] | None:
        """What a process answers; None where its part is to be done again."""
        part, careful = self.busy.pop(worker)
        try:
            result = worker.answer()
        except WorkRaised as raised:
            self._forget(worker)
            raise PartRaised(part, raised) from raised.error
        except EOFError:
            status = self._forget(worker)
            if careful:
                raise PartEnded(f"{part} ends its process: {end_of(status)}") from None
            result = died(part, status)
            if result is None:
                self.waiting.appendleft((part, True))
            if self.waiting:
                self.give(self.start())
            return None if result is None else (result,)
        if self.waiting:
            self.give(worker)
        else:
            self._forget(worker)
        return (result,)

    def _forget(self, worker: Worker) -> int:
        self.selector.unregister(worker)
        return worker.end()

    def end(self) -> None:
        """End all processes."""
        for worker in self.busy:
            worker.end()
        self.selector.close()
