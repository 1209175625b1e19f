"""The pictures of `docs/pictures`: some of our own solvers, three of them with a slip in it, as a
terminal and as the report show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pipeline.battery.batteries import Lanes, Wanted
from pipeline.battery.closeup import look_closely, with_places
from pipeline.battery.locating import Locator
from pipeline.codegen.compile import compile_unit
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.data.tasks import Sample
from pipeline.diagnostics import render_problems
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.units import Unit, split_units
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.oracle.interpret import outcome
from pipeline.report.listing import listing
from pipeline.report.page_data import Found, ReportFacts
from pipeline.report.readme_svg import report_picture, shown_in_colours, terminal_picture

DATA: Final = "arc1-train"
SOLVERS: Final = (
    *("007bbfb7", "0520fde7", "1f642eb9", "3aa6fb7a", "5582e5ca", "67a3c6ac", "68b16354"),
    "74dd1130",
)
SLIPS: Final = {
    "007bbfb7": ("hconcat(hconcat(I, I), I)", "hconcat(hconcat(I, I))"),
    "1f642eb9": ("colorfilter(shapes, EIGHT)", "colorfilter(shapes, NINE)"),
    "67a3c6ac": ("vmirror", "hmirror"),
}
"""What stands in a solver, and what in its place: each a slip that somebody has made."""

SHOWN: Final = (("67a3c6ac", 1), ("1f642eb9", 1))
"""The samples that the terminal shows."""


@dataclass(frozen=True)
class Interpreted:
    """Solvers that the direct interpreter runs."""

    units: dict[str, Unit]
    backend: str = "reference"
    nodes: int = 0
    native_nodes: int = 0

    @property
    def solvers(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.units)

    @property
    def device(self) -> dict[str, Any]:
        """What ran them."""
        return {"device": "cpu"}

    @cached_property
    def programs(self) -> list[Any]:
        """What is interpreted."""
        return [parse_unit(unit)[0] for unit in self.units.values()]

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits, lanes: Lanes = None
    ) -> list[list[Any]]:
        """See `LinkedBattery`; it knows no scores."""
        return [
            [outcome(program, samples[k].input, limits, samples[k].shown) for k in places]
            for program, places in zip(self.programs, wanted, strict=True)
        ]


def pictures(context: Context) -> dict[str, str]:
    """The text of each picture, by its path."""
    texts = {f"solvers/{ident}.py": _text(context, ident) for ident in SOLVERS}
    units = {unit.name: unit for path, text in texts.items() for unit in _units(path, text)}
    made = {name: compile_unit(unit) for name, unit in units.items()}
    problems = {n: render_problems(c.diagnostics) for n, c in made.items() if c.code is None}
    tasks = load_tasks(DATA, context.config.cache.folder)
    battery = Interpreted({name: units[name] for name in units if name not in problems})
    rows = look_closely(battery, tasks, DEFAULT_LIMITS)
    rows = with_places(rows, Locator(units.get, DEFAULT_LIMITS))
    lines = {path: text.split("\n") for path, text in texts.items()}
    found = Found(
        facts=ReportFacts("reference", "cpu", (DATA,), 0, 0, 0.0),
        solvers=rows,
        tasks=tasks,
        listings={
            name: listing(unit, lines[unit.path], made[name].code or "", made[name].source_map)
            for name, unit in units.items()
        },
        problems=problems,
    )
    named = {row.task: row for row in rows}
    shown = (shown_in_colours(named[ident], k, lines) for ident, k in SHOWN)
    return {
        "docs/pictures/report.svg": report_picture(found),
        "docs/pictures/terminal.svg": terminal_picture("\n".join(shown).rstrip()),
    }


def _text(context: Context, ident: str) -> str:
    text = Path(context.at(f"solvers/{ident}.py")).read_text("utf-8")
    before, after = SLIPS.get(ident, ("", ""))
    assert before in text, f"solvers/{ident}.py has no {before}: give the picture another slip"
    return text.replace(before, after) if before else text


def _units(path: str, text: str) -> list[Unit]:
    return split_units("own", path, text.encode())[0]
