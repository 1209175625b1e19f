"""Loads out, results in: a bounded number of them with the workers there are, until all are done.

Nothing is kept that a loss could take: a load that is lost, with a worker, with the scheduler, is
sent again, and results come in any order. A load that ends worker after worker is sent in halves.
"""

from __future__ import annotations

import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final

from pipeline.cluster import on_worker
from pipeline.cluster.job import ClusterJob, FailedLoad, Reply, packed, unpacked
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
from pipeline.cluster.supply import EachLoad, SizedLoads, Supply
from pipeline.system.problem import Problem

LOOK: Final = 1.0
"""How often, in seconds, it is looked who is there."""

TOGETHER: Final = 0.05
"""How long, in seconds, more is waited for where something has come: what comes together costs
less. Measured with loads of nothing: a third of the time of client and scheduler, a fifth of all.
"""

OFTEN: Final = 8
"""After so many times on its way for nothing a load counts as one that ends its workers: Dask
counts only what it loses itself, and not what comes back from workers that have begun anew."""

ASKED_AGAIN: Final = 60.0
"""After so many seconds without an answer results are asked for again."""


class NoWorkers(Problem):
    """Nobody there to run anything, for too long."""


@dataclass(frozen=True, slots=True)
class Done:
    """A load, or a part of one, with its result, or with how it failed."""

    load: Any
    result: Any


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A load that is sent for the how many-th time. kind: of the workers that it was made for."""

    load: Any
    kind: str
    times: int = 1


@dataclass(slots=True)
class _Pending:
    """A load on its way. among: the workers of whom one must be there, as it is bound to them or
    best done there; None where any will do.
    """

    what: _Waiting
    future: Any
    among: tuple[str, ...] | None


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
        kinds = self._roster.kinds if self._roster else {}
        counts = [len(workers) for workers in kinds.values()]
        threads = sum(sum(workers.values()) for workers in kinds.values())
        found = {"workers": sum(counts), "threads": threads}
        names = ", ".join(kind or "cpu" for kind in sorted(kinds))
        return {**found, "device": names} if any(kinds) else found

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


class _Flight:
    """One run."""

    def __init__(
        self, pool: WorkerPool, roster: Roster, events: SimpleQueue[Event], supply: Supply
    ) -> None:
        self._pool, self._roster, self._events = pool, roster, events
        self._client = pool.client
        self._pending: dict[int, _Pending] = {}
        self._again: deque[_Waiting] = deque()
        self._failed: list[Done] = []
        self._loads = SizedLoads(roster.job, supply)
        self._count = 0
        self._looked = -LOOK
        self._alone_since: float | None = None
        self._was_connected = True

    def results(self) -> Iterator[Done]:
        """Whatever comes, until all is done."""
        while True:
            self.look()
            self._send()
            if self._loads.are_over and not (self._again or self._pending or self._failed):
                return
            yield from self.take(self.events(LOOK))
            while self._failed:
                yield self._failed.pop()

    def give_up(self) -> None:
        """Let go of what is on its way."""
        left = list(self._pending.values())
        self._pending.clear()
        self._cancel(left)

    def _cancel(self, left: Sequence[_Pending]) -> None:
        """Have nobody run what nobody waits for."""
        if left and self._client.status == "running":
            with suppress(OSError, TimeoutError):
                self._client.cancel([each.future for each in left])

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
        """Take back loads that are for workers of whom none is there.

        Also those that others may do: where no worker at all is there for a moment, Dask keeps such
        a load for a worker of the address that it was for, and nobody else is ever given it.
        """
        left = [
            self._pending.pop(number)
            for number, each in list(self._pending.items())
            if each.among is not None and not any(map(self._roster.is_there, each.among))
        ]
        self._cancel(left)
        for each in left:
            self._send_again(each.what)

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
        """Have as many loads on their way as workers need to be busy, of sizes that suit them.
        Where workers are of one kind Dask brings loads to whoever is free, else to the kind that
        they are made for.
        """
        kinds = self._roster.kinds
        if not kinds or self._client.status != "running":
            return
        there = Counter(each.what.kind for each in self._pending.values())
        for kind in sorted(kinds, key=self._loads.rate, reverse=True):
            workers = kinds[kind]
            only = self._roster.only if len(kinds) == 1 else tuple(workers)
            room = self._pool.pending * sum(workers.values()) - there.pop(kind, 0)
            if len(kinds) == 1:
                room -= there.total()  # for workers of a kind that has left
            loads = self._taken(room, kind)
            if loads:
                self._submit(loads, only)

    def _taken(self, room: int, kind: str) -> list[_Waiting]:
        """So many loads for workers of a kind, if there are as many."""
        taken: list[_Waiting] = []
        while len(taken) < room:
            if self._again:
                first = self._again.popleft()
                if first.kind != kind:
                    first, *others = self._fitting(first, kind)
                    self._again.extendleft(reversed(others))
                taken.append(first)
            elif (load := self._loads.next(kind)) is not None:
                taken.append(_Waiting(load, kind))
            else:
                break
        return taken

    def _fitting(self, what: _Waiting, kind: str) -> list[_Waiting]:
        """A load for workers of another kind than it was made for, in parts if it is too large."""
        return [_Waiting(part, kind, what.times) for part in self._loads.fitting(what.load, kind)]

    def _submit(self, loads: Sequence[_Waiting], only: tuple[str, ...] | None) -> None:
        """Send loads, those of a kind all at once: the scheduler takes half the time that it takes
        one by one.
        """
        ready, groups = self._roster.ready, dict[str, list[_Waiting]]()
        for what in loads:
            address = self._pool.homes.get(home_of(what.load), "") if only is None else ""
            groups.setdefault(address if address in ready else "", []).append(what)
        for address, group in groups.items():
            self._send_to(group, only, address)

    def _send_to(self, loads: Sequence[_Waiting], only: tuple[str, ...] | None, home: str) -> None:
        """Send loads to the workers that they are bound to, or to where they are best done."""
        key = self._roster.job.key
        among = (home,) if home else only
        numbers = range(self._count + 1, self._count + 1 + len(loads))
        self._count += len(loads)
        futures = self._client.map(
            on_worker.run_load,
            [key] * len(loads),
            [packed(what.load) for what in loads],
            key=[f"arc-load-{key}-{id(self):x}-{number}" for number in numbers],
            pure=False,
            workers=None if among is None else list(among),
            allow_other_workers=bool(home),
        )
        for number, what, future in zip(numbers, loads, futures, strict=True):
            self._pending[number] = _Pending(what, future, among)
            future.add_done_callback(partial(_put, self._events, DONE, number))

    # -- in

    def events(self, seconds: float) -> list[Event]:
        """What has happened, waited for so long at most."""
        found = []
        with suppress(Empty):
            found.append(self._events.get(timeout=seconds))
            if len(self._pending) > 1:
                time.sleep(TOGETHER)
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
                self._send_again(self._pending.pop(number).what)
        for number, answer in answers.items():
            each = self._pending.pop(number)
            load = each.what.load
            if answer.wrong:
                self._roster.refuse(answer.worker, answer.wrong)
            elif not answer.ready:  # one that we have not seen yet, or that has begun anew
                self._roster.greet(answer.worker)
                self._looked = -LOOK
            if not answer.results:
                self._send_again(each.what)
                continue
            if home_of(load):
                self._pool.homes[home_of(load)] = answer.worker
            self._loads.took(self._roster.kind_of(answer.worker), load, answer.seconds)
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
            self._send_again(each.what)
            return
        from distributed.scheduler import KilledWorker

        error = each.future.exception()
        if isinstance(error, KilledWorker):
            self._part(each.what)
        elif isinstance(error, ImportError | AttributeError):  # a worker that nobody greeted
            self._send_again(each.what)
        else:
            raise error

    def _send_again(self, what: _Waiting) -> None:
        if what.times < OFTEN:
            self._again.append(replace(what, times=what.times + 1))
        else:
            self._part(what)

    def _part(self, what: _Waiting) -> None:
        """Have a load that ends workers sent in halves; one that has none has failed."""
        parts = what.load.parts()
        if not parts:
            self._failed.append(Done(what.load, FailedLoad(-signal.SIGKILL)))
        self._again.extend(_Waiting(part, what.kind) for part in parts)


def home_of(load: Any) -> str:
    """What a load calls its home, if it has one: it is best done where the last one of the same
    name was, as a process there may remember what it needs."""
    found: str = getattr(load, "home", "")
    return found


GO_ON: Final = "what is done is kept, the same command goes on with it"
