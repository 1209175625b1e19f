"""From what is asked for to a pool of workers: a scheduler that runs somewhere, or workers here.

`distributed` is imported here and where it is there for sure, so that all else works without it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pipeline.cluster.pool import WorkerPool
from pipeline.config.config import Cluster, Config
from pipeline.config.knobs import NO_ADDRESS, is_address
from pipeline.system.problem import Problem

ENVIRONMENT: Final = "DASK_SCHEDULER_ADDRESS"

LOSSES: Final = 1000
"""How many workers may end while they have a load: those of this machine end only if something
from outside ends them, which says nothing of the load."""

QUIET: Final = {
    "distributed.scheduler.allowed-failures": LOSSES,
    "distributed.deploy.lost-worker-timeout": "1 day",
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
}
"""How Dask is set for processes of this machine. It looks at itself fifty times a second: measured
with one worker that does nothing, 8.2% of a core, and 1.5% like this. And it gives up a worker that
is not there again 15 seconds after it was killed, which takes longer where the machine is busy.
"""

FIRST: Final = 30
"""For how many seconds, at most, a scheduler is looked for that has never answered."""

INSTALL: Final = "a cluster needs Dask: pip install -e '.[cluster]'"


class NoCluster(Problem):
    """A cluster that is asked for and can't be had, or is asked for in two ways."""

    status = 2


@dataclass(frozen=True, slots=True)
class Where:
    """One of the ways to a cluster; none of them where there is none."""

    scheduler: str = ""
    scheduler_file: str = ""
    workers: int = 0

    def __bool__(self) -> bool:
        return bool(self.scheduler or self.scheduler_file or self.workers)


HERE: Final = Where()
"""No cluster but what config.yaml and the environment say."""


def asked_for(given: Where, cluster: Cluster, environment: Mapping[str, str] = os.environ) -> Where:
    """Which cluster is meant: what is given on the command line, else what the environment says,
    else config.yaml. NoCluster where that is no answer.
    """
    if given.workers < 0:
        raise NoCluster("--workers takes a number of processes (0: none)")
    said = {
        f"--scheduler {given.scheduler}": bool(given.scheduler),
        f"--scheduler-file {given.scheduler_file}": bool(given.scheduler_file),
        f"--workers {given.workers}": bool(given.workers),
    }
    address = environment.get(ENVIRONMENT, "")
    if given.workers:
        said[f"{ENVIRONMENT}={address}"] = bool(address)
    ways = [text for text, is_there in said.items() if is_there]
    if len(ways) > 1:
        text = "one names a cluster that is there" if given.workers else "both name a scheduler"
        other = ", the other starts one here" if given.workers else ""
        raise NoCluster(f"{ways[0]} and {ways[1]}: {text}{other}; leave out one of them")
    for name, word in (("--scheduler", given.scheduler), (ENVIRONMENT, address)):
        if word and not is_address(word):
            raise NoCluster(f"{name} {word}: not an address like tcp://HOST:8786")
    if given:
        return given
    if address:
        return Where(address)
    named = cluster.scheduler if cluster.scheduler != NO_ADDRESS else ""
    file = cluster.scheduler_file if cluster.scheduler_file != NO_ADDRESS else ""
    return Where(named, file, cluster.workers)


def require_no_rows(config: Config) -> None:
    """NoCluster where there are rows of the project's own: workers do not have them."""
    if config.primitives:
        text = "workers do not have primitives of your own (primitives in config.yaml)"
        raise NoCluster(f"{text}: run without a cluster")


@contextmanager
def connected(where: Where, cluster: Cluster) -> Iterator[WorkerPool | None]:
    """The pool of a cluster, None where none is meant; what was started here ends with it."""
    if not where:
        yield None
        return
    if find_spec("distributed") is None:
        raise NoCluster(INSTALL)
    with ExitStack() as stack:
        client = stack.enter_context(_client(where, cluster))
        link = client.dashboard_link
        tell(f"cluster: {client.scheduler.address}" + (f", dashboard {link}" if link else ""))
        yield WorkerPool(client, cluster.patience, cluster.pending, tell)


def tell(line: str) -> None:
    """Print one line that is neither a result nor an error."""
    sys.stdout.flush()
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _client(where: Where, cluster: Cluster) -> Iterator[Any]:
    from distributed import Client

    # What it says of workers that end and of connections is said here in our words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    given: dict[str, Any] = {"set_as_default": False, "timeout": min(cluster.patience, FIRST)}
    with ExitStack() as stack:
        if where.workers:
            given["address"] = stack.enter_context(_workers_here(where.workers))
        elif where.scheduler_file:
            given["address"] = _address_in(where.scheduler_file)
        else:
            given["address"] = where.scheduler
        shown = where.scheduler or where.scheduler_file
        try:
            client = Client(**given)
        except (OSError, TimeoutError, ValueError) as error:
            text = f"no scheduler answers at {shown}: start one (dask scheduler)"
            raise Problem(f"{text}, or correct the address") from error
        client._timeout = cluster.patience  # for a scheduler that was there and restarts
        try:
            yield client
        finally:
            with suppress(OSError, TimeoutError):
                client.close()


def _address_in(file: str) -> str:
    """The address that a scheduler has written to a file; Problem where there is none. Dask itself
    waits for such a file without end.
    """
    try:
        return str(json.loads(Path(file).read_bytes())["address"])
    except FileNotFoundError:
        text = f"there is no file {file}: start a scheduler that writes it"
        raise Problem(f"{text} (dask scheduler --scheduler-file {file})") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{file} is no file that a scheduler has written: {error}") from None


@contextmanager
def _workers_here(count: int) -> Iterator[Any]:
    """A cluster of processes of this machine."""
    import dask
    from distributed import LocalCluster

    with dask.config.set(QUIET), ExitStack() as stack:
        with warnings.catch_warnings(), _interrupts_kept_off():
            warnings.filterwarnings("ignore", "Port|\\nPort")  # the dashboard takes another one
            cluster = stack.enter_context(
                LocalCluster(n_workers=count, threads_per_worker=1, silence_logs=logging.CRITICAL)
            )
        yield cluster


@contextmanager
def _interrupts_kept_off() -> Iterator[None]:
    """Threads that are begun meanwhile, and all that these begin, never see Ctrl-C, which a
    terminal sends to workers too: the command acts on it, afterwards if it comes meanwhile.
    """
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which lets them through again once it has begun
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
