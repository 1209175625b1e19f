"""The commands around the GPU on the stub of a driver, as processes of their own.

    python -m tests.stub_commands FOLDER COMMAND DEVICES

They run in a folder with a small battery (`tests.battery.small`); DEVICES: see `stub_driver`, or
`old` and `behind`, where GPU or driver are older than the packages take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench import cuda
from bench.engine import packed
from bench.figures import OURS, SINGLE, Effort
from bench.published import Run
from pipeline.battery.devices import insisted
from pipeline.commands import calibrate, gpu_report, test_gpu
from pipeline.config.config import load_config
from pipeline.config.context import Context
from pipeline.data.tasks import Task
from tests.battery.small import TASKS, compiled, lay_out, write_data
from tests.project import PROJECT
from tests.stub_driver import environment, lay_out_kernels

CONFIG = """\
corpora: {own: {path: own}, re-arc: {path: re-arc}}
memory_mib: 64
threads: 2
"""
SEED = 51
PROGRAMS = 48
"""Random ones that are compared."""


@dataclass(frozen=True)
class Old(gpu_report.Machine):
    """One whose packages begin with a newer GPU than it has."""

    def supported(self) -> list[tuple[int, int]]:
        """From this one on."""
        return [(10, 0), (12, 0)]


@dataclass(frozen=True)
class Behind(gpu_report.Machine):
    """One whose packages are for a newer driver than it has."""

    def packages(self) -> dict[str, str]:
        """All there."""
        return {"numba": "1.2", "numba-cuda": "3.4", "cuda-bindings": "13.0.1", "NVVM": "x 5"}


MACHINES = {"old": Old, "behind": Behind}


def report(devices: str) -> int:
    """A report on this machine, with few random programs."""
    effort = calibrate.Effort(runs=1, seconds=0.0, most=8)
    machine = MACHINES.get(devices, gpu_report.Machine)
    return gpu_report.gpu_report(Context.of(), machine(load_config(), PROGRAMS, effort))


def bench_gpu(devices: str) -> int:
    """Measure the small battery; prints what would be written. The published one is made up."""
    used, path = insisted(load_config()), Path("generated/batt.py").absolute()
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
    "calibrate": lambda devices: calibrate.calibrate(
        Context.of(), effort=calibrate.Effort(runs=1, seconds=0.0)
    ),
    "gpu_report": report,
    "bench_gpu": bench_gpu,
    "test_gpu": lambda devices: test_gpu.run_tests(
        Context.of(), test_gpu.GpuTestsAsked(lanes=20, programs=PROGRAMS, seed=SEED)
    ),
}


def lay_out_tree(folder: Path) -> None:
    """Put the small battery into a folder, with its data and with kernels that the stub takes."""
    lay_out(folder, CONFIG)
    write_data(folder / ".cache")
    lay_out_kernels(folder / ".cache" / "kernels")


def run(folder: Path, command: str, devices: str = "good", path: str = "") -> Any:
    """A finished process with such a command; `path` stands before the folders of programs."""
    words = [sys.executable, "-m", "tests.stub_commands", str(folder), command, devices]
    kinds = "good" if devices in MACHINES else devices
    return subprocess.run(
        words,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
        env=environment(kinds, path),
    )


def main() -> int:
    """Run the command in the folder; its status."""
    folder, command, devices = sys.argv[1:]
    os.chdir(folder)
    return COMMANDS[command](devices)


if __name__ == "__main__":
    sys.exit(main())
