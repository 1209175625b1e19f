"""Loads out, results in: a bounded number of them with the workers there are, until all are done.

Nothing is kept that a loss could take: a load that is lost, with a worker, with the scheduler, is
sent again, and results come in any order. A load that ends worker after worker is sent in halves.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

from pipeline.cluster import on_worker
from pipeline.cluster.job import ClusterJob, FailedLoad, Load, Reply, packed, unpacked
from pipeline.cluster.roster import (
    COMPILED,
    DONE,
    GREETED,
    NEW,
    WAITING,
    Event,
    Roster,
    _put,
)
from pipeline.system.problem import Problem

SECONDS: Final = 1.0
"""Processor time that a load should take."""

LOOK: Final = 1.0
"""How often, in seconds, it is looked who is there."""

ASKED_AGAIN: Final = 60.0
"""After so many seconds without an answer results are asked for again."""


class NoWorkers(Problem):
    """Nobody there to run anything, for too long."""


class Supply(Protocol):
    """Where loads come from."""

    def next(self, lanes: int) -> Load | None:
        """The next load, of about so many lanes; None where there is no more."""


@dataclass(frozen=True, slots=True)
class Done:
    """A load, or a part of one, with its result, or with how it failed."""

    load: Any
    result: Any


@dataclass(slots=True)
class _Pending:
    """A load on its way. only: the workers that it is bound to, if it is."""

    load: Any
    future: Any
    only: tuple[str, ...] | None


class WorkerPool:
    """The workers of a cluster.

    client: of `distributed`. patience: for how many seconds it is waited for a worker where there
    is none. pending: how many loads there are for each thread, the one that it runs included. tell:
    takes lines for the user. now: a clock, in seconds.
    """

    def __init__(
        self,
        client: Any,
        patience: float = 300,
        pending: int = 3,
        tell: Callable[[str], None] = lambda line: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self.patience = patience
        self.pending = pending
        self.tell = tell
        self.now = now
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._roster: Roster | None = None
        self.homes: dict[str, str] = {}

    @property
    def facts(self) -> dict[str, Any]:
        """Who runs what, for results."""
        ready = self._roster.ready if self._roster else {}
        return {"workers": len(ready), "threads": sum(ready.values())}

    def roster(self, job: ClusterJob) -> Roster:
        """Who is there for a job."""
        if self._roster is None or self._roster.job.key != job.key:
            self._events = SimpleQueue()
            self._roster = Roster(self.client, job, self._events, self.tell)
        return self._roster

    def run(self, job: ClusterJob, supply: Supply) -> Generator[Done, None, None]:
        """Run all loads of a job; results come in any order, of loads or of parts of them.

        NoWorkers where there is none for longer than `patience`. Closing the iterator gives up what
        is on its way.
        """
        flight = _Flight(self, self.roster(job), self._events, supply)
        try:
            yield from flight.results()
        finally:
            flight.give_up()

    def wait(self, job: ClusterJob, compiling: Callable[[list[str]], Any] | None = None) -> None:
        """Wait until a worker is ready for a job. compiling: is called once with the kernels that
        have to be compiled first, and gives what is told of each that is done."""
        roster = self.roster(job)
        flight = _Flight(self, roster, self._events, EachLoad(()))
        while not roster.ready:
            flight.look()
            flight.take(flight.events(LOOK))
            if compiling is not None and roster.kernels_left:
                roster.compiled = compiling(roster.kernels_left)
                compiling = None
        roster.compiled = lambda name: None


class EachLoad:
    """Loads as they are, whatever their size; they are made as they are wanted."""

    def __init__(self, loads: Iterable[Any]) -> None:
        self._left = iter(loads)

    def next(self, lanes: int) -> Load | None:
        """See `Supply`."""
        return next(self._left, None)


class _Flight:
    """One run."""

    def __init__(
        self, pool: WorkerPool, roster: Roster, events: SimpleQueue[Event], supply: Supply
    ) -> None:
        self._pool, self._roster, self._events, self._supply = pool, roster, events, supply
        self._client = pool.client
        self._pending: dict[int, _Pending] = {}
        self._again: deque[Any] = deque()
        self._failed: list[Done] = []
        self._is_empty = False
        self._count = 0
        self._lanes, self._seconds = 0, 0.0
        self._looked = -LOOK
        self._alone_since: float | None = None
        self._was_connected = True

    def results(self) -> Iterator[Done]:
        """Whatever comes, until all is done."""
        while True:
            self.look()
            self._send()
            if self._is_empty and not self._again and not self._pending:
                return
            yield from self.take(self.events(LOOK))
            while self._failed:
                yield self._failed.pop()

    def give_up(self) -> None:
        """Let go of what is on its way."""
        futures = [each.future for each in self._pending.values()]
        self._pending.clear()
        if futures and self._client.status == "running":
            with suppress(OSError, TimeoutError):
                self._client.cancel(futures)

    # -- who is there

    def look(self) -> None:
        """See who is there, if it is time to; NoWorkers if that was nobody for too long."""
        now = self._pool.now()
        if now - self._looked < LOOK and self._roster.ready:
            return
        self._looked = now
        if self._client.status in ("closing", "closed"):
            raise NoWorkers(f"the scheduler can't be reached any more: {GO_ON}")
        is_connected = self._client.status == "running"
        if is_connected:
            try:
                self._roster.look()
            except (OSError, TimeoutError):
                is_connected = False
        elif self._was_connected:
            self._pool.tell("the connection to the scheduler is lost; trying again")
            self._roster.forget_all()
        self._was_connected = is_connected
        self._call_back()
        self._mind_patience(now)

    def _call_back(self) -> None:
        """Take back loads that are bound to workers of which none is there."""
        for number, each in list(self._pending.items()):
            if each.only is not None and not any(map(self._roster.is_there, each.only)):
                del self._pending[number]
                self._again.append(each.load)

    def _mind_patience(self, now: float) -> None:
        states = self._roster.states
        if self._roster.ready or states & {NEW, WAITING}:
            self._alone_since = None
        elif states:
            raise NoWorkers(f"no worker can be used: {GO_ON}")
        elif self._alone_since is None:
            self._alone_since = now
            self._pool.tell(
                f"no worker: waiting for one, {self._pool.patience:g} s at most (cluster.patience)"
            )
        elif now - self._alone_since > self._pool.patience:
            raise NoWorkers(f"no worker for {self._pool.patience:g} s: {GO_ON}")

    # -- out

    def _send(self) -> None:
        """Have as many loads on their way as workers need to be busy."""
        ready = self._roster.ready
        if not ready or self._client.status != "running":
            return
        most = self._pool.pending * sum(ready.values())
        only = self._roster.only
        loads: list[Any] = []
        while len(self._pending) + len(loads) < most:
            load = self._again.popleft() if self._again else self._next()
            if load is None:
                break
            loads.append(load)
        if loads:
            self._submit(loads, only)

    def _submit(self, loads: Sequence[Any], only: tuple[str, ...] | None) -> None:
        """Send loads, those of a kind all at once: the scheduler takes half the time that it takes
        one by one.
        """
        ready, groups = self._roster.ready, dict[str, list[Any]]()
        for load in loads:
            address = self._pool.homes.get(home_of(load), "") if only is None else ""
            groups.setdefault(address if address in ready else "", []).append(load)
        for address, group in groups.items():
            self._send_to(group, only, address)

    def _send_to(self, loads: Sequence[Any], only: tuple[str, ...] | None, home: str) -> None:
        """Send loads to the workers that they are bound to, or to where they are best done."""
        key = self._roster.job.key
        numbers = range(self._count + 1, self._count + 1 + len(loads))
        self._count += len(loads)
        futures = self._client.map(
            on_worker.run_load,
            [key] * len(loads),
            [packed(load) for load in loads],
            key=[f"arc-load-{key}-{id(self):x}-{number}" for number in numbers],
            pure=False,
            workers=[home] if home else None if only is None else list(only),
            allow_other_workers=bool(home),
        )
        for number, load, future in zip(numbers, loads, futures, strict=True):
            self._pending[number] = _Pending(load, future, only)
            future.add_done_callback(partial(_put, self._events, DONE, number))

    def _next(self) -> Load | None:
        if self._is_empty:
            return None
        job, wanted = self._roster.job, 0
        if self._seconds:
            wanted = round(SECONDS * self._lanes / self._seconds)
        load = self._supply.next(max(job.least, min(job.most, wanted)))
        self._is_empty = load is None
        return load

    # -- in

    def events(self, seconds: float) -> list[Event]:
        """What has happened, waited for so long at most."""
        found = []
        with suppress(Empty):
            found.append(self._events.get(timeout=seconds))
            while True:
                found.append(self._events.get_nowait())
        return found

    def take(self, events: list[Event]) -> Iterator[Done]:
        """Act on what has happened; gives what is done."""
        finished: dict[int, Any] = {}
        for what, whom, future in events:
            if what == GREETED:
                self._roster.greeted(whom, future)
            elif what == COMPILED:
                self._roster.compiled_one(whom, future)
            elif whom in self._pending and self._pending[whom].future is future:
                if future.status == "finished":
                    finished[whom] = future
                else:
                    self._lost(self._pending.pop(whom))
        return self._done(finished)

    def _done(self, finished: dict[int, Any]) -> Iterator[Done]:
        answers = self._gathered(finished)
        for number in finished:
            if number not in answers:  # lost while it was fetched
                self._again.append(self._pending.pop(number).load)
        for number, answer in answers.items():
            load = self._pending.pop(number).load
            if answer.wrong:
                self._roster.refuse(answer.worker, answer.wrong)
            elif not answer.ready:  # one that we have not seen yet, or that has begun anew
                self._roster.greet(answer.worker)
                self._looked = -LOOK
            if not answer.results:
                self._again.append(load)
                continue
            if home_of(load):
                self._pool.homes[home_of(load)] = answer.worker
            if answer.seconds:
                self._lanes += load.lanes
                self._seconds += answer.seconds
            for part, result in answer.results:
                yield Done(load if part is None else part, unpacked(result))

    def _gathered(self, finished: dict[int, Any]) -> dict[int, Reply]:
        if not finished:
            return {}
        try:
            found: dict[int, Reply] = self._client.sync(
                self._client._gather, finished, errors="skip", callback_timeout=ASKED_AGAIN
            )
        except (OSError, TimeoutError):
            return {}
        return found

    def _lost(self, each: _Pending) -> None:
        """What to do about a load that came to nothing."""
        if each.future.status != "error":
            self._again.append(each.load)
            return
        from distributed.scheduler import KilledWorker

        error = each.future.exception()
        if not isinstance(error, KilledWorker):
            if isinstance(error, ImportError | AttributeError):  # a worker that nobody greeted
                self._again.append(each.load)
                return
            raise error
        parts = each.load.parts()
        if not parts:
            self._failed.append(Done(each.load, FailedLoad(-signal.SIGKILL)))
        else:
            self._again.extend(parts)


def home_of(load: Any) -> str:
    """What a load calls its home, if it has one: it is best done where the last one of the same
    name was, as a process there may remember what it needs."""
    found: str = getattr(load, "home", "")
    return found


GO_ON: Final = "what is done is kept, the same command goes on with it"
