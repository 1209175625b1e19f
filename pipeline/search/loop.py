"""The loop of a search: steps of transfer, then rounds of focus, until a budget is used up.

Each step is a pure function of what the store has and of the seed, and is committed as a whole. So
a run can be ended at any moment, and goes on to the very result of one that was not; how many
threads there are, how long it may take and how often it was ended decide nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final

from pipeline.frontend.parse import parse_text
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.enumeration import Enumeration
from pipeline.search.focus import FocusRound, first_round, refreshed, run_round
from pipeline.search.pieces import bridged, pieces_of
from pipeline.search.population import Member, smallest
from pipeline.search.puzzles import Puzzle
from pipeline.search.search_store import FoundProgram, RunState, Store, StoredMember
from pipeline.search.stages import Judge
from pipeline.search.transfer import Nearby, Nearest, Transfer, TransferStep
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import Loader
from pipeline.search.vocabulary import Vocabulary, literals_of

BATCH: Final = 8
"""Solvers, or puzzles, of a step: what is lost where a run is ended."""

ROUND: Final = 2_000
"""Programs of a round of focus, and of an enumeration."""
ENUMERATED: Final = 20_000

LEAST_ROUND: Final = 50

ENOUGH: Final = 6
"""Programs found of a puzzle that is let be then."""
MOST_FOUND: Final = 6
"""Programs of a puzzle that one step keeps, the smallest ones."""

PIECE_LINES: Final = 4
TRANSFERRED: Final = 0.5
"""The part of the programs that transfer may try."""
NEIGHBOURS: Final = 200
"""How many programs of a solver's neighbourhood transfer tries where no number is asked for."""


@dataclass(frozen=True, slots=True)
class SearchAsked:
    """What a run was asked. programs: how many to try, 0 for as many as there is time for."""

    data: tuple[str, ...]
    tasks: tuple[str, ...]
    programs: int
    seed: int


@dataclass(slots=True)
class SearchProgress:
    """How far a run is, for who watches it: programs of the whole run, those that were tried since
    it went on, and values that these made. kinds: how many found programs came of which edit.
    """

    programs: int = 0
    run: int = 0
    values: int = 0
    solved: int = 0
    puzzles: int = 0
    asked: int = 0
    phase: str = ""
    kinds: dict[str, int] = field(default_factory=dict)


Watch = Callable[[SearchProgress], None]
Check = Callable[[str, Puzzle], dict[str, Any] | None]
"""The evidence that a program is right on all train samples; None where it is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """What a search begins with: solvers by name."""

    names: tuple[str, ...]
    drafts: tuple[Draft, ...]


def key_of_run(asked: SearchAsked, seeds: Seeds, puzzles: Mapping[str, Puzzle]) -> str:
    """What a run's result depends on, hashed."""
    digest = hashlib.sha256(json.dumps(asdict(asked), sort_keys=True).encode())
    for name, draft in zip(seeds.names, seeds.drafts, strict=True):
        digest.update(f"{name}\n{text_of(draft)}\n".encode())
    for puzzle in puzzles.values():
        digest.update(repr(puzzle).encode())
    return digest.hexdigest()[:32]


@dataclass(slots=True)
class _Tools:
    """What one thread works with, made when it first works."""

    judge: Judge
    enumeration: Enumeration


class Search:
    """A run: see `go`. check: looks at each program that is found once more."""

    def __init__(
        self,
        store: Store,
        state: RunState,
        asked: SearchAsked,
        puzzles: Mapping[str, Puzzle],
        seeds: Seeds,
        shapes: Shapes,
        load: Loader,
        check: Check,
        threads: int = 1,
    ) -> None:
        self.store, self.state, self.asked = store, state, asked
        self.puzzles, self.seeds = puzzles, seeds
        self._load, self._check = load, check
        self.threads = max(1, threads)
        self._texts = [text_of(draft) for draft in seeds.drafts]
        self._begin(shapes)
        self.progress = SearchProgress(state.programs, puzzles=len(puzzles), asked=asked.programs)
        self._count = dict.fromkeys(puzzles, 0)
        for program in store.found(state.id):
            self._count[program.task] += 1
        self._values = 0

    def _begin(self, shapes: Shapes) -> None:
        """Make what steps work with; the seeds must be drafts on these shapes."""
        self.shapes = shapes
        self._pieces = pieces_of(self.seeds.drafts, PIECE_LINES)
        self._solvers = bridged(self.seeds.drafts)
        self._tools: SimpleQueue[_Tools] = SimpleQueue()
        self._transfers: SimpleQueue[Transfer] = SimpleQueue()

    def _begin_anew(self) -> None:
        """Give up all that steps work with, so that it can't grow without end."""
        shapes = Shapes()
        drafts = tuple([draft_in(text, shapes) for text in self._texts])
        assert None not in drafts
        self.seeds = Seeds(self.seeds.names, drafts)  # type: ignore[arg-type]
        self._begin(shapes)

    def go(self, seconds: float = 0.0, watch: Watch | None = None) -> None:
        """Run steps until the programs that were asked for are tried, all puzzles are solved, or
        so many seconds are over (0: however long it takes), but one step at least.
        """
        started = time.monotonic()
        steps = -(-len(self.seeds.drafts) // BATCH)
        with ThreadPoolExecutor(self.threads) as pool:
            while not self._is_done():
                if self.shapes.is_full:
                    self._begin_anew()
                before = time.process_time()
                if self.state.step < steps:
                    self._transfer(pool, self.state.step * BATCH)
                elif not self._focus(pool):
                    break
                self.state.seconds += time.process_time() - before
                if watch is not None:
                    watch(self._told())
                if seconds and time.monotonic() - started >= seconds:
                    return
        self.state.ended = True
        with self.store.writing():
            self.store.save(self.state, self.solved)

    def _fair(self, programs: int) -> int:
        """How many programs a round has where few are asked for: so many that each puzzle has two
        rounds, one at least.
        """
        if not self.asked.programs:
            return programs
        focus = int(self.asked.programs * (1 - TRANSFERRED))
        return max(LEAST_ROUND, min(programs, focus // (2 * len(self.puzzles))))

    def _share(self, programs: int, parts: int) -> int:
        """How many programs each part of a step may try, so that not more are tried than asked."""
        if not self.asked.programs:
            return programs
        left = self.asked.programs - self.state.programs
        return max(1, min(programs, left // parts))

    @property
    def solved(self) -> int:
        """How many puzzles have a program that is right on all train samples."""
        return sum([count > 0 for count in self._count.values()])

    def _is_done(self) -> bool:
        is_used_up = 0 < self.asked.programs <= self.state.programs
        return is_used_up or all(count >= ENOUGH for count in self._count.values())

    def _told(self) -> SearchProgress:
        progress = self.progress
        progress.run += self.state.programs - progress.programs
        progress.programs, progress.solved = self.state.programs, self.solved
        return progress

    # -- transfer

    def _transfer(self, pool: ThreadPoolExecutor, begin: int) -> None:
        """Try the neighbourhoods of some solvers on all puzzles."""
        count = len(self.seeds.drafts)
        asked = self.asked.programs
        each = max(1, int(asked * TRANSFERRED) // count) if asked else NEIGHBOURS
        each = self._share(each, min(BATCH, count - begin))
        nearest = {ident: self._nearest(ident) for ident in self.puzzles}
        vocabulary = Vocabulary(
            self.shapes, _general_literals(self.puzzles), self._pieces, self._solvers
        )
        places = range(begin, min(begin + BATCH, count))

        def step(place: int) -> TransferStep:
            transfer = self._take_transfer()
            try:
                name, draft = self.seeds.names[place], self.seeds.drafts[place]
                return transfer.step(name, draft, vocabulary, each, nearest)
            finally:
                self._transfers.put(transfer)

        done = list(pool.map(step, places))
        changed: set[str] = set()
        for result in done:
            self.state.programs += result.programs
            self.progress.values += result.values
            for ident, row in result.near:
                if nearest[ident].add(row):
                    changed.add(ident)
        self.progress.phase = "transfer"
        self.state.step += 1
        kept = [
            (ident, self._kept(ident, members))
            for result in done
            for ident, members in sorted(result.found.items())
        ]
        with self.store.writing():
            for ident, programs in kept:
                self._put(ident, programs)
            for ident in sorted(changed):
                rows = [StoredMember(*row) for row in nearest[ident].rows]
                self.store.put_members("nearest", self.state.id, ident, rows)
            self.store.save(self.state, self.solved)

    def _take_transfer(self) -> Transfer:
        try:
            return self._transfers.get_nowait()
        except Empty:
            return Transfer(self.puzzles, self.shapes, self._load)

    def _nearest(self, ident: str) -> Nearest:
        nearest = Nearest()
        for row in self.store.members("nearest", self.state.id, ident):
            nearest.add(Nearby(row.text, row.edit, row.parent, row.value))
        return nearest

    # -- focus

    def _focus(self, pool: ThreadPoolExecutor) -> bool:
        """A round for some puzzles, those that had the fewest; False where none is left."""
        rounds = self.store.rounds(self.state.id)
        left = [ident for ident in self.puzzles if self._count[ident] < ENOUGH]
        if not left:
            return False
        least = min(rounds.get(ident, 0) for ident in left)
        batch = [ident for ident in left if rounds.get(ident, 0) == least][:BATCH]

        def step(ident: str) -> tuple[FocusRound, tuple[int, bytes, list[StoredMember]]]:
            tools = self._take_tools()
            try:
                return self._round(tools, self.puzzles[ident], least, rows[ident], each)
            finally:
                self._tools.put(tools)

        rows = {ident: self._rows(ident) for ident in batch}
        each = self._share(self._fair(ENUMERATED if least == 0 else ROUND), len(batch))
        done = list(pool.map(step, batch))
        self.progress.phase = "focus"
        self.state.step += 1
        kept = []
        for ident, (result, _) in zip(batch, done, strict=True):
            self.state.programs += result.programs
            self.progress.values += result.values
            kept.append((ident, self._kept(ident, result.found)))
        with self.store.writing():
            for ident, (_, population) in zip(batch, done, strict=True):
                self.store.put_puzzle(self.state.id, ident, *population)
            for ident, programs in kept:
                self._put(ident, programs)
            self.store.save(self.state, self.solved)
        return True

    def _take_tools(self) -> _Tools:
        try:
            return self._tools.get_nowait()
        except Empty:
            return _Tools(Judge(self.shapes, self._load), Enumeration(self.shapes, self._load))

    def _rows(self, ident: str) -> tuple[list[StoredMember], bytes]:
        """The population of a puzzle, or what its first one is made of."""
        known = self.store.puzzle(self.state.id, ident)
        if known is None:
            return self.store.members("nearest", self.state.id, ident), b""
        return self.store.members("members", self.state.id, ident), known[1]

    def _round(
        self,
        tools: _Tools,
        puzzle: Puzzle,
        number: int,
        rows: tuple[list[StoredMember], bytes],
        programs: int,
    ) -> tuple[FocusRound, tuple[int, bytes, list[StoredMember]]]:
        vocabulary = Vocabulary(self.shapes, literals_of(puzzle.train), self._pieces, self._solvers)
        judge = tools.judge
        judge.begin(puzzle)
        members = [m for row in rows[0] if (m := self._member(row, number)) is not None]
        seen = [rows[1][k : k + 16] for k in range(0, len(rows[1]), 16)]
        population = refreshed(judge, puzzle, members, seen)
        seed = f"{self.asked.seed} {puzzle.id} {number}"
        if number == 0:
            enumeration = tools.enumeration
            result = first_round(enumeration, population, puzzle, vocabulary, programs)
        else:
            result = run_round(judge, population, puzzle, vocabulary, seed, programs)
        stored = [
            StoredMember(m.text, m.edit, m.parent, m.tried) for m in population.members.values()
        ]
        return result, (number + 1, b"".join(population.seen), stored)

    def _member(self, row: StoredMember, number: int) -> Member | None:
        draft = draft_in(row.text, self.shapes)
        if draft is None:
            return None
        tried = int(row.value) if number else 0
        return Member(draft, row.text, row.edit, row.parent, tried)

    # -- what is found

    def _kept(self, ident: str, members: Sequence[Member]) -> list[FoundProgram]:
        """The smallest of programs that are right, and still are when they are checked."""
        kept: list[FoundProgram] = []
        room = min(MOST_FOUND, ENOUGH - self._count[ident])
        for member in smallest(members):
            if len(kept) >= room:
                break
            evidence = self._check(member.text, self.puzzles[ident])
            if evidence is not None:
                kept.append(
                    FoundProgram(
                        0,
                        self.state.id,
                        ident,
                        member.text,
                        graph_of(member.draft),
                        member.draft.size,
                        member.edit,
                        member.parent,
                        evidence,
                        self.state.programs,
                        self.state.seconds,
                    )
                )
        return kept

    def _put(self, ident: str, programs: Sequence[FoundProgram]) -> None:
        for program in programs:
            if self._count[ident] < ENOUGH and self.store.put_found(program):
                self._count[ident] += 1
                kinds = self.progress.kinds
                kinds[program.edit] = kinds.get(program.edit, 0) + 1


def draft_in(text: str, shapes: Shapes) -> Draft | None:
    """The draft that a text is."""
    program, found = parse_text(text, "candidate")
    return None if program is None or found else draft_of(program, shapes)


def graph_of(draft: Draft) -> list[Any]:
    """A draft as plain values: for each line its register, its type, what it calls and on what."""
    return [[line.register, str(line.type), _plain(line.value)] for line in draft.lines]


def _plain(value: Any) -> Any:
    """An expression as nested lists."""
    kind = value.__class__.__name__
    if kind == "Call":
        return ["call", _plain(value.function), *map(_plain, value.arguments)]
    if kind in ("TupleLiteral", "SetLiteral"):
        return [kind, *map(_plain, value.elements)]
    if kind == "Builtin":
        return ["row", value.row.name]
    return [kind.lower(), value[0]]


def _general_literals(puzzles: Mapping[str, Puzzle]) -> Any:
    """The constants of all puzzles together."""
    return literals_of([sample for puzzle in puzzles.values() for sample in puzzle.train])
