"""What Python's own profiler found, as rows: the functions that took longest by themselves."""

from __future__ import annotations

import pstats
from dataclasses import dataclass
from pathlib import Path, PurePath


@dataclass(frozen=True, slots=True)
class FunctionCost:
    """A function: seconds in itself, and with all that it called."""

    where: str
    calls: int
    own: float
    whole: float


def function_costs(stats: pstats.Stats, root: Path) -> list[FunctionCost]:
    """Every function of a profile, the most expensive by itself first."""
    table = stats.stats  # type: ignore[attr-defined]  # typeshed does not know it
    rows = [
        FunctionCost(_where(place, root), calls, own, whole)
        for place, (_, calls, own, whole, _) in table.items()
    ]
    return sorted(rows, key=lambda row: (-row.own, row.where))


def _where(place: tuple[str, int, str], root: Path) -> str:
    """A function as one finds it: our files from the project on, others by folder and name."""
    path, line, name = place
    if path == "~":  # built in
        return name
    file = PurePath(path)
    if file.is_relative_to(root):
        return f"{file.relative_to(root)}:{line} {name}"
    return f"{PurePath(*file.parts[-2:])}:{line} {name}"
