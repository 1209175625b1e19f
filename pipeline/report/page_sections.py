"""What the HTML report says of other results than the check's: stress, diagnosis, submission.

Each is a section of the page where its results exist; of results in another form than today's
there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.battery.results import RIGHT
from pipeline.report.page_data import STATUSES, Submitted

WORST: Final = 20
"""So many solvers are named in the section on stress; the table of solvers has all."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Solvers of a corpus, or of all, by their status; samples that are right, and all."""

    name: str
    solvers: int
    by_status: Mapping[str, int]
    right: int
    samples: int


@dataclass(frozen=True, slots=True)
class Stressed:
    """A solver on generated samples: how many it has right, and the first that it has not."""

    solver: str
    right: int
    samples: int
    status: str
    first: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class StressSection:
    """A stress run: samples a solver, their seed, the sum, and the worst solvers. without: those
    whose task has no generator; undrawn: why samples of a task could not be drawn."""

    samples: int
    seed: int
    total: Tally
    worst: tuple[Stressed, ...]
    without: tuple[str, ...]
    undrawn: Mapping[str, str]

    @property
    def not_right(self) -> int:
        """How many solvers are not right on all samples."""
        return self.total.solvers - self.total.by_status.get(RIGHT, 0)


@dataclass(frozen=True, slots=True)
class StepFinding:
    """What a step found out: about whom, on which samples, and the line it is in."""

    solver: str
    text: str
    samples: str
    line: str
    known: bool


@dataclass(frozen=True, slots=True)
class DiagnosisStep:
    """A step of a diagnosis."""

    number: int
    title: str
    status: str
    evidence: str
    findings: tuple[StepFinding, ...]
    next: str


@dataclass(frozen=True, slots=True)
class DiagnosisSection:
    """A diagnosis: of what, where empty of all; the folder of the files it looked at; its steps;
    how many samples are right of solvers that are wrong by their own source."""

    of: str
    folder: str
    steps: tuple[DiagnosisStep, ...]
    wrong: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class SubmissionSection:
    """A submission: what it is for, its figures (text, part, all), test inputs it misses."""

    data: str
    figures: tuple[tuple[str, int, int], ...]
    missed: tuple[str, ...]


def tally_of(name: str, rows: Sequence[tuple[str, int, int]]) -> Tally:
    """The sum of solvers: of each its status, how many samples are right, and of how many."""
    found = Counter(status for status, _, _ in rows)
    by_status = {status: found[status] for status in STATUSES if found[status]}
    right, samples = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return Tally(name, len(rows), by_status, right, samples)


def stress_section(plain: Any) -> StressSection | None:
    """The section on `stress.json`."""
    try:
        rows = [_stressed(row) for row in plain["solvers"]]
        return StressSection(
            plain["samples"],
            plain["seed"],
            tally_of("all", [(row.status, row.right, row.samples) for row in rows]),
            tuple(sorted((r for r in rows if r.status != RIGHT), key=_from_the_worst)[:WORST]),
            tuple(plain["no_generator"]),
            dict(plain["undrawn"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _stressed(row: Mapping[str, Any]) -> Stressed:
    failure = row["first_failure"]
    counts = row["solver"], row["right"], row["samples"]
    if failure is None:
        return Stressed(*counts, RIGHT)
    said = failure["message"].removeprefix(f"{failure['status']}: ")
    return Stressed(*counts, failure["status"], failure["sample"], said)


def _from_the_worst(row: Stressed) -> tuple[float, str]:
    return row.right / max(1, row.samples), row.solver


def diagnosis_section(plain: Any) -> DiagnosisSection | None:
    """The section on `diagnose.json`."""
    try:
        asked = [f"{key} {plain[key]}" for key in ("solver", "task", "corpus") if plain[key]]
        steps = tuple(_step(step) for step in plain["steps"])
        return DiagnosisSection(", ".join(asked), plain["generated"], steps, dict(plain["wrong"]))
    except (KeyError, TypeError, ValueError):
        return None


def _step(step: Mapping[str, Any]) -> DiagnosisStep:
    findings = tuple(_finding(row) for row in step["findings"])
    said = (step["title"], step["status"], step["evidence"])
    return DiagnosisStep(step["number"], *said, findings, step["next"])


def _finding(row: Mapping[str, Any]) -> StepFinding:
    samples, place = row["samples"], row["place"]
    where = f"{len(samples):,} of {row['of']:,} samples, first {samples[0]}" if samples else ""
    line = ""
    if place is not None:
        source = place["source"]
        line = f"{source[0]}:{source[1]}" if source else f"{place['path']}:{place['line']}"
    return StepFinding(row["solver"], row["text"], where, line, row["is_known"])


def submission_section(found: Submitted | None) -> SubmissionSection | None:
    """The section on a submission."""
    if found is None:
        return None
    score = found.score
    figures = [
        ("test inputs attempted", score.inputs_attempted, score.inputs),
        ("attempted twice", score.inputs_twice, score.inputs),
        ("tasks attempted", score.attempted, score.tasks),
    ]
    if score.known:
        figures = [
            ("test inputs right", score.right, score.known),
            ("right at first", score.right_first, score.known),
            ("tasks solved", score.solved, score.tasks),
            *figures,
        ]
    return SubmissionSection(found.data, tuple(figures), score.missed)
