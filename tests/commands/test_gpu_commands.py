"""The commands `test_gpu` and `bench_gpu`: what agrees, what does not, and where they refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import test_gpu
from pipeline.config.context import Context
from pipeline.engine.cuda.driver import NoDevice
from tests import stub_commands
from tests.battery.small import FLIP
from tests.project import PROJECT

AGREEING = """\
ok       check: 14 lanes, 12 grids, all the same as on the CPU
ok       matrix: 20 lanes, 17 grids, all the same as on the CPU
ok       side by side: 45 lanes, 36 grids, all the same as on the CPU
ok       fuzz: 48 programs (seed 51), 172 lanes, all the same as interpreted
ok       guards: 45 lanes, 36 grids, all the same as on the CPU
test_gpu: stub: all agree
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a small battery."""
    folder = tmp_path / "tree"
    folder.mkdir()
    stub_commands.lay_out_tree(folder)
    return folder


def test_what_agrees_is_counted(tree: Path) -> None:
    done = stub_commands.run(tree, "test_gpu")
    assert (done.returncode, done.stdout) == (0, AGREEING)


def test_a_kernel_that_is_wrong_is_found_by_all(tree: Path) -> None:
    done = stub_commands.run(tree, "test_gpu", "mirroring")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        f"MISMATCH: own/{FLIP} on {FLIP} train[0]",
        "  CPU: right: ((3, 4), (1, 2))",
        "  GPU: wrong: ((2, 1), (4, 3))",
    ]
    assert "failed   check: 14 lanes, 12 grids; 4 lanes differ" in lines
    assert any(line.startswith(f"MISMATCH: own/{FLIP} on arc1-train/") for line in lines)
    assert any(line.startswith("MISMATCH in program ") for line in lines)
    assert any("= hmirror(" in line for line in lines)
    assert lines[-1] == "test_gpu: stub: check, matrix, side by side, fuzz, guards failed"


def test_a_device_that_fails_is_quoted(tree: Path) -> None:
    done = stub_commands.run(tree, "test_gpu", "failing")
    assert done.returncode == 1
    fault = "the GPU failed in inputs of sample 8, own/22222222: "  # the costliest
    assert done.stderr.startswith(f"warning: {fault}")
    first, *others, last = done.stdout.splitlines()
    assert first.startswith(f"failed   check: ended: {fault}")
    assert "CUDA_ERROR_ILLEGAL_ADDRESS" in first
    left_out = ": the GPU is of no use after a fault"
    assert others == [
        f"skipped  {what}{left_out}" for what in ("matrix", "side by side", "fuzz", "guards")
    ]
    assert last == "test_gpu: stub: check failed"


def test_guards_are_left_out_where_that_is_asked_for() -> None:
    asked = test_gpu.GpuTestsAsked(skip_guards=True)
    found = test_gpu._test_guards(None, None, asked)  # type: ignore[arg-type]
    assert found.line == "skipped  guards: as asked for"


@pytest.mark.parametrize(
    "asked", [test_gpu.GpuTestsAsked(lanes=0), test_gpu.GpuTestsAsked(programs=0)]
)
def test_a_question_without_an_answer_is_refused(
    capsys: Any, asked: test_gpu.GpuTestsAsked
) -> None:
    assert test_gpu.run_tests(Context.of(), asked) == 2
    assert capsys.readouterr().err == "--lanes and --programs: at least 1 is needed\n"


def test_without_a_gpu_it_refuses(tree: Path, monkeypatch: pytest.MonkeyPatch, no_gpu: str) -> None:
    monkeypatch.chdir(tree)
    with pytest.raises(NoDevice, match=no_gpu):
        test_gpu.run_tests(Context.of(), test_gpu.GpuTestsAsked())


# -- bench_gpu


def test_without_a_gpu_nothing_is_measured_or_written(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['bench', '--output', sys.argv[1]]\n"
        "from bench import cuda\n"
        "from pipeline.battery import devices\n"
        "def none(): raise cuda.NoDevice('the CUDA driver sees no GPU')\n"
        "devices.devices = none\n"
        "sys.exit(cuda.main())\n"
    )
    written = tmp_path / "cuda.json"
    done = subprocess.run(
        [sys.executable, "-c", code, str(written)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    said = "bench_gpu: the CUDA driver sees no GPU\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    assert not written.exists()


RIGHT = pytest.mark.long("the figures of a device that is wrong are in the default part")


@pytest.mark.parametrize(
    ("device", "differ"), [("mirroring", True), pytest.param("good", False, marks=RIGHT)]
)
def test_all_figures_are_measured_and_verdicts_that_differ_counted(
    tree: Path, device: str, differ: bool
) -> None:
    done = stub_commands.run(tree, "bench_gpu", device)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["verdicts_differing"] > 0) == differ
    assert [device["name"] for device in found["devices"]] == ["stub"]
    figures = found["figures"]
    assert list(figures) == ["matrix", "matrix_published", "stress", "check", "kernel_share"]
    for figure in figures.values():
        assert figure["value"] >= 0 or figure is figures["kernel_share"]
        assert figure["repetitions"] == 1
        assert {"seconds_gpu", "seconds_all_cores", "met", "bar", "aim"} <= set(figure)
    assert figures["matrix"]["gpu"]["lanes"] == figures["matrix"]["lanes"] == 45
    assert figures["matrix"]["gpu"]["launches"] >= 1
    assert figures["matrix"]["written"]["bytes"] > 0
    assert figures["stress"]["samples_a_task"] == 4
    assert figures["stress"]["gpu"]["lanes"] >= 20  # and the first failures once more
