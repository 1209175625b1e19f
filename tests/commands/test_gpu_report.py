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
from pipeline.engine.cuda.texts import names
from tests import stub_commands
from tests.stub_driver import MEMORY

GOOD = """\
ok       driver: for CUDA up to 12.9
ok       device: stub, compute capability 9.0, 256.0 MiB, 2 processors
ok       capability: 9.0 is supported by the installed NVVM
ok       kernels compiled: KERNELS kernels, 0 of them now, in ... s
ok       kernels linked: 24 bytes of machine code, in ... s
ok       opening: 256.0 MiB of 256.0 MiB free, a run takes up to 204.8 MiB
ok       kernels compared: SOME of ALL called by 48 random programs, the same as on the CPU in \
all of LANES
""".replace("KERNELS", str(len(names())))

NO_GPU = """\
failed   driver: no CUDA driver answers: cuInit: CUDA_ERROR_NO_DEVICE (no device)
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
failed   capability: 9.0 is not supported by the installed NVVM, which begins with 10.0
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
    stub_commands.lay_out_tree(tmp_path)
    return tmp_path


def report(tree: Path, device: str) -> tuple[int, str, dict[str, Any]]:
    """The status, what is printed, and the file."""
    done = stub_commands.run(tree, "gpu_report", device)
    assert "Traceback" not in done.stderr
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
    first, *lines, bandwidth, crossover, _ = text.splitlines()
    assert re.fullmatch(r"ok       packages: numba \S+, numba-cuda \S+, .*, NVVM .*", first)
    lines[-1] = re.sub(r"\d+ of \d+ called", "SOME of ALL called", lines[-1])
    lines[-1] = re.sub(r"all of .*", "all of LANES", lines[-1])
    assert (status, "\n".join([*lines, ""])) == (0, GOOD)
    assert bandwidth.startswith("ok       bandwidth and launches: ")
    assert crossover.startswith("ok       crossover: ")
    rows = {row["what"]: row for row in found["findings"]}
    assert rows["opening"]["free_bytes"] == MEMORY
    assert [size["lanes"] for size in rows["crossover"]["sizes"]] == [8]
    kept = json.loads((tree / ".cache/calibration.json").read_bytes())
    assert [set(entry) >= {"least_lanes", "sizes"} for entry in kept.values()] == [True]


def test_without_a_gpu(tree: Path) -> None:
    status, text, _ = report(tree, "none")
    assert (status, text.partition("\n")[2]) == (1, NO_GPU)


def test_a_gpu_that_the_packages_do_not_support(tree: Path) -> None:
    status, text, _ = report(tree, "old")
    assert status == 1
    assert text.endswith(OLD)


def test_a_kernel_that_is_wrong_is_named(tree: Path) -> None:
    status, text, found = report(tree, "mirroring")
    assert status == 1
    line = next(line for line in text.splitlines() if "kernels compared" in line)
    assert "not the same as on the CPU: hmirror (interpreted " in line
    assert "failed: kernels compared. That is a fault of ours or of the driver" in text
    rows = {row["what"]: row for row in found["findings"]}
    assert rows["kernels compared"]["differing"] == [["hmirror"]]


def test_a_device_that_fails_is_quoted(tree: Path) -> None:
    status, text, _ = report(tree, "failing")
    assert status == 1
    lines = {line.partition(":")[0]: line for line in text.splitlines()}
    assert "CUDA_ERROR_ILLEGAL_ADDRESS (illegal address)" in lines["failed   kernels compared"]
    assert "skipped  bandwidth and launches: the GPU is of no use after a fault\n" in text
    assert "failed: kernels compared. That is a fault" in text


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
    assert "failed   driver: for CUDA up to 12.9, and the packages are for CUDA 13\n" in text
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
