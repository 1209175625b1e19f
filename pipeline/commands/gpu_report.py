"""The command `gpu_report`: what a user on a new machine runs first.

Question after question, each with a verdict, from the packages to the crossover; what needs
something that is not there is skipped, and says so. `Machine` is what is asked; tests ask another.
"""

from __future__ import annotations

import json
import re
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline.battery.batteries import Accelerated
from pipeline.battery.devices import (
    compile_missing,
    kernel_folder,
    known_crossover,
    memory_of,
    open_device,
    picked,
)
from pipeline.battery.opening import compiled_battery
from pipeline.commands.calibrate import QUICK, Effort, keep, measured_crossover, names_of
from pipeline.config import paths
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data.tasks import DataError
from pipeline.engine.cuda import cubins, texts
from pipeline.engine.cuda.cuda_engine import Accelerator, CudaMemory, Usage
from pipeline.engine.cuda.driver import CudaError, DeviceFacts, NoDevice, devices
from pipeline.engine.cuda.supported import (
    closest_capability,
    package_versions,
    supported_capabilities,
)
from pipeline.engine.cuda.target import Gpu
from pipeline.kernels.names import instruction_names
from pipeline.measuring.crossover import NEVER
from pipeline.measuring.launches import Probe, probe
from pipeline.report.gpu_text import (
    FAILED,
    LOST,
    OK,
    SKIPPED,
    DeviceFinding,
    answers_text,
    capability_text,
    conclusion,
    crossover_text,
    device_text,
    names_text,
    probe_text,
    report_json,
    size_text,
    versions_text,
)
from pipeline.system.atomic import write_atomic
from pipeline.system.problem import Problem
from pipeline.system.progress import progress
from pipeline.trust.agreement.on_device import KernelsCompared, compare_kernels

PROGRAMS: Final = 2_000
INSTALL: Final = "Install them: pip install -e '.[cuda12]' or, from driver 580 on, '.[cuda13]'."
DRIVER: Final = "Choose a machine or a session with an NVIDIA GPU whose driver is installed."
OLDER: Final = (
    "CUDA 13 has dropped this GPU: install the older packages, pip install -e '.[cuda12]'."
)
OLD_DRIVER: Final = (
    "Install the packages for this driver, pip install -e '.[cuda12]', or a newer driver."
)
OPENING: Final = "Is the GPU taken by others, or its driver too old? `nvidia-smi` tells."
OLDEST: Final = (5, 0)
TOO_OLD: Final = "No packages that can be installed support this GPU."
NEWER: Final = "Install newer packages: pip install -e '.[cuda13]'."
FAULT: Final = (
    "That is a fault of ours or of the driver: report it with generated/results/gpu.json."
)
MEMORY: Final = "Free memory of the GPU, or set gpu_memory_mib in config.yaml."
NO_GPU: Final = "there is no GPU to ask"

EXPECTED: Final = (Problem, OSError)
"""Errors whose text says enough."""

VERSION_FILE: Final = "/proc/driver/nvidia/version"


@dataclass(frozen=True)
class Machine:
    """What the report asks of a machine: this one, with its packages, driver and devices.

    programs: how many random programs to compare at most; effort: for the crossover.
    """

    config: Config
    programs: int = PROGRAMS
    effort: Effort = QUICK

    def packages(self) -> dict[str, str]:
        """The versions of the packages that are needed; empty for one that is missing."""
        return package_versions()

    def devices(self) -> list[DeviceFacts]:
        """The devices to use; NoDevice if there is none."""
        return picked(devices(), self.config.devices)

    def driver(self) -> str:
        """The version of the driver itself, if the system tells."""
        try:
            text = Path(VERSION_FILE).read_text()
        except OSError:
            return ""
        found = re.search(r"Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s", text)
        return found[1] if found else ""

    def supported(self) -> list[tuple[int, int]]:
        """The compute capabilities that can be compiled for."""
        return supported_capabilities()

    def compile(self, facts: DeviceFacts) -> tuple[int, int]:
        """Compile the kernels for a device: how many there are, how many were missing."""
        names, folder = texts.names(), kernel_folder(self.config)
        return len(names), compile_missing(folder, names, Gpu(facts.capability))

    def link(self, facts: DeviceFacts) -> int:
        """Link them: the size of the machine code."""
        folder, registers = kernel_folder(self.config), self.config.gpu_registers
        return len(cubins.cubin(folder, Gpu(facts.capability), registers))

    def open(self, facts: DeviceFacts) -> Accelerator:
        """The device with the main kernel."""
        return open_device(self.config, kernel_folder(self.config), facts)

    def probe(self, device: Accelerator) -> Probe:
        """How fast it is by itself."""
        return probe(device)

    def kernels(self) -> list[str]:
        """What is to be compared with the CPU."""
        return instruction_names()

    def compare(self, device: Accelerator) -> KernelsCompared:
        """Compare them on random programs."""
        memory = memory_of(self.config, [device])
        with progress("comparing kernels", self.programs, "programs") as advance:
            return compare_kernels([device], memory, self.kernels(), self.programs, advance=advance)


@dataclass(slots=True)
class _Report:
    """The findings so far; each is printed as it comes."""

    findings: list[DeviceFinding] = field(default_factory=list)
    least_lanes: int | None = None

    def add(self, what: str, status: str, text: str, advice: str = "", **facts: Any) -> None:
        """Tell a finding."""
        self.findings.append(DeviceFinding(what, status, text, advice, facts))
        print(self.findings[-1].line, flush=True)

    def ask(self, what: str, question: Callable[[], None], advice: str = FAULT) -> bool:
        """Whether a question about a device has an answer; whatever it fails with is a finding."""
        try:
            question()
        except DataError as error:
            self.add(what, SKIPPED, _one_line(error))
        except Exception as error:
            memory = isinstance(error, CudaMemory) or "OUT_OF_MEMORY" in str(error)
            where = traceback.format_exception(error)
            self.add(what, FAILED, _one_line(error), MEMORY if memory else advice, where=where)
            return False
        return True

    @property
    def has_failed(self) -> bool:
        """Whether anything has."""
        return any(found.status == FAILED for found in self.findings)


def gpu_report(context: Context, machine: Machine | None = None) -> int:
    """Print the report and write generated/results/gpu.json: 0 if all is well, 1 if not."""
    machine = machine or Machine(context.config)
    report = _Report()
    found = _ask_for_devices(machine, report)
    opened: list[Accelerator] = []
    for facts in found:
        device = _ask_device(machine, report, facts, len(found) > 1)
        opened += [device] if device else []
    if not found:
        for what in (*QUESTIONS, "crossover"):
            report.add(what, SKIPPED, NO_GPU)
    elif report.has_failed:
        report.add("crossover", SKIPPED, "something failed before")
    else:
        _ask_for_crossover(context, machine, report, opened)
    for device in opened:
        with suppress(CudaError):
            device.close()
    sentence = conclusion(report.findings, report.least_lanes)
    print(sentence)
    _write(context, report_json(report.findings, report.least_lanes))
    return 1 if report.has_failed else 0


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())[:400]
    kind = type(error).__name__
    return text if isinstance(error, EXPECTED) and text else f"{kind}: {text}"


def _ask_for_devices(machine: Machine, report: _Report) -> list[DeviceFacts]:
    versions = machine.packages()
    missing = [name for name, version in versions.items() if not version]
    text = versions_text(versions)
    report.add("packages", FAILED if missing else OK, text, INSTALL if missing else "", **versions)
    try:
        found = machine.devices()
    except (NoDevice, CudaError) as error:
        if missing:
            report.add("driver", SKIPPED, "the packages are needed to ask it")
        else:
            report.add("driver", FAILED, _one_line(error), DRIVER)
        return []
    cuda, driver = found[0].driver, machine.driver()
    text = f"{driver}, for CUDA up to {cuda}" if driver else f"for CUDA up to {cuda}"
    packages = versions.get("cuda-bindings", "")
    if _major(packages) > _major(cuda):
        text += f", and the packages are for CUDA {_major(packages)}"
        report.add("driver", FAILED, text, OLD_DRIVER, driver=driver, cuda=cuda)
        return []
    report.add("driver", OK, text, driver=driver, cuda=cuda)
    return found


def _major(version: str) -> int:
    """The first number of a version; 0 if it has none."""
    first = version.partition(".")[0]
    return int(first) if first.isdigit() else 0


# -- questions about one device

QUESTIONS: Final = (
    *("device", "capability", "kernels compiled", "kernels linked", "opening"),
    *("kernels compared", "bandwidth and launches"),
)
"""What is asked of each device, in order."""


def _ask_device(
    machine: Machine, report: _Report, facts: DeviceFacts, is_numbered: bool
) -> Accelerator | None:
    """The device, open, if all went well until it was."""
    suffix = f" (GPU {facts.number})" if is_numbered else ""
    names = [f"{what}{suffix}" for what in QUESTIONS]
    report.add(names[0], OK, device_text(facts), total_bytes=facts.total_bytes, name=facts.name)
    device: list[Accelerator] = []

    def is_open() -> None:
        device.append(machine.open(facts))
        _tell_memory(machine, report, names[4], device[0])

    steps: tuple[Callable[[], None], ...] = (
        lambda: _tell_capability(machine, report, names[1], facts),
        lambda: _tell_compiled(machine, report, names[2], facts),
        lambda: _tell_linked(machine, report, names[3], facts),
        is_open,
    )
    for k, step in enumerate(steps, 1):
        before = len(report.findings)
        advice = OPENING if step is is_open else FAULT
        if not report.ask(names[k], step, advice) or _has_failed(report.findings[before:]):
            for name in names[k + 1 :]:
                report.add(name, SKIPPED, f"{names[k]} failed")
            return device[0] if device else None
    report.ask(names[5], lambda: _tell_compared(machine, report, names[5], device[0]))
    report.ask(names[6], lambda: _tell_probe(machine, report, names[6], device[0]))
    return device[0]


def _has_failed(findings: list[DeviceFinding]) -> bool:
    return any(found.status == FAILED for found in findings)


def _tell_capability(machine: Machine, report: _Report, what: str, facts: DeviceFacts) -> None:
    supported = machine.supported()
    closest = closest_capability(facts.capability, supported)
    own = capability_text(facts.capability)
    if closest is None:
        least = capability_text(supported[0]) if supported else "none"
        text = f"{own} is not supported by the installed NVVM, which begins with {least}"
        report.add(what, FAILED, text, OLDER if facts.capability >= OLDEST else TOO_OLD)
    elif closest != facts.capability:
        newest = capability_text(closest)
        text = f"{own} is newer than the installed NVVM knows, whose last is {newest}"
        report.add(what, FAILED, text, NEWER)
    else:
        text = f"{own} is supported by the installed NVVM"
        report.add(what, OK, text, capability=list(facts.capability))


def _tell_compiled(machine: Machine, report: _Report, what: str, facts: DeviceFacts) -> None:
    begin = time.perf_counter()
    count, missing = machine.compile(facts)
    seconds = round(time.perf_counter() - begin, 2)
    text = f"{count} kernels, {missing} of them now, in {seconds:.1f} s"
    report.add(what, OK, text, kernels=count, compiled=missing, seconds=seconds)


def _tell_linked(machine: Machine, report: _Report, what: str, facts: DeviceFacts) -> None:
    begin = time.perf_counter()
    size = machine.link(facts)
    seconds = round(time.perf_counter() - begin, 2)
    text = f"{size_text(size)} of machine code, in {seconds:.1f} s"
    report.add(what, OK, text, bytes=size, seconds=seconds)


def _tell_memory(machine: Machine, report: _Report, what: str, device: Accelerator) -> None:
    free, taken = device.free_bytes(), memory_of(machine.config, [device])
    total = device.facts.total_bytes
    text = f"{size_text(free)} of {size_text(total)} free, a run takes up to {size_text(taken)}"
    report.add(what, OK, text, free_bytes=free, run_bytes=taken)


def _tell_compared(machine: Machine, report: _Report, what: str, device: Accelerator) -> None:
    wanted = len(machine.kernels())
    found = machine.compare(device)
    lanes = sum(found.summary.compared.values())
    text = f"{found.compared} of {wanted} called by {found.summary.programs:,} random programs"
    facts: dict[str, Any] = {"kernels": found.compared, "lanes": lanes}
    facts |= {"differing": [list(names) for names in found.differing]}
    facts |= {"not_reached": list(found.unreached)}
    if found.differing:
        first = found.summary.mismatches[0]
        text += f"; not the same as on the CPU: {names_text(found.names_differing)}"
        text += f" ({answers_text(first.expected, first.got)})"
        report.add(what, FAILED, text, FAULT, **facts)
        return
    text += f", the same as on the CPU in all of {lanes:,} lanes"
    if found.unreached:
        text += f"; not reached: {names_text(found.unreached)}"
    report.add(what, OK, text, **facts)


def _tell_probe(machine: Machine, report: _Report, what: str, device: Accelerator) -> None:
    if device.fault is not None:
        report.add(what, SKIPPED, LOST)
        return
    found = machine.probe(device)
    report.add(what, OK, probe_text(found), **found.to_json())


# -- the crossover


def _ask_for_crossover(
    context: Context, machine: Machine, report: _Report, opened: list[Accelerator]
) -> None:
    config = machine.config
    if not context.at(paths.BATTERY).exists():
        report.add("crossover", SKIPPED, "no battery is linked: run `doit link`")
        return
    gpus = Accelerated(tuple(opened), memory_of(config, opened), 0, Usage())

    def measure() -> None:
        battery = compiled_battery(context, gpus)
        if not battery.solvers:
            report.add("crossover", SKIPPED, "the battery has no solver")
            return
        found = measured_crossover(config, battery, machine.effort)
        known = known_crossover(config, [device.facts for device in opened])
        if known is None:
            keep(config, gpus, found)
        report.least_lanes = found.least_lanes if known is None else known
        text = crossover_text(found, names_of(gpus), battery.threads)
        if known is not None:
            text += f"; `doit calibrate` has found {_lanes_text(known)}, which stays"
        report.add("crossover", OK, text, **found.to_json())

    report.ask("crossover", measure)


def _lanes_text(lanes: int) -> str:
    return "that it never does" if lanes >= NEVER else f"{lanes:,} lanes"


def _write(context: Context, plain: dict[str, Any]) -> None:
    path = context.at(paths.GPU)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, (json.dumps(plain, indent=1) + "\n").encode())
