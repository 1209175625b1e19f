"""The loop of a search: what islands do next, what they tell each other, until a budget is used up.

Each step gives every island something to do: first solvers whose neighbourhoods are tried on all
puzzles (*transfer*), then visits of puzzles and their populations (*focus*). What comes of it is
put together in the order of the islands, and committed as a whole. So a step is a pure function of
what the store has, of the seed and of the number of islands: a run can be ended at any moment, and
goes on to the very result of one that was not; who works on islands, how long it may take and how
often it was ended decide nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from pipeline.search.crew import Crew, IslandLoad
from pipeline.search.exchange import dealt, merged, seen_by_all
from pipeline.search.islands import Crossing, Find, IslandReport, Visit, World
from pipeline.search.kept import LET_BE, Nearest
from pipeline.search.puzzles import Puzzle
from pipeline.search.search_store import FoundProgram, RunState, Store, StoredPopulation
from pipeline.search.seeds import Seeds

ISLANDS: Final = 8
"""How many islands there are by default, on every machine, as it decides about the result: enough
for the cores that most have, few enough that a step is done in seconds by one.
"""

LEAST_ROUND: Final = 50

MOST_FOUND: Final = 6
"""Programs of a puzzle that one step keeps, the smallest ones."""

TRANSFERRED: Final = 0.9
"""The part of the programs that transfer may try. Measured on 100 tasks of training without their
solvers, 40,000 programs: 27 are solved with 0.5, 29 with 0.8, 30 with 0.9, 0.95 and 0.98; on
another 100 tasks 24 with 0.5, 27 with 0.95. To take the kinds of edits in turn, in place of the
cheapest first, gave 27 to 29 of the 30, and more programs for smaller solvers 28.
"""
NEIGHBOURS: Final = 200
"""How many programs of a solver's neighbourhood transfer tries where no number is asked for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much an island does in a step, so that it takes a second or two.

    crossed: solvers times puzzles. enumerated: programs of an enumeration; programs: of a round;
    rounds: of a visit. enough: programs found of a puzzle that is let be then.
    """

    crossed: int = 400
    enumerated: int = 20_000
    programs: int = 2_000
    rounds: int = 4
    enough: int = 6


@dataclass(frozen=True, slots=True)
class SearchAsked:
    """What a run was asked. programs: how many to try, 0 for as many as there is time for."""

    data: tuple[str, ...]
    tasks: tuple[str, ...]
    programs: int
    seed: int
    islands: int = ISLANDS


@dataclass(slots=True)
class SearchProgress:
    """How far a run is, for who watches it: programs of the whole run, those that were tried since
    it went on, and values that these made. kernels: the processor seconds that islands spent in
    kernels for them. kinds: how many found programs came of which edit.
    """

    programs: int = 0
    run: int = 0
    values: int = 0
    kernels: float = 0.0
    solved: int = 0
    puzzles: int = 0
    asked: int = 0
    phase: str = ""
    kinds: dict[str, int] = field(default_factory=dict)


Watch = Callable[[SearchProgress], None]
Check = Callable[[str, Puzzle], dict[str, Any] | None]
"""The evidence that a program is right on all train samples; None where it is not."""


def key_of_run(asked: SearchAsked, seeds: Seeds, puzzles: Mapping[str, Puzzle]) -> str:
    """What a run's result depends on, hashed."""
    digest = hashlib.sha256(json.dumps(asdict(asked), sort_keys=True).encode())
    for name, text in zip(seeds.names, seeds.texts, strict=True):
        digest.update(f"{name}\n{text}\n".encode())
    for puzzle in puzzles.values():
        digest.update(repr(puzzle).encode())
    return digest.hexdigest()[:32]


class Search:
    """A run: see `go`. check: looks at each program that is found once more."""

    def __init__(
        self,
        store: Store,
        state: RunState,
        asked: SearchAsked,
        world: World,
        crew: Crew,
        check: Check,
        pace: Pace | None = None,
    ) -> None:
        self.store, self.state, self.asked = store, state, asked
        self.puzzles, self._world = world.puzzles, world
        self._crew, self._check = crew, check
        self.pace = pace or Pace()
        self.progress = SearchProgress(
            state.programs, puzzles=len(self.puzzles), asked=asked.programs
        )
        self._count = dict.fromkeys(self.puzzles, 0)
        for program in store.found(state.id):
            self._note(program)

    def go(self, seconds: float = 0.0, watch: Watch | None = None) -> None:
        """Run steps until the programs that were asked for are tried, all puzzles are solved, or
        so many seconds are over (0: however long it takes), but one step at least.
        """
        started = time.monotonic()
        while not self._is_done():
            before = time.process_time()
            loads = self._crossings() or self._visits()
            reports = self._reports(loads)
            self.state.seconds += time.process_time() - before
            self._take(loads, reports)
            if watch is not None:
                watch(self._progress())
            if seconds and time.monotonic() - started >= seconds:
                return
        self.state.ended = True
        with self.store.writing():
            self.store.save(self.state, self.solved)

    @property
    def solved(self) -> int:
        """How many puzzles have a program that is right on all train samples."""
        return sum([count > 0 for count in self._count.values()])

    def _is_done(self) -> bool:
        is_used_up = 0 < self.asked.programs <= self.state.programs
        return is_used_up or all(count >= self.pace.enough for count in self._count.values())

    def _progress(self) -> SearchProgress:
        progress = self.progress
        progress.run += self.state.programs - progress.programs
        progress.programs, progress.solved = self.state.programs, self.solved
        return progress

    def _left(self) -> int:
        """How many programs may still be tried; very many where no number is asked for."""
        asked = self.asked.programs
        return asked - self.state.programs if asked else 1 << 62

    # -- what islands do next

    def _crossings(self) -> list[IslandLoad]:
        """The next solvers, dealt to the islands; none where all had their turn."""
        count, islands = len(self._world.names), self.asked.islands
        each = max(1, min(16, self.pace.crossed // len(self.puzzles)))
        begin = self.state.step * each * islands
        places = range(begin, min(begin + each * islands, count))[: self._left()]
        if not places:
            return []
        self.progress.phase = "transfer"
        asked = self.asked.programs
        programs = max(1, int(asked * TRANSFERRED) // count) if asked else NEIGHBOURS
        programs = max(1, min(programs, self._left() // len(places)))
        bars = {ident: self._bar(ident) for ident in self.puzzles}
        shares = [tuple(places[k::islands]) for k in range(min(islands, len(places)))]
        return [Crossing(share, programs, bars) for share in shares]

    def _bar(self, ident: str) -> float:
        """What a program must gain to be near a puzzle."""
        return LET_BE if self._count[ident] >= self.pace.enough else self._nearest(ident).bar

    def _nearest(self, ident: str) -> Nearest:
        return self.store.nearest(self.state.id, ident)

    def _visits(self) -> list[IslandLoad]:
        """Visits of the puzzles that had the fewest rounds, one for each island."""
        self.progress.phase = "focus"
        rounds = self.store.rounds(self.state.id)
        left = [
            (ident, rounds.get(ident, 0))
            for ident, count in self._count.items()
            if count < self.pace.enough
        ]
        places = dealt(left, self.asked.islands)[: self._left()]
        return [self._visit(ident, share, self._left() // len(places)) for ident, share in places]

    def _visit(self, ident: str, share: tuple[int, int], most: int) -> Visit:
        """A visit that tries so many programs at most."""
        known = self.store.population(self.state.id, ident)
        rounds, seen, members = known or StoredPopulation(0, b"", ())
        full = self.pace.programs if rounds else self.pace.enumerated
        programs = self._fair(full)
        count = self.pace.rounds if rounds and programs == full else 1
        if most < count * programs:
            count, programs = 1, min(most, programs)
        near = () if rounds else tuple(self._nearest(ident).rows)
        return Visit(ident, rounds, count, programs, share, near, members, seen)

    def _fair(self, programs: int) -> int:
        """How many programs a round has where few are asked for: so many that each puzzle has two
        rounds, one at least.
        """
        if not self.asked.programs:
            return programs
        focus = int(self.asked.programs * (1 - TRANSFERRED))
        return max(LEAST_ROUND, min(programs, focus // (2 * len(self.puzzles))))

    # -- what comes of it

    def _reports(self, loads: Sequence[IslandLoad]) -> list[IslandReport]:
        """What comes of loads, in their order."""
        found = {load.home: report for load, report in self._crew.run(loads)}
        return [found[load.home] for load in loads]

    def _take(self, loads: Sequence[IslandLoad], reports: Sequence[IslandReport]) -> None:
        """Put together what islands came to, and commit it."""
        self.state.step += 1
        for report in reports:
            self.state.programs += report.programs
            self.state.seconds += report.seconds
            self.progress.values += report.values
            self.progress.kernels += report.kernels
        kept = [
            program
            for report in reports
            for ident, finds in report.found.items()
            for program in self._kept(ident, finds)
        ]
        with self.store.writing():
            for program in kept:
                if self._count[program.task] < self.pace.enough and self.store.put_found(program):
                    self._note(program)
            self._put_near(reports)
            visits = [load for load in loads if isinstance(load, Visit)]
            if visits:
                self._put_populations(visits, reports)
            self.store.save(self.state, self.solved)

    def _put_near(self, reports: Sequence[IslandReport]) -> None:
        """Write which programs are near puzzles."""
        nearest: dict[str, Nearest] = {}
        for report in reports:
            for ident, row in report.near:
                if ident not in nearest:
                    nearest[ident] = self._nearest(ident)
                nearest[ident].add(row)
        for ident, each in nearest.items():
            self.store.put_nearest(self.state.id, ident, each)

    def _put_populations(self, visits: Sequence[Visit], reports: Sequence[IslandReport]) -> None:
        """Write the populations that were visited, islands that share one together."""
        together: dict[str, list[tuple[Visit, IslandReport]]] = {}
        for visit, report in zip(visits, reports, strict=True):
            together.setdefault(visit.puzzle, []).append((visit, report))
        for ident, each in together.items():
            visit = each[0][0]
            members = merged([report.members for _, report in each])
            seen = seen_by_all(visit.seen, [report.seen for _, report in each])
            rounds = visit.number + visit.rounds
            population = StoredPopulation(rounds, seen, members)
            self.store.put_population(self.state.id, ident, population)

    def _kept(self, ident: str, finds: Sequence[Find]) -> list[FoundProgram]:
        """The smallest of programs that are right, and still are when they are checked."""
        kept: list[FoundProgram] = []
        room = min(MOST_FOUND, self.pace.enough - self._count[ident])
        unique = {find.text: find for find in finds}
        for find in sorted(unique.values(), key=lambda find: (find.size, find.text)):
            if len(kept) >= room:
                break
            evidence = self._check(find.text, self.puzzles[ident])
            if evidence is not None:
                how = find.text, find.graph, find.size, find.edit, find.parent
                far = self.state.programs, self.state.seconds
                kept.append(FoundProgram(0, self.state.id, ident, *how, evidence, *far))
        return kept

    def _note(self, program: FoundProgram) -> None:
        self._count[program.task] += 1
        kinds = self.progress.kinds
        kinds[program.edit] = kinds.get(program.edit, 0) + 1
