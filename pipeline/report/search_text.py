"""What `search` and `found` print."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Final

from pipeline.search.loop import SearchProgress
from pipeline.search.search_store import FoundProgram, Store
from pipeline.system.tables import print_table

SECONDS: Final = 10.0
"""How often a line is printed where there is no terminal."""

HEADER: Final = ("number", "task", "size", "made by", "of", "right on", "after")


class SearchLine:
    """The line that says how far a search is: on a terminal always, elsewhere now and then."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun = self._told = time.monotonic()
        self._first: tuple[int, int] | None = None
        self._is_terminal = sys.stderr.isatty()

    def tell(self, progress: SearchProgress) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if self._first is None:
            self._first = (0, 0)
        if self._is_terminal:
            print(f"\r\x1b[K{self._text(progress, now)}", end="", file=sys.stderr, flush=True)
        elif now - self._told >= SECONDS:
            self._told = now
            print(self._text(progress, now), file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._is_terminal and self._first is not None:
            print(file=sys.stderr)

    def _text(self, progress: SearchProgress, now: float) -> str:
        spent = max(now - self._begun, 1e-3)
        rate, values = progress.run / spent, progress.values / spent
        solved = f"{progress.solved} of {progress.puzzles} tasks solved"
        text = f"search: {progress.phase}, {solved}, {progress.programs:,} programs"
        text += f", {rate:,.0f} candidates/s, {values:,.0f} new values/s"
        left = [self._seconds - spent] if self._seconds else []
        if progress.asked and progress.run:
            left.append((progress.asked - progress.programs) / rate)
        return f"{text}, {max(0.0, min(left)):,.0f} s left" if left else text


def print_search(store: Store, run: int, puzzles: int) -> None:
    """Say what a run has found so far."""
    found = store.found(run)
    state = next(state for state in store.runs() if state.id == run)
    tasks = {program.task for program in found}
    ended = "done" if state.ended else "to go on: the same command with --resume"
    print(
        f"search: {len(tasks)} of {puzzles} tasks solved on their train samples, by"
        f" {len(found)} programs; {state.programs:,} tried in {state.seconds:,.0f} s of processor"
        f" time; {ended}"
    )


def print_found(found: Sequence[FoundProgram], texts: bool) -> None:
    """Print programs as a table, or their texts."""
    if texts:
        for program in found:
            print(f"# number {program.id}, task {program.task}")
            print(program.text)
        return
    if found:
        print_table(HEADER, [_row(program) for program in found])
    tasks = {program.task for program in found}
    runs = {program.run for program in found}
    print(f"found: {len(found)} programs for {len(tasks)} tasks, of {len(runs)} runs")


def _row(program: FoundProgram) -> tuple[str, ...]:
    evidence = program.evidence
    right = f"{evidence.get('train', 0)} train"
    if "fresh" in evidence:
        right += f", {evidence['fresh']} of {evidence['drawn']} fresh"
    parent = program.parent if program.parent.count("\n") == 0 else "a program of its own"
    return (
        f"{program.id}",
        program.task,
        f"{program.size}",
        program.edit or "itself",
        parent or "nothing",
        right,
        f"{program.programs:,}",
    )
