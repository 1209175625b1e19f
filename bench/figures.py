"""What the engines' measurements have in common: bars, turns, and the record of a figure."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FASTER = "x faster than published"
PROGRAMS, LANES = "programs a CPU second", "lanes a CPU second"
AT_LEAST = {FASTER, PROGRAMS, LANES, "x faster than the CPU", "of the run"}
"""Units of which more is better."""

Bars = Mapping[str, tuple[str, float, float]]
BARS: Bars = {
    "check": (FASTER, 20.0, 50.0),
    "check_process": ("s", 2.0, 1.2),
    "stress": (FASTER, 60.0, 200.0),
    "matrix": (FASTER, 100.0, 500.0),
    "matrix_growth": ("x the seconds for 2 x the samples", 2.1, 2.0),
    "cold_start": ("s", 120.0, 45.0),
    "memory_fresh": (PROGRAMS, 4_000.0, 10_000.0),
    "memory_variants": (PROGRAMS, 15_000.0, 50_000.0),
    "memory_again": (LANES, 100_000.0, 400_000.0),
    "memory_growth": ("x the memory after twice the programs", 1.02, 1.0),
}
"""For each figure its unit, its bar and what it aims at."""

OURS, SINGLE, PUBLISHED = "ours", "ours_1_thread", "published"
"""Who is measured: our engine on all cores, on one thread, and the published DSL."""

CPU = "_cpu"
"""What the processor seconds of one of them are called by."""

Steps = Mapping[str, Callable[[], float]]
"""What is measured in turns: each gives its seconds."""


@dataclass(frozen=True)
class Effort:
    """How much to measure.

    runs: how many turns. patience: no further turn begins once those of a workload took so many
    seconds. pairs: on how many random samples the published `matrix` is estimated, for each
    verifier. quick: a part of everything, to see that it works.
    """

    runs: int
    patience: float
    pairs: int
    quick: bool


def take_turns(steps: Steps, effort: Effort) -> dict[str, list[float]]:
    """The seconds of each step, all of them in turns: at least one turn.

    Processor seconds of ours, all threads and processes together, are under `NAME_cpu`: what they
    say hardly changes where other programs keep the machine busy.
    """
    taken: dict[str, list[float]] = {name: [] for name in steps}
    taken.update({f"{name}{CPU}": [] for name in steps if name != PUBLISHED})
    begin = time.perf_counter()
    for turn in range(effort.runs):
        if turn and time.perf_counter() - begin > effort.patience:
            break
        for name, step in steps.items():
            used = processor_seconds()
            taken[name].append(step())
            if name != PUBLISHED:
                taken[f"{name}{CPU}"].append(processor_seconds() - used)
    return taken


def processor_seconds() -> float:
    """What this process, and those that it started and that have ended, have used."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in used)


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of the turns: a shared machine's speed changes between them."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def figure(
    name: str, value: float, taken: Mapping[str, list[float]], bars: Bars = BARS, **more: Any
) -> Any:
    """One figure, whether it meets its bar, and what it is made of."""
    unit, bar, aim = bars[name]
    met = value >= bar if unit in AT_LEAST else value <= bar
    found: dict[str, Any] = {"unit": unit, "bar": bar, "aim": aim, "value": value, "met": met}
    if PUBLISHED in taken and OURS in taken:
        found["ratio"] = ratio(taken[PUBLISHED], taken[OURS])
        if SINGLE in taken:
            found["ratio_1_thread"] = ratio(taken[PUBLISHED], taken[SINGLE])
    for who, seconds in taken.items():
        found[f"seconds_{who}"] = statistics.median(seconds)
    found["repetitions"] = max(map(len, taken.values()))
    found.update(more)
    found["all_seconds"] = {who: _short(seconds) for who, seconds in taken.items()}
    return _short(found)


def against_published(name: str, taken: Mapping[str, list[float]], **more: Any) -> Any:
    """A figure that says how many times faster ours is on all cores."""
    return figure(name, ratio(taken[PUBLISHED], taken[OURS]), taken, **more)


COLUMNS = {
    "1 thread": "ratio_1_thread",
    "ours s": "seconds_ours",
    "published s": "seconds_published",
}
"""What a table shows of each figure besides its value, by head."""


def table(figures: Mapping[str, Any], columns: Mapping[str, str] = COLUMNS) -> str:
    """The figures as lines of text."""
    rows = [("workload", "value", "bar", "aim", "met", *columns, "runs")]
    for name, found in figures.items():
        bar, aim = f"{found['bar']:g}", f"{found['aim']:g}"
        met = "yes" if found["met"] else "no"
        more = (f"{found[k]:,.3f}" if k in found else "" for k in columns.values())
        runs = str(found["repetitions"])
        value = f"{found['value']:,.2f}"
        rows.append((name, value, bar, aim, met, *more, runs))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _short(value: Any) -> Any:
    """The same with numbers of four significant digits."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list) else value
