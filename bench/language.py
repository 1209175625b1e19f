"""Run programs here and as Python on the published DSL, and compare how they end.

    python -m bench.language FOLDER

FOLDER holds programs as files with functions `solve_ID` or `verify_ID`, where ID is that of a task;
a single file will do. Each program is run on its task's samples: here by the compiled engine and
the direct interpreter, there by Python itself, in a process of its own with limits, as these are
programs of others; sets are in canonical order on both sides. What raises and what gives no grid
count the same: there is no answer.

A table says how the programs end, each by the worst of its samples; then come the programs that do
not end as they do there, with file and line. Those that run over a limit on either side are counted
apart, as limits are no part of what a program means.

Exit status: 0 where every program ends as it does there, 1 where one does not, 2 where there is
nothing to compare.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from bench import foreign
from bench.endings import (
    ENDINGS,
    HERE,
    OTHERWISE,
    Compared,
    Ours,
    compared,
)
from bench.foreign import End, Foreign
from pipeline.config.context import Context
from pipeline.data.arc import SOURCES, load_tasks
from pipeline.data.tasks import DataError, Task
from pipeline.frontend.candidates import task_of
from pipeline.frontend.units import Unit, split_units
from pipeline.system.progress import progress
from pipeline.system.spread import spread
from pipeline.system.tables import print_table

PART: Final = 24
"""Programs that a process takes at once."""

_NAME = re.compile(r"(?:def\s+)?(\w+)")
_T = TypeVar("_T")


class Asked(NamedTuple):
    """A program, the name of its function in its file, the file's text, its task."""

    unit: Unit
    function: str
    text: str
    task: Task


def main(words: Sequence[str] | None = None) -> int:
    """Compare and print."""
    options = argparse.ArgumentParser(
        prog="python -m bench.language",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = options.add_argument
    add("folder", type=Path, help="a folder of programs, or a file")
    add("--samples", type=int, default=0, metavar="N", help="the first N of a task (0: all)")
    add("--data", default="arc1-train", help=f"{', '.join(SOURCES)}, or a path (%(default)s)")
    add(
        "--seconds-per-program",
        type=int,
        default=10,
        metavar="S",
        help="of processor time, after which Python's side is ended (%(default)s)",
    )
    add("--jobs", type=int, default=2, help="how many processes (%(default)s)")
    add("--list", type=int, default=50, metavar="N", help="programs listed (%(default)s; 0: all)")
    chosen = options.parse_args(words)
    context = Context.found()
    try:
        tasks = load_tasks(chosen.data, context.config.cache.folder)
        programs = list(read_programs(chosen.folder, tasks))
    except (DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if not programs:
        print(f"{chosen.folder}: no program for a task of {chosen.data}", file=sys.stderr)
        return 2
    found = compare(programs, chosen.samples, chosen.seconds_per_program, chosen.jobs, context)
    return tell(programs, found, chosen.list)


def read_programs(folder: Path, tasks: dict[str, Task]) -> Iterator[Asked]:
    """The programs in a folder or a file; those of other tasks are counted and passed over."""
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]
    passed = 0
    for path in paths:
        data = path.read_bytes()
        text = data.decode("utf-8-sig", errors="replace")
        lines = text.splitlines()
        for unit in split_units("programs", str(path), data)[0]:
            task = tasks.get(task_of(unit.name))
            match = _NAME.match(lines[unit.first_line - 1])
            if task is None or match is None:
                passed += 1
            else:
                yield Asked(unit, match[1], text, task)
    if passed:
        print(f"{passed:,} programs are for no task of this data, and passed over")


def compare(
    programs: Sequence[Asked], samples: int, seconds: int, jobs: int, context: Context
) -> list[Compared]:
    """How each program ends here and there."""
    from bench import here

    most = samples or None
    asked = [
        Foreign(
            a.unit.path,
            a.text,
            a.function,
            tuple((s.input, s.output) for s in a.task.train),
            tuple(s.input for s in a.task.samples[:most]),
        )
        for a in programs
    ]
    theirs: list[list[End]] = _spread("Python", partial(foreign.run_part, seconds), asked, jobs)
    given = [(a.unit, f.grids, f.pairs) for a, f in zip(programs, asked, strict=True)]
    ours: list[Ours] = _spread("here", partial(here.run_part, context.config), given, jobs)
    outputs = [[s.output for s in a.task.samples[:most]] for a in programs]
    return [compared(o, t, w) for o, t, w in zip(ours, theirs, outputs, strict=True)]


def _spread(name: str, work: Any, given: Sequence[Any], jobs: int) -> list[Any]:
    """What work gives for all that is given, in this order, from so many processes."""
    parts = [(k, given[k : k + PART]) for k in range(0, len(given), PART)]
    found: dict[int, list[Any]] = {}
    results = spread(work, parts, jobs, seconds=0)
    with closing(results), progress(name, len(given), "programs") as advance:
        for number, result in results:
            found[number] = result
            advance(len(result))
    return [item for number in sorted(found) for item in found[number]]


# -- telling


def tell(programs: Sequence[Asked], found: Sequence[Compared], most: int) -> int:
    """Print the table and what ends otherwise; the exit status."""
    total = Counter(one.ending for one in found)
    lanes = Counter(lane for one in found for lane in one.lanes)
    rows = [
        (ending, f"{total[ending]:,}", f"{lanes[ending]:,}")
        for ending in ENDINGS
        if total[ending] or lanes[ending]
    ]
    differing = [k for k, one in enumerate(found) if one.ending in OTHERWISE]
    for k in sorted(differing, key=lambda k: ENDINGS.index(found[k].ending))[: most or None]:
        unit, one = programs[k].unit, found[k]
        print(f"{unit.path}:{unit.first_line}: {one.ending}: {one.detail}")
    if differing:
        print()
    _tell_reasons(found)
    print_table(("how they end", "programs", "lanes"), rows)
    share = len(differing) / len(found)
    print(f"{len(differing):,} of {len(found):,} programs end otherwise ({share:.2%})")
    return 1 if differing else 0


def _tell_reasons(found: Iterable[Compared]) -> None:
    """Why programs are refused or have no answer here: the diagnostic, or the failure."""
    reasons = Counter((one.ending, one.reason) for one in found if one.ending in HERE)
    rows = [(ending, reason, f"{n:,}") for (ending, reason), n in reasons.most_common()]
    if rows:
        print_table(("how they end", "reason here", "programs"), rows)
        print()


if __name__ == "__main__":
    sys.exit(main())
