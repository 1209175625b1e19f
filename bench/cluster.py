"""What a cluster costs: `python -m bench.cluster`, which writes bench/results/cluster.json.

The same loads are run in this process and by one worker of this machine, in turns; what counts is
processor time, of all processes together, as the machine may be shared. Loads of nothing say what a
load costs by itself. With that price and the recorded times of the loads, clusters of up to 1,000
workers are played through on paper: one client and scheduler, which handles loads one at a time.
"""

from __future__ import annotations

import argparse
import heapq
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from bench.build import PROJECT, machine
from pipeline.battery.matrix_workload import BLOCK, lay_out
from pipeline.battery.opening import compiled_battery
from pipeline.cluster.block_loads import BlockLoad, BlockSupply
from pipeline.cluster.cluster_engine import ClusterEngine, start
from pipeline.cluster.connecting import Where, connected
from pipeline.cluster.job import Station, packed
from pipeline.cluster.pool import WorkerPool
from pipeline.cluster.supply import EachLoad
from pipeline.config.config import Cluster
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.engine.engine import blocks_of
from pipeline.engine.shown import samples_for
from pipeline.system.free_memory import MIB, free_bytes

RESULTS: Final = PROJECT / "bench/results/cluster.json"
SAMPLES, LANES, TURNS, EMPTY = 800, 40_000, 3, 10_000
WORKERS: Final = (10, 100, 300, 1_000)
LOADS_A_WORKER: Final = 100
ON_THEIR_WAY: Final = 60
PENDING: Final = Cluster().pending


def loads_of(samples: int, lanes: int) -> tuple[Any, list[BlockLoad]]:
    """The battery, and loads of so many lanes of its matrix."""
    context = Context.of(PROJECT)
    battery = compiled_battery(context)
    tasks = load_tasks(context.config.data[0], context.config.cache.folder)
    layout = lay_out({"data": tasks}, samples)
    encoded = samples_for(battery.image, layout.samples)
    count = len(battery.solvers)
    supply = BlockSupply(encoded, blocks_of(len(encoded), BLOCK), count, False)
    found: list[BlockLoad] = []
    while (load := supply.next(lanes)) is not None:
        found.append(load)
    return battery, found


def seconds_of_tree() -> dict[int, float]:
    """Processor seconds of this process and of all below it, so far."""
    found = {}
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[process.pid] = times.user + times.system
    return found


def spent(work: Callable[[], Any]) -> tuple[float, float]:
    """Processor seconds of some work: of all processes, and of this one alone."""
    before = seconds_of_tree()
    work()
    after = seconds_of_tree()
    own = psutil.Process().pid
    return sum(after[pid] - before.get(pid, 0.0) for pid in after), after[own] - before[own]


@contextmanager
def one_worker() -> Iterator[WorkerPool]:
    """A pool of one worker, here."""
    with connected(Where(workers=1), Cluster()) as pool:
        assert pool is not None
        yield pool


def overhead(battery: Any, loads: Sequence[BlockLoad], turns: int, nothing: int) -> dict[str, Any]:
    """What a cluster adds to loads, as a share; how long each load takes; so many of nothing."""
    limits = Context.of(PROJECT).config.budget
    station = Station(battery.kernels, 512 * MIB, free_bytes())
    run = start((battery.image, limits), station)
    engine = ClusterEngine(
        battery.image, limits, _Unused(), battery.kernels.absolute(), 512, battery.engine_here
    )
    each = [timed(run, load) for load in loads]
    ratios, shares = [], []
    with one_worker() as pool:

        def away() -> None:
            for _ in pool.run(engine.job, EachLoad(loads)):
                pass

        away()
        for _ in range(turns):
            here, _ = spent(lambda: [run(load) for load in loads])
            there, client = spent(away)
            ratios.append(there / here - 1)
            shares.append(client / there)
            print(f"{len(loads)} loads: {here:.1f} s here, {there:.1f} s away", file=sys.stderr)
        empty = empty_loads(pool, engine, loads[0], nothing)
    return {
        "loads": len(loads),
        "lanes": sum(load.lanes for load in loads),
        "bytes": {
            "load": round(statistics.mean(len(packed(load)) for load in loads)),
            "result": round(statistics.mean(len(packed(run(load))) for load in loads[:5])),
        },
        "seconds": [round(seconds, 3) for seconds in each],
        "overhead": round(statistics.median(ratios), 4),
        "overheads": [round(ratio, 4) for ratio in ratios],
        "client_and_scheduler_share": round(statistics.median(shares), 4),
        "empty": empty,
    }


class _Unused(WorkerPool):
    """For an engine whose job is all that is wanted."""

    def __init__(self) -> None:
        pass


def timed(run: Callable[[BlockLoad], Any], load: BlockLoad) -> float:
    """Processor seconds of a load."""
    began = time.process_time()
    run(load)
    return time.process_time() - began


def empty_loads(
    pool: WorkerPool, engine: ClusterEngine, like: BlockLoad, count: int
) -> dict[str, Any]:
    """What loads of nothing cost, each, where as many are on their way as many workers have."""
    pool = WorkerPool(pool.client, pending=ON_THEIR_WAY)
    nothing = BlockLoad((), 0, like.samples.part(0, 0), like.everyone, False)

    def away() -> None:
        for _ in pool.run(engine.job, EachLoad([nothing] * count)):
            pass

    everything, client = spent(away)
    return {
        "loads": count,
        "milliseconds_a_load": round(1e3 * everything / count, 3),
        "milliseconds_of_client_and_scheduler": round(1e3 * client / count, 3),
    }


def played(workers: int, seconds: Sequence[float], price: float) -> dict[str, float]:
    """A run on so many workers, on paper: each load is handled for `price` seconds by the one
    client and scheduler before it runs, and each worker has `PENDING` on their way.

    utilisation: which part of the time workers run loads; scheduler: which part it is busy.
    """
    count = workers * LOADS_A_WORKER
    free = [0.0] * workers
    due = [(0.0, worker) for worker in range(workers) for _ in range(PENDING)]
    heapq.heapify(due)
    handled, busy = 0.0, 0.0
    for k in range(count):
        asked, worker = heapq.heappop(due)
        handled = max(handled, asked) + price
        took = seconds[k % len(seconds)]
        free[worker] = max(free[worker], handled) + took
        busy += took
        heapq.heappush(due, (free[worker], worker))
    end = max(free)
    return {
        "workers": workers,
        "utilisation": round(busy / (end * workers), 4),
        "scheduler": round(count * price / end, 4),
    }


def main() -> int:
    """Measure, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="of the matrix")
    parser.add_argument("--empty", type=int, default=EMPTY, help="loads of nothing")
    parser.add_argument("--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    battery, loads = loads_of(given.samples, LANES)
    found = overhead(battery, loads, TURNS, given.empty)
    price = found["empty"]["milliseconds_of_client_and_scheduler"] / 1e3
    found["played"] = [played(workers, found["seconds"], price) for workers in WORKERS]
    given.output.write_text(json.dumps({"machine": machine(), **found}, indent=1) + "\n")
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
