"""The kernels of the battery: which are missing, compiled in parallel, and the battery on them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from pipeline.battery.batteries import Accelerated, CompiledBattery
from pipeline.config.config import Config, load_config
from pipeline.config.paths import BATTERY
from pipeline.data.arc import Task, load_tasks
from pipeline.engine.cuda.driver import NoDevice
from pipeline.engine.image import load_image
from pipeline.kernels import store
from pipeline.system.progress import progress

FEW = 4
"""So many kernels are compiled right here: a process more takes longer to start."""


def compile_battery() -> tuple[list[str], str]:
    """Compile what the linked battery needs and is not compiled, for a GPU too where one is used.

    Gives the files of all its kernels for the CPU, and in words what was done.
    """
    from pipeline.battery.devices import Choice, choose

    config = load_config()
    if config.backend != "compiled":
        return [], f"none, as the backend is {config.backend}"
    names = [*load_image(Path(BATTERY), image_folder(config)).kernels, store.DRIVER]
    folder = kernel_folder(config)
    started = time.perf_counter()
    count = compile_missing(folder, names)
    used = store.with_needed(names)
    seconds = time.perf_counter() - started
    paths = [store.place_of(folder, name).as_posix() for name in used]
    try:
        choice = choose(config)
    except NoDevice as error:  # what runs on it fails, and says so; `--device cpu` needs none
        choice = Choice(why=str(error))
    gpus = f", no GPU: {choice.why}" if choice.why else ""
    if choice.accelerated is not None:
        gpus = ", for " + ", ".join(d.facts.name for d in choice.accelerated.devices)
    return paths, f"{len(used)} used, {count} compiled in {seconds:.1f} s{gpus}"


def compiled_battery(config: Config, accelerated: Accelerated | None = None) -> CompiledBattery:
    """The linked battery on compiled kernels; those of the CPU that are missing are compiled."""
    return battery_in(Path(BATTERY), image_folder(config), config, accelerated)


def battery_in(
    path: Path, images: Path, config: Config, accelerated: Accelerated | None = None
) -> CompiledBattery:
    """The same of the battery in any file; images: the folder where its image is kept."""
    folder, threads = kernel_folder(config), config.threads or cores()
    battery = CompiledBattery(path, images, folder, config.memory_mib, threads, accelerated)
    compile_missing(folder, [*battery.image.kernels, store.DRIVER])
    return battery


def tasks_of(config: Config) -> dict[str, Task]:
    """The tasks of the data sets in the configuration, the first set's first."""
    tasks: dict[str, Task] = {}
    for name in config.data:
        for ident, task in load_tasks(name).items():
            tasks.setdefault(ident, task)
    return tasks


def kernel_folder(config: Config) -> Path:
    """Where kernels are kept."""
    return Path(config.cache.dir, "kernels")


def image_folder(config: Config) -> Path:
    """Where images of batteries are kept."""
    return Path(config.cache.dir, "images")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def compile_missing(
    folder: Path, names: Iterable[str], target: store.Target = store.PROCESSOR
) -> int:
    """Compile the kernels that are not there, on all cores; gives how many these were."""
    missing = store.missing(folder, names, target)
    if not missing:
        return 0
    done = store.compile_kernels(folder, missing, target)
    if len(missing) > FEW:
        done = store.compile_in_processes(folder, missing, cores(), target)
    with progress("compiling kernels", len(missing)) as advance:
        for _ in done:
            advance(1)
    store.forget_old(folder, target)
    return len(missing)
