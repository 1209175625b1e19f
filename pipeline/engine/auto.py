"""The choice between two engines: the GPU where the work is large enough to win, else the CPU."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from pipeline.engine import engine as engines
from pipeline.engine.engine import Block, Outcome
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import Limits


class AutoEngine(engines.Engine):
    """Two engines for the same image, made when they are needed.

    least_lanes: from how many lanes on a run is the GPU's.
    """

    def __init__(
        self,
        image: Image,
        limits: Limits,
        cpu: Callable[[], engines.Engine],
        gpu: Callable[[], engines.Engine],
        least_lanes: int,
    ) -> None:
        super().__init__(image, limits)
        self._cpu = cpu
        self._gpu = gpu
        self.least_lanes = least_lanes

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none", scores: bool = False
    ) -> Generator[Outcome, None, None]:
        """Run blocks on one of the two: see `engine.Engine`."""
        blocks = list(blocks)
        lanes = sum(self.lanes(block) for block in blocks)
        chosen = self._gpu() if lanes >= self.least_lanes else self._cpu()
        yield from chosen.run(samples, blocks, keep, scores)
