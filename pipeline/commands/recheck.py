"""What changed since the last look: built as `generate` builds it, and run alone.

A look is a run of its own, with the lock and the records, so that a build in another terminal
waits for the hundredth of a second that it takes, and what was built here is up to date there. What
changed is told by content: a save that changes nothing shows nothing, whatever an editor does with
names and times.

The changed solvers are linked by themselves and run on what is loaded already. `generated/batt.py`
is left to the next build.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from pipeline.battery.batteries import CompiledBattery, LinkedBattery, battery_of
from pipeline.battery.check_workload import run_check
from pipeline.battery.devices import compile_missing, kernel_folder
from pipeline.battery.locating import located_row, locator_of
from pipeline.battery.opening import tasks_of
from pipeline.battery.results import SolverResult
from pipeline.codegen.link import link
from pipeline.config.config import Config
from pipeline.config.settings import CONFIG
from pipeline.data.tasks import Task
from pipeline.diagnostics import MOST_SHOWN, Diagnostic, render_problems
from pipeline.frontend.candidates import task_of
from pipeline.incremental.graphs import graphs_of
from pipeline.incremental.keys import own_stamps
from pipeline.incremental.plan import Plan
from pipeline.incremental.problems import load_problems
from pipeline.incremental.session import Session
from pipeline.incremental.sources import faults_of
from pipeline.kernels.names import DRIVER
from pipeline.report.watch_text import Round
from pipeline.system.stamp import digest_stamped


class Stale(Exception):
    """What is loaded is no longer what there is; the text says what changed."""


class Seen(NamedTuple):
    """What a look saw of a solver: the digests of its text and of its code, and its line; a broken
    one has no code."""

    given: str
    code: str
    line: int


class Watched:
    """The solvers of a tree, looked at again and again; compiler: the fingerprint of what is
    loaded; most: so much of what is wrong is shown in full, None for all.
    """

    def __init__(
        self,
        config: Config,
        tasks: dict[str, Task],
        compiler: str,
        most: int | None = MOST_SHOWN,
    ) -> None:
        self.config = config
        self.tasks = tasks
        self._most = most
        self._settings = digest_stamped(CONFIG)[0]
        self._compiler = compiler
        self._seen: dict[str, Seen] = {}
        self._files: dict[tuple[str, str], str] = {}
        self._doubles: set[str] = set()
        self._data: list[tuple[str, int]] = []
        self._damaged = self._mended = False

    def __len__(self) -> int:
        return len(self._seen)

    def look(self, first: bool = False) -> Iterator[Round]:
        """Build what changed and check it; the first look only checks nothing. Stale if all has
        to begin anew.

        What has just moved within its file is built after all others are told: a line more at the
        top of a file of 400 solvers moves all of them.
        """
        if digest_stamped(CONFIG)[0] != self._settings:
            raise Stale("config.yaml changed")
        given = self._tasks_given_anew()
        session = Session()
        session.edit()
        try:
            if session.compiler != self._compiler:
                raise Stale("the code of the pipeline changed")
            plan = session.plan
            moved = [name for name in plan.pending if self._moved(plan, name)]
            session.wanted = [name for name in plan.pending if name not in set(moved)]
            for names in (session.wanted, moved) if moved else (session.wanted,):
                for name in names:
                    session.generator.build(name)
                yield self._round(session, first, given)
                given = frozenset()
        finally:
            session.close()

    def _moved(self, plan: Plan, name: str) -> bool:
        before = self._seen.get(name)
        return before is not None and before.line != plan.units[name].piece.line

    def _tasks_given_anew(self) -> frozenset[str]:
        """The tasks that are others since a data set of the user's own changed; raises DataError
        for one that is damaged, once, and goes on with the tasks that were."""
        now = own_stamps(self.config.data)
        if now == self._data:
            return frozenset()
        self._data = now
        was_damaged, self._damaged = self._damaged, True
        before, self.tasks = self.tasks, tasks_of(self.config)
        self._damaged, self._mended = False, was_damaged
        names = before.keys() | self.tasks.keys()
        return frozenset(name for name in names if before.get(name) != self.tasks.get(name))

    def _round(self, session: Session, first: bool, given: Collection[str]) -> Round:
        """What is news among the solvers that are built, and of those whose task is another."""
        plan = session.plan
        seen = {
            name: Seen(plan.units[name].piece.input, row.code, plan.units[name].piece.line)
            for name, row in plan.current.items()
        }
        changed = [name for name, now in seen.items() if _shows(self._seen.get(name), now)]
        broken = [name for name in changed if not seen[name].code]
        others = [name for name, now in seen.items() if now.code and task_of(name) in given]
        changed = list(dict.fromkeys([*changed, *others]))
        found = Round(
            rows=[] if first else self._check(session, [n for n in changed if seen[n].code]),
            broken=broken,
            gone=sorted(self._seen.keys() - plan.units.keys() - set(plan.doubled)),
            diagnostics=_rendered(self._problems(plan, broken), self._most),
            is_mended=self._mended,
        )
        self._mended = False
        waiting = {name: self._seen[name] for name in plan.pending if name in self._seen}
        self._seen = {**waiting, **seen}
        self._files = {key: row.digest for key, row in plan.sources.rows.items()}
        self._doubles = set(plan.doubles)
        return found

    def _problems(self, plan: Plan, broken: Sequence[str]) -> list[Diagnostic]:
        """What is wrong with the files that changed, with solvers now defined twice, and with those
        that are broken."""
        rows = plan.sources.rows
        files = [row for key, row in rows.items() if self._files.get(key) != row.digest]
        texts = [faults_of(row) for row in files]
        texts += [text for text in plan.doubles if text not in self._doubles]
        texts += [plan.current[name].problems for name in broken]
        return [d for text in texts if text is not None for d in load_problems(text)]

    # -- checking

    def _check(self, session: Session, names: list[str]) -> list[SolverResult]:
        if not names:
            return []
        battery = self._battery(session, names)
        results = run_check(battery, self.tasks, self.config.budget)
        locate = locator_of(self.config)
        return [located_row(locate, self.tasks, row) for row in results.solvers]

    def _battery(self, session: Session, names: list[str]) -> LinkedBattery:
        """These solvers, linked by themselves."""
        rows = session.plan.current
        linked = link(graphs_of(session, [(name, rows[name].code) for name in names]))
        config = self.config
        if config.backend == "reference":
            return battery_of(linked.code)
        kept = kernel_folder(config)
        compile_missing(kept, [*linked.image.kernels, DRIVER])
        spoken = partial(battery_of, linked.code)
        return CompiledBattery(linked.image, kept, config.memory_mib, spoken=spoken)


def _shows(before: Seen | None, now: Seen) -> bool:
    """Whether a solver's verdict is news: its code is another, or its text is and has not just
    moved, or it is broken."""
    if before is None or now.code != before.code:
        return True
    return now.given != before.given and (now.line == before.line or not now.code)


def _rendered(found: list[Diagnostic], most: int | None) -> str:
    return render_problems(found, most) if found else ""
