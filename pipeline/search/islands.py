"""Islands: parts of a search that are worked on apart from each other, in any process.

    run = start(world, station)      # once a process
    report = run(visit)              # a pure function of the world and the visit

An *island* is a population, or a share of one where fewer puzzles are left than islands: its own
parents, and random choices of its own. Between two exchanges (see `loop`) it tries so many
programs, counted and not timed. What comes out depends on what goes in alone: a process keeps only
what can be made again (typed lines of known texts, values of the puzzle that it is at), so that it
does not matter where an island is worked on, or how often.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pipeline.cluster.job import Run, Station
from pipeline.frontend.parse import parse_text
from pipeline.frontend.program import Literal
from pipeline.ir.types import Type
from pipeline.kernels.names import BANK, instruction_names
from pipeline.kernels.processor import kernels_in
from pipeline.search.drafts import Draft, draft_of
from pipeline.search.enumeration import Enumeration
from pipeline.search.focus import FocusRound, first_round, refreshed, run_round
from pipeline.search.kept import HASH, Inhabitant, Nearby
from pipeline.search.pieces import bridged, pieces_of
from pipeline.search.population import TRIED_ALL, Member, Population
from pipeline.search.puzzles import Puzzle
from pipeline.search.stages import Judge
from pipeline.search.transfer import Transfer
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import ValueBank
from pipeline.search.vocabulary import Vocabulary, literals_of

PIECE_LINES: Final = 4
KNOWN_DRAFTS: Final = 1 << 15
"""How many texts a process remembers the typed lines of: some 200 populations."""


@dataclass(frozen=True, slots=True)
class World:
    """What all islands of a run have in common. names, texts: what it begins with."""

    puzzles: dict[str, Puzzle]
    names: tuple[str, ...]
    texts: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """Neighbourhoods of solvers, by their places, that are tried on all puzzles, so many programs
    of each. bars: what a program must gain to be near a puzzle, by puzzle.
    """

    places: tuple[int, ...]
    programs: int
    bars: dict[str, float]
    lanes: int = 1

    @property
    def home(self) -> str:
        """Anywhere: neighbourhoods have nothing in common."""
        return f"solver {self.places[0]}"

    def parts(self) -> list[Crossing]:
        """None: it can't be done in less."""
        return []


@dataclass(frozen=True, slots=True)
class Visit:
    """So many rounds on an island, of so many programs each.

    number: how many rounds its puzzle had. near: what its first population is made of, at number 0.
    share: which of how many islands that share the population.
    """

    puzzle: str
    number: int
    rounds: int
    programs: int
    share: tuple[int, int] = (0, 1)
    near: tuple[Nearby, ...] = ()
    members: tuple[Inhabitant, ...] = ()
    seen: bytes = b""
    lanes: int = 1

    @property
    def home(self) -> str:
        """What makes it cheap where it was before."""
        return f"{self.puzzle} {self.share[0]}"

    def parts(self) -> list[Visit]:
        """None: it can't be done in less."""
        return []


class Find(NamedTuple):
    """A program that is right on all train samples of a puzzle, and how it was made."""

    text: str
    graph: list[Any]
    size: int
    edit: str
    parent: str


@dataclass(slots=True)
class IslandReport:
    """What came of a load: programs that are right, by puzzle; those that are near a puzzle.

    members: of the population those that are the island's own, or new; seen: behaviours that are
    new. programs: how many were tried, values: how many lines were run. seconds: of processor time,
    kernels: of these in kernels.
    """

    found: dict[str, tuple[Find, ...]] = field(default_factory=dict)
    near: tuple[tuple[str, Nearby], ...] = ()
    members: tuple[Inhabitant, ...] = ()
    seen: bytes = b""
    programs: int = 0
    values: int = 0
    seconds: float = 0.0
    kernels: float = 0.0


def start(world: World, place: Station) -> Run:
    """What works on islands, in a process: see `cluster.job.ClusterJob`."""
    return IslandRunner(world, place.kernels).run


class IslandRunner:
    """Works on any island of a world."""

    def __init__(self, world: World, kernels: Any) -> None:
        self._world = world
        # All are loaded at once, as none may be while a thread runs another: code is put into
        # pages that can't be run meanwhile.
        addresses = kernels_in(kernels).load([*instruction_names(), *BANK])
        self._load = lambda wanted: addresses
        self._literals: dict[str, dict[Type, tuple[Literal, ...]]] = {}
        self._begin()

    def _begin(self) -> None:
        """Begin with empty tables: they must not grow without end."""
        self._shapes = shapes = Shapes()
        drafts = [draft_in(text, shapes) for text in self._world.texts]
        self._seeds = [draft for draft in drafts if draft is not None]
        assert len(self._seeds) == len(drafts)
        self._pieces = pieces_of(self._seeds, PIECE_LINES)
        self._solvers = bridged(self._seeds)
        self._drafts: dict[str, Draft | None] = {}
        self._transfer: Transfer | None = None
        self._focus: tuple[Judge, Enumeration] | None = None
        self._at = ""

    def run(self, load: Crossing | Visit) -> IslandReport:
        """What comes of a load."""
        begun = time.process_time()
        if self._shapes.is_full:
            self._begin()
        banks = self._banks_for(load)
        before = sum([bank.seconds for bank in banks])
        report = self._cross(load) if isinstance(load, Crossing) else self._visit(load)
        report.kernels = sum([bank.seconds for bank in banks]) - before
        report.seconds = time.process_time() - begun
        return report

    def _banks_for(self, load: Crossing | Visit) -> list[ValueBank]:
        """The banks that a load is run on, which are there then."""
        if isinstance(load, Crossing):
            if self._transfer is None:
                self._transfer = Transfer(self._world.puzzles, self._shapes, self._load)
            return self._transfer.banks
        if self._focus is None:
            self._transfer = None  # its memory is wanted
            self._focus = Judge(self._shapes, self._load), Enumeration(self._shapes, self._load)
        judge, enumeration = self._focus
        return [*judge.banks, enumeration.bank]

    # -- transfer

    def _cross(self, load: Crossing) -> IslandReport:
        assert self._transfer is not None
        vocabulary = self._vocabulary("", self._world.puzzles.values())
        report = IslandReport()
        for place in load.places:
            name, draft = self._world.names[place], self._seeds[place]
            step = self._transfer.step(name, draft, vocabulary, load.programs, load.bars)
            report.near += step.near
            report.programs += step.programs
            report.values += step.values
            for ident, members in sorted(step.found.items()):
                report.found[ident] = report.found.get(ident, ()) + finds_of(members)
        return report

    def _vocabulary(self, name: str, puzzles: Iterable[Puzzle]) -> Vocabulary:
        """What edits draw from for some puzzles, which have a name together."""
        if name not in self._literals:
            self._literals[name] = literals_of([s for puzzle in puzzles for s in puzzle.train])
        return Vocabulary(self._shapes, self._literals[name], self._pieces, self._solvers)

    # -- focus

    def _visit(self, load: Visit) -> IslandReport:
        assert self._focus is not None
        judge, enumeration = self._focus
        puzzle = self._world.puzzles[load.puzzle]
        if self._at != load.puzzle:
            judge.begin(puzzle)
            self._at = load.puzzle
        vocabulary = self._vocabulary(load.puzzle, [puzzle])
        population = self._population(load, judge, puzzle)
        others = _give_away(population, load.share)
        rounds: list[FocusRound] = []
        if load.number == 0:
            rounds.append(first_round(enumeration, population, puzzle, vocabulary, load.programs))
        for number in range(max(1, load.number), load.number + load.rounds):
            seed = f"{self._world.seed} {load.puzzle} {number} {load.share[0]}"
            rounds.append(run_round(judge, population, puzzle, vocabulary, seed, load.programs))
        return self._told(load, rounds, population, others)

    def _told(
        self,
        load: Visit,
        rounds: Sequence[FocusRound],
        population: Population,
        others: set[int],
    ) -> IslandReport:
        own = [m for m in population.members.values() if id(m) not in others]
        for member in own:
            self._know(member.text, member.draft)
        known = set(cut(load.seen))
        right = finds_of([member for each in rounds for member in each.found])
        return IslandReport(
            found={load.puzzle: right} if right else {},
            members=tuple(map(_inhabitant, own)),
            seen=b"".join([one for one in population.seen if one not in known]),
            programs=sum(each.programs for each in rounds),
            values=sum(each.values for each in rounds),
        )

    def _population(self, load: Visit, judge: Judge, puzzle: Puzzle) -> Population:
        if load.number == 0:
            rows = [Inhabitant(n.text, n.edit, n.parent, 0, b"", 0, 0, 0) for n in load.near]
            return refreshed(judge, puzzle, self._members(rows), ())
        members = self._members(load.members)
        return Population(
            {member.behaviour: member for member in members}, dict.fromkeys(cut(load.seen))
        )

    def _members(self, rows: Iterable[Inhabitant]) -> list[Member]:
        return [
            Member(draft, *row[:-1]) for row in rows if (draft := self._draft(row.text)) is not None
        ]

    def _draft(self, text: str) -> Draft | None:
        if text not in self._drafts:
            self._know(text, draft_in(text, self._shapes))
        return self._drafts[text]

    def _know(self, text: str, draft: Draft | None) -> None:
        """Remember a draft as the newest one; the oldest is forgotten."""
        self._drafts.pop(text, None)
        self._drafts[text] = draft
        if len(self._drafts) > KNOWN_DRAFTS:
            del self._drafts[next(iter(self._drafts))]


def _give_away(population: Population, share: tuple[int, int]) -> set[int]:
    """Let parents be only those of a share; the ids of the other members."""
    own, count = share
    others = set()
    for k, member in enumerate(population.best(len(population.members))):
        if k % count != own:
            member.tried = TRIED_ALL
            others.add(id(member))
    return others


def cut(seen: bytes) -> list[bytes]:
    """The behaviours that stand one behind the other."""
    return [seen[k : k + HASH] for k in range(0, len(seen), HASH)]


def _inhabitant(member: Member) -> Inhabitant:
    return Inhabitant(
        *(member.text, member.edit, member.parent, member.tried, member.behaviour),
        *(member.gain, member.right, member.draft.size),
    )


def finds_of(members: Iterable[Member]) -> tuple[Find, ...]:
    """Members that are right, for who has no typed lines."""
    return tuple([Find(m.text, graph_of(m.draft), m.draft.size, m.edit, m.parent) for m in members])


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
