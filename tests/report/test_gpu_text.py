"""What is said of GPUs: lines, conclusions, tables."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.engine.cuda.driver import DeviceFacts
from pipeline.ir.status import Failure
from pipeline.measuring.crossover import NEVER, Calibration, MeasuredLanes
from pipeline.measuring.launches import Probe
from pipeline.report.gpu_text import (
    FAILED,
    OK,
    SKIPPED,
    DeviceFinding,
    answers_text,
    conclusion,
    device_text,
    names_text,
    print_calibration,
    probe_text,
    report_json,
    size_text,
    versions_text,
)
from pipeline.trust.agreement.answers import Crash

T4 = DeviceFacts(0, "Tesla T4", (7, 5), 40, 15_828_320_256, "12.4")
FINE = DeviceFinding("device", OK, device_text(T4), facts={"name": "Tesla T4"})
SIZES = (
    MeasuredLanes(64, 0.0015, 0.012),
    MeasuredLanes(1_024, 0.021, 0.0146),
    MeasuredLanes(687_200, 12.5, 1.25),
)

TABLE = """\
lanes      CPU s   GPU s  ratio
64        0.0015  0.0120   0.12
1,024     0.0210  0.0146   1.44
687,200  12.5000  1.2500  10.00
calibrate: Tesla T4 + Tesla T4 beats the CPU with 2 threads from 678 lanes on (measured up to \
687,200 lanes)
"""


def test_a_device_in_a_line() -> None:
    assert FINE.line == "ok       device: Tesla T4, compute capability 7.5, 14.7 GiB, 40 processors"


def test_speeds_in_a_line() -> None:
    text = probe_text(Probe(12.1e9, 9.87e9, 4.2e-6, 38.6e-6))
    assert text == "12.1 GB/s up, 9.9 GB/s down; a launch 4 us, 39 us with its copies"


def test_packages_in_a_line() -> None:
    versions = {"numba": "0.61", "numba-cuda": ""}
    assert versions_text(versions) == "numba 0.61, numba-cuda missing"


@pytest.mark.parametrize(
    ("size", "text"),
    [(7, "7 bytes"), (2048, "2.0 KiB"), (5 << 20, "5.0 MiB"), (80 << 30, "80.0 GiB")],
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_many_names_are_cut() -> None:
    assert names_text(["a", "b"]) == "a, b"
    assert names_text([f"k{k}" for k in range(15)]).endswith("k11 and 3 more")


def test_answers_in_a_line() -> None:
    crash = Crash("DeviceFault", "Traceback:\n  somewhere\nDeviceFault: it failed\n")
    text = answers_text(Failure("EMPTY", "first"), crash)
    assert text == (
        "interpreted error: first: EMPTY: needs at least one element, "
        "on the GPU ended by DeviceFault: it failed"
    )


@pytest.mark.parametrize(
    ("least", "text"),
    [
        (
            749,
            "This machine's GPU runs the battery: use device: auto "
            "(the GPU gets runs of 749 lanes and more).",
        ),
        (
            NEVER,
            "This machine's GPU runs the battery, and the CPU was faster at every size measured: "
            "device: auto stays with the CPU, device: cuda insists on the GPU.",
        ),
        (
            None,
            "This machine's GPU runs the battery: use device: cuda, or device: auto once "
            "`doit calibrate` has measured from where on it wins.",
        ),
    ],
)
def test_the_conclusion_where_all_is_well(least: int | None, text: str) -> None:
    assert conclusion([FINE], least) == text


def test_the_conclusion_names_what_failed_and_says_once_what_to_do() -> None:
    found = [
        FINE,
        DeviceFinding("capability", FAILED, "6.0 is old", "Install others."),
        DeviceFinding("kernels", FAILED, "none", "Install others."),
        DeviceFinding("crossover", SKIPPED, "something failed before"),
    ]
    assert conclusion(found, None) == (
        "The battery does not run on a GPU of this machine; failed: capability, kernels. "
        "Install others. Meanwhile the CPU runs it: device: cpu."
    )


def test_the_report_as_plain_values() -> None:
    found = [FINE, DeviceFinding("driver", FAILED, "none answers", "Choose another machine.")]
    assert report_json(found, None) == {
        "ok": False,
        "conclusion": conclusion(found, None),
        "findings": [
            {"what": "device", "verdict": "ok", "text": device_text(T4), "name": "Tesla T4"},
            {
                "what": "driver",
                "verdict": "failed",
                "text": "none answers",
                "advice": "Choose another machine.",
            },
        ],
    }


def test_the_crossover_as_a_table(capsys: Any) -> None:
    print_calibration(Calibration(SIZES, 3), ["Tesla T4", "Tesla T4"], 2)
    assert capsys.readouterr().out == TABLE


def test_a_gpu_that_never_wins(capsys: Any) -> None:
    print_calibration(Calibration(SIZES[:1], 3), ["Tesla T4"], 1)
    assert capsys.readouterr().out.splitlines()[-1] == (
        "calibrate: the CPU with 1 thread beats Tesla T4 up to 64 lanes, all that were measured"
    )
