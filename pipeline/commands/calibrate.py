"""The command `calibrate`: from how many lanes on the GPU beats the CPU on this machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.battery.batteries import Accelerated, CompiledBattery
from pipeline.battery.devices import insisted, keep_crossover
from pipeline.battery.matrix_workload import Layout, lay_out
from pipeline.battery.opening import compiled_battery, is_empty
from pipeline.battery.stress_workload import BLOCK
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.engine import engine as engines
from pipeline.engine.engine import Block, blocks_of
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.engine.shown import samples_for
from pipeline.measuring.crossover import (
    Calibration,
    MeasuredLanes,
    Stretch,
    growing,
    measure,
    random_stretches,
)
from pipeline.report.gpu_text import print_calibration
from pipeline.system.progress import working


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure: how often each size, for how long at most, and up to how many lanes (0:
    all there are).
    """

    runs: int = 5
    seconds: float = 60.0
    most: int = 0


WHOLE: Final = Effort()
QUICK: Final = Effort(runs=3, seconds=15.0)


def calibrate(
    context: Context, accelerated: Accelerated | None = None, effort: Effort = WHOLE
) -> int:
    """Measure, print and keep the crossover of these devices, else of those in config.yaml.

    0 if it was measured, 2 if there is nothing to measure with; NoDevice if there is no device.
    """
    config = context.config
    gpus = accelerated or insisted(config)
    battery = compiled_battery(context, gpus)
    if is_empty(battery):
        return 2
    with working("measuring from how many lanes on the GPU wins"):
        found = measured_crossover(config, battery, effort)
    keep(config, gpus, found)
    print_calibration(found, names_of(gpus), battery.threads)
    return 0


def measured_crossover(
    config: Config,
    battery: CompiledBattery,
    effort: Effort,
    tell: Callable[[MeasuredLanes], None] = lambda measured: None,
) -> Calibration:
    """Run random lanes of the data sets in config.yaml on the battery's GPUs and on the CPU."""
    layout = lay_out({name: load_tasks(name, config.cache.folder) for name in config.data})
    lanes = _Lanes(layout, battery.image)
    limits = config.budget
    on_cpu, on_gpu = battery.cpu_engine(limits), battery.gpu_engine(limits)
    most = min(lanes.count, effort.most or lanes.count)
    return measure(
        lambda size: lanes.run(on_cpu, size),
        lambda size: lanes.run(on_gpu, size),
        lanes.prepared(growing(most)),
        effort.runs,
        effort.seconds,
        tell,
    )


def keep(config: Config, gpus: Accelerated, found: Calibration) -> None:
    """Remember what was measured of these devices."""
    keep_crossover(config, [device.facts for device in gpus.devices], found.to_json())


def names_of(gpus: Accelerated) -> list[str]:
    """What the devices are called."""
    return [device.facts.name for device in gpus.devices]


class _Lanes:
    """Random lanes of the matrix, the same for each number of them."""

    def __init__(self, layout: Layout, image: Image) -> None:
        self.samples: Samples = samples_for(image, layout.samples)
        self.solvers = len(image.solvers)
        self.blocks: dict[int, list[Block]] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return self.solvers * len(self.samples)

    def prepared(self, sizes: Iterator[int]) -> Iterator[int]:
        """The sizes, each once its lanes are drawn: that is not to be measured."""
        for size in sizes:
            drawn = random_stretches(random.Random(0), self.solvers, len(self.samples), size)
            self.blocks = {size: [block for part in drawn for block in _blocks(part)]}
            yield size

    def run(self, engine: engines.Engine, size: int) -> None:
        """Run so many, to their verdicts."""
        outcomes = engine.run(self.samples, self.blocks[size])
        done = sum(outcome.verdicts.size for outcome in outcomes)
        if done != size:
            raise RuntimeError(f"{done} of {size} lanes came to a verdict")


def _blocks(part: Stretch) -> list[Block]:
    return [
        Block(part.first + block.first, part.first + block.last, (part.solver,))
        for block in blocks_of(part.count, BLOCK)
    ]
