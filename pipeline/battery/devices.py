"""The GPUs that a battery uses: which there are, opened with the kernels for them, and from how
many lanes on they are worth it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.battery.batteries import Accelerated
from pipeline.config.config import DEVICES, Config
from pipeline.engine.cuda.driver import DeviceFacts, NoDevice, devices
from pipeline.kernels import store
from pipeline.kernels.processor import PROCESSOR, Processor, folder_for, processor_of
from pipeline.system.atomic import write_atomic
from pipeline.system.cores import cores
from pipeline.system.progress import progress, working

if TYPE_CHECKING:
    from pipeline.engine.cuda.cuda_engine import Accelerator

FEW = 4
"""So many kernels are compiled right here: a process more takes longer to start."""

COSTS: Final = "gpu_costs.json"
"""A file of the cache: what programs cost on GPUs."""

SHARE: Final = 0.8
"""Of what is free, how much a run takes where config.yaml does not say."""


@dataclass(frozen=True)
class DeviceChoice:
    """The GPUs to use, if any; why none, in a line, where they were not ruled out."""

    accelerated: Accelerated | None = None
    why: str = ""


def choose(config: Config, asked: str = "") -> DeviceChoice:
    """What `asked`, else `device` in config.yaml, comes to here.

    NoDevice where `cuda` is asked for and there is none.
    """
    device = asked or config.device
    if device == "cpu":
        return DeviceChoice()
    try:
        found = picked(devices(), config.devices)
    except NoDevice as error:
        if device == "cuda":
            raise
        return DeviceChoice(why=str(error))
    if device == "cuda":
        return DeviceChoice(accelerate(config, found, 0))
    least = known_crossover(config, found)
    if least is None:
        text = "a GPU is there, but not measured: `doit calibrate` finds out from where on it wins"
        return DeviceChoice(why=text)
    return DeviceChoice(accelerate(config, found, least))


def is_no_device(asked: str) -> bool:
    """Whether what is asked for is no device; says so."""
    if not asked or asked in DEVICES:
        return False
    print(f"no device {asked!r}; there are {', '.join(DEVICES)}", file=sys.stderr)
    return True


def picked(found: Sequence[DeviceFacts], numbers: str | Sequence[int]) -> list[DeviceFacts]:
    """The devices of these numbers, or all; NoDevice if one is not there."""
    if isinstance(numbers, str):
        return list(found)
    known = {facts.number: facts for facts in found}
    for number in numbers:
        if number not in known:
            there = ", ".join(map(str, known))
            raise NoDevice(f"there is no GPU {number} (see devices in config.yaml), only {there}")
    return [known[number] for number in numbers]


def insisted(config: Config) -> Accelerated:
    """The devices of config.yaml, opened, for however few lanes; NoDevice if there is none."""
    return accelerate(config, picked(devices(), config.devices), 0)


def accelerate(
    config: Config, found: Sequence[DeviceFacts], least_lanes: int, has_guards: bool = False
) -> Accelerated:
    """Open devices with the kernels for them, which are compiled and linked if they are not;
    has_guards: with those that guard what they claim.
    """
    from pipeline.engine.cuda.cuda_engine import Usage
    from pipeline.engine.cuda.measured import MeasuredCosts

    folder = kernel_folder(config)
    opened = tuple(open_device(config, folder, facts, has_guards) for facts in found)
    memory, usage = memory_of(config, opened), Usage(tell=_tell)
    measured = MeasuredCosts(config.cache.folder / COSTS)
    return Accelerated(opened, memory, max(0, least_lanes), usage, measured)


def _tell(fault: str) -> None:
    print(f"warning: {fault}; that GPU is not used any more", file=sys.stderr)


def open_device(
    config: Config, folder: Path, facts: DeviceFacts, has_guards: bool = False
) -> Accelerator:
    """A device with the main kernel, from a folder of kernels; has_guards: see `target.Gpu`."""
    from pipeline.engine.cuda import cubins
    from pipeline.engine.cuda.driver import Device
    from pipeline.engine.cuda.target import Gpu
    from pipeline.engine.cuda.texts import names

    target = Gpu(facts.capability, has_guards=has_guards)
    registers = config.gpu_registers
    if not cubins.place_of(folder, target, registers).exists():
        compile_missing(folder, names(), target)
        with working(f"linking kernels for {facts.name}"):
            cubins.cubin(folder, target, registers)
    code = cubins.cubin(folder, target, registers)
    return Device(facts, code, cubins.entry_of(code), config.gpu_timeout_s)


def memory_of(config: Config, opened: Sequence[Accelerator]) -> int:
    """How many bytes of each device a run may take."""
    if config.gpu_memory_mib:
        return config.gpu_memory_mib << 20
    return int(SHARE * min(device.free_bytes() for device in opened))


# -- kernels


def kernel_folder(config: Config) -> Path:
    """Where kernels are kept."""
    return folder_for(config.cache.folder / "kernels", config.kernel_target)


def compile_missing(folder: Path, names: Iterable[str], target: store.Target | None = None) -> int:
    """Compile the kernels that are not there, on all cores; gives how many these were. target: the
    processor that the folder is for, unless another one is given."""
    target = target or processor_of(folder)
    missing = store.missing(folder, names, target)
    if not missing:
        return 0
    done = store.compile_kernels(folder, missing, target)
    environment = target.environment if isinstance(target, Processor) else {}
    if len(missing) > FEW or environment:
        done = store.compile_in_processes(folder, missing, cores(), target, environment)
    weights = {name: store.weight_of(name) for name in missing}
    with progress("compiling kernels", len(missing), work=sum(weights.values())) as advance:
        for name in done:
            advance(1, weights[name])
    store.forget_old(folder, target)
    return len(missing)


# -- the crossover


def known_crossover(config: Config, found: Sequence[DeviceFacts]) -> int | None:
    """From how many lanes on these devices win against this processor, if that was measured."""
    try:
        known = json.loads(_place(config).read_bytes())
        return int(known[machine_text(config, found)]["least_lanes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_crossover(
    config: Config, found: Sequence[DeviceFacts], measured: dict[str, object]
) -> None:
    """Remember a measurement, which has `least_lanes`."""
    try:
        known = json.loads(_place(config).read_bytes())
    except (OSError, ValueError):
        known = {}
    known[machine_text(config, found)] = measured
    _place(config).parent.mkdir(parents=True, exist_ok=True)
    write_atomic(_place(config), (json.dumps(known, indent=1) + "\n").encode())


def machine_text(config: Config, found: Sequence[DeviceFacts]) -> str:
    """What a measurement is of: the devices, the processor's threads, the versions."""
    names = " + ".join(f"{facts.name} (driver {facts.driver})" for facts in found)
    return f"{names} against {config.threads or cores()} threads of {PROCESSOR.folder}"


def _place(config: Config) -> Path:
    return config.cache.folder / "calibration.json"
