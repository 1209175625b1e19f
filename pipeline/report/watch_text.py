"""What `doit watch` prints: a verdict for each solver that changed, what is broken, and a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.battery.results import NO_TASK, RIGHT, SolverResult
from pipeline.frontend.candidates import corpus_of
from pipeline.report.check_text import Lines, right_text, solver_text

MOST_SHOWN = 20
"""So many solvers are shown one by one, those that are not right first."""

_LAST = {NO_TASK: 1, RIGHT: 2}


@dataclass(frozen=True)
class Round:
    """What became of a save.

    rows: the verdicts of changed solvers. broken, gone: the names of those that can't be compiled,
    and of those that are no more. diagnostics: what is wrong, as text, with source lines.
    is_mended: whether data that were damaged can be read again.
    """

    rows: Sequence[SolverResult] = ()
    broken: Sequence[str] = ()
    gone: Sequence[str] = ()
    diagnostics: str = ""
    is_mended: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows or self.broken or self.gone or self.diagnostics or self.is_mended)


def round_text(found: Round, known: Mapping[str, Sequence[str]], lines: Lines) -> str:
    """The text of a round, without its sum; known: as `known_failures` in config.yaml."""
    parts = ["the data can be read again"] if found.is_mended else []
    parts += [f"{name}: removed" for name in found.gone]
    rows = sorted(found.rows, key=lambda row: (_LAST.get(row.status, 0), row.solver))
    for row in rows[:MOST_SHOWN]:
        expected = row.task in known.get(corpus_of(row.solver), ())
        parts.append(_row_text(row, expected, lines))
    if len(rows) > MOST_SHOWN:
        parts.append(f"... and {len(rows) - MOST_SHOWN:,} more")
    if found.diagnostics:
        parts.append(found.diagnostics)
    return "\n".join(parts)


def sum_text(rounds: Sequence[Round], seconds: float) -> str:
    """The one line that sums up what became of a save, however many rounds it took."""
    return f"watch: {_sum(rounds)} ({seconds:.2f} s)"


def _row_text(row: SolverResult, known: bool, lines: Lines) -> str:
    if row.status == NO_TASK:
        return f"{row.solver}: not checked, as no data set has its task"
    if row.status == RIGHT:
        return f"{row.solver}: {right_text(row)}"
    return solver_text(row, known, lines)


def _sum(rounds: Sequence[Round]) -> str:
    rows = [row for found in rounds for row in found.rows]
    counts = {
        "right": sum(row.status == RIGHT for row in rows),
        "not right": sum(row.status not in (RIGHT, NO_TASK) for row in rows),
        "not checked": sum(row.status == NO_TASK for row in rows),
        "broken": sum(len(found.broken) for found in rounds),
        "removed": sum(len(found.gone) for found in rounds),
    }
    return ", ".join(f"{n:,} {word}" for word, n in counts.items() if n) or "nothing to check"
