"""What goes wrong on clusters, with real processes: results stay those of one machine."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

from pipeline.cluster.cluster_engine import ClusterEngine
from pipeline.cluster.connecting import Where, connected
from pipeline.cluster.job import FailedLoad
from pipeline.cluster.pool import NoWorkers, WorkerPool
from pipeline.config.config import Cluster
from pipeline.engine.cpu import CpuEngine
from pipeline.engine.engine import blocks_of
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.search.evidence import Checker
from tests.all_solvers import Linked, linked
from tests.cluster.number_jobs import FELLING, HUNGRY, NumberSupply, squares
from tests.cluster.real_workers import (
    WORKER,
    assert_all_outlive,
    end,
    free_address,
    kill,
    killing,
    on,
    population_in,
    processes,
    run,
    scheduler_at,
    worker,
)
from tests.compiled import compiled_kernels
from tests.extracted import training
from tests.in_memory import config_of
from tests.search.test_loop import ASKED, with_noise
from tests.search.test_loop import run as searched

__all__ = ["linked"]

NUMBERS = list(range(100, 140))
SQUARES = {number: number * number for number in NUMBERS}


@contextmanager
def pool_at(address: str) -> Iterator[WorkerPool]:
    """The pool of a scheduler, as a command has it."""
    with connected(Where(address), Cluster(patience=120)) as found:
        assert found is not None
        yield found


@contextmanager
def one_host(host: str = "127.0.0.1") -> Iterator[tuple[str, WorkerPool]]:
    """A scheduler in a process of its own, and its pool."""
    address = free_address(host)
    with scheduler_at(address), pool_at(address) as pool:
        yield address, pool


# -- workers that come, go and wait


def test_a_worker_that_comes_late_does_it_all() -> None:
    with one_host() as (address, pool), ExitStack() as stack:
        pool.tell = lambda line: said.append(line) or _begin(stack, address, said)
        said: list[str] = []
        assert run(pool, NUMBERS) == SQUARES
        assert said == ["no worker: waiting for one, 120 s at most (cluster.patience)"]


def _begin(stack: ExitStack, address: str, said: list[str]) -> None:
    if len(said) == 1:
        stack.enter_context(worker(address))


@pytest.mark.long("a second worker, and the wait for it")
def test_the_last_worker_goes_and_another_one_comes() -> None:
    with one_host() as (address, pool), ExitStack() as stack:
        pool.tell = lambda line: said.append(line) or _begin(stack, address, said)
        said: list[str] = []
        found: dict[int, int] = {}
        with worker(address) as first:
            for done in pool.run(squares(0.1), NumberSupply(NUMBERS)):
                found |= dict(zip(done.load.numbers, done.result, strict=True))
                if len(found) == 8:
                    end(first)
        assert found == SQUARES
        assert said == ["no worker: waiting for one, 120 s at most (cluster.patience)"]


@pytest.mark.long("a scheduler is killed and begun again, with its worker")
def test_a_scheduler_that_restarts_is_found_again() -> None:
    address, found = free_address(), dict[int, int]()
    with ExitStack() as stack:
        first = stack.enter_context(scheduler_at(address))
        old = stack.enter_context(worker(address))
        pool = stack.enter_context(pool_at(address))
        for done in pool.run(squares(0.1), NumberSupply(NUMBERS)):
            found |= dict(zip(done.load.numbers, done.result, strict=True))
            if len(found) == 8:
                end(first)
                end(old)
                stack.enter_context(scheduler_at(address))
                stack.enter_context(worker(address))
    assert found == SQUARES


@pytest.mark.long("a search on a cluster, twice, and one here")
def test_a_search_without_workers_ends_and_goes_on(tmp_path: Path) -> None:
    with closing(Checker(config_of(limits=DEFAULT_LIMITS))) as checker:
        here = searched(tmp_path / "here", checker, with_noise())
        away = partial(searched, tmp_path / "away", checker, with_noise())
        with one_host() as (address, pool):
            with worker(address) as only:
                pool.client.wait_for_workers(1)
                pool.patience = 1
                with pytest.raises(NoWorkers, match="is kept"):
                    away(crew_for=on(pool), watch=lambda progress: end(only))
            pool.patience = 120
            with worker(address):
                assert away(crew_for=on(pool)) == here
    assert population_in(tmp_path / "away") == population_in(tmp_path / "here")


# -- killed, stopped, out of memory


@pytest.fixture(scope="module")
def three() -> Iterator[WorkerPool]:
    """Three workers, who are begun again when they are killed."""
    with connected(Where(workers=3), Cluster(patience=120)) as found:
        assert found is not None
        yield found


@pytest.mark.long("fifty times what another test does four times")
def test_workers_that_are_killed_again_and_again_lose_nothing(three: WorkerPool) -> None:
    assert_all_outlive(three, kills=50, seed=1)


@pytest.mark.long("all workers begin anew")
def test_loads_that_have_a_home_outlive_all_workers_at_once(three: WorkerPool) -> None:
    assert run(three, NUMBERS, seconds=0.2, home="here") == SQUARES
    at_home = three.homes["here"]
    threading.Timer(0.5, lambda: [kill(each) for each in processes(WORKER)]).start()
    assert run(three, NUMBERS, seconds=0.2, home="here") == SQUARES
    assert three.homes["here"] != at_home


@pytest.mark.long("every solver on many samples, twice")
def test_a_matrix_is_the_same_where_workers_are_killed(three: WorkerPool, linked: Linked) -> None:
    samples = [s for task in list(training().values())[:40] for s in task.train]
    encoded = encode_samples((s.input, s.output) for s in samples)
    blocks = blocks_of(len(encoded), 1)
    here = CpuEngine(linked.image, compiled_kernels(), DEFAULT_LIMITS, 256)
    expected = {o.block: o.verdicts.tobytes() for o in here.run(encoded, blocks)}
    engine = ClusterEngine(
        linked.image, DEFAULT_LIMITS, three, compiled_kernels(), 256, lambda: here
    )
    engine.job = replace(engine.job, least=1_000, most=2_000)
    with killing(three, kills=20, seed=2) as killed:
        found = {o.block: o.verdicts.tobytes() for o in engine.run(encoded, blocks)}
        assert killed
    assert found == expected


@pytest.mark.long("searches on one, two and three workers, and killed ones")
@pytest.mark.parametrize(("workers", "kills"), [(1, 0), (2, 0), (3, 0), (3, 30)], ids=str)
def test_a_search_is_the_same_on_any_workers(workers: int, kills: int, tmp_path: Path) -> None:
    asked = replace(ASKED, programs=6_000)
    with closing(Checker(config_of(limits=DEFAULT_LIMITS))) as checker:
        here = searched(tmp_path / "here", checker, with_noise(), asked)
        with connected(Where(workers=workers), Cluster(patience=120)) as pool:
            assert pool is not None
            with killing(pool, kills, seed=workers) as killed:
                away = searched(tmp_path / "away", checker, with_noise(), asked, crew_for=on(pool))
            assert bool(killed) == bool(kills)
    assert away == here
    assert population_in(tmp_path / "away") == population_in(tmp_path / "here")


@pytest.mark.long("workers that stand still now and then")
def test_slow_workers_change_nothing(three: WorkerPool) -> None:
    over = threading.Event()

    def hinder() -> None:
        while not over.wait(0.2):
            for each in processes(WORKER)[:2]:
                each.send_signal(signal.SIGSTOP)
                over.wait(0.5)
                each.send_signal(signal.SIGCONT)

    thread = threading.Thread(target=hinder)
    thread.start()
    try:
        assert run(three, NUMBERS, seconds=0.1) == SQUARES
    finally:
        over.set()
        thread.join()


@contextmanager
def bounded(mib: int) -> Iterator[Path]:
    """A group of processes that has so much memory together; skips where none can be made."""
    for root, bound in (("memory", "memory.limit_in_bytes"), ("", "memory.max")):
        group = Path("/sys/fs/cgroup", root, f"arc-{os.getpid()}")
        try:
            group.mkdir()
            (group / bound).write_text(str(mib << 20))
        except OSError:
            if group.is_dir():
                group.rmdir()
            continue
        try:
            yield group / "cgroup.procs"
        finally:
            while (group / "cgroup.procs").read_text():
                time.sleep(0.05)
            group.rmdir()
        return
    pytest.skip("groups with a bound of memory can't be made here")


@pytest.mark.long("memory is taken until there is none")
def test_a_lane_that_takes_all_memory_ends_and_its_worker_does_not() -> None:
    with bounded(700) as members, one_host() as (address, pool):
        into = ("sh", "-c", f'echo $$ > {members}; exec "$@"', "sh")
        with worker(address, before=into) as process:
            pool.client.wait_for_workers(1)
            (before,) = processes(WORKER, process)
            found = run(pool, [*NUMBERS, HUNGRY])
            assert found.pop(HUNGRY) == FailedLoad(-signal.SIGKILL)
            assert found == SQUARES
            assert processes(WORKER, process) == [before]


@pytest.mark.long("workers are felled until the lane is found that does it")
def test_a_lane_that_ends_its_worker_is_found() -> None:
    with one_host() as (address, pool), worker(address), worker(address):
        found = run(pool, [*NUMBERS[:8], FELLING], size=2)
    assert found.pop(FELLING) == FailedLoad(-signal.SIGKILL)
    assert found == {number: number * number for number in NUMBERS[:8]}


# -- several hosts


@contextmanager
def hosts(count: int) -> Iterator[list[str]]:
    """So many hosts on one network, as namespaces, the first of which is this one's side of it:
    their names. Skips where they can't be made.
    """
    names = [f"arc{os.getpid() % 1000}h{k}" for k in range(count)]
    bridge = f"arc{os.getpid() % 1000}b"
    with ExitStack() as stack:
        try:
            _ip("link", "add", bridge, "type", "bridge")
            stack.callback(_ip, "link", "del", bridge)
            _ip("addr", "add", f"{NETWORK}.1/24", "dev", bridge)
            _ip("link", "set", bridge, "up")
            for k, name in enumerate(names):
                _ip("netns", "add", name)
                stack.callback(_ip, "netns", "del", name)
                _ip("link", "add", f"{name}v", "type", "veth", "peer", "eth0", "netns", name)
                _ip("link", "set", f"{name}v", "master", bridge, "up")
                _ip("-n", name, "addr", "add", f"{NETWORK}.{k + 2}/24", "dev", "eth0")
                _ip("-n", name, "link", "set", "eth0", "up")
                _ip("-n", name, "link", "set", "lo", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"hosts can't be made here: {error}")
        yield names


NETWORK = "10.213.7"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.mark.long("three hosts, one of which goes away")
def test_a_host_that_goes_away_costs_its_blocks(tmp_path: Path) -> None:
    with hosts(3) as names, ExitStack() as stack:
        address, pool = stack.enter_context(one_host(f"{NETWORK}.1"))
        away = [
            stack.enter_context(worker(address, before=("ip", "netns", "exec", name)))
            for name in names
        ]
        pool.client.wait_for_workers(3)
        said = {who["host"] for who in pool.client.scheduler_info()["workers"].values()}
        assert said == {f"{NETWORK}.{k}" for k in (2, 3, 4)}
        found: dict[int, Any] = {}
        for done in pool.run(squares(0.1), NumberSupply(NUMBERS)):
            found |= dict(zip(done.load.numbers, done.result, strict=True))
            if len(found) == 8:
                end(away[0])
        assert found == SQUARES
        with closing(Checker(config_of(limits=DEFAULT_LIMITS))) as checker:
            here = searched(tmp_path / "here", checker, with_noise())
            there = searched(tmp_path / "away", checker, with_noise(), crew_for=on(pool))
        assert there == here
        assert population_in(tmp_path / "away") == population_in(tmp_path / "here")
