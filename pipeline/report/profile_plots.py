"""The plots of a profile: bars of what took longest, and a curve of how the time grows.

Read from `generated/results/profile.json`; what it lacks is left out:

    phases, passes, operations, solvers    [{"name": ..., "seconds": ...}, ...], or {name: ...}
    scaling                                [{"tasks": ..., "seconds": ...}, ...]

Phases and passes (steps of `generate`) are shown in their order, the others the longest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST_BARS: Final = 20
BARS: Final = (
    ("phases", "By phase"),
    ("passes", "By step of generate"),
    ("operations", "By operation"),
    ("solvers", "By solver"),
)
LABEL: Final = 0.12
"""Of the width of a plot: how far the labels of two points must be apart."""

IN_ORDER: Final = ("phases", "passes")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `percent` of the longest, `text` its time."""

    name: str
    percent: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The longest bars of one kind; `left` more are not shown."""

    title: str
    bars: tuple[Bar, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Point:
    """A size that was measured, with its place in a plot from 0 to 1 each way, up and right.

    labelled: whether there is room for its figures.
    """

    tasks: int
    text: str
    x: float
    y: float
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class Plots:
    """What is drawn of a profile."""

    bars: tuple[Bars, ...]
    scaling: tuple[Point, ...]


def plots(profile: Mapping[str, Any]) -> Plots:
    """The plots of a profile, as read from its JSON."""
    return Plots(tuple(_bars(profile)), _scaling(profile.get("scaling") or ()))


def _bars(profile: Mapping[str, Any]) -> Iterator[Bars]:
    for key, title in BARS:
        costs = _costs(profile.get(key))
        if not costs:
            continue
        if key not in IN_ORDER:
            costs.sort(key=lambda cost: -cost[1])
        most = max(seconds for _, seconds in costs) or 1.0
        shown = [Bar(name, 100 * s / most, seconds_text(s)) for name, s in costs[:MOST_BARS]]
        yield Bars(title, tuple(shown), len(costs) - len(shown))


def _costs(found: Any) -> list[tuple[str, float]]:
    if isinstance(found, Mapping):
        return [(str(k), float(v)) for k, v in found.items() if isinstance(v, int | float)]
    rows = found if isinstance(found, Sequence) and not isinstance(found, str) else ()
    return [
        (str(row["name"]), float(row["seconds"]))
        for row in rows
        if isinstance(row, Mapping) and "name" in row and "seconds" in row
    ]


def _scaling(found: Sequence[Any]) -> tuple[Point, ...]:
    pairs = sorted(
        (int(row["tasks"]), float(row["seconds"]))
        for row in found
        if isinstance(row, Mapping) and "tasks" in row and "seconds" in row
    )
    if len(pairs) < 2:
        return ()
    widest, longest = pairs[-1][0] or 1, max(s for _, s in pairs) or 1.0
    points: list[Point] = []
    right = 1.0 + LABEL
    for tasks, seconds in reversed(pairs):
        x, y = tasks / widest, seconds / longest
        labelled = right - x >= LABEL
        right = x if labelled else right
        points.append(Point(tasks, seconds_text(seconds), x, y, labelled))
    return tuple(reversed(points))


def seconds_text(seconds: float) -> str:
    """A time with a unit that fits it."""
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{1e3 * seconds:.3g} ms" if seconds >= 1e-4 else f"{1e6 * seconds:,.0f} us"
