"""Program fuzzing: random programs, interpreted directly and as generated code, compared lane by
lane.

Program k of seed s is always the same, as are its grids and limits, however many programs are asked
for. Programs come in blocks of 48 that share eight grids: each program runs on two or three of them
under the default limits, every third under the block's tiny ones, alone and then linked with the
rest of the block into one battery, on a random part of its grids. What was run alone is the
expected answer of the battery.

A mismatch is shrunk (`shrink`) and printed with all that is needed to repeat it; fuzzing goes on
until five were found.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.battery.compare import (
    Built,
    Crash,
    agree,
    battery,
    build,
    direct,
    generated,
    label,
)
from pipeline.battery.program_values import small_grid
from pipeline.battery.programs import random_program
from pipeline.battery.shrink import Case, shrink
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.primitives.table import TABLE
from pipeline.runtime.backends.reference import Runtime

BLOCK: Final = 48
GRIDS: Final = 8
MOST_MISMATCHES: Final = 5
MOST_DRAWS: Final = 20
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two answers that differ: program `number`, alone or in its block's battery, and the case as
    shrunk.
    """

    number: int
    linked: bool
    case: Case
    expected: Any
    got: Any


@dataclass(slots=True)
class Summary:
    """What a run of the fuzzer saw.

    lanes counts outcomes, by limits (`default`, `tiny`) and label; operations counts lanes that
    failed alike, but where the two answers name different operations.
    """

    programs: int = 0
    rejected: int = 0
    linked_lanes: int = 0
    operations: int = 0
    lanes: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def unused(self) -> list[str]:
        """The primitives that no program used."""
        return [name for name in TABLE if name not in self.used]


@dataclass(frozen=True, slots=True)
class Task:
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


class Block:
    """The grids and limits that programs k, k + 1, ... share."""

    def __init__(self, seed: int, number: int) -> None:
        rng = random.Random(f"{seed}/block/{number}")
        self.grids = [small_grid(rng) for _ in range(GRIDS)]
        self.limits = {False: DEFAULT_LIMITS, True: tiny_limits(rng)}


def draw(seed: int, number: int, summary: Summary) -> Task:
    """Program `number` of a seed; texts that the front end rejects are drawn again, and counted."""
    rng = random.Random(f"{seed}/{number}")
    for _ in range(MOST_DRAWS):
        text = random_program(rng, rng.randint(2, 6))
        built = build(text)
        if not built.rejected:
            break
        summary.rejected += 1
        summary.refusals[built.diagnostics[0].message.split(":")[0]] += 1
    places = rng.sample(range(GRIDS), rng.randint(2, 3))
    return Task(number, text, built, sorted(places), number % 3 == 2)


# -- comparing


def compare_alone(
    task: Task, block: Block, runtime: type[Runtime], summary: Summary
) -> dict[int, Any]:
    """Compare one program's answers; gives the generated code's."""
    limits = block.limits[task.tiny]
    grids = [block.grids[k] for k in task.grids]
    answers = generated(task.built, grids, limits, runtime)
    for grid, got in zip(grids, answers, strict=True):
        expected = direct(task.built, grid, limits)
        summary.lanes["tiny" if task.tiny else "default", label(expected)] += 1
        if not agree(expected, got):
            case = Case((task.text,), tuple(grids), (tuple(range(len(grids))),), limits)
            summary.mismatches.append(Mismatch(task.number, False, case, expected, got))
            break
        if isinstance(got, Failure) and expected.operation != got.operation:
            summary.operations += 1
    return dict(zip(task.grids, answers, strict=True))


def compare_linked(
    tasks: list[Task],
    answers: list[dict[int, Any]],
    block: Block,
    runtime: type[Runtime],
    summary: Summary,
    rng: random.Random,
) -> None:
    """Compare the answers of programs linked into one battery with those of each alone."""
    wanted = [sorted(rng.sample(t.grids, rng.randint(0, len(t.grids)))) for t in tasks]
    limits = block.limits[tasks[0].tiny]
    linked = battery([t.built for t in tasks], block.grids, wanted, limits, runtime)
    for task, known, found, lanes in zip(tasks, answers, linked, wanted, strict=True):
        for lane in lanes:
            summary.linked_lanes += 1
            if not agree(known[lane], found[lane]):
                programs = tuple(t.text for t in tasks)
                case = Case(programs, tuple(block.grids), tuple(map(tuple, wanted)), limits)
                mismatch = Mismatch(task.number, True, case, known[lane], found[lane])
                summary.mismatches.append(mismatch)
                return


def differences(
    case: Case, linked: bool, runtime: type[Runtime] = Runtime
) -> Iterator[tuple[Any, Any]]:
    """The pairs of answers of a case that differ."""
    built = [build(text) for text in case.programs]
    if any(b.rejected for b in built):
        return
    if not linked:
        for program, places in zip(built, case.wanted, strict=True):
            grids = [case.grids[k] for k in places]
            answers = generated(program, grids, case.limits, runtime)
            for grid, got in zip(grids, answers, strict=True):
                expected = direct(program, grid, case.limits)
                if not agree(expected, got):
                    yield expected, got
        return
    wanted = [list(lanes) for lanes in case.wanted]
    found = battery(built, list(case.grids), wanted, case.limits, runtime)
    for program, lanes, answers_of in zip(built, wanted, found, strict=True):
        alone = generated(program, [case.grids[k] for k in lanes], case.limits, runtime)
        for lane, expected in zip(lanes, alone, strict=True):
            if not agree(expected, answers_of[lane]):
                yield expected, answers_of[lane]


def shrunk(mismatch: Mismatch, runtime: type[Runtime] = Runtime) -> Mismatch:
    """The mismatch with the smallest case on which answers differ in the same way."""
    kind = _kind(mismatch.expected, mismatch.got)

    def fails(case: Case) -> bool:
        return any(_kind(*pair) == kind for pair in differences(case, mismatch.linked, runtime))

    case = shrink(mismatch.case, fails)
    pairs = [p for p in differences(case, mismatch.linked, runtime) if _kind(*p) == kind]
    expected, got = pairs[0] if pairs else (mismatch.expected, mismatch.got)
    return Mismatch(mismatch.number, mismatch.linked, case, expected, got)


def _kind(expected: Any, got: Any) -> tuple[str, str]:
    return label(expected), label(got)


# -- running


def fuzz(
    programs: int,
    seed: int,
    first: int = 0,
    runtime: type[Runtime] = Runtime,
    most_mismatches: int = MOST_MISMATCHES,
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Run programs `first`, `first + 1`, ... of a seed; mismatches come shrunk."""
    summary = Summary()
    number = first
    while number < first + programs:
        end = min(first + programs, (number // BLOCK + 1) * BLOCK)
        _block(seed, range(number, end), runtime, summary)
        number = end
        if len(summary.mismatches) >= most_mismatches:
            break
        progress(summary)
    summary.mismatches = [shrunk(m, runtime) for m in summary.mismatches[:most_mismatches]]
    return summary


def _block(seed: int, numbers: range, runtime: type[Runtime], summary: Summary) -> None:
    block = Block(seed, numbers.start // BLOCK)
    by_limits: dict[bool, tuple[list[Task], list[dict[int, Any]]]] = {
        False: ([], []),
        True: ([], []),
    }
    for number in numbers:
        task = draw(seed, number, summary)
        if task.built.rejected:
            continue
        summary.programs += 1
        summary.used.update(_names(task.text))
        before = len(summary.mismatches)
        answers = compare_alone(task, block, runtime, summary)
        if task.built.code is not None and len(summary.mismatches) == before:
            tasks, known = by_limits[task.tiny]
            tasks.append(task)
            known.append(answers)
    rng = random.Random(f"{seed}/wanted/{numbers.start // BLOCK}")
    for tasks, known in by_limits.values():
        if tasks:
            compare_linked(tasks, known, block, runtime, summary, rng)


def _names(text: str) -> set[str]:
    """The primitives named in a program."""
    words = text.replace("(", " ").replace(")", " ").replace(",", " ").replace("=", " ")
    return {word for word in words.split() if word in TABLE}


# -- telling


class _Progress:
    """Rate and time left: a live bar on a terminal, elsewhere a line every few seconds."""

    def __init__(self, programs: int, say: Say, every: float = 10.0) -> None:
        self.programs = programs
        self.say = say
        self.every = every
        self.start = self.last = time.monotonic()
        self.bar: Any = None
        if sys.stdout.isatty():
            from rich.progress import Progress

            self.bar = Progress(transient=True)
            self.bar.start()
            self.task = self.bar.add_task("fuzzing", total=programs)

    def __call__(self, summary: Summary) -> None:
        """Show how far it is."""
        now = time.monotonic()
        rate = summary.programs / max(1e-9, now - self.start)
        left = (self.programs - summary.programs) / max(1e-9, rate)
        if self.bar is not None:
            text = f"fuzzing, {rate:.0f}/s"
            self.bar.update(self.task, completed=summary.programs, description=text)
        elif now - self.last >= self.every:
            self.last = now
            done = f"{summary.programs} of {self.programs} programs"
            found = len(summary.mismatches)
            self.say(f"{done}, {rate:.0f}/s, {left:.0f} s left, {found} mismatches")

    def stop(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()


def describe(mismatch: Mismatch, seed: int) -> str:
    """A mismatch in full: programs, grids, limits, both answers, and how to repeat it."""
    names = ("alone", "in the battery") if mismatch.linked else ("interpreted", "generated")
    case = mismatch.case
    lines = [f"MISMATCH in program {mismatch.number} of seed {seed}, shrunk:", ""]
    for text, lanes in zip(case.programs, case.wanted, strict=True):
        lines += [text.rstrip(), f"# on grids {list(lanes)}" if mismatch.linked else "", ""]
    lines += [f"grid {k} = {grid}" for k, grid in enumerate(case.grids)]
    limits = case.limits
    lines.append("default limits" if limits == DEFAULT_LIMITS else f"{limits}")
    for name, answer in zip(names, (mismatch.expected, mismatch.got), strict=True):
        shown = answer.text if isinstance(answer, Crash) else str(answer)
        lines.append(f"{name}: {shown}")
    block = mismatch.number // BLOCK * BLOCK
    count = mismatch.number + 1 - block if not mismatch.linked else BLOCK
    lines.append(f"repeat: fuzz(programs={count}, seed={seed}, first={block}) in {__name__}")
    return "\n".join(lines)


def tell(summary: Summary, seconds: float) -> str:
    """The summary as lines of text."""
    drawn = summary.programs + summary.rejected
    rate = summary.programs / max(seconds, 1e-9)
    lines = [
        f"{summary.programs} programs in {seconds:.1f} s ({rate:.0f}/s)",
        f"{summary.rejected} of {drawn} texts rejected by the front end"
        f" ({100 * summary.rejected / max(1, drawn):.1f}%)",
        f"{sum(summary.lanes.values())} lanes alone, {summary.linked_lanes} in batteries",
    ]
    for name in ("default", "tiny"):
        counts = {key[1]: n for key, n in summary.lanes.items() if key[0] == name}
        total = sum(counts.values())
        for what, count in sorted(counts.items(), key=lambda item: -item[1]):
            lines.append(f"  {name:8}{what:24}{count:8}  {100 * count / total:5.1f}%")
    lines.append(f"{summary.operations} failed lanes name different operations")
    lines.append(f"primitives never used: {', '.join(summary.unused) or 'none'}")
    lines.append(f"{len(summary.mismatches)} mismatches")
    return "\n".join(lines)


def run_fuzz(
    programs: int,
    seed: int,
    say: Say = print,
    runtime: type[Runtime] = Runtime,
) -> int:
    """Fuzz, and tell what was found: the exit status, 1 where there is a mismatch."""
    start = time.monotonic()
    progress = _Progress(programs, say)
    try:
        summary = fuzz(programs, seed, runtime=runtime, progress=progress)
    finally:
        progress.stop()
    for mismatch in summary.mismatches:
        say(describe(mismatch, seed) + "\n")
    say(tell(summary, time.monotonic() - start))
    return 1 if summary.mismatches else 0
