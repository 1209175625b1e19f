"""Who is there: workers that come and go, what each has to be told and to have before it is used.

A worker is *greeted* with a job: it says which code it runs and which kernels it lacks. Kernels are
compiled once a machine, by tasks, as everything else; those of a folder that machines share are
there for the next one. Who runs other code than we do is refused, and told so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any, Final

from pipeline.cluster import on_worker
from pipeline.cluster.job import ClusterJob, Greeting, our_version

GREETED, COMPILED, DONE = "greeted", "compiled", "done"
"""What can have happened."""

Event = tuple[str, Any, Any]
"""What happened, to whom, and the future that says how it went."""

NEW, WAITING, READY, REFUSED = "new", "waiting", "ready", "refused"
"""How a worker stands: greeted, without an answer; kernels of its machine are compiled; used; not
used."""

FIRST: Final = 100
"""The priority of greetings and kernels, before all loads."""

LONG: Final = "60s"
"""After so long a question to the scheduler is given up; it is asked again."""


@dataclass(slots=True)
class SeenWorker:
    """A worker: its threads, how it stands, what it runs loads on, its machine with the folder of
    kernels there, and what it is asked."""

    threads: int
    state: str = NEW
    kind: str = ""
    machine: tuple[str, str] = ("", "")
    asked: Any = None


@dataclass(slots=True)
class Compiling:
    """The kernels that a machine compiles, and the workers that may do it."""

    workers: list[str]
    futures: dict[str, Any] = field(default_factory=dict)


class Roster:
    """The workers that there are, for one job.

    tell: takes a line for the user, once. compiled: is told of each kernel that is done.
    """

    def __init__(
        self, client: Any, job: ClusterJob, events: SimpleQueue[Event], tell: Callable[[str], None]
    ) -> None:
        self.job = job
        self.compiled: Callable[[str], None] = lambda name: None
        self._client = client
        self._events = events
        self._tell = tell
        self._seen: dict[str, SeenWorker] = {}
        self._machines: dict[tuple[str, str], Compiling] = {}
        self._data: Any = None

    @property
    def ready(self) -> dict[str, int]:
        """The workers that may be used, with how many threads each has."""
        return {a: seen.threads for a, seen in self._seen.items() if seen.state == READY}

    @property
    def kinds(self) -> dict[str, dict[str, int]]:
        """The same by what they run loads on: see `Greeting`."""
        found: dict[str, dict[str, int]] = {}
        for address, threads in self.ready.items():
            found.setdefault(self._seen[address].kind, {})[address] = threads
        return found

    def kind_of(self, address: str) -> str:
        """What a worker runs loads on."""
        return self._seen[address].kind if address in self._seen else ""

    @property
    def states(self) -> set[str]:
        """How the workers that there are stand."""
        return {seen.state for seen in self._seen.values()}

    @property
    def kernels_left(self) -> list[str]:
        """The kernels that machines still compile."""
        return [name for each in self._machines.values() for name in each.futures]

    @property
    def only(self) -> tuple[str, ...] | None:
        """To which workers a load must be bound; None where all are ready."""
        ready = self.ready
        return None if len(ready) == len(self._seen) else tuple(ready)

    def is_there(self, address: str) -> bool:
        """Whether a worker was there the last time that we looked."""
        return address in self._seen

    def look(self) -> None:
        """See who has come and who has gone."""
        there = self._client.sync(
            self._client.scheduler.ncores, workers=None, callback_timeout=LONG
        )
        for address in self._seen.keys() - there.keys():
            del self._seen[address]
        for address in there.keys() - self._seen.keys():
            self._seen[address] = SeenWorker(there[address])
            self.greet(address)
        self._leave_machines()

    def forget_all(self) -> None:
        """Begin anew: the scheduler did."""
        self._seen.clear()
        self._machines.clear()
        self._data = None

    def greet(self, address: str) -> None:
        """Ask a worker whether it is ready; it counts as not ready until it answers. One that was
        not there when we looked is asked when it is.
        """
        seen = self._seen.get(address)
        if seen is None:
            return
        seen.state = NEW
        if self._data is None or self._data.status not in ("pending", "finished"):
            self._data = self._submit(bytes, self.job.data, key=f"arc-job-{self.job.key}")
        job = self.job
        where = job.folder, job.memory_mib, job.shared
        asked = on_worker.Asked(job.key, job.kernels, *where, device=job.device)
        seen.asked = self._submit(
            on_worker.greet, asked, self._data, our_version(), workers=[address]
        )
        self._hear(seen.asked, GREETED, address)

    def greeted(self, address: str, future: Any) -> None:
        """Take a worker's answer."""
        seen = self._seen.get(address)
        if seen is None or seen.asked is not future:
            return
        seen.asked = None
        if future.status == "error":
            self._refuse_for(address, future.exception())
            return
        if future.status != "finished":
            self.greet(address)
            return
        found = self._result(address, future)
        if found is None:
            return
        if (found.version, found.python) != (our_version(), sys.version_info[:2]):
            self.refuse(address, _other_version(found))
            return
        if found.why:
            self.refuse(address, found.why)
            return
        seen.machine, seen.kind = (found.machine, found.folder), found.kind
        seen.state = WAITING if found.missing else READY
        if found.missing and seen.machine not in self._machines:
            self._compile(seen.machine, found.missing)

    def _result(self, address: str, future: Any) -> Greeting | None:
        """What a worker has answered; it is asked again where that is lost by now."""
        try:
            found: list[Greeting] = self._client.sync(
                self._client._gather, [future], errors="skip", callback_timeout=LONG
            )
        except (OSError, TimeoutError):
            found = []
        if not found:
            self.greet(address)
        return found[0] if found else None

    def refuse(self, address: str, why: str) -> None:
        """Use a worker no more."""
        if address in self._seen and self._seen[address].state != REFUSED:
            self._seen[address].state = REFUSED
            self._tell(f"worker {address} is not used: {why}")

    def _refuse_for(self, address: str, error: BaseException) -> None:
        """Refuse a worker that could not even answer."""
        if isinstance(error, ImportError | AttributeError):
            why = f"it has no arc-battery, or another version ({error}): {INSTALL}"
        else:
            why = f"{type(error).__name__}: {error}"
        self.refuse(address, why)

    def _compile(self, machine: tuple[str, str], names: tuple[str, ...]) -> None:
        self._tell(f"compiling {len(names):,} kernels on {machine[0]}")
        there = [address for address, seen in self._seen.items() if seen.machine == machine]
        made = self._machines[machine] = Compiling(there)
        for name in names:
            given = machine[1], name, self.job.shared
            future = self._submit(on_worker.compile_one, *given, workers=there)
            made.futures[name] = future
            self._hear(future, COMPILED, (machine, name))

    def compiled_one(self, about: tuple[tuple[str, str], str], future: Any) -> None:
        """Take note of a kernel; after the last one ask its machine's workers again."""
        machine, name = about
        made = self._machines.get(machine)
        if made is None or name not in made.futures or made.futures[name] is not future:
            return
        made.futures.pop(name)
        if future.status == "error":
            made.futures.clear()
            for address, seen in self._seen.items():
                if seen.machine == machine:
                    self._refuse_for(address, future.exception())
        self.compiled(name)
        if not made.futures:
            del self._machines[machine]
            self._greet_waiting(machine)

    def _leave_machines(self) -> None:
        """Forget what machines compile where nobody is left who was to do it, and let who has come
        to such a machine begin with it."""
        for machine, made in list(self._machines.items()):
            if not any(map(self.is_there, made.workers)):
                del self._machines[machine]
                self._greet_waiting(machine)

    def _greet_waiting(self, machine: tuple[str, str]) -> None:
        for address, seen in self._seen.items():
            if seen.machine == machine and seen.state == WAITING:
                self.greet(address)

    def _submit(self, function: Callable[..., Any], *given: Any, **options: Any) -> Any:
        return self._client.submit(function, *given, pure=False, priority=FIRST, **options)

    def _hear(self, future: Any, what: str, whom: Any) -> None:
        future.add_done_callback(partial(_put, self._events, what, whom))


def _put(events: SimpleQueue[Event], what: str, whom: Any, future: Any) -> None:
    events.put((what, whom, future))


INSTALL: Final = "install the same there as here (pip install '.[cluster]') and start it again"


def _other_version(found: Greeting) -> str:
    if found.version == our_version() and found.python != (0, 0):
        there, here = (".".join(map(str, v)) for v in (found.python, sys.version_info[:2]))
        return f"it runs Python {there}, and this is {here}: {INSTALL}"
    there, here = found.version[:8], our_version()[:8]
    return f"it has version {there} of arc-battery, and this is {here}: {INSTALL}"
