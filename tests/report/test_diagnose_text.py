"""A diagnosis as text: what is left out where there is much, and how it ends."""

from __future__ import annotations

import pytest

from pipeline.report.diagnose_text import diagnosis_lines, step_lines, summary
from pipeline.trust.diagnosis.steps import FAIL, PASS, Diagnosis, Finding, Step


def test_only_the_first_findings_are_shown() -> None:
    found = tuple(Finding(f"own/{k}", "is wrong") for k in range(12))
    step = Step(4, "a question", FAIL, "none of 12", found, "look at it")
    assert list(step_lines(step, lambda path: ())) == [
        "4 FAIL  a question: none of 12",
        *(f"    own/{k}: is wrong" for k in range(10)),
        "    ... and 2 more: see generated/results/diagnose.json",
        "  next: look at it",
    ]


def test_only_the_first_wrong_solvers_are_named() -> None:
    wrong = {f"own/{k}": (k, 20) for k in range(12)}
    lines = list(diagnosis_lines(Diagnosis((), 12, 240, wrong), 1.0))
    named = ", ".join(f"own/{k} ({k} of 20)" for k in range(10))
    assert lines == [
        f"wrong by their own source: {named} and 2 more",
        "  next: `doit check_batt --solver CORPUS/ID` shows how",
        "diagnose: all steps pass (12 solvers, 240 samples, 1.0 s)",
    ]


@pytest.mark.parametrize(
    ("failing", "said"),
    [((), "all steps pass"), ((2,), "step 2 fails"), ((1, 3), "steps 1, 3 fail")],
)
def test_the_last_line_says_which_steps_fail(failing: tuple[int, ...], said: str) -> None:
    steps = tuple(Step(k, "", FAIL if k in failing else PASS, "") for k in range(1, 8))
    found = Diagnosis(steps, 1, 1, {})
    assert summary(found, 2.34) == f"diagnose: {said} (1 solver, 1 sample, 2.3 s)"
