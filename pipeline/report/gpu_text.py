"""What the GPU of a machine was found to be and to do: a line for each finding, with a verdict, a
table of the crossover, and a sentence at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.engine.cuda.driver import DeviceFacts
from pipeline.measuring.crossover import NEVER, Calibration, MeasuredLanes
from pipeline.measuring.launches import Probe
from pipeline.system.tables import print_table
from pipeline.trust.agreement.answers import Crash

OK: Final = "ok"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
LOST: Final = "the GPU is of no use after a fault"

MOST_NAMED: Final = 12
HEADER: Final = ("lanes", "CPU s", "GPU s", "ratio")


@dataclass(frozen=True, slots=True)
class DeviceFinding:
    """What became of one question. text: the answer, or why there is none. advice: what to do where
    it failed. facts: the answer as plain values.
    """

    what: str
    status: str
    text: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """As a line."""
        return f"{self.status:9}{self.what}: {self.text}"


# -- the report


def report_json(findings: Sequence[DeviceFinding], least_lanes: int | None) -> dict[str, Any]:
    """The report as plain values."""
    rows: list[dict[str, Any]] = []
    for found in findings:
        row = {"what": found.what, "verdict": found.status, "text": found.text}
        if found.advice:
            row["advice"] = found.advice
        rows.append({**row, **found.facts})
    failed = any(found.status == FAILED for found in findings)
    return {"ok": not failed, "conclusion": conclusion(findings, least_lanes), "findings": rows}


def conclusion(findings: Sequence[DeviceFinding], least_lanes: int | None) -> str:
    """The sentence at the end; least_lanes: the crossover, if it was measured."""
    failed = [found for found in findings if found.status == FAILED]
    if failed:
        names = ", ".join(found.what for found in failed)
        text = f"The battery does not run on a GPU of this machine; failed: {names}."
        advice = dict.fromkeys(found.advice for found in failed if found.advice)
        return " ".join([text, *advice, "Meanwhile the CPU runs it: device: cpu."])
    if least_lanes is None:
        text = "This machine's GPU runs the battery: use device: cuda"
        return f"{text}, or device: auto once `doit calibrate` has measured from where on it wins."
    if least_lanes >= NEVER:
        text = "This machine's GPU runs the battery, and the CPU was faster at every size measured"
        return f"{text}: device: auto stays with the CPU, device: cuda insists on the GPU."
    return (
        f"This machine's GPU runs the battery: use device: auto "
        f"(the GPU gets runs of {least_lanes:,} lanes and more)."
    )


def device_text(facts: DeviceFacts) -> str:
    """A device in a line."""
    text = (
        f"{facts.name}, compute capability {capability_text(facts.capability)}, "
        f"{size_text(facts.total_bytes)}, {facts.processors} processors"
    )
    return f"{text}; its driver ends kernels that run for seconds" if facts.is_watched else text


def capability_text(capability: tuple[int, int]) -> str:
    """A compute capability as it is written."""
    return f"{capability[0]}.{capability[1]}"


def versions_text(versions: Mapping[str, str]) -> str:
    """The packages in a line."""
    return ", ".join(f"{name} {found or 'missing'}" for name, found in versions.items())


def probe_text(found: Probe) -> str:
    """What was measured of a device, in a line."""
    rates = f"{_rate_text(found.up)} up, {_rate_text(found.down)} down"
    launch = f"a launch {_short_text(found.launch)}, {_short_text(found.call)} with its copies"
    return f"{rates}; {launch}"


def answers_text(expected: Any, got: Any) -> str:
    """Two answers for a lane, in a line."""
    return f"interpreted {_answer_text(expected)}, on the GPU {_answer_text(got)}"


def _answer_text(answer: Any) -> str:
    if isinstance(answer, Crash):
        lines = answer.text.strip().splitlines()
        return f"ended by {lines[-1][:300] if lines else answer.error}"
    return f"{answer!s:.200}"


def size_text(size: float) -> str:
    """A number of bytes."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size:,.0f} bytes"


def names_text(names: Sequence[str]) -> str:
    """Names in a line, the first of them where they are many."""
    text = ", ".join(names[:MOST_NAMED])
    return f"{text} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else text


def _rate_text(rate: float) -> str:
    return f"{rate / 1e9:,.1f} GB/s" if rate else "too quick to tell"


def _short_text(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f} us"


# -- the crossover


def print_calibration(found: Calibration, devices: Sequence[str], threads: int) -> None:
    """Print the table of what was measured, and a sentence."""
    print_table(HEADER, [_row(measured) for measured in found.sizes])
    print(f"calibrate: {crossover_text(found, devices, threads)}")


def crossover_text(found: Calibration, devices: Sequence[str], threads: int) -> str:
    """From how many lanes on which device wins, in words."""
    gpu = " + ".join(devices)
    cpu = f"the CPU with {threads} thread{'s' if threads > 1 else ''}"
    most = f"{found.sizes[-1].lanes:,} lanes"
    if found.least_lanes >= NEVER:
        return f"{cpu} beats {gpu} up to {most}, all that were measured"
    return f"{gpu} beats {cpu} from {found.least_lanes:,} lanes on (measured up to {most})"


def _row(measured: MeasuredLanes) -> tuple[str, ...]:
    return (
        f"{measured.lanes:,}",
        f"{measured.cpu:,.4f}",
        f"{measured.gpu:,.4f}",
        f"{measured.ratio:,.2f}",
    )
