"""All that can be found out about one solver without the linked battery: its generated module, what
it gives on each sample, and what the direct interpreter says, in both orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.battery.check_workload import judge
from pipeline.battery.results import RIGHT
from pipeline.data.tasks import Sample
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit
from pipeline.ir.status import Failure, Limits
from pipeline.oracle.interpret import outcome
from pipeline.trust.agreement.answers import Crash, agree, crash
from pipeline.trust.diagnosis.grid_faults import difference, fault_of
from pipeline.trust.diagnosis.judging import misjudged
from pipeline.trust.diagnosis.module import (
    SIGNATURE,
    Fault,
    Place,
    Ran,
    Unusable,
    function_of,
    load_module,
    run_module,
)
from pipeline.trust.diagnosis.tie_order import first_difference, reversed_order


@dataclass(frozen=True, slots=True)
class Subject:
    """A solver to look at: its generated files, its text (None if there is none), its samples."""

    name: str
    path: Path
    map_path: Path
    unit: Unit | None
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class SolverSeen:
    """What was found out about a solver: the faults that each step is about.

    ran, judged: on how many samples the module ran to an end, and gave a grid. answers: how the
    interpreter ends on each sample, None if it could not be asked. right: on how many samples that
    is the expected output. reordered: the samples on which it is not the same in reversed order.
    """

    name: str
    samples: int
    load: Fault | None = None
    signature: Fault | None = None
    ran: int = 0
    grids: int = 0
    failing: list[Fault] = field(default_factory=list)
    shapeless: list[Fault] = field(default_factory=list)
    misjudged: list[Fault] = field(default_factory=list)
    differing: list[Fault] = field(default_factory=list)
    compared: int = 0
    answers: list[Any] | None = None
    right: int = 0
    reordered: list[Fault] = field(default_factory=list)


def look_at(subject: Subject, limits: Limits) -> SolverSeen:
    """Look at a solver; never raises for what is wrong with it."""
    seen = SolverSeen(subject.name, len(subject.samples))
    program = parse_unit(subject.unit)[0] if subject.unit is not None else None
    if program is not None:
        seen.answers = [_answer(program, s, limits) for s in subject.samples]
        pairs = zip(subject.samples, seen.answers, strict=True)
        seen.right = sum(judge(sample, answer) == RIGHT for sample, answer in pairs)
        _reorder(seen, program, subject.samples, limits)
    try:
        solve = _solve_of(seen, subject.path)
    except Unusable:
        return seen
    ran = run_module(solve, subject.path, subject.map_path, subject.samples, limits)
    _judge(seen, ran, subject)
    return seen


def _solve_of(seen: SolverSeen, path: Path) -> Callable[..., None]:
    try:
        scope = load_module(path)
    except Unusable as error:
        seen.load = error.fault
        raise
    try:
        return function_of(scope, path, "solve", SIGNATURE)
    except Unusable as error:
        seen.signature = error.fault
        raise


def _judge(seen: SolverSeen, ran: Ran, subject: Subject) -> None:
    seen.failing = ran.faults
    stopped = {k for fault in ran.faults if fault.code == "exception" for k in fault.samples}
    failed = {k for fault in ran.faults for k in fault.samples}
    seen.ran = seen.samples - len(failed)
    place = Place(subject.path.as_posix(), 0)
    for k, sample in enumerate(subject.samples):
        if k in stopped:
            continue
        fault = "" if k in failed else fault_of(ran.raw[k])
        if k not in failed:
            seen.grids += not fault
            is_typed = _is_typed(ran.raw[k])
            _note(seen.shapeless, fault, place, k, "shape" if is_typed else "type")
            _note(seen.misjudged, misjudged(sample, ran.raw[k], not fault), place, k)
            if not is_typed:
                continue
        if seen.answers is not None:
            seen.compared += 1
            text = disagreement(seen.answers[k], ran.verdicts[k], fault)
            _note(seen.differing, text, place, k)


def _is_typed(value: Any) -> bool:
    """Whether a value has a grid's type, whatever its shape and colours are."""
    return type(value) is tuple and all(
        type(row) is tuple and all(type(cell) in (int, bool) for cell in row) for row in value
    )


def _note(faults: list[Fault], text: str, place: Place, k: int, code: str = "") -> None:
    """Note what is wrong with a sample, by its text; nothing if that is empty."""
    if not text:
        return
    for at, fault in enumerate(faults):
        if fault.text == text:
            faults[at] = replace(fault, samples=(*fault.samples, k))
            return
    faults.append(Fault(text, place, (k,), code))


def disagreement(expected: Any, got: Any, fault: str = "") -> str:
    """How generated code ends otherwise than the interpreter; empty if it does not.

    fault: what is known to be wrong with what it gives.
    """
    if agree(expected, got):
        return ""
    if isinstance(expected, Failure | Crash) or isinstance(got, Failure | Crash):
        return f"gives {fault or _said(got)}, the interpreter {_said(expected)}"
    if not (fault_of(expected) or fault_of(got)):
        return difference(expected, got)
    return f"gives {fault_of(got) or 'a grid'}, the interpreter {fault_of(expected) or 'a grid'}"


def _said(answer: Any) -> str:
    if isinstance(answer, Failure):
        return str(answer)
    return f"an exception, {answer.error}" if isinstance(answer, Crash) else "a grid"


def _answer(program: Program, sample: Sample, limits: Limits) -> Any:
    try:
        return outcome(program, sample.input, limits, sample.shown)
    except Exception as error:
        return crash(error)


def _reorder(seen: SolverSeen, program: Program, samples: Sequence[Sample], limits: Limits) -> None:
    """Run the interpreter in reversed order, and note where that changes how a lane ends."""
    assert seen.answers is not None
    for k, sample in enumerate(samples):
        with reversed_order():
            answer = _answer(program, sample, limits)
        text = disagreement(seen.answers[k], answer)
        if text:
            found = first_difference(program, sample, limits)
            variable, span = found if found is not None else ("", None)
            path = span.path if span is not None else ""
            place = Place(path, span.line if span is not None else 0, variable, span)
            seen.reordered.append(Fault(_reversed(seen.answers[k], answer, text), place, (k,)))


def _reversed(expected: Any, got: Any, text: str) -> str:
    if isinstance(expected, Failure | Crash) or isinstance(got, Failure | Crash):
        return f"{_said(expected)}, reversed {_said(got)}"
    return text
