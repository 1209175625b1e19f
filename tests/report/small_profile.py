"""A profile by hand: two solvers, two operations, three sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.measuring.timings import (
    Measured,
    OperationTiming,
    ProfileFacts,
    Scale,
    SolverTiming,
    Timing,
)

FACTS = ProfileFacts(
    made="2030-01-02 03:04:05 UTC",
    repeats=3,
    machine={"processor": "Abacus 3", "cores": 2},
    versions={"python": "3.11.7", "numpy": "2.0.0"},
    battery={"solvers": 2, "tasks": 40, "samples": 1_234, "sources": "s", "code": "c"},
    settings={"backend": "compiled", "device": "cpu", "threads": 2, "data": ["one", "two"]},
)


def around(name: str, seconds: float, spread: float = 0.1) -> Timing:
    """A timing whose repeats lie evenly around its median, as far apart as this share of it."""
    return Timing(name, seconds, seconds * (1 - spread / 2), seconds * (1 + spread / 2))


def scale(tasks: int, seconds: float) -> Scale:
    """A size; most of its time is `generate`."""
    phases = around("generate", seconds * 0.75), around("run", seconds * 0.25)
    return Scale(tasks, tasks // 20, around("whole", seconds), phases)


SLOW = SolverTiming(around("re-arc/0a1b2c3d", 0.012), "passes", 0.006, around("x", 0.003))
QUICK = SolverTiming(around("own/11111111", 0.004), "parse", 0.003, around("y", 0.001))
SOLVERS = tuple(
    replace(row, run=row.run and replace(row.run, name=row.name)) for row in (SLOW, QUICK)
)
MEASURED = Measured(
    facts=FACTS,
    yardstick=around("yardstick", 0.01),
    busy=0.02,
    whole=around("whole", 1.6),
    unexplained=around("unexplained", 0.08),
    phases=(around("generate", 1.2), around("run", 0.32)),
    steps=(around("parse", 0.9), around("collect", 0.3)),
    operations=(
        OperationTiming(around("merge", 0.003), 7, 12_345),
        OperationTiming(around("fill", 0.001), 1_000, 20),
    ),
    solvers=SOLVERS,
    scaling=(scale(10, 0.5), scale(20, 0.5), scale(40, 1.6)),
)


def profile(**changes: Any) -> dict[str, Any]:
    """Its JSON, with what was changed."""
    return replace(MEASURED, **changes).to_json()
