"""Parts of a long run, spread over processes.

A process may end at any moment, by a fault in machine code or a loop without end: its part is then
done once more in a new one, carefully, which is up to the work. One that somebody else killed has
its part done again as if nothing had been.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector
from typing import Any, Final, Generic, Self, TypeVar

from pipeline.system.apart import end_of
from pipeline.system.kills import Kills
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
    """A part ended its process, and did it again; status: with which."""

    def __init__(self, part: object, status: int) -> None:
        super().__init__(f"{part} ends its process: {end_of(status)}")
        self.part, self.status = part, status


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
    with Processes(work, processes, seconds, environment) as pool:
        yield from pool.run(parts, died)


class Processes(Generic[P, R]):
    """Processes for run after run: so many at most, begun when they are first needed.

    What a process remembers of one part can make another one cheaper: parts that are at `home` in
    the same place are done by the same process, unless that is busy while another one is not.
    """

    def __init__(
        self,
        work: Callable[[P, bool], R],
        most: int,
        seconds: int = SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._start = lambda: Worker(work, seconds, environment)
        self.most = most
        self._idle: list[Worker] = []
        self._homes: dict[str, Worker] = {}

    def run(
        self,
        parts: Iterable[P],
        died: Callable[[P, int], R | None] = lambda part, status: None,
        home: Callable[[P], str] | None = None,
    ) -> Generator[R, None, None]:
        """What the work gives for each part: see `spread`. Closing the iterator ends those
        processes that are at work.
        """
        run = _Run(self, parts, home)
        try:
            run.begin()
            while run.busy:
                for key, _ in run.selector.select():
                    result = run.result_of(key.fileobj, died)
                    if result is not None:
                        yield result[0]
        finally:
            run.end()

    def take(self, owner: Worker | None = None) -> Worker:
        """A process that is idle, this one if it is, or a new one."""
        if owner in self._idle:
            self._idle.remove(owner)
            return owner
        return self._idle.pop() if self._idle else self._start()

    def leave(self, worker: Worker) -> None:
        """Let a process be idle."""
        self._idle.append(worker)

    def forget(self, worker: Worker) -> int:
        """End a process; its exit status."""
        self._homes = {name: who for name, who in self._homes.items() if who is not worker}
        return worker.end()

    def owner(self, name: str) -> Worker | None:
        """The process where a home is."""
        return self._homes.get(name)

    def settle(self, name: str, worker: Worker) -> None:
        """Note where a home is."""
        self._homes[name] = worker

    def end(self) -> None:
        """End the processes."""
        while self._idle:
            self._idle.pop().end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.end()


@dataclass(slots=True)
class _Turn(Generic[P]):
    """A part, whether it is done carefully, and how its processes ended."""

    part: P
    careful: bool = False
    kills: Kills = field(default_factory=Kills)


class _Run(Generic[P, R]):
    """Parts that wait, and processes with the part that each is at."""

    def __init__(
        self, pool: Processes[P, R], parts: Iterable[P], home: Callable[[P], str] | None
    ) -> None:
        self._pool = pool
        self._home = home
        self.waiting = deque(map(_Turn, parts))
        self.busy: dict[Worker, _Turn[P]] = {}
        self.selector = DefaultSelector()

    def begin(self) -> None:
        """Give as many processes as there may be a part each."""
        for _ in range(min(self._pool.most, len(self.waiting))):
            owner = None
            if self._home is not None:
                owner = self._pool.owner(self._home(self.waiting[0].part))
            self._give(self._pool.take(owner))

    def _give(self, worker: Worker) -> None:
        """The next part for a process, the first one that is at home there if there is one."""
        chosen = 0
        if self._home is not None:
            owners = [self._pool.owner(self._home(turn.part)) for turn in self.waiting]
            nobody = owners.index(None) if None in owners else 0
            chosen = owners.index(worker) if worker in owners else nobody
            self._pool.settle(self._home(self.waiting[chosen].part), worker)
        turn = self.busy[worker] = self.waiting[chosen]
        del self.waiting[chosen]
        self.selector.register(worker, EVENT_READ)
        worker.give(turn.part, turn.careful)

    def result_of(self, worker: Any, died: Callable[[P, int], R | None]) -> tuple[R] | None:
        """What a process answers; None where its part is to be done again."""
        turn = self.busy.pop(worker)
        self.selector.unregister(worker)
        try:
            result = worker.answer()
        except WorkRaised as raised:
            self._pool.forget(worker)
            raise PartRaised(turn.part, raised) from raised.error
        except EOFError:
            found = self._after_death(turn, self._pool.forget(worker), died)
            if self.waiting:
                self._give(self._pool.take())
            return found
        if self.waiting:
            self._give(worker)
        else:
            self._pool.leave(worker)
        return (result,)

    def _after_death(
        self, turn: _Turn[P], status: int, died: Callable[[P, int], R | None]
    ) -> tuple[R] | None:
        """The result of a part whose process ended; None where it waits once more."""
        if not turn.kills.came_from_outside(status):
            if turn.careful:
                raise PartEnded(turn.part, status)
            result = died(turn.part, status)
            if result is not None:
                return (result,)
            turn.careful = True
        self.waiting.appendleft(turn)
        return None

    def end(self) -> None:
        """End all processes that are at work."""
        for worker in self.busy:
            self._pool.forget(worker)
        self.selector.close()
