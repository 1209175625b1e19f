"""What tests of several commands need."""

from __future__ import annotations

import pytest

from pipeline.engine.cuda.driver import NoDevice


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> str:
    """There is no GPU, whatever the machine has; gives what is said of it."""
    said = "the CUDA driver sees no GPU"

    def devices() -> None:
        raise NoDevice(said)

    monkeypatch.setattr("pipeline.battery.devices.devices", devices)
    return said
