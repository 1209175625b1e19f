"""The kernels of the battery: which are missing, compiled in parallel, and the battery on them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial

from pipeline.battery.batteries import (
    Accelerated,
    CompiledBattery,
    LinkedBattery,
    ReferenceBattery,
    load_battery,
)
from pipeline.battery.devices import DeviceChoice, choose, compile_missing, kernel_folder
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.paths import BATTERY, BATTERY_FACTS
from pipeline.data.arc import load_tasks
from pipeline.data.tasks import Task, TrainPairs
from pipeline.engine.beside import rows_lacking
from pipeline.engine.cuda.driver import NoDevice
from pipeline.engine.image import Image, load_image
from pipeline.kernels import store
from pipeline.kernels.names import DRIVER, with_needed
from pipeline.kernels.processor import processor_of
from pipeline.kernels.shared_kernels import fetch_kernels, put_kernels, remote_of, shared_in
from pipeline.system.cores import cores


def compile_battery(context: Context) -> tuple[list[str], str, str]:
    """Compile what the linked battery needs and is not compiled, for a GPU too where one is used.

    Gives the files of all its kernels for the CPU, in words what was done, and why no GPU is used
    (empty if one is, or none is wanted).
    """
    config = context.config
    if config.backend != "compiled":
        return [], f"none, as the backend is {config.backend}", ""
    image = load_image(context.at(BATTERY))
    names = [*image.kernels, DRIVER]
    folder = kernel_folder(config)
    started = time.perf_counter()
    target, remote = processor_of(folder), remote_of(shared_in(config))
    fetched = fetch_kernels(remote, folder, store.missing(folder, names, target), target)
    missing = store.missing(folder, names, target)
    count = compile_missing(folder, names)
    put_kernels(remote, folder, missing, target)
    used = with_needed(names)
    seconds = time.perf_counter() - started
    paths = [store.place_of(folder, name, target).as_posix() for name in used]
    try:
        choice = choose(config)
    except NoDevice as error:  # what runs on it fails, and says so; `--device cpu` needs none
        choice = DeviceChoice(why=str(error))
    gpus = ""
    if choice.accelerated is not None:
        gpus = ", for " + ", ".join(d.facts.name for d in choice.accelerated.devices)
    shared = f"{fetched} fetched, " if fetched else ""
    said = f"{len(used)} used, {shared}{count} compiled in {seconds:.1f} s{gpus}"
    lacking = rows_lacking(image)
    if lacking:
        said += f", none for {', '.join(lacking)}: no @native"
    return paths, said, choice.why


def compiled_battery(context: Context, accelerated: Accelerated | None = None) -> CompiledBattery:
    """The linked battery on compiled kernels; those of the CPU that are missing are compiled."""
    path = context.at(BATTERY)
    spoken = partial(load_battery, path)
    return battery_on_kernels(load_image(path), context.config, spoken, accelerated)


def battery_on_kernels(
    image: Image,
    config: Config,
    spoken: Callable[[], ReferenceBattery],
    accelerated: Accelerated | None = None,
) -> CompiledBattery:
    """The same of any battery; spoken: see `CompiledBattery`."""
    folder, threads = kernel_folder(config), config.threads or cores()
    compile_missing(folder, [*image.kernels, DRIVER])
    return CompiledBattery(image, folder, config.memory_mib, threads, accelerated, spoken)


def tasks_of(config: Config) -> dict[str, Task]:
    """The tasks of the data sets in the configuration, the first set's first."""
    tasks: dict[str, Task] = {}
    for name in config.data:
        for ident, task in load_tasks(name, config.cache.folder).items():
            tasks.setdefault(ident, task)
    return tasks


def shown_of(config: Config, battery: CompiledBattery) -> dict[str, TrainPairs]:
    """The train pairs of these tasks, for a battery in which a solver uses them; else none."""
    if not battery.uses_shown:
        return {}
    return {ident: task.train_pairs for ident, task in tasks_of(config).items()}


def battery_for(context: Context, asked: str = "") -> CompiledBattery:
    """The linked battery on the device that is asked for, else that of config.yaml."""
    return compiled_battery(context, choose(context.config, asked).accelerated)


def is_empty(battery: LinkedBattery) -> bool:
    """Whether a battery has nothing to run; says so."""
    if not battery.solvers:
        print("the battery has no solver: see corpora in config.yaml", file=sys.stderr)
    return not battery.solvers


def tell_use(battery: CompiledBattery) -> None:
    """Say which solvers ran on the reference runtime beside the compiled ones, if any did. NoDevice
    if a run that asked for the GPU did not use it.
    """
    require_use(battery)
    if battery.interpreted_text:
        print(battery.interpreted_text)


def require_use(battery: CompiledBattery) -> None:
    """NoDevice if a run that asked for the GPU did not use it."""
    gpu = battery.accelerated
    if gpu is not None and gpu.least_lanes == 0 and not gpu.usage.launches:
        raise NoDevice("the GPU was asked for, and nothing ran on it: there was no lane to run")


def battery_on(backend: str, context: Context, device: str = "") -> LinkedBattery:
    """The linked battery on a backend; kernels that are missing are compiled."""
    if backend == "reference":
        facts = json.loads(context.at(BATTERY_FACTS).read_bytes())
        return load_battery(context.at(BATTERY), facts["nodes"])
    return battery_for(context, device)
