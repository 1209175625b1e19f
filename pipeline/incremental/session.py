"""One run of doit: the lock, the records, the settings, the plan, each made when first asked for.

What the tasks of a run share is here, one object that `dodo.py` makes and hands to each. Nothing
but the standard library is imported until there is work.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pipeline.config.settings import Settings, key, load_settings, require_rows
from pipeline.incremental import outputs
from pipeline.incremental.plan import Plan
from pipeline.incremental.sources import Sources
from pipeline.system.fingerprint import COMPILER, LINKER, LOCATOR, fingerprint
from pipeline.system.lock import BuildLock
from pipeline.system.package import PACKAGE
from pipeline.system.records import Records
from pipeline.system.stamp import digest

if TYPE_CHECKING:
    from pipeline.battery.locating import KeptPlaces
    from pipeline.config.context import Context
    from pipeline.config.shelves import Shelf
    from pipeline.incremental.generate import Generator
    from pipeline.system.cache import Objects

DATABASE = ".doit.db"
LOCK = ".doit.db.lock"


T = TypeVar("T")


class shared(cached_property[T]):
    """A property of a session that is made once, by whichever of doit's threads asks first: the
    standard one may be made by two of them at once since Python 3.12.
    """

    def __get__(self, instance: Any, owner: type | None = None) -> T:  # type: ignore[override]
        with instance.making:
            return super().__get__(instance, owner)


class Session:
    """What the tasks of one run share.

    `running` is set once tasks are executed, not just listed; `insisted` if they are to be
    executed whether they need it or not; `tasks` has the names of all tasks, `wanted` the solvers
    that have some; `said` is what tasks say of what they did, for the line that tells that they are
    done. `all_errors` if all that is wrong is to be shown.
    """

    def __init__(self) -> None:
        self.running = False
        self.insisted = False
        self.wanted: list[str] = []
        self.said: dict[str, str] = {}
        self.all_errors = False
        self.selected: list[str] = []
        self.tasks: tuple[str, ...] = ()
        self.interrupted = False
        self.planned = False
        self.making = threading.RLock()
        self._locked = False
        self._lock = BuildLock(LOCK, notice)

    def begin(self, selected: list[str], tasks: Iterable[str] = ()) -> None:
        """Tasks are about to be executed: leave nothing from a mere look at them."""
        self.edit()
        self.selected = selected
        self.tasks = tuple(tasks)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._leave)
            signal.signal(signal.SIGINT, self._leave)

    def edit(self) -> None:
        """Go over from looking to changing: what was looked at without the lock counts no more."""
        if "records" in self.__dict__:
            self.records.close()
        for name in (
            "records",
            "facts",
            "settings",
            "context",
            "shelves",
            "compiler",
            "linker",
            "plan",
        ):
            self.__dict__.pop(name, None)
        self.running = True
        self.planned = False

    def hold(self) -> None:
        """Have the tree for ourselves, if tasks are executed; waits for another build."""
        if self.running and not self._locked:
            self._lock.acquire()
            self._locked = True

    @shared
    def records(self) -> Records:
        """The records; of a mere look, only read."""
        self.hold()
        return Records(DATABASE, notice, write=self.running)

    @shared
    def facts(self) -> dict[str, Any]:
        """All facts of the records."""
        return self.records.facts()

    def learn(self, name: str, fact: Any) -> None:
        """Record a fact, if it is new."""
        if self.facts.get(name) != fact:
            self.facts[name] = fact
            if self.running:
                self.records.save_fact(name, fact)

    @shared
    def settings(self) -> Settings:
        """What the graph needs of the configuration; raises Invalid."""
        settings, fact = load_settings(key(str(PACKAGE)), self.facts.get("settings"))
        self.learn("settings", fact)
        return settings

    @shared
    def shelves(self) -> dict[str, Shelf]:
        """The libraries of corpora that may use some."""
        if not self.settings.libraries:
            return {}
        from pipeline.config.shelves import shelves

        found, fact = shelves(self.settings.libraries, self.facts.get("libraries"))
        self.learn("libraries", fact)
        return found

    @shared
    def context(self) -> Context:
        """The project that tasks work on: this folder, where doit goes by itself."""
        from pipeline.config.context import Context

        return Context.of()

    @shared
    def compiler(self) -> str:
        """The fingerprint of the compiler. That of the linker is taken before it: what is edited
        during a build must not link what was made before.
        """
        assert self.linker
        return self.code(COMPILER)

    @shared
    def linker(self) -> str:
        """The fingerprint of what makes the battery."""
        return self.code(LINKER)

    def code(self, parts: tuple[str, ...]) -> str:
        """The fingerprint of parts of our own code."""
        known = self.facts.get("code", {})
        found, pairs = fingerprint(str(PACKAGE), parts, known)
        self.learn("code", {**known, **pairs})
        return found

    def manifest(self, parts: tuple[str, ...]) -> dict[str, str]:
        """The digest of each of the sources behind a fingerprint, by its path from the root."""
        _, pairs = fingerprint(str(PACKAGE), parts, self.facts.get("code", {}))
        root = PACKAGE.parent
        return {os.path.relpath(path, root): pairs[path][1] for path in sorted(pairs)}

    def made_with(self) -> dict[str, Any]:
        """What every solver's code depends on beside its text: bounds, and our own code."""
        return {"config.yaml": json.loads(self.settings.program), "code": self.manifest(COMPILER)}

    def keep_details(self, given: dict[str, Callable[[], Any]]) -> None:
        """Keep what digests stand for, and forget what no fact has any more."""
        facts = [fact for fact in self.facts.values() if isinstance(fact, dict)]
        found = (value for fact in facts for value in fact.get("parts", {}).values())
        wanted = {value for value in found if isinstance(value, str)}
        self.records.save_details(given, wanted | ({self.plan.env} if self.planned else set()))

    @shared
    def plan(self) -> Plan:
        """What there is to do. Where tasks are executed, what is gone goes here."""
        records, facts, env = self.records, self.facts, self.compiler
        settings = self.settings
        trusted = facts.get("index") == self._index
        words = settings.dialects, settings.rows, self.shelves
        sources = Sources(settings.corpora, env, records, trusted, *words)
        plan = Plan(sources, digest(f"{env}\0{self.settings.program}".encode()), records)
        self.planned = True
        if self.running:
            self._tidy(plan)
        return plan

    @property
    def _index(self) -> str:
        """The fingerprint of what splits files into solvers and says what their words are."""
        shelves = {corpus: shelf.digest for corpus, shelf in self.shelves.items()}
        words = [part for part in (self.settings.dialects, self.settings.rows, shelves) if part]
        return f"{self.compiler} {digest(repr(words).encode())}" if words else self.compiler

    def _tidy(self, plan: Plan) -> None:
        """Record what the plan found out, and remove what belongs to no solver."""
        sources = plan.sources
        if sources.changed or sources.gone:
            self.records.save_files(sources.changed, sources.gone)
        self.learn("index", self._index)
        if plan.restamped or plan.gone:
            self.records.save_units(plan.restamped, plan.gone)
        if plan.pending or len(plan.found) != 2 * len(plan.current):
            outputs.remove_stale(plan.found, plan.names_of_outputs())

    @shared
    def objects(self) -> Objects:
        """The content-addressed cache."""
        from pipeline.system.cache import Objects

        return Objects(f"{self.settings.cache}/objects.db", self.settings.limit, notice)

    @shared
    def places(self) -> KeptPlaces | None:
        """The places of failures in the cache; none where rows of the project's own run, which are
        no part of our code.
        """
        from pipeline.battery.locating import KeptPlaces

        own = self.settings.primitives
        return None if own else KeptPlaces(self.objects, self.code(LOCATOR))

    @shared
    def generator(self) -> Generator:
        """What builds solvers."""
        from pipeline.config.config import use_rows
        from pipeline.incremental.compilers import Compilers
        from pipeline.incremental.generate import Generator

        use_rows(self.settings.primitives)
        self.keep_details({self.plan.env: self.made_with})
        options = {"most_nodes": self.settings.most_nodes}
        compilers = Compilers(self.compiler_wanted(), options, len(self.wanted))
        parts = self.plan, self.records, self.objects, compilers
        check = partial(require_rows, self.settings) if self.settings.primitives else None
        return Generator(*parts, self.wanted, self.insisted, check)

    def compiler_wanted(self) -> tuple[str, str, dict[str, Any]]:
        """What a loader needs to know that it loads the compiler of this run."""
        return str(PACKAGE), self.compiler, self.facts["code"]

    def linker_wanted(self) -> tuple[str, str, dict[str, Any]]:
        """The same for the linker."""
        return str(PACKAGE), self.linker, self.facts["code"]

    @property
    def most_shown(self) -> int | None:
        """How much of what is wrong is shown in full; None for all."""
        from pipeline.diagnostics import MOST_SHOWN

        return None if self.all_errors else MOST_SHOWN

    def graphs(self) -> dict[str, str]:
        """The graphs of the solvers that were compiled so far, by their names."""
        return self.generator.graphs if "generator" in self.__dict__ else {}

    def counts(self) -> Counter[str]:
        """What was done to solvers so far."""
        return self.generator.counts if "generator" in self.__dict__ else Counter()

    def close(self) -> None:
        """Leave the tree to others; what was built is recorded already."""
        made = self.__dict__
        if "generator" in made:
            self.generator.compilers.close()
        if "objects" in made:
            self.objects.close()
        if "records" in made:
            self.records.close()
        self._lock.release()

    def _leave(self, number: int, frame: object) -> NoReturn:
        """On SIGTERM and Ctrl-C: end as if by ourselves, so that everything is closed."""
        self.interrupted = True
        raise SystemExit(128 + number)


def notice(line: str) -> None:
    """Print one line that is neither a result nor an error."""
    sys.stdout.flush()
    print(line, file=sys.stderr, flush=True)


def leave_with(text: str, status: int) -> SystemExit:
    """Print why the run can't go on; the caller raises the result."""
    notice(text)
    return SystemExit(status)
