"""The check as text: each solver that is not right, or, where that is much, some and a table of
what there is; each that is right where its corpus has several for the task; and last, where it is
seen, a table with a row for each corpus.

Of a solver that is broken the build has said all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from pipeline.battery.results import (
    BROKEN,
    NO_TASK,
    RIGHT,
    FirstFailure,
    Results,
    SolverResult,
    is_known,
)
from pipeline.config.paths import CHECK
from pipeline.diagnostics import MOST_SHOWN, Diagnostic, Span, kinds_text, places_shown, render
from pipeline.frontend.candidates import corpus_of
from pipeline.system.tables import print_table
from pipeline.system.terminal import say

STATUSES = ("right", "wrong", "error", "over_budget", "broken")
HEADER = ("corpus", "solvers", *STATUSES, "samples right")
STYLES = {RIGHT: "green", **dict.fromkeys(STATUSES[1:], "red")}
PASSED_OVER = (RIGHT, NO_TASK, BROKEN)
MOST_NAMED = 40

Lines = Callable[[str], Sequence[str]]


def table(results: Results) -> list[tuple[str, ...]]:
    """The rows of the table: one for each corpus, and their sum if there are several."""
    rows = [_row(name, _of(results, name)) for name in results.corpora]
    return [*rows, _row("all", list(results.solvers))] if len(rows) > 1 else rows


def _of(results: Results, corpus: str) -> list[SolverResult]:
    return [row for row in results.solvers if corpus_of(row.solver) == corpus]


def _row(name: str, solvers: list[SolverResult]) -> tuple[str, ...]:
    counts = [sum(row.status == status for row in solvers) for status in STATUSES]
    correct, samples = sum(r.correct for r in solvers), sum(r.samples for r in solvers)
    numbers = (len(solvers), *counts)
    return (name, *(f"{n:,}" for n in numbers), f"{correct:,} of {samples:,}")


def print_check(
    results: Results,
    known: Mapping[str, Sequence[str]],
    lines: Lines = lambda path: (),
    most: int | None = MOST_SHOWN,
) -> None:
    """Print the solvers to be named, so many failing ones or, for None, all; the table; and one
    line that sums up.
    """
    failing = [row for row in results.solvers if row.status not in PASSED_OVER]
    kinds = [_kind(row) for row in failing]
    shown = places_shown([kind for kind, _ in kinds], most)
    for place in shown:
        say(solver_text(failing[place], is_known(failing[place], known), lines))
    if len(shown) < len(failing):
        more = len(failing) - len(shown)
        print(f"... and {more:,} more: all with --all-errors and in {CHECK}\n")
        print(f"{kinds_text(kinds)}\n")
    for line in _candidates(results):
        say(line)
    strays = [row.solver for row in results.solvers if row.status == NO_TASK]
    if strays:
        print(f"not checked, as no data set has their task: {', '.join(strays[:10])}", end="")
        print(f" and {len(strays) - 10} more" if len(strays) > 10 else "")
    print_table(HEADER, table(results), STYLES)
    say(summary(results))


def _kind(row: SolverResult) -> tuple[str, str]:
    """How a solver fails, and the file in which, or the corpus where there is no place in one."""
    failure = row.first_failure
    if failure is None or not failure.reason:
        return row.status, corpus_of(row.solver)
    return f"{row.status}[{failure.reason.lower()}]", failure.path or corpus_of(row.solver)


def _candidates(results: Results) -> list[str]:
    """The solvers that are right where a corpus has several of a task: which of them matters."""
    counts = Counter(map(_tried, results.solvers))
    right = [row for row in results.solvers if row.status == RIGHT and counts[_tried(row)] > 1]
    lines = [f"{row.solver}: {right_text(row)}" for row in right[:MOST_NAMED]]
    if len(right) > MOST_NAMED:
        lines.append(f"... and {len(right) - MOST_NAMED:,} more that are right")
    return lines


def _tried(row: SolverResult) -> tuple[str, str]:
    return corpus_of(row.solver), row.task


def right_text(row: SolverResult) -> str:
    """How many samples a solver gets right."""
    return f"{row.correct} of {row.samples} samples right"


def solver_text(row: SolverResult, known: bool, lines: Lines) -> str:
    """What is to be said of one solver that is not right."""
    note = " (a known failure)" if known else ""
    if row.first_failure is None:
        return f"{row.solver}: {row.status}{note}"
    failure = row.first_failure
    head = f"{row.solver}: {right_text(row)}{note}; {failure.sample}: "
    if not failure.path:
        return f"{head}{failure.status}: {failure.message}"
    return f"{head}{failure.status}\n{_at(failure, lines)}"


def _at(failure: FirstFailure, lines: Lines) -> str:
    span = Span(failure.path, failure.line, failure.column, failure.width)
    message = failure.message.split(": ", 1)[-1]
    diagnostic = Diagnostic(span, failure.reason.lower(), message, severity=failure.status)
    return render(diagnostic, lines(failure.path))


def summary(results: Results) -> str:
    """One line: tasks, samples, time."""
    return (
        f"check: {results.tasks_solved:,} of {results.tasks:,} tasks solved, "
        f"{results.correct:,} of {results.samples:,} samples right "
        f"({results.backend}, {sum(results.seconds.values()):.1f} s)"
    )
