"""Workers with GPUs, as the stub of a driver has them: who has blocks run there, and how large."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("distributed")

from pipeline.battery.devices import keep_crossover
from pipeline.cluster import on_worker
from pipeline.cluster.connecting import Where
from pipeline.cluster.job import Equipment, unpacked
from pipeline.cluster.pool import NoWorkers, WorkerPool, _Flight
from pipeline.cluster.supply import MORE, SizedLoads
from pipeline.commands import matrix as matrices
from pipeline.commands import stress as stressing
from pipeline.commands.asked import ALL
from pipeline.config.config import Cache
from pipeline.config.context import Context
from pipeline.engine.cuda import driver
from pipeline.incremental import keys
from tests.battery.small import lay_out
from tests.battery.test_stress_workload import COUNT
from tests.cluster.number_jobs import Numbers, squares
from tests.cluster.real_workers import scheduler, worker
from tests.commands.test_workloads import CONFIG, SETS, Drawing
from tests.stub_driver import driver_of, environment, lay_out_kernels


@contextmanager
def worker_of(kind: str, folder: Path) -> Iterator[str]:
    """A scheduler with a worker that has this kind of driver, and kernels in a folder of its own;
    gives its address."""
    kernels = folder / kind / "kernels"
    lay_out_kernels(kernels)
    variables = {**environment(kind), "ARC_KERNELS": str(kernels)}
    with scheduler() as address, worker(address, variables=variables):
        yield address


@pytest.mark.long("three runs of a matrix on workers of their own, one of them emulated")
def test_blocks_run_on_the_gpus_of_workers_who_have_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, CONFIG)
    monkeypatch.setattr(matrices, "load_tasks", lambda name, cache: SETS[name])
    monkeypatch.setattr(keys, "SOURCES", SETS)
    monkeypatch.setattr(stressing, "published", lambda root: Drawing())

    def matrix(**how: Any) -> tuple[bytes, str]:
        """The verdicts, and what ran them."""
        assert matrices.matrix(Context.of(), f"{how}", ("one", "two"), **how) == 0
        found = [Path(f"generated/results/matrix.{end}").read_bytes() for end in ("npy", "json")]
        return found[0], json.loads(found[1])["device"]["device"]

    here, device = matrix()
    assert device == "cpu"
    with worker_of("good", tmp_path) as address:
        measured(tmp_path / "good")
        assert matrix(device="auto", where=Where(address)) == (here, "stub")
        scored = [scores_of_stress(), scores_of_stress(device="cuda", where=Where(address))]
    assert scored[0] == scored[1]
    with worker_of("none", tmp_path) as address:
        assert matrix(device="auto", where=Where(address)) == (here, "cpu")
        with pytest.raises(NoWorkers, match="no worker can be used"):
            matrix(device="cuda", where=Where(address))
    assert "is not used: no CUDA driver answers" in capsys.readouterr().err
    with (
        worker_of("failing", tmp_path) as address,
        pytest.raises(NoWorkers, match="no worker can be used"),
    ):
        matrix(device="cuda", where=Where(address))
    assert "is not used: the GPU failed in " in capsys.readouterr().err


def scores_of_stress(**how: Any) -> bytes:
    """Of all lanes."""
    assert stressing.stress(Context.of(), ALL, COUNT, 5, formats=("csv",), **how) == 0
    return Path("generated/results/stress.scores.csv").read_bytes()


def ending(given: Any, folder: Path) -> Equipment:
    """In the place of a driver that ends who asks it."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return Equipment()


def test_a_driver_that_ends_who_asks_it_is_none(tmp_path: Path) -> None:
    data = replace(squares(), look=ending).data
    assert on_worker._equipment(data, tmp_path, "auto") == Equipment()
    said = "a process that looked for GPUs was ended by signal 11"
    assert on_worker._equipment(data, tmp_path, "cuda") == Equipment(why=said)


def measured(folder: Path) -> None:
    """Have the GPU of a worker, which keeps its kernels there, measured."""
    stub = driver_of("good")
    stub.cuInit(0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(driver, "_driver", lambda: stub)
        found = driver.devices()
    config = replace(Context.of().config, cache=Cache(str(folder)))
    keep_crossover(config, found, {"least_lanes": 1})


# -- how large loads are


class Sent:
    """A client that keeps what is sent: how many numbers each load has, and to whom it goes."""

    status = "running"

    def __init__(self) -> None:
        self.loads: list[tuple[int, Any]] = []

    def map(self, function: Any, keys: Any, loads: Any, workers: Any, **how: Any) -> list[Any]:
        """As that of Dask."""
        self.loads += [(unpacked(load).lanes, workers) for load in loads]
        return [SimpleNamespace(add_done_callback=lambda call: None) for _ in loads]


class Numbered:
    """Numbers without end, so many a load as are wanted."""

    def next(self, lanes: int) -> Numbers:
        """See `Supply`."""
        return Numbers(tuple(range(lanes)))


def flight_of(kinds: dict[str, dict[str, int]], least: int = 10) -> Any:
    """A run with these workers."""
    job = replace(squares(), least=least, most=80)
    ready = {address: threads for kind in kinds.values() for address, threads in kind.items()}
    roster: Any = SimpleNamespace(job=job, kinds=kinds, ready=ready, only=None)
    client: Any = Sent()
    return _Flight(WorkerPool(client, pending=2), roster, SimpleQueue(), Numbered())


def test_kinds_of_workers_get_loads_of_a_second_each() -> None:
    flight = flight_of({"": {"a": 1, "b": 1}, "stub": {"c": 1}})
    flight._loads.took("", Numbers(tuple(range(50))), 2.0)
    flight._loads.took("stub", Numbers(tuple(range(900))), 1.5)
    flight._send()
    assert flight._client.loads == [(600, ["c"])] * 2 + [(25, ["a", "b"])] * 4
    flight._send()
    assert len(flight._client.loads) == 6, "no more than are wanted on their way"


def test_workers_of_one_kind_are_left_to_dask() -> None:
    flight = flight_of({"stub": {"c": 2}})
    flight._send()
    assert flight._client.loads == [(10, None)] * 4


def test_sizes_are_bounded() -> None:
    loads = SizedLoads(replace(squares(), least=10, most=80), Numbered())
    for kind in ("", "stub"):
        assert loads.size(kind) == 10, "nothing is known yet"
        loads.took(kind, Numbers((1,)), 0.0)  # parts of a load are not timed
        assert loads.rate(kind) == 0
        loads.took(kind, Numbers(tuple(range(100_000))), 1.0)
    assert (loads.size(""), loads.size("stub")) == (80, 80 * MORE)


def test_a_load_of_a_gpu_that_has_gone_is_parted_for_who_is_left() -> None:
    flight = flight_of({"stub": {"c": 1}})
    flight._loads.took("stub", Numbers(tuple(range(900))), 1.0)
    flight._send()
    flight._roster.kinds = {"": {"a": 1}}
    flight._roster.ready = {"a": 1}
    for number in list(flight._pending):
        flight._send_again(flight._pending.pop(number).what)
    flight._send()
    sizes = [lanes for lanes, workers in flight._client.loads[2:]]
    assert sizes == [28, 28], "halved until it is not four times as large as it should be"
    assert sum(what.load.lanes for what in flight._again) == 2 * 900 - 56
