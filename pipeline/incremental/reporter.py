"""What a run prints: what ran, one summary line a step, and what is wrong with which solvers.

What is wrong is said as soon as all solvers are built, so that what the battery gives, the table of
a check, stands last on the screen. doit's own reporter prints a line for every task there is, in an
order that depends on `-n`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from pipeline.incremental.doit_adapter import is_aborted
from pipeline.incremental.session import Session
from pipeline.system.terminal import say

ALL_ERRORS = "all_errors"
"""The option of tasks that says to show all that is wrong."""
FEW = 5
"""As many solvers are named one by one; more are counted."""
SAID_WHEN_DONE = {"corpora", "data", "kernels", "link"}
SAID_WHEN_CURRENT = {"link", "check_batt", "matrix", "stress"}


class Reporter:
    """The reporter that doit calls. Its summary is our exit status too: 1 if a solver is broken."""

    desc = "what ran and a summary"
    _session: Session

    def __init__(self, stream: TextIO, options: object = None) -> None:
        self._stream = stream
        self._named: list[str] = []
        self._group = False
        self._broken: bool | None = None

    def initialize(self, tasks: Mapping[str, Any], selected: list[str]) -> None:
        """Tasks are about to run."""
        self._session.begin(selected, tasks)
        options = [getattr(tasks.get(name), "options", None) or {} for name in selected]
        self._session.all_errors = any(found.get(ALL_ERRORS) for found in options)

    def get_status(self, task: Any) -> None:
        """A task is looked at: how it ends is what counts."""

    def execute_task(self, task: Any) -> None:
        """A task runs, or a group is done."""
        base, _, name = task.name.partition(":")
        if base == "generate" and not name:
            self._group = True
            self._notes()
            self._line(self.summary())
            self._tell_problems()
        elif base == "generate":
            self._named.append(name)
            self._progress(task.name)

    def add_success(self, task: Any) -> None:
        """A task is done."""
        if task.name in SAID_WHEN_DONE:
            said = self._session.said.get(task.name)
            self._line(f"{task.name}: done ({said})" if said else f"{task.name}: done")

    def skip_uptodate(self, task: Any) -> None:
        """A task needed no work."""
        base, _, name = task.name.partition(":")
        if task.name in SAID_WHEN_CURRENT:
            self._line(f"{task.name}: up to date")
        elif base == "generate" and name:
            self._named.append(name)

    def skip_ignore(self, task: Any) -> None:
        """A task is not to be run."""
        self._line(f"{task.name}: ignored")

    def add_failure(self, task: Any, fail: Any) -> None:
        """A task failed; expected failures say why in few words, others with a traceback.

        One that has said all in its last line, as a check has, says no more.
        """
        if is_aborted(fail):
            text = f"not run, because {fail.message} failed"
        elif not fail.traceback:
            text = fail.message
        else:
            text = fail.get_msg()
        if text:
            self._error(f"{task.name}: {text.rstrip()}")

    def cleanup_error(self, exception: Any) -> None:
        """A teardown failed; we have none."""
        self._error(exception.get_msg())

    def runtime_error(self, message: str) -> None:
        """doit could not go on."""
        self._error(message)

    def teardown_task(self, task: Any) -> None:
        """A teardown runs; we have none."""

    def complete_run(self) -> None:
        """Close the session; say what is broken, if that is yet to be done; set the exit status if
        nothing else does.
        """
        session = self._session
        is_whole = session.planned and not session.interrupted
        try:
            if is_whole and self._broken is None:
                if self._named:
                    self._line(self.summary())
                self._tell_problems()
        finally:
            session.close()
        if session.interrupted:
            self._error("interrupted: what was built is kept")
        elif is_whole and self._broken and sys.exc_info()[0] is None:
            raise SystemExit(1)

    def summary(self) -> str:
        """How many solvers were generated, were up to date, are broken."""
        plan = self._session.plan
        counts = self._session.counts()
        rows = plan.current.values() if self._group else map(plan.current.get, self._named)
        states = [row.problems is not None for row in rows if row is not None]
        broken = sum(states) + (len(plan.doubles) if self._group else 0)
        ready = len(states) - sum(states)
        parts = {
            "generated": counts["generated"],
            "from the cache": counts["cached"],
            "up to date": ready - counts["generated"] - counts["cached"],
            "broken": broken,
        }
        text = ", ".join(f"{n} {word}" for word, n in parts.items() if n)
        return f"generate: {text or 'no solvers'}"

    def _tell_problems(self) -> None:
        """Say what is wrong with solvers, in full or, where that is much, in part."""
        problems = self._problems()
        self._broken = bool(problems)
        if problems:
            from pipeline.diagnostics import render_problems
            from pipeline.incremental.problems import load_problems

            found = (d for text in problems for d in load_problems(text))
            self._error(f"\n{render_problems(found, self._session.most_shown)}")

    def _problems(self) -> list[str]:
        """All diagnostics of the run: of all solvers, or of the ones that were named."""
        plan = self._session.plan
        if self._group:
            return [*plan.sources.problems(), *plan.doubles, *plan.broken()]
        rows = [plan.current[name] for name in self._named if name in plan.current]
        return [row.problems for row in rows if row.problems is not None]

    def _notes(self) -> None:
        """What is passed over in the files that changed: a line for each of a few."""
        notes = list(self._session.plan.sources.notes())
        few = notes if len(notes) <= FEW else notes[: FEW - 1]
        for note in few:
            self._line(note)
        if len(notes) > len(few):
            self._line(f"and something is passed over in {len(notes) - len(few):,} more files")

    def _progress(self, name: str) -> None:
        work = len(self._session.wanted)
        if work <= FEW:
            self._line(name)
        elif self._stream.isatty():
            done = sum(self._session.counts().values())
            self._stream.write(f"\rgenerate: {done} of {work}")
            self._stream.flush()

    def _line(self, text: str) -> None:
        """One line in one write: doit's threads report too."""
        many = len(self._session.wanted) > FEW
        clear = "\r\x1b[K" if many and self._stream.isatty() else ""
        self._stream.write(f"{clear}{text}\n")
        self._stream.flush()

    def _error(self, text: str) -> None:
        self._stream.flush()
        say(text, sys.stderr)


def reporter_of(session: Session) -> type[Reporter]:
    """The reporter of a session, as doit wants it: a class, which it makes itself."""
    return type("SessionReporter", (Reporter,), {"_session": session})
