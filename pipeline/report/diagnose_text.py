"""A diagnosis as text: a paragraph for each step, then one line that sums up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.diagnostics import Diagnostic, render
from pipeline.ir.status import ERROR, OVER_BUDGET
from pipeline.trust.diagnosis.steps import FAIL, INFO, Diagnosis, Finding, Step

MOST_SHOWN = 10
"""So many findings of a step are shown; all are in the file."""

Lines = Callable[[str], Sequence[str]]


def diagnosis_lines(
    found: Diagnosis, seconds: float, lines: Lines = lambda path: ()
) -> Iterator[str]:
    """The lines of a diagnosis; `lines` gives those of a source file."""
    for step in found.steps:
        yield from step_lines(step, lines)
    if found.wrong:
        few = [f"{name} ({right} of {all_})" for name, (right, all_) in found.wrong.items()]
        more = f" and {len(few) - MOST_SHOWN:,} more" if len(few) > MOST_SHOWN else ""
        yield f"wrong by their own source: {', '.join(few[:MOST_SHOWN])}{more}"
        yield "  next: `doit check_batt --solver CORPUS/ID` shows how"
    yield summary(found, seconds)


def step_lines(step: Step, lines: Lines) -> Iterator[str]:
    """The lines of one step."""
    status = step.status.upper() if step.status == FAIL else step.status
    yield f"{step.number} {status}  {step.title}: {step.evidence}"
    for finding in step.findings[:MOST_SHOWN]:
        yield from _finding_lines(finding, lines, step.status)
    more = len(step.findings) - MOST_SHOWN
    if more > 0:
        yield f"    ... and {more:,} more: see generated/results/diagnose.json"
    if step.next:
        yield f"  next: {step.next}"


def _finding_lines(finding: Finding, lines: Lines, status: str) -> Iterator[str]:
    place, head = finding.place, f"    {finding.solver}"
    if finding.samples:
        head += f", {len(finding.samples):,} of {finding.of:,} samples, first {finding.samples[0]}"
    note = " (a known failure)" if finding.is_known else ""
    if place is None or place.source is None:
        yield f"{head}: {finding.text}{note}"
        if place is not None and place.path:
            yield f"      {place}"
        return
    kind, _, rest = finding.text.partition(": ")
    severity, message = (kind, rest) if kind in (ERROR, OVER_BUDGET) else (ERROR, finding.text)
    if status == INFO:
        severity, message = INFO, f"here {place.variable} is another"
        head += f": {finding.text}"
    yield f"{head}{note}"
    diagnostic = Diagnostic(place.source, finding.code, message, severity=severity)
    for line in render(diagnostic, lines(place.source.path)).splitlines():
        yield f"      {line}"
    if place.path != place.source.path:
        yield f"      {place}"


def summary(found: Diagnosis, seconds: float) -> str:
    """One line: what fails, how much was looked at, time."""
    failed = found.failed
    what = "all steps pass"
    if failed:
        what = f"step{'s' if len(failed) > 1 else ''} {', '.join(map(str, failed))} fail"
        what += "s" if len(failed) == 1 else ""
    solvers, samples = f"{found.solvers:,} solver", f"{found.samples:,} sample"
    solvers += "" if found.solvers == 1 else "s"
    samples += "" if found.samples == 1 else "s"
    return f"diagnose: {what} ({solvers}, {samples}, {seconds:.1f} s)"
