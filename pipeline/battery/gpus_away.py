"""GPUs of a cluster's workers: which a worker has, and what runs blocks on them.

    cuda    every worker's GPUs; one without is refused
    auto    those of workers for whose machine and GPUs `doit calibrate` has measured something
    cpu     none

A worker uses all GPUs that it sees, which `CUDA_VISIBLE_DEVICES` says; its loads grow with its
rate.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.battery.devices import known_crossover, memory_of, open_device, picked
from pipeline.cluster import cluster_engine
from pipeline.cluster.block_loads import BlockLoad
from pipeline.cluster.job import Equipment, Run, Station
from pipeline.config.config import Config
from pipeline.engine.cuda.driver import CudaError, NoDevice, devices
from pipeline.engine.engine import Outcome
from pipeline.engine.image import Image
from pipeline.ir.status import Limits
from pipeline.system.lock import BuildLock
from pipeline.system.problem import Problem

Given = tuple[Image, Limits, Config]
"""What is run, and how config.yaml, or the command line, has it."""


def look(given: Given, folder: Path) -> Equipment:
    """What runs blocks here, where kernels are in a folder."""
    from pipeline.engine.cuda.texts import names

    *_, config = given
    try:
        found = picked(devices(), config.devices)
    except (NoDevice, CudaError) as error:
        return Equipment(why=str(error)) if config.device == "cuda" else Equipment()
    beside = replace(config, cache=replace(config.cache, dir=str(folder.parent)))
    if config.device != "cuda" and known_crossover(beside, found) is None:
        return Equipment()
    capabilities = {facts.capability for facts in found}
    kernels = [f"{a}.{b}/{name}" for a, b in sorted(capabilities) for name in names()]
    return Equipment(" + ".join(facts.name for facts in found), tuple(kernels))


def start(given: Given, place: Station) -> Run:
    """What runs the blocks of a load, in a process of a worker: see `cluster_engine.start`."""
    image, limits, config = given
    if not place.kind:
        return cluster_engine.start((image, limits), place)
    from pipeline.engine.cuda.cuda_engine import CudaEngine
    from pipeline.engine.cuda.faults import DeviceFault
    from pipeline.engine.cuda.texts import numbers

    lock = BuildLock(str(place.kernels / "linking.lock"), lambda text: None)
    lock.acquire()  # the first one links, for all
    try:
        found = picked(devices(), config.devices)
        opened = [open_device(config, place.kernels, facts) for facts in found]
    finally:
        lock.release()
    memory = memory_of(config, opened) // place.threads
    engine = CudaEngine(image, numbers(), opened, memory, limits)

    def run(load: BlockLoad) -> list[Outcome]:
        try:
            return list(engine.run(load.samples, load.blocks, scores=load.scores))
        except DeviceFault as fault:
            text = f"{fault} (samples are counted from number {load.first} of the run)"
            raise Problem(text) from None

    return run
