"""How a launch is waited for: with pauses, for so long, and heard when it is interrupted."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.engine.cuda import driver
from pipeline.engine.cuda.driver import Device, NoAnswer, devices
from tests.fake_cuda import FakeDriver, FakeGpu

CODE = b"main other"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    """A driver with two devices."""
    made = FakeDriver([FakeGpu(), FakeGpu()])
    made.install(monkeypatch)
    return made


def opened() -> Device:
    """One of its devices, with code."""
    return Device(devices()[0], CODE, "main")


def run(device: Device) -> None:
    """A launch."""
    device.run(np.arange(64), 64, 16, 3, 96, [(16, 64)])


def test_a_launch_is_waited_for_with_pauses_that_grow(
    fake: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        paused.append(seconds)
        now[0] += max(seconds, 0.01)

    monkeypatch.setattr(driver.time, "sleep", sleep)
    monkeypatch.setattr(driver.time, "monotonic", lambda: now[0])
    fake.busy = 40
    run(opened())
    assert len(paused) == 40
    assert paused == sorted(paused)
    assert (paused[0], paused[-1]) == (driver.LEAST_PAUSE, driver.MOST_PAUSE)


def test_a_launch_that_takes_too_long_is_no_answer_and_is_left_alone(
    fake: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(1000))
    monkeypatch.setattr(driver.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(driver.time, "monotonic", lambda: next(now))
    fake.busy = 1000
    device = Device(devices()[0], CODE, "main", timeout=7)
    with pytest.raises(NoAnswer) as caught:
        run(device)
    assert str(caught.value) == "a launch has not ended after 7 s (gpu_timeout_s)"
    device.abandon(caught.value)
    assert fake.gpus[0].retained == 1


def test_a_wait_can_be_interrupted(fake: FakeDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(driver.time, "sleep", interrupted)
    fake.busy = 1
    with pytest.raises(KeyboardInterrupt):
        run(opened())


def test_a_device_that_a_display_hangs_on_is_known(fake: FakeDriver) -> None:
    fake.gpus[1].is_watched = True
    assert [facts.is_watched for facts in devices()] == [False, True]
