"""The command `gpu_report`: whole reports with and without a GPU, and faults that are planted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import gpu_report
from pipeline.config.config import load_config
from pipeline.config.context import Context
from tests import simulated_commands
from tests.battery.small import lay_out

GOOD = """\
ok       packages: numba 1.2, numba-cuda 3.4, cuda-bindings 12.9.1, NVVM x 5
ok       driver: 570.1, for CUDA up to 12.8
ok       device: simulator, compute capability 7.5, 48.0 MiB, 2 processors
ok       capability: 7.5 is supported by the installed NVVM
ok       kernels compiled: 238 kernels, 0 of them now, in ... s
ok       kernels linked: 3.0 MiB of machine code, in ... s
ok       opening: 48.0 MiB of 48.0 MiB free, a run takes up to 38.4 MiB
ok       kernels compared: 3 of 3 called by 2 random programs, the same as on the CPU in all of \
... lanes
ok       bandwidth and launches: too quick to tell up, too quick to tell down; a launch ... us, \
... us with its copies
ok       crossover: the CPU with 2 threads beats simulator up to 8 lanes, all that were measured
This machine's GPU runs the battery, and the CPU was faster at every size measured: device: auto \
stays with the CPU, device: cuda insists on the GPU.
"""

NO_GPU = """\
ok       packages: numba 1.2, numba-cuda 3.4, cuda-bindings 12.9.1, NVVM x 5
failed   driver: the CUDA driver sees no GPU
skipped  device: there is no GPU to ask
skipped  capability: there is no GPU to ask
skipped  kernels compiled: there is no GPU to ask
skipped  kernels linked: there is no GPU to ask
skipped  opening: there is no GPU to ask
skipped  kernels compared: there is no GPU to ask
skipped  bandwidth and launches: there is no GPU to ask
skipped  crossover: there is no GPU to ask
The battery does not run on a GPU of this machine; failed: driver. Choose a machine or a session \
with an NVIDIA GPU whose driver is installed. Meanwhile the CPU runs it: device: cpu.
"""

OLD = """\
failed   capability: 6.0 is not supported by the installed NVVM, which begins with 7.5
skipped  kernels compiled: capability failed
skipped  kernels linked: capability failed
skipped  opening: capability failed
skipped  kernels compared: capability failed
skipped  bandwidth and launches: capability failed
skipped  crossover: something failed before
The battery does not run on a GPU of this machine; failed: capability. CUDA 13 has dropped this \
GPU: install the older packages, pip install -e '.[cuda12]'. Meanwhile the CPU runs it: device: cpu.
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a small battery."""
    lay_out(tmp_path, simulated_commands.CONFIG)
    return tmp_path


def report(tree: Path, device: str) -> tuple[int, str, dict[str, Any]]:
    """The status, what is printed, and the file."""
    done = simulated_commands.run(tree, "gpu_report", device)
    assert done.stderr == ""
    text = re.sub(r"[\d,.]+( us| s$| lanes$)", r"...\1", done.stdout, flags=re.MULTILINE)
    found = json.loads((tree / "generated/results/gpu.json").read_bytes())
    lines = text.splitlines()
    assert found["conclusion"] == lines[-1]
    assert [f"{row['verdict']:9}{row['what']}" for row in found["findings"]] == [
        line.partition(":")[0] for line in lines[:-1]
    ]
    assert found["ok"] == (done.returncode == 0)
    return done.returncode, text, found


def test_where_all_is_well(tree: Path) -> None:
    status, text, found = report(tree, "good")
    assert (status, text) == (0, GOOD)
    rows = {row["what"]: row for row in found["findings"]}
    assert rows["opening"]["free_bytes"] == 48 << 20
    assert [size["lanes"] for size in rows["crossover"]["sizes"]] == [8]
    kept = json.loads((tree / ".cache/calibration.json").read_bytes())
    assert [entry["least_lanes"] for entry in kept.values()] == [1 << 62]


def test_without_a_gpu(tree: Path) -> None:
    assert report(tree, "none")[:2] == (1, NO_GPU)


def test_a_gpu_that_the_packages_do_not_support(tree: Path) -> None:
    status, text, _ = report(tree, "old")
    assert status == 1
    assert text.endswith(OLD)


def test_a_kernel_that_is_wrong_is_named(tree: Path) -> None:
    status, text, found = report(tree, "mirroring")
    assert status == 1
    line = next(line for line in text.splitlines() if "kernels compared" in line)
    assert line.startswith(
        "failed   kernels compared: 3 of 3 called by 2 random programs; not the same as on the "
        "CPU: hmirror (interpreted "
    )
    assert "failed: kernels compared. That is a fault of ours or of the driver" in text
    rows = {row["what"]: row for row in found["findings"]}
    assert ["hmirror"] in rows["kernels compared"]["differing"]


def test_a_device_that_fails_is_quoted(tree: Path) -> None:
    status, text, _ = report(tree, "failing")
    assert status == 1
    lines = {line.partition(":")[0]: line for line in text.splitlines()}
    assert "CUDA_ERROR_ILLEGAL_ADDRESS (planted)" in lines["failed   kernels compared"]
    assert lines["failed   bandwidth and launches"].endswith("CUDA_ERROR_ILLEGAL_ADDRESS (planted)")
    assert "failed: kernels compared, bandwidth and launches." in text


def test_of_several_gpus_each_is_named(tree: Path) -> None:
    status, text, _ = report(tree, "good+failing")
    assert status == 1
    lines = [line.partition(":")[0] for line in text.splitlines()]
    assert "ok       kernels compared (GPU 0)" in lines
    assert "failed   kernels compared (GPU 1)" in lines
    assert "skipped  crossover" in lines


def test_without_a_battery_there_is_no_crossover(tree: Path) -> None:
    (tree / "generated/batt.py").unlink()
    status, text, _ = report(tree, "good")
    assert status == 0
    assert text.endswith(
        "skipped  crossover: no battery is linked: run `doit link`\n"
        "This machine's GPU runs the battery: use device: cuda, or device: auto once "
        "`doit calibrate` has measured from where on it wins.\n"
    )


class Bare(gpu_report.Machine):
    """A machine without the packages."""

    def packages(self) -> dict[str, str]:
        """One is there."""
        return {"numba": "1.2", "numba-cuda": "", "cuda-bindings": ""}

    def devices(self) -> list[Any]:
        """None can be asked for."""
        raise gpu_report.NoDevice("the CUDA packages are not installed")


def test_without_the_packages(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tree)
    assert gpu_report.gpu_report(Context.of(), Bare(load_config())) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "failed   packages: numba 1.2, numba-cuda missing, cuda-bindings missing",
        "skipped  driver: the packages are needed to ask it",
    ]
    assert "pip install -e '.[cuda12]'" in lines[-1]


def test_packages_that_are_too_new_for_the_driver(tree: Path) -> None:
    status, text, _ = report(tree, "behind")
    assert status == 1
    assert "failed   driver: 570.1, for CUDA up to 12.8, and the packages are for CUDA 13\n" in text
    assert "Install the packages for this driver, pip install -e '.[cuda12]'" in text


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug", "535.104.05"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  R", "560.35.03"),
        ("something else", ""),
    ],
)
def test_the_version_of_the_driver_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, version: str
) -> None:
    (tmp_path / "version").write_text(text)
    monkeypatch.setattr(gpu_report, "VERSION_FILE", str(tmp_path / "version"))
    monkeypatch.chdir(tmp_path)
    assert gpu_report.Machine(load_config()).driver() == version
