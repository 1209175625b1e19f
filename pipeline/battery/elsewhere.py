"""A battery on a cluster, for as long as a run takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from pipeline.battery.batteries import CompiledBattery
from pipeline.battery.devices import kernel_folder
from pipeline.battery.gpus_away import look, start
from pipeline.cluster.cluster_engine import ClusterEngine
from pipeline.cluster.connecting import Where, connected, require_no_rows
from pipeline.cluster.job import ClusterJob
from pipeline.cluster.pool import WorkerPool
from pipeline.config.config import Config
from pipeline.ir.status import Limits
from pipeline.kernels.shared_kernels import shared_in
from pipeline.kernels.store import weight_of
from pipeline.system.progress import progress


@contextmanager
def elsewhere(
    battery: CompiledBattery, config: Config, where: Where, asked: str = ""
) -> Iterator[None]:
    """Let a cluster run the battery's blocks, if one is meant; a worker at least is ready then.
    asked: the device that workers use, if that is not config.yaml's.

    Problem where there is none, or none comes.
    """
    with connected(where, config.cluster) as pool:
        if pool is None:
            yield
            return
        require_no_rows(config)

        def away(battery: CompiledBattery, limits: Limits) -> ClusterEngine:
            folder = kernel_folder(config).absolute()
            here = battery.engine_here
            engine = ClusterEngine(
                *(battery.image, limits, pool, folder, config.memory_mib, lambda: here(limits)),
                shared_in(config),
            )
            device = asked or config.device
            if device != "cpu":
                given = battery.image, limits, replace(config, device=device)
                engine.job = replace(engine.job, given=given, start=start, look=look, device=device)
            return engine

        make_ready(pool, away(battery, config.budget).job)
        battery.away, battery.ran_on = away, pool.facts
        try:
            yield
        finally:
            battery.away, battery.ran_on = None, pool.facts


def make_ready(pool: WorkerPool, job: ClusterJob) -> None:
    """Wait for a worker that has all that a job needs; kernels that it compiles are shown."""
    with ExitStack() as stack:

        def compiling(names: list[str]) -> Callable[[str], None]:
            weights = {name: weight_of(name.rpartition("/")[2]) for name in names}
            total = sum(weights.values())
            advance = stack.enter_context(
                progress("compiling kernels", len(names), work=float(total))
            )
            return lambda name: advance(1, weights.get(name, 0))

        pool.wait(job, compiling)
