"""Loads on real workers: three processes of this machine, which are killed, refused and missed."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.battery.resident import Battery
from pipeline.battery.scores import Scores
from pipeline.cluster.connecting import HERE, Where, connected
from pipeline.cluster.job import FailedLoad
from pipeline.cluster.pool import NoWorkers, WorkerPool
from pipeline.commands import agree
from pipeline.commands import matrix as matrices
from pipeline.commands import stress as stressing
from pipeline.commands.asked import ALL
from pipeline.config.config import Cache, Cluster, Config
from pipeline.config.context import Context
from pipeline.incremental import keys
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.search.evidence import Checker
from pipeline.system.package import PACKAGE
from tests.battery.small import BODIES, FLIP, TASKS, lay_out, write_battery
from tests.battery.test_stress_workload import COUNT
from tests.cluster.number_jobs import DEADLY, FAULTY, LARGE, squares
from tests.cluster.real_workers import (
    WORKER,
    assert_all_outlive,
    on,
    population_in,
    processes,
    run,
    scheduler,
    worker,
)
from tests.commands.test_workloads import CONFIG, SETS, Drawing
from tests.compiled import compiled_kernels
from tests.extracted import extract_all
from tests.in_memory import config_of
from tests.project import CACHE
from tests.search.test_loop import run as searched
from tests.search.test_loop import with_noise

psutil = pytest.importorskip("psutil")
distributed = pytest.importorskip("distributed")

FINE = list(range(40, 80))


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """Three workers, for all tests of this file."""
    with connected(Where(workers=3), Cluster(patience=120)) as found:
        assert found is not None
        yield found


def test_every_load_comes_back_once(pool: WorkerPool) -> None:
    assert run(pool, FINE) == {number: number * number for number in FINE}
    assert pool.facts == {"workers": 3, "threads": 3}


def test_one_lane_that_ends_its_process_is_told_and_the_rest_is_run(pool: WorkerPool) -> None:
    workers = {each.pid for each in processes(WORKER)}
    found = run(pool, [*FINE, DEADLY, LARGE], size=8)
    assert found.pop(DEADLY) == FailedLoad(-signal.SIGSEGV)
    assert found.pop(LARGE) == FailedLoad(None)
    assert found == {number: number * number for number in FINE}
    assert {each.pid for each in processes(WORKER)} == workers, "no worker may fall with it"


def test_workers_leave_ctrl_c_to_the_command(pool: WorkerPool) -> None:
    workers = processes(WORKER)
    for each in workers:
        each.send_signal(signal.SIGINT)
    assert run(pool, FINE) == {number: number * number for number in FINE}
    assert {each.pid for each in processes(WORKER)} == {each.pid for each in workers}


def test_a_fault_of_ours_is_raised_with_its_place(pool: WorkerPool) -> None:
    with pytest.raises(RuntimeError, match=r"number_jobs\.py"):
        run(pool, [FAULTY])
    assert run(pool, [2]) == {2: 4}


def test_workers_that_are_killed_lose_nothing(pool: WorkerPool) -> None:
    assert_all_outlive(pool, kills=2, seed=0)


def test_who_comes_between_two_looks_is_greeted_and_counted(pool: WorkerPool) -> None:
    there = pool.client.ncores()
    address = next(iter(there))
    new = WorkerPool(pool.client)
    roster = new.roster(squares(0.01))
    roster.greet(address)
    assert not roster.is_there(address)
    while roster.ready.keys() < there.keys():  # who is quick may do all of it
        assert run(new, FINE, seconds=0.01) == {number: number * number for number in FINE}
    assert roster.ready == there


def test_without_a_worker_a_run_waits_as_long_as_it_is_told_and_ends() -> None:
    with scheduler() as address, distributed.Client(address, set_as_default=False) as client:
        said: list[str] = []
        times = iter(range(0, 1000, 40))
        pool = WorkerPool(client, 60, tell=said.append, now=lambda: next(times))
        with pytest.raises(NoWorkers, match=r"^no worker for 60 s: what is done is kept, the same"):
            run(pool, [1])
    assert said == ["no worker: waiting for one, 60 s at most (cluster.patience)"]


def test_a_worker_of_another_version_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "pipeline", ignore=shutil.ignore_patterns("*.pyc"))
    with open(tmp_path / "pipeline" / "diagnostics.py", "a") as file:
        file.write("# not as it was\n")
    with (
        scheduler() as address,
        worker(address, tmp_path),
        distributed.Client(address, set_as_default=False) as client,
    ):
        client.wait_for_workers(1)
        said: list[str] = []
        pool = WorkerPool(client, 60, tell=said.append)
        with pytest.raises(NoWorkers, match=r"^no worker can be used: what is done is kept"):
            run(pool, [1])
        (line,) = said
        assert "is not used: it has version " in line
        assert "install the same there as here" in line


# -- the workloads


def test_matrix_and_stress_are_as_on_one_machine(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, CONFIG)
    monkeypatch.setattr(matrices, "load_tasks", lambda name, cache: SETS[name])
    monkeypatch.setattr(stressing, "published", lambda root: Drawing())
    monkeypatch.setattr(keys, "SOURCES", SETS)
    found = []
    for where in (HERE, Where(pool.client.scheduler.address)):
        formats = ("csv",)
        names = ("one", "two")
        assert matrices.matrix(Context.of(), f"{where}", names, formats=formats, where=where) == 0
        assert stressing.stress(Context.of(), ALL, COUNT, 5, formats=formats, where=where) == 0
        assert capsys.readouterr().err.count("cluster: tcp://") == 2 * bool(where)
        files = {path.name: path.read_bytes() for path in Path("generated/results").iterdir()}
        for name in ("matrix.json", "stress.json"):
            facts = json.loads(files.pop(name))
            files[name] = facts | {"seconds": 0, "device": 0}
            assert ("workers" in facts["device"]) == bool(where)
        found.append(files)
    assert found[0] == found[1]
    assert found[0].keys() > {"matrix.npy", "matrix.scores.csv", "stress.scores.csv"}


PROGRAMS = {
    "flip": "def solve_a(I):\n    O = hmirror(I)\n    return O\n",
    "broken": "def solve_b(I):\n    O = nothing(I)\n    return O\n",
    "same": "def solve_c(I):\n    O = vmirror(vmirror(I))\n    return O\n",
    "empty": "def solve_d(I):\n    x = first(totuple(difference(asindices(I), asindices(I))))\n"
    "    O = I\n    return O\n",
}


def test_programs_in_memory_end_as_on_one_machine(pool: WorkerPool, tmp_path: Path) -> None:
    config = Config(cache=Cache(str(tmp_path)), memory_mib=64)
    link = tmp_path / "kernels"
    link.symlink_to(compiled_kernels())
    texts = list(PROGRAMS.values()) * 40
    wanted = [[k % 4] for k in range(len(texts))]
    with (
        Battery(TASKS[FLIP], config=config) as here,
        Battery(TASKS[FLIP], config=config, client=pool.client) as away,
    ):
        for programs, places in ((PROGRAMS, None), (texts, None), (texts, wanted)):
            expected = here.evaluate(programs, places)
            assert_equal(away.evaluate(programs, places), expected)
        handles = away.add(texts[:3])
        assert_equal(away.evaluate(), here.evaluate(dict(zip(NAMES, texts, strict=False))))
        away.drop(handles)
        assert away.evaluate().shape == (0, 4)


NAMES = ("program[0]", "program[1]", "program[2]")


def assert_equal(found: Scores, expected: Scores) -> None:
    """All of two scores is equal, diagnostics included."""
    assert (found.programs, found.samples) == (expected.programs, expected.samples)
    assert found.diagnostics == expected.diagnostics
    for name in ("codes", "exact", "shape_right", "cells", "value_hash", "answered"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_lanes_are_compared_as_on_one_machine(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    extract_all()
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, CONFIG)
    Path(".cache/data").symlink_to(CACHE / "data")
    write_battery(Path("generated/batt.py"), BODIES | {f"own/{FLIP}": "vmirror(I)"})
    found = []
    for where in (HERE, Where(pool.client.scheduler.address)):
        for kept in (agree._prepared, agree._layout):
            kept.cache_clear()
        assert agree.agree(Context.of(), 450, 1, 1, where=where) == 1
        lines = capsys.readouterr().out.splitlines()
        assert lines[-1].startswith("agree: 450 lanes, ")
        found.append((sorted(lines[:-1]), lines[-1].split(",")[1]))
    assert found[0] == found[1]
    assert any(line.startswith(f"MISMATCH: own/{FLIP} on ") for line in found[0][0])


def test_a_search_ends_as_on_one_machine(pool: WorkerPool, tmp_path: Path) -> None:
    with closing(Checker(config_of(limits=DEFAULT_LIMITS))) as checker:
        here = searched(tmp_path / "here", checker, with_noise())
        assert searched(tmp_path / "away", checker, with_noise(), crew_for=on(pool)) == here
    assert population_in(tmp_path / "away") == population_in(tmp_path / "here")
