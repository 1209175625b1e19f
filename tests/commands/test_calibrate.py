"""The command `calibrate`: what it prints and keeps, and where it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.battery.devices import keep_crossover, known_crossover
from pipeline.commands import calibrate
from pipeline.config.config import load_config
from pipeline.config.context import Context
from pipeline.engine.cuda.driver import DeviceFacts, NoDevice
from pipeline.measuring.crossover import NEVER
from tests import stub_commands


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a small battery."""
    stub_commands.lay_out_tree(tmp_path)
    return tmp_path


def test_what_is_measured_is_printed_and_kept(tree: Path) -> None:
    done = stub_commands.run(tree, "calibrate")
    assert done.returncode == 0
    head, row, said = done.stdout.splitlines()
    assert head.split() == ["lanes", "CPU", "s", "GPU", "s", "ratio"]
    assert re.fullmatch(r"45( +\d+\.\d+){3}", row)
    assert re.match(r"calibrate: (stub|the CPU with 2 threads) beats .* 45 lanes", said)
    (kept,) = json.loads((tree / ".cache/calibration.json").read_bytes()).items()
    name, found = kept
    assert name.startswith("stub (driver 12.9) against 2 threads of ")
    assert found["least_lanes"] in (0, 45, NEVER)
    (size,) = found["sizes"]
    assert size["lanes"] == 45
    assert min(size["gpu_seconds"], size["cpu_seconds"]) > 0


def test_a_device_that_fails_leaves_nothing_behind(tree: Path) -> None:
    done = stub_commands.run(tree, "calibrate", "failing")
    assert done.returncode == 1
    assert "DeviceFault: the GPU failed in inputs of " in done.stderr.splitlines()[-1]
    assert not (tree / ".cache/calibration.json").exists()


def test_without_a_gpu_it_refuses(tree: Path, monkeypatch: pytest.MonkeyPatch, no_gpu: str) -> None:
    monkeypatch.chdir(tree)
    with pytest.raises(NoDevice, match=no_gpu):
        calibrate.calibrate(Context.of())


def test_what_is_kept_is_of_these_devices(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    config = load_config()
    one = [DeviceFacts(0, "A", (7, 5), 1, 1, "12.8")]
    other = [DeviceFacts(0, "B", (7, 5), 1, 1, "12.8")]
    keep_crossover(config, one, {"least_lanes": 5})
    keep_crossover(config, other, {"least_lanes": 7})
    assert (known_crossover(config, one), known_crossover(config, other)) == (5, 7)
    assert known_crossover(config, one + other) is None
