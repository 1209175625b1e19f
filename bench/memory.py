"""How fast programs are evaluated in memory: figures of `bench.engine`.

All are of one thread, and count its processor time: the machine may be shared. Programs run within
small budgets, as those of a search do, on the three train samples of a task; kernels are loaded.
Whether memory stays flat is measured in a process that does nothing else:

    python -m bench.memory PROGRAMS WARM-UP       # prints how its memory grows
"""

from __future__ import annotations

import gc
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.build import PROJECT
from bench.figures import CPU, OURS, Effort, figure, processor_seconds
from pipeline import passes
from pipeline.battery.resident import Battery
from pipeline.config.config import Cache, Config
from pipeline.data.arc import load_tasks
from pipeline.data.corpora import extract_corpus
from pipeline.data.tasks import Task
from pipeline.frontend import known_lines
from pipeline.frontend.parse import parse, parse_text
from pipeline.frontend.program import Program
from pipeline.frontend.units import split_units
from pipeline.ir.status import Limits
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE
from pipeline.trust.programs.writer import random_program

CACHE = PROJECT / ".cache"
CONFIG = Config(
    threads=1,
    budget=Limits(elements=2_000, total=20_000),
    cache=Cache(dir=str(CACHE)),
)
TASK = "67a3c6ac"
FRESH, VARIANTS, STAYING, COLOURINGS, TASKS = 2_000, 4_000, 500, 40, 20
COMING, WARM_UP, BATCH = 1_000_000, 300_000, 1_000
"""How many programs come and go after how many that fill all tables, and how many at a time."""

QUICK = 10
"""What part of it is measured where it is to be quick."""

SHOWN = 20
"""How many of the measurements of memory are kept."""


def in_memory(effort: Effort, names: Sequence[str]) -> dict[str, Any]:
    """Those of the figures that are named."""
    steps: dict[str, Callable[[Effort], Any]] = {
        "memory_fresh": fresh,
        "memory_variants": variants,
        "memory_again": again,
        "memory_growth": growth,
    }
    return {name: step(effort) for name, step in steps.items() if name in names}


def fresh(effort: Effort) -> Any:
    """Random programs of 4 to 8 lines that nobody has seen: texts in, scores out."""
    texts = drawn(some(FRESH, effort), "fresh")
    with Battery(samples_of(load_tasks("arc1-train", CACHE)[TASK]), config=CONFIG) as battery:
        broken = len(battery.evaluate(texts).explain)

        def prepare() -> None:
            passes.forget()
            known_lines.forget()

        def work() -> int:
            return len(battery.evaluate(texts))

        return rate("memory_fresh", effort, prepare, work, broken=broken)


def variants(effort: Effort) -> Any:
    """Programs in which one statement of a known one is exchanged for another."""
    known = verifiers()
    changed = exchanged(known, some(VARIANTS, effort))
    with Battery(samples_of(load_tasks("arc1-train", CACHE)[TASK]), config=CONFIG) as battery:
        battery.evaluate(changed)

        def prepare() -> None:
            passes.forget()
            battery.close()
            battery.evaluate(known)

        def work() -> int:
            return len(battery.evaluate(changed))

        lines_each = statistics.mean(len(program.statements) for program in changed)
        return rate("memory_variants", effort, prepare, work, statements_each=lines_each)


def again(effort: Effort) -> Any:
    """The same programs on new samples: those of the task in other colours, and, beside that, those
    of other tasks, whose grids are larger.
    """
    tasks = load_tasks("arc1-train", CACHE)
    turns = some(COLOURINGS, effort)
    coloured = [in_other_colours(samples_of(tasks[TASK]), seed) for seed in range(turns)]
    others = [samples_of(task) for task in list(tasks.values())[: some(TASKS, effort)]]
    with Battery(config=CONFIG) as battery:
        battery.add(drawn(STAYING, "staying"))

        def prepare() -> None:
            battery.use(samples_of(tasks[TASK]))
            battery.evaluate()

        def work(sets: Sequence[Any] = coloured) -> int:
            lanes = 0
            for some_samples in sets:
                battery.use(some_samples)
                lanes += battery.evaluate().codes.size
            return lanes

        found = rate("memory_again", effort, prepare, work, programs=STAYING)
        once = replace(effort, runs=1)
        found["value_on_tasks"] = rate("memory_again", once, prepare, lambda: work(others))["value"]
        return found


def in_other_colours(samples: Sequence[Any], seed: int) -> list[Any]:
    """The samples with their colours exchanged."""
    colours = random.Random(seed).sample(range(10), 10)
    return [
        tuple(tuple(tuple(colours[cell] for cell in row) for row in grid) for grid in pair)
        for pair in ((sample.input, sample.output) for sample in samples)
    ]


def rate(
    name: str, effort: Effort, prepare: Callable[[], object], work: Callable[[], int], **more: Any
) -> Any:
    """How much is done in a second: the median of turns. work: gives how much that was."""
    taken: dict[str, list[float]] = {OURS: [], OURS + CPU: []}
    count = 0
    for _ in range(effort.runs):
        prepare()
        gc.collect()
        begin, used = time.perf_counter(), processor_seconds()
        count = work()
        taken[OURS].append(time.perf_counter() - begin)
        taken[OURS + CPU].append(processor_seconds() - used)
    value = count / statistics.median(taken[OURS + CPU])
    wall = count / statistics.median(taken[OURS])
    return figure(name, value, taken, count=count, by_the_clock=wall, **more)


def some(count: int, effort: Effort) -> int:
    """How many of so many are measured."""
    return count // QUICK if effort.quick else count


def samples_of(task: Task) -> list[Any]:
    """What programs run on."""
    return list(task.train[:3])


# -- programs


def drawn(count: int, name: str) -> list[str]:
    """Random programs of 4 to 8 lines."""
    return [random_program(random.Random(f"{name} {k}"), 4 + k % 5) for k in range(count)]


def verifiers() -> list[Program]:
    """The 400 published ones."""
    path = extract_corpus(CACHE)
    units, _ = split_units("re-arc", path.as_posix(), path.read_bytes())
    return [parse(unit.text, unit.name) for unit in units]


def exchanged(known: Sequence[Program], count: int) -> list[Program]:
    """Variants that compile, each of a known program with one statement exchanged."""
    source, found = random.Random(0), list[Program]()
    while len(found) < count:
        program = known[len(found) % len(known)]
        place = source.randrange(len(program.statements) - 1)
        statement = program.statements[place]
        line = edited(statement.line, [s.target for s in program.statements[:place]], source)
        text = f"def solve_0({program.parameter}):\n{line}\n    return {statement.target}\n"
        defined = {program.parameter, *(s.target for s in program.statements[:place])}
        for name in sorted(defined & set(re.findall(r"\w+", line)) - {program.parameter}):
            text = text.replace("\n", f"\n    {name} = identity({program.parameter})\n", 1)
        alone, wrong = parse_text(text, "edit")
        if line and line != statement.line and alone is not None and not wrong:
            statements = list(program.statements)
            statements[place] = alone.statements[-2]
            variant = replace(program, statements=tuple(statements))
            if passes.flattened(variant, CONFIG.program.max_nodes):
                found.append(variant)
    return found


def edited(line: str, before: Sequence[str], source: random.Random) -> str:
    """A line with one of its words exchanged for another of its kind; empty if there is none."""
    words = [w for w in re.finditer(r"\b\w+\b", line) if not w[0].isdigit()][1:]
    if not words:
        return ""
    word = source.choice(words)
    kind = TABLE if word[0] in TABLE else CONSTANTS if word[0] in CONSTANTS else before
    new = source.choice([*kind] or [word[0]])
    return line[: word.start()] + new + line[word.end() :]


# -- programs that come and go


def growth(effort: Effort) -> Any:
    """How the memory of a process grows while programs are added, evaluated and dropped. Tables
    fill and are emptied, so that the peaks of both halves are compared.
    """
    counts = some(COMING, effort), some(WARM_UP, effort)
    command = [sys.executable, "-m", "bench.memory", *map(str, counts)]
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    taken = {OURS: [time.perf_counter() - begin]}
    found = json.loads(done.stdout)
    return figure("memory_growth", found.pop("growth"), taken, **found)


def come_and_go(coming: int, warm_up: int) -> dict[str, Any]:
    """By how much the memory of this process is more in the second half than in the first."""
    source = never_seen(random.Random(1), drawn(FRESH, "coming"))
    resident: list[float] = []
    with Battery(samples_of(load_tasks("arc1-train", CACHE)[TASK]), config=CONFIG) as battery:
        for done in range(0, warm_up + coming, BATCH):
            handles = battery.add([next(source) for _ in range(BATCH)])
            battery.evaluate()
            battery.drop(handles)
            if done >= warm_up:
                resident.append(resident_mib())
    middle = len(resident) // 2
    first, second = max(resident[:middle]), max(resident[middle:])
    return {
        "growth": second / first,
        "programs": coming,
        "warm_up": warm_up,
        "mib": [round(mib) for mib in resident[:: max(1, len(resident) // SHOWN)]],
    }


def never_seen(source: random.Random, known: Sequence[str]) -> Iterator[str]:
    """Programs without end: a known one each with two new lines, of which it returns nothing."""
    while True:
        head, *rest = source.choice(known).split("\n")
        a, b = (source.randrange(-30_000, 30_000) for _ in range(2))
        new = (f"    u1 = shift(asindices(I), ({a}, {b}))", f"    u2 = multiply({a}, {b % 30})")
        yield "\n".join([head, *new, *rest])


def resident_mib() -> float:
    """How much memory of this process is in the machine's."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    print(json.dumps(come_and_go(*map(int, sys.argv[1:]))))
