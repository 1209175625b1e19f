"""The command `why`: whether tasks would run, and what changed since they last did."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from pipeline.commands.asked import solvers_fitting
from pipeline.incremental import changes_since
from pipeline.incremental.changes_since import GIVEN, Answer
from pipeline.incremental.ingredients import Ingredients, code_alone, of_check, of_kernels, of_link
from pipeline.incremental.keys import data_sets, of_matrix, of_stress
from pipeline.incremental.session import Session
from pipeline.report.help_text import did_you_mean
from pipeline.report.why_text import answer_text, status_text
from pipeline.system.fingerprint import CORPORA, DATA

STEPS = ("corpora", "data", "generate", "link", "kernels", "check_batt")
"""What `all` stands for."""
FEW = 8
"""So many solvers of all are named."""

_MADE: dict[str, tuple[str, tuple[str, ...], str]] = {
    "corpora": ("corpora", (), ""),
    "data": ("data", (), ""),
    "link": ("link", ("generate",), "it was never linked"),
    "kernels": ("kernels", ("link",), ""),
    "check_batt": (
        *("check", ("link", "data")),
        "it has not found all right yet: until then it runs every time",
    ),
    "matrix": ("matrix", ("link", "data"), ""),
    "stress": ("stress", ("link",), ""),
}
"""For each task that may be up to date: its record, the tasks whose results it is made from, and
why it runs where there is no record."""


def why(session: Session, words: Sequence[str], stress: tuple[int, int]) -> int:
    """Print of each task, or solver, whether it would run, and why. stress: samples and seed of
    one without options. 0; 2 if there is no such task or solver.
    """
    for word in words or ["all"]:
        for name in STEPS if word == "all" else _tasks_of(session, word):
            found = answer(session, name, stress)
            if found is None:
                print(_unknown(session, name), file=sys.stderr)
                return 2
            print(answer_text(name, found))
    return 0


def _tasks_of(session: Session, word: str) -> list[str]:
    """The tasks that a word names: itself, or those that build the solvers called so."""
    if word in session.tasks or ":" in word:
        return [word]
    return [f"generate:{name}" for name in solvers_fitting(word, list(session.plan.units))] or [
        word
    ]


def status_of(session: Session, name: str, stress: tuple[int, int]) -> tuple[str, str]:
    """For a line of a list: R for a task that would run or U for one that would not, and why."""
    if name == "all":
        found = {step: answer(session, step, stress) for step in STEPS}
        steps = [step for step, each in found.items() if each and each.runs]
        return ("R", f"it would run {', '.join(steps)}") if steps else ("U", "")
    told = answer(session, name, stress)
    if told is None or not told.runs:
        return "U", status_text(told) if told else ""
    is_recorded = name.partition(":")[0] in ("generate", *_MADE)
    return "R", status_text(told) if is_recorded else ""


def answer(session: Session, name: str, stress: tuple[int, int]) -> Answer | None:
    """Whether a task would run, and why; None for a task or solver that there is not."""
    base, _, solver = name.partition(":")
    if base == "generate":
        return _of_solvers(session) if not solver else _of_solver(session, solver)
    if name not in _MADE:
        is_task = not solver and (base in session.tasks or not session.running)
        return Answer(True, ["it runs whenever it is asked for"]) if is_task else None
    if name == "corpora" and not session.settings.builtin:
        return Answer(False, ["config.yaml names no corpus that is fetched"])
    fact, before, never = _MADE[name]
    first = [text for task in before for text in _runs_first(session, task, stress)]
    made = _ingredients(session, name, stress)
    found = changes_since.of_task(session, fact, made, GIVEN if first else ())
    if not found.runs and first:
        return Answer(True, first)
    if found.runs and not found.reasons:
        return Answer(True, [*first, never or "it never ran"])
    return Answer(found.runs, [*first, *found.reasons])


def _runs_first(session: Session, task: str, stress: tuple[int, int]) -> list[str]:
    found = answer(session, task, stress)
    return [f"{task} would run first"] if found and found.runs else []


def _ingredients(session: Session, name: str, stress: tuple[int, int]) -> Ingredients:
    made: dict[str, Callable[[], Ingredients]] = {
        "corpora": lambda: code_alone(session, CORPORA),
        "data": lambda: code_alone(session, DATA),
        "link": lambda: of_link(session),
        "kernels": lambda: of_kernels(session),
        "check_batt": lambda: of_check(session),
        "matrix": lambda: of_matrix(session, data_sets(session, "")),
        "stress": lambda: of_stress(session, *stress),
    }
    return made[name]()


# -- solvers


def _of_solver(session: Session, name: str) -> Answer | None:
    if name in session.plan.doubled:
        return Answer(False, ["it is defined twice: neither is built"])
    known = name in session.plan.units
    return changes_since.of_solver(session, name) if known else None


def _of_solvers(session: Session) -> Answer:
    pending, gone = list(session.plan.pending), session.plan.gone
    reasons = [f"{name}: {_first(session, name)}" for name in pending[:FEW]]
    if len(pending) > FEW:
        reasons.append(f"and {len(pending) - FEW:,} more solvers")
    reasons += [f"{name}: it is no more" for name in gone[:FEW]]
    return Answer(bool(reasons), reasons)


def _first(session: Session, name: str) -> str:
    return changes_since.of_solver(session, name).reasons[0]


def _unknown(session: Session, name: str) -> str:
    base, _, solver = name.partition(":")
    if base == "generate" and solver:
        return f"no solver {solver!r}{did_you_mean(solver, session.plan.units)}"
    return f"no task {name!r}{did_you_mean(name, session.tasks)}"
