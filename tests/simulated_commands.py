"""The commands around the GPU on Numba's simulator, as processes of their own: what Numba is, is
settled when it is imported.

    python -m tests.simulated_commands FOLDER COMMAND DEVICE

They run in a folder with a small battery (`tests.battery.small`), on a simulated device that may
have a fault: see `DEVICES`.
"""

from __future__ import annotations

import os

if __name__ == "__main__":
    os.environ["NUMBA_ENABLE_CUDASIM"] = "1"

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench import cuda
from bench.engine import packed
from bench.figures import OURS, SINGLE, Effort
from bench.published import Run
from pipeline.battery import opening
from pipeline.battery.batteries import Accelerated
from pipeline.commands import calibrate, gpu_report, test_gpu
from pipeline.config.config import load_config
from pipeline.config.context import Context
from pipeline.data.tasks import Task
from pipeline.engine.cuda import texts
from pipeline.engine.cuda.cuda_engine import Accelerator, Usage
from pipeline.engine.cuda.driver import CudaError, DeviceFacts, LaunchTiming, NoDevice
from pipeline.measuring.launches import Probe, probe
from pipeline.trust.agreement import fuzzing
from pipeline.trust.agreement.on_device import KernelsCompared, compare_kernels
from tests import simulated_device
from tests.battery.small import TASKS, compiled
from tests.project import PROJECT

MEMORY = 48 << 20
CONFIG = """\
corpora: {own: {path: own}, re-arc: {path: re-arc}}
memory_mib: 64
threads: 2
"""
SEED = 51
PROGRAM = """\
def solve_xxxxxxxx(I):
    x1 = hmirror(I)
    return x1
"""
"""What stands in the place of random programs: few kernels, since the simulator is slow, and one of
them `hmirror`, which a planted fault is in.
"""


class Device(simulated_device.SimulatedDevice):
    """Teams of two threads, whatever is asked for."""

    def __init__(self) -> None:
        super().__init__(MEMORY)

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """As the engine asks, with fewer threads."""
        return super().run(words, size, work, teams, min(2, threads), reads)


class Mirroring(Device):
    """One on which `hmirror` mirrors the wrong way."""

    def __init__(self) -> None:
        super().__init__()
        known = texts.row_loop

        def row_loop(name: str, binder: Any) -> Any:
            return known("vmirror" if name == "hmirror" else name, binder)

        texts.row_loop = row_loop


class Failing(Device):
    """One that fails at every launch."""

    def run(self, *args: Any) -> Any:
        """Fail."""
        raise CudaError("cuEventSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (planted)")


DEVICES: dict[str, Callable[[], Device]] = {
    "good": Device,
    "mirroring": Mirroring,
    "failing": Failing,
}


@dataclass(frozen=True)
class Machine(gpu_report.Machine):
    """A machine with simulated devices, `made`, for which nothing is compiled; `known` are the
    compute capabilities that it says are supported, its own is `capability`; bindings: the version
    of a package.
    """

    made: tuple[Callable[[], Device], ...] = (Device,)
    known: tuple[tuple[int, int], ...] = ((6, 0), (7, 5))
    capability: tuple[int, int] = (7, 5)
    bindings: str = "12.9.1"

    def packages(self) -> dict[str, str]:
        """All there."""
        return {"numba": "1.2", "numba-cuda": "3.4", "cuda-bindings": self.bindings, "NVVM": "x 5"}

    def devices(self) -> list[DeviceFacts]:
        """As many as are made."""
        if not self.made:
            raise NoDevice("the CUDA driver sees no GPU")
        return [
            DeviceFacts(k, "simulator", self.capability, 2, MEMORY, "12.8")
            for k in range(len(self.made))
        ]

    def driver(self) -> str:
        """Some version."""
        return "570.1"

    def supported(self) -> list[tuple[int, int]]:
        """What is set."""
        return list(self.known)

    def compile(self, facts: DeviceFacts) -> tuple[int, int]:
        """Nothing is."""
        return 238, 0

    def link(self, facts: DeviceFacts) -> int:
        """Nothing is."""
        return 3 << 20

    def open(self, facts: DeviceFacts) -> Accelerator:
        """The simulated device."""
        return self.made[facts.number]()

    def probe(self, device: Accelerator) -> Probe:
        """A quick one."""
        return probe(device, words=100, launches=1, copies=1, threads=2)

    def kernels(self) -> list[str]:
        """Those of one program."""
        return ["no_match", "place", "hmirror"]

    def compare(self, device: Accelerator) -> KernelsCompared:
        """By that program, and by few others."""
        return compare_kernels([device], MEMORY, self.kernels(), 2, SEED, threads=2)


def machine(words: str) -> Machine:
    """A machine with devices of `DEVICES`, as A+B; one without; or one whose GPU or driver is older
    than its packages take.
    """
    effort = calibrate.Effort(runs=1, seconds=0.0, most=8)
    made = Machine(load_config(), 2, effort)
    if words == "old":
        return replace(made, known=((7, 5), (8, 0)), capability=(6, 0))
    if words == "behind":
        return replace(made, bindings="13.0.1")
    return replace(made, made=tuple(DEVICES[word] for word in words.split("+") if word != "none"))


def gpus(device: str) -> Accelerated:
    """The device, as commands take it."""
    return Accelerated((DEVICES[device](),), MEMORY, 0, Usage())


def bench_gpu(device: str) -> int:
    """Measure the small battery; prints what would be written. The published one is made up."""
    used, path = gpus(device), Path("generated/batt.py").absolute()
    bench: Any = SimpleNamespace(
        folder=path.parent,
        effort=Effort(runs=1, patience=0.0, pairs=2, quick=True),
        tasks=TASKS,
        batteries={name: compiled(path) for name in (OURS, SINGLE, cuda.ALL_CORES)},
        published=SimpleNamespace(run=lambda lanes: [Run(1.0, "right") for _ in lanes]),
        reaches="three tasks",
    )
    made = compiled(path)
    made.accelerated = used
    bench.batteries[cuda.GPU] = made
    samples = {
        ident: packed(Task(ident, (task.samples * 4)[:4], ())) for ident, task in TASKS.items()
    }
    print(json.dumps(cuda.measure(bench, used, lambda: samples)))
    return 0


COMMANDS: dict[str, Callable[[str], int]] = {
    "calibrate": lambda device: calibrate.calibrate(
        Context.of(), gpus(device), calibrate.Effort(runs=1, seconds=0.0)
    ),
    "check_few": lambda device: test_gpu.check_few(Context.of(), gpus(device)),
    "gpu_report": lambda device: gpu_report.gpu_report(Context.of(), machine(device)),
    "bench_gpu": bench_gpu,
    "test_gpu": lambda device: test_gpu.run_tests(
        Context.of(), test_gpu.GpuTestsAsked(lanes=20, programs=2, seed=SEED), gpus(device)
    ),
}


def run(folder: Path, command: str, device: str = "good", path: str = "") -> Any:
    """A finished process with such a command; `path` stands before the folders of programs."""
    words = [sys.executable, "-m", "tests.simulated_commands", str(folder), command, device]
    searched = os.pathsep.join(filter(None, [path, os.environ.get("PATH", "")]))
    environment = {**os.environ, "PATH": searched}
    return subprocess.run(
        words, cwd=PROJECT, capture_output=True, text=True, timeout=600, env=environment
    )


def main() -> int:
    """Run the command in the folder; its status."""
    folder, command, device = sys.argv[1:]
    os.chdir(folder)
    fuzzing.WRITERS["rows"] = lambda rng, lines: PROGRAM
    sets = {"arc1-train": TASKS}
    for module in (calibrate, opening, test_gpu):
        module.load_tasks = lambda name, cache: sets[name]  # type: ignore[attr-defined]
    return COMMANDS[command](device)


if __name__ == "__main__":
    sys.exit(main())
