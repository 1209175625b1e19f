"""The seven steps of `diagnose`, from what was seen: each with evidence, findings, what to do next.

Steps 1 to 6 pass or fail; step 7 is information.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from pipeline.trust.diagnosis.judging import WrongVerdict
from pipeline.trust.diagnosis.module import BATTERY_SIGNATURE, SIGNATURE, Fault, Place
from pipeline.trust.diagnosis.solver import SolverSeen

PASS, FAIL, INFO = "pass", "fail", "info"
BATTERY: Final = "the battery"

Naming = Callable[[str, int], str]
"""How sample k of a solver's task is called."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a solver or with the battery, where, and on which of its samples.

    is_known: it is of a solver that may be wrong, and fails nothing.
    """

    solver: str
    text: str
    place: Place | None = None
    samples: tuple[str, ...] = ()
    of: int = 0
    code: str = ""
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One question and its answer."""

    number: int
    title: str
    status: str
    evidence: str
    findings: tuple[Finding, ...] = ()
    next: str = ""


@dataclass(slots=True)
class BatterySeen:
    """What was found out about the linked battery. compared: on how many lanes it could be asked;
    differing: for each solver where it does not end as the interpreter.
    """

    backend: str = ""
    load: Fault | None = None
    signature: Fault | None = None
    crash: Fault | None = None
    compared: int = 0
    differing: dict[str, list[Fault]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComparisonSeen:
    """How often the comparison of a backend was asked, and where it was wrong."""

    backends: tuple[str, ...]
    accepted: int
    rejected: int
    wrong: tuple[tuple[str, WrongVerdict], ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """All that was seen. broken: solvers whose source does not compile. folder: where the generated
    files are; is_copy: that these are not those that a build makes. known: whether a solver may be
    wrong.
    """

    solvers: Sequence[SolverSeen]
    broken: Sequence[str]
    battery: BatterySeen
    comparison: ComparisonSeen
    folder: str
    is_copy: bool
    name_of: Naming
    known: Callable[[str], bool] = lambda solver: False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The steps; wrong: solvers that are not right by the direct interpreter, with their counts."""

    steps: tuple[Step, ...]
    solvers: int
    samples: int
    wrong: Mapping[str, tuple[int, int]]

    @property
    def failed(self) -> list[int]:
        """The numbers of the steps that fail."""
        return [step.number for step in self.steps if step.status == FAIL]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = asdict(self)
        return {"passed": not self.failed, **plain}


def diagnose(looked: Looked) -> Diagnosis:
    """Answer all questions."""
    makers = (_loads, _exposes, _runs, _gives_grids, _compares, _agrees, _depends)
    steps = tuple(make(looked) for make in makers)
    wrong = {
        seen.name: (seen.right, seen.samples)
        for seen in looked.solvers
        if seen.answers is not None and seen.right != seen.samples
    }
    samples = sum(seen.samples for seen in looked.solvers)
    return Diagnosis(steps, len(looked.solvers) + len(looked.broken), samples, wrong)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _step(number: int, title: str, evidence: str, found: Iterable[Finding], what_next: str) -> Step:
    findings = tuple(found)
    failing = [finding for finding in findings if not finding.is_known]
    status = FAIL if failing else PASS
    return Step(number, title, status, evidence, findings, what_next if failing else "")


def _finding(looked: Looked, name: str, fault: Fault, of: int = 0) -> Finding:
    samples = tuple(looked.name_of(name, k) for k in fault.samples)
    is_known = bool(fault.samples) and looked.known(name)
    return Finding(name, fault.text, fault.place, samples, of, fault.code, is_known)


def _merged(faults: Sequence[Fault]) -> list[Fault]:
    """The first fault of a solver, with the samples of all."""
    if not faults:
        return []
    samples = sorted({k for fault in faults for k in fault.samples})
    first = min(faults, key=lambda fault: fault.samples)
    return [replace(first, samples=tuple(samples))]


def _each(looked: Looked, kind: str) -> Iterator[Finding]:
    """A finding for each solver that has faults of a kind: what it is on the first sample."""
    for seen in looked.solvers:
        for fault in _merged(getattr(seen, kind)):
            yield _finding(looked, seen.name, fault, seen.samples)


def _of_battery(fault: Fault | None) -> Iterator[Finding]:
    if fault is not None:
        yield Finding(BATTERY, fault.text, fault.place, code=fault.code)


def _repair(looked: Looked) -> str:
    if looked.is_copy:
        return f"`diff -r {looked.folder} generated` shows what was changed in the copy"
    return (
        "`doit forget generate link && doit link` makes all generated files again; if it stays, "
        "the fault is in pipeline/codegen"
    )


def _loads(looked: Looked) -> Step:
    found = [
        *(Finding(name, "its source does not compile: see below") for name in looked.broken),
        *(
            Finding(seen.name, seen.load.text, seen.load.place)
            for seen in looked.solvers
            if seen.load is not None
        ),
    ]
    every = len(looked.solvers) + len(looked.broken)
    battery = "not the battery" if looked.battery.load else "and the battery"
    evidence = f"{every - len(found):,} of {_count(every, 'module')}, {battery}"
    found += _of_battery(looked.battery.load)
    return _step(1, "each generated module loads", evidence, found, _repair(looked))


def _exposes(looked: Looked) -> Step:
    loaded = [seen for seen in looked.solvers if seen.load is None]
    found = [
        Finding(seen.name, seen.signature.text, seen.signature.place)
        for seen in loaded
        if seen.signature is not None
    ]
    right = len(loaded) - len(found)
    evidence = f"{right:,} of {_count(len(loaded), 'module')}: solve{SIGNATURE}"
    if looked.battery.load is None and looked.battery.signature is None:
        evidence += f"; the battery: evaluate{BATTERY_SIGNATURE} and all solvers"
    found += _of_battery(looked.battery.signature)
    return _step(2, "it has the function that is expected", evidence, found, _repair(looked))


def _runs(looked: Looked) -> Step:
    asked = [s for s in looked.solvers if s.load is None and s.signature is None]
    samples, ran = sum(s.samples for s in asked), sum(s.ran for s in asked)
    evidence = f"{ran:,} of {_count(samples, 'sample')} of {_count(len(asked), 'solver')}"
    found = [*_of_battery(looked.battery.crash)]
    for seen in asked:
        found += [_finding(looked, seen.name, fault, seen.samples) for fault in seen.failing]
    own = "where step 6 passes, the solver itself fails so: change it at that line"
    what_next = _choose_next(looked, found, "exception", own)
    return _step(3, "it runs on each sample", evidence, found, what_next)


def _choose_next(looked: Looked, found: Sequence[Finding], code: str, own: str) -> str:
    """What to do about findings, of which those of one code never come from a solver."""
    parts = [own] if any(finding.code != code for finding in found) else []
    if any(finding.code == code for finding in found):
        parts.append(f"{NEVER[code]}: {_repair(looked)}")
    return "; ".join(parts)


NEVER: Final = {
    "exception": "no solver can end so, only generated code",
    "type": "no solver can give another type than tuples of integers",
}


def _gives_grids(looked: Looked) -> Step:
    ran, grids = sum(s.ran for s in looked.solvers), sum(s.grids for s in looked.solvers)
    evidence = f"{grids:,} of {_count(ran, 'output')}: tuples of equally long tuples of 0 to 9"
    found = list(_each(looked, "shapeless"))
    own = "where step 6 passes, the solver itself gives this: change it"
    what_next = _choose_next(looked, found, "type", own)
    return _step(4, "its output is a grid", evidence, found, what_next)


def _compares(looked: Looked) -> Step:
    asked = looked.comparison
    found = [
        Finding(
            f"the check on {backend}",
            wrong.text,
            samples=tuple(f"{task} {looked.name_of(task, k)}" for task, k in wrong.lanes),
            of=asked.accepted,
        )
        for backend, wrong in asked.wrong
    ]
    parts = []
    if found:
        parts.append(
            "believe no verdict before it is repaired: `judge` in "
            "pipeline/battery/check_workload.py, `verdict` in pipeline/kernels/structure"
        )
    be = "to be " if found else ""
    own = [] if found else list(_each(looked, "misjudged"))
    if own:
        parts.append(f"what such a file gives decides itself what it equals: {_repair(looked)}")
    evidence = (
        f"{_count(asked.accepted, 'expected output')} {be}accepted, "
        f"{asked.rejected:,} changed ones {be}rejected ({' and '.join(asked.backends)})"
    )
    return _step(5, "the comparison is right", evidence, [*found, *own], "; ".join(parts))


def _agrees(looked: Looked) -> Step:
    battery = looked.battery
    found = list(_each(looked, "differing"))
    samples = {seen.name: seen.samples for seen in looked.solvers}
    for name, faults in battery.differing.items():
        for fault in _merged(faults):
            finding = _finding(looked, name, fault, samples.get(name, 0))
            found.append(replace(finding, solver=f"{name} in the battery"))
    compared = sum(seen.compared for seen in looked.solvers)
    apart = sum(len(f.samples) for seen in looked.solvers for f in seen.differing)
    evidence = f"{compared - apart:,} of {_count(compared, 'lane')} of the modules"
    if battery.compared:
        apart = sum(len(f.samples) for faults in battery.differing.values() for f in faults)
        same = battery.compared - apart
        evidence += f", {same:,} of {battery.compared:,} of the battery ({battery.backend})"
    what_next = (
        "the interpreter says what the solver means, so the generated code is wrong: "
        + _repair(looked)
    )
    title = "generated code does as the direct interpreter"
    return _step(6, title, evidence, found, what_next)


def _depends(looked: Looked) -> Step:
    asked = [seen for seen in looked.solvers if seen.answers is not None]
    found = []
    for seen in asked:
        if seen.reordered:
            merged = replace(_merged(seen.reordered)[0], code="set-order")
            found.append(_finding(looked, seen.name, merged, seen.samples))
    evidence = f"{len(found):,} of {len(asked):,} end otherwise if sets are iterated backwards"
    what_next = "where a tie should not decide, choose by one more property in the solver"
    title = "solvers that depend on the order of a set"
    return Step(7, title, INFO, evidence, tuple(found), what_next if found else "")
