"""Program fuzzing: random programs, interpreted directly and as generated code on each backend,
compared lane by lane.

The programs are ARC-DSL, deep in what it makes of functions (`rows`), or all that a file may hold
(`language`). Program k of seed s is always the same, as are its grids and limits, however many are
asked for. Programs come in blocks of 96 that share eight grids: each program runs on two or three
of them, under the default limits or, every third, under the block's tiny ones. The expected answer
of a lane is the direct interpreter's. The reference runtime gives it from the generated text,
engines from the lowered graphs, in up to three ways:

    alone       each program by itself: all programs on the reference, some on the others, where
                to begin costs more than the rest
    together    all programs of a block that are under the same limits, one after another
    linked      these programs linked into one battery, on a random part of their grids

A mismatch is shrunk (`shrink`) and printed with all that is needed to repeat it; fuzzing goes on
until five were found.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.primitives.table import TABLE
from pipeline.trust.agreement.answers import (
    Answers,
    Built,
    Runner,
    agree,
    alone,
    battery,
    build,
    direct,
    label,
    together,
)
from pipeline.trust.agreement.runners import ApartRunner, ImageRunner, TextRunner
from pipeline.trust.agreement.shrink import Case, shrink
from pipeline.trust.programs.expressions import small_grid
from pipeline.trust.programs.language import language_program
from pipeline.trust.programs.writer import random_program

BLOCK: Final = 96
GRIDS: Final = 8
MOST_MISMATCHES: Final = 5
MOST_DRAWS: Final = 20
LINKED: Final = 8
"""Where the reference runtime is left out, for speed, one block in so many is linked."""

_WAYS: Final[dict[str, Callable[..., Answers]]] = {
    "alone": alone,
    "together": together,
    "linked": battery,
}


@dataclass(frozen=True, slots=True)
class Backend:
    """A runner that is compared.

    alone: one program in so many is run by itself. together: whether programs are run at once
    besides. machine: whether it runs machine code, which can end the process.
    """

    name: str
    runner: Runner
    alone: int = 1
    together: bool = False
    machine: bool = False

    def apart(self) -> Backend:
        """This backend, its machine code in processes of its own."""
        if not self.machine:
            return self
        return replace(self, runner=ApartRunner(self.runner), machine=False)


REFERENCE: Final = Backend("reference", TextRunner())
CPU: Final = Backend("cpu", ImageRunner(), alone=32, together=True, machine=True)
BACKENDS: Final = (REFERENCE, CPU)


@dataclass(frozen=True, slots=True)
class FuzzMismatch:
    """Two answers that differ: program `number`, how it was run on which backend, and the case as
    shrunk.
    """

    number: int
    backend: Backend
    way: str
    case: Case
    expected: Any
    got: Any


@dataclass(slots=True)
class FuzzSummary:
    """What a run of the fuzzer saw.

    lanes counts outcomes, by limits (`default`, `tiny`) and label; compared counts lanes, by
    backend and way; operations counts lanes that failed alike, but where the two answers name
    different operations.
    """

    programs: int = 0
    rejected: int = 0
    operations: int = 0
    lanes: Counter[tuple[str, str]] = field(default_factory=Counter)
    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)
    mismatches: list[FuzzMismatch] = field(default_factory=list)

    @property
    def unused(self) -> list[str]:
        """The primitives that no program used."""
        return [name for name in TABLE if name not in self.used]

    def add(self, other: FuzzSummary) -> None:
        """Take over what another run saw."""
        self.programs += other.programs
        self.rejected += other.rejected
        self.operations += other.operations
        self.lanes += other.lanes
        self.compared += other.compared
        self.refusals += other.refusals
        self.used |= other.used
        self.mismatches += other.mismatches


@dataclass(frozen=True, slots=True)
class FuzzTask:
    """One program of a block: its text, compiled, and the places of its grids in the block's."""

    number: int
    text: str
    built: Built
    grids: list[int]
    tiny: bool


def tiny_limits(rng: random.Random) -> Limits:
    """Limits that most programs come close to."""
    return Limits(
        elements=rng.randint(5, 60),
        cells=rng.randint(10, 100),
        integer=rng.randint(20, 2000),
        total=rng.randint(5, 200),
        turns=rng.randint(2, 6),
    )


class FuzzBlock:
    """The grids and limits that programs k, k + 1, ... share."""

    def __init__(self, seed: int, number: int) -> None:
        rng = random.Random(f"{seed}/block/{number}")
        self.grids = [small_grid(rng) for _ in range(GRIDS)]
        self.limits = {False: DEFAULT_LIMITS, True: tiny_limits(rng)}


Writer = Callable[[random.Random, int], str]
WRITERS: Final[dict[str, Writer]] = {"rows": random_program, "language": language_program}
"""What writes programs of about so many statements."""


def draw(seed: int, number: int, summary: FuzzSummary, writer: str = "rows") -> FuzzTask:
    """Program `number` of a seed; texts that the front end rejects are drawn again, and counted."""
    rng = random.Random(f"{seed}/{number}")
    for _ in range(MOST_DRAWS):
        text = WRITERS[writer](rng, rng.randint(2, 6))
        built = build(text)
        if not built.rejected:
            break
        summary.rejected += 1
        summary.refusals[built.diagnostics[0].message.split(":")[0]] += 1
    places = rng.sample(range(GRIDS), rng.randint(2, 3))
    return FuzzTask(number, text, built, sorted(places), number % 3 == 2)


# -- comparing


class _Group:
    """Programs of a block under the same limits, and what each gives on each of its grids."""

    def __init__(
        self, tasks: list[FuzzTask], block: FuzzBlock, tiny: bool, summary: FuzzSummary
    ) -> None:
        self.tasks = tasks
        self.grids = block.grids
        self.limits = block.limits[tiny]
        self.summary = summary
        self.expected: list[dict[int, Any]] = []
        self.bad: set[tuple[int, str]] = set()
        for task in tasks:
            answers = {k: direct(task.built, block.grids[k], self.limits) for k in task.grids}
            self.expected.append(answers)
            for answer in answers.values():
                summary.lanes["tiny" if tiny else "default", label(answer)] += 1

    def compare(
        self, backend: Backend, way: str, wanted: list[list[int]], places: Sequence[int]
    ) -> list[FuzzMismatch]:
        """The first mismatch of each program, of those at these places in `tasks`."""
        built = [self.tasks[k].built for k in places]
        lanes_of = [wanted[k] for k in places]
        found = _WAYS[way](built, self.grids, lanes_of, self.limits, backend.runner)
        programs = tuple(self.tasks[k].text for k in places)
        case = Case(programs, tuple(self.grids), tuple(map(tuple, lanes_of)), self.limits)
        mismatches = []
        for k, lanes, answers in zip(places, lanes_of, found, strict=True):
            self.summary.compared[backend.name, way] += len(lanes)
            for lane in lanes:
                expected, got = self.expected[k][lane], answers[lane]
                if not agree(expected, got):
                    number = self.tasks[k].number
                    mismatches.append(FuzzMismatch(number, backend, way, case, expected, got))
                    break
                if isinstance(got, Failure) and expected.operation != got.operation:
                    self.summary.operations += 1
        return mismatches

    def compare_alone(self, backend: Backend, places: Sequence[int]) -> bool:
        """Compare programs by themselves; whether all agree. A program is reported once."""
        wanted = [task.grids for task in self.tasks]
        agreed = True
        for k in places:
            for mismatch in self.compare(backend, "alone", wanted, [k]):
                agreed = False
                if (k, backend.name) not in self.bad:
                    self.bad.add((k, backend.name))
                    self.summary.mismatches.append(mismatch)
        return agreed

    def compare_all(self, backend: Backend, way: str, wanted: list[list[int]]) -> None:
        """Compare all programs at once; one that is wrong by itself too is reported as such."""
        places = [
            k
            for k, task in enumerate(self.tasks)
            if task.built.code is not None and (k, backend.name) not in self.bad
        ]
        found = self.compare(backend, way, wanted, places) if places else []
        wrong = {m.number for m in found}
        culprits = [k for k in places if self.tasks[k].number in wrong]
        if found and self.compare_alone(backend.apart(), culprits):
            self.summary.mismatches.append(found[0])


def run_block(
    seed: int,
    numbers: range,
    backends: Sequence[Backend],
    summary: FuzzSummary,
    careful: bool = False,
    writer: str = "rows",
) -> None:
    """Draw and compare some programs of one block; careful: with machine code run apart."""
    number = numbers.start // BLOCK
    block = FuzzBlock(seed, number)
    tasks = [draw(seed, k, summary, writer) for k in numbers]
    tasks = [task for task in tasks if not task.built.rejected]
    summary.programs += len(tasks)
    for task in tasks:
        summary.used.update(_names(task.text))
    rng = random.Random(f"{seed}/wanted/{number}")
    link = REFERENCE.name in {b.name for b in backends} or number % LINKED == 0
    for tiny in (False, True):
        group = _Group([t for t in tasks if t.tiny == tiny], block, tiny, summary)
        part = [sorted(rng.sample(t.grids, rng.randint(0, len(t.grids)))) for t in group.tasks]
        for backend in (b.apart() if careful else b for b in backends):
            _compare_group(group, backend, part if link else None)


def _compare_group(group: _Group, backend: Backend, part: list[list[int]] | None) -> None:
    """All ways of a backend; `part` is what is wanted of the battery, if there is to be one."""
    tasks = group.tasks
    chosen = [
        k
        for k, task in enumerate(tasks)
        if task.number % backend.alone == 0 or task.built.broken is not None
    ]
    group.compare_alone(backend, chosen)
    if backend.together:
        group.compare_all(backend, "together", [task.grids for task in tasks])
    if part is not None:
        group.compare_all(backend, "linked", part)


def differences(case: Case, backend: Backend, way: str) -> Iterator[tuple[Any, Any]]:
    """The pairs of answers of a case that differ."""
    built = [build(text) for text in case.programs]
    if any(b.rejected or (b.broken is not None and way != "alone") for b in built):
        return
    wanted = [list(lanes) for lanes in case.wanted]
    found = _WAYS[way](built, list(case.grids), wanted, case.limits, backend.runner)
    for program, lanes, answers in zip(built, wanted, found, strict=True):
        for lane in lanes:
            expected = direct(program, case.grids[lane], case.limits)
            if not agree(expected, answers[lane]):
                yield expected, answers[lane]


def shrunk(mismatch: FuzzMismatch) -> FuzzMismatch:
    """The mismatch with the smallest case on which answers differ in the same way."""
    backend, way = mismatch.backend.apart(), mismatch.way
    kind = _kind(mismatch.expected, mismatch.got)

    def fails(case: Case) -> bool:
        return any(_kind(*pair) == kind for pair in differences(case, backend, way))

    case = shrink(mismatch.case, fails)
    pairs = [p for p in differences(case, backend, way) if _kind(*p) == kind]
    expected, got = pairs[0] if pairs else (mismatch.expected, mismatch.got)
    return replace(mismatch, case=case, expected=expected, got=got)


def _kind(expected: Any, got: Any) -> tuple[str, str]:
    return label(expected), label(got)


# -- running


def blocks_of(programs: int, first: int = 0) -> Iterator[range]:
    """Programs `first`, `first + 1`, ..., those of one block at a time."""
    start, end = first, first + programs
    while start < end:
        stop = min(end, (start // BLOCK + 1) * BLOCK)
        yield range(start, stop)
        start = stop


def fuzz(
    programs: int,
    seed: int,
    first: int = 0,
    backends: Sequence[Backend] = BACKENDS,
    most_mismatches: int = MOST_MISMATCHES,
    writer: str = "rows",
) -> FuzzSummary:
    """Run programs `first`, `first + 1`, ... of a seed in this process; mismatches come shrunk."""
    summary = FuzzSummary()
    for numbers in blocks_of(programs, first):
        run_block(seed, numbers, backends, summary, writer=writer)
        if len(summary.mismatches) >= most_mismatches:
            break
    summary.mismatches = [shrunk(m) for m in summary.mismatches[:most_mismatches]]
    return summary


def _names(text: str) -> set[str]:
    """The primitives named in a program."""
    words = text.replace("(", " ").replace(")", " ").replace(",", " ").replace("=", " ")
    return {word for word in words.split() if word in TABLE}
