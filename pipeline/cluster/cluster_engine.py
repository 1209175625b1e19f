"""The cluster as an engine: blocks in, outcomes out, as from one machine.

What a worker could not do, for lack of memory or because the process that did it ended, is done
once more here: so a lane ends as it would if there were no cluster.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from pipeline.cluster.block_loads import BlockLoad, BlockSupply
from pipeline.cluster.job import ClusterJob, FailedLoad, Run, Station
from pipeline.cluster.once_more import run_apart
from pipeline.cluster.pool import WorkerPool
from pipeline.engine import engine as engines
from pipeline.engine.cpu import CpuEngine
from pipeline.engine.engine import Block, LaneProblem, Outcome, TooLarge
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import Limits
from pipeline.kernels.names import DRIVER
from pipeline.kernels.shared_kernels import NOT_SHARED, SharedCache
from pipeline.system.free_memory import MIB, free_bytes
from pipeline.system.process import ended


class ClusterEngine(engines.Engine):
    """An image, run by the workers of a pool. here: makes the engine for what is run here."""

    def __init__(
        self,
        image: Image,
        limits: Limits,
        pool: WorkerPool,
        kernels: Path,
        memory_mib: int,
        here: Callable[[], engines.Engine],
        shared: SharedCache = NOT_SHARED,
    ) -> None:
        super().__init__(image, limits)
        self.pool = pool
        self._here = here
        names = (*image.kernels, DRIVER)
        self.job = ClusterJob(start, (image, limits), names, kernels, memory_mib, shared=shared)

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none", scores: bool = False
    ) -> Generator[Outcome, None, None]:
        """Run blocks: see `engine.Engine`. What keeps grids is run here."""
        if keep != "none":
            yield from self._here().run(samples, blocks, keep, scores)
            return
        supply = BlockSupply(samples, blocks, len(self.image.solvers), scores)
        with closing(self.pool.run(self.job, supply)) as found:
            for done in found:
                result = done.result
                if isinstance(result, FailedLoad):
                    result = self._again(done.load, result)
                yield from map(done.load.placed, result)

    def _again(self, load: BlockLoad, failed: FailedLoad) -> Iterable[Outcome]:
        """The outcome of a lane that failed away; LaneProblem if it does here."""
        block = load.blocks[0]
        name = self.image.solvers[self.solvers_of(block.solvers)[0]]
        sample = load.first + block.first
        if failed.status is not None:
            found, status = run_apart(self.job, load)
            if found is not None:
                return found
            if status == -signal.SIGKILL:
                raise TooLarge(name, sample)
            text = f"ends the process that runs it, {ended(status)}, on a worker and here"
            raise LaneProblem(name, sample, text)
        try:
            return list(self._here().run(load.samples, load.blocks, scores=load.scores))
        except TooLarge:
            raise TooLarge(name, sample) from None


def start(given: tuple[Image, Limits], place: Station) -> Run:
    """What runs the blocks of a load, in a process of a worker."""
    image, limits = given
    memory_mib = max(1, place.share_bytes // MIB)

    def free() -> int:
        return min(place.most_bytes, free_bytes())

    engine = CpuEngine(image, place.kernels, limits, memory_mib, free=free)

    def run(load: BlockLoad) -> Iterator[Outcome] | list[Outcome]:
        return list(engine.run(load.samples, load.blocks, scores=load.scores))

    return run
