"""The command `show`: a solver's grids in the terminal, and where it fails."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache

from pipeline.battery.closeup import CloseUp, LaneCloseUp, look_closely, with_places
from pipeline.battery.locating import locator_of
from pipeline.battery.opening import battery_on, tasks_of
from pipeline.commands.asked import Chosen
from pipeline.config.context import Context
from pipeline.config.solvers import read_lines
from pipeline.report.show_text import print_close_up


def show(context: Context, solver: str, sample: str = "", broken: Sequence[str] = ()) -> int:
    """Draw samples of a solver: the one that is asked for, else those that are not right, else all.

    broken: the solvers that have no code. 0 if there was something to draw, 1 if the solver is
    broken, 2 if there is no such solver or sample.
    """
    if not solver:
        print("which solver? `doit show --solver CORPUS/ID`", file=sys.stderr)
        return 2
    config = context.config
    battery = battery_on(config.backend, context)
    kept = Chosen(solver).of([*battery.solvers, *broken])
    if not kept:
        print(f"no solver in the battery matches {solver!r}", file=sys.stderr)
        return 2
    found = look_closely(battery, tasks_of(config), config.budget, kept.__contains__)
    for row in found:
        if sample and _place(row, sample) is None:
            print(_no_sample(row, sample), file=sys.stderr)
            return 2
    lines = cache(read_lines)
    for row in with_places(found, locator_of(config)):
        print_close_up(row, _lanes(row, sample), lines)
    for name in sorted(kept.intersection(broken)):
        print(f"{name}: broken: its diagnostics are above")
    return 1 if kept.intersection(broken) else 0


def _place(row: CloseUp, sample: str) -> int | None:
    """The place of the sample called `test[0]`, or just by its number."""
    names = [lane.place for lane in row.lanes]
    if sample in names:
        return names.index(sample)
    if re.fullmatch(r"\d{1,6}", sample) and int(sample) < len(names):
        return int(sample)
    return None


def _lanes(row: CloseUp, sample: str) -> Sequence[LaneCloseUp]:
    place = _place(row, sample) if sample else None
    if place is not None:
        return [row.lanes[place]]
    return [lane for lane in row.lanes if lane.failure] or row.lanes


def _no_sample(row: CloseUp, sample: str) -> str:
    if not row.lanes:
        return f"no data set in config.yaml has the task of {row.solver}"
    names = ", ".join(lane.place for lane in row.lanes)
    return f"no sample {sample!r} of {row.solver}; there are {names}"
