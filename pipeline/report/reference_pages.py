"""The pages of `docs/` that are made from the code: the primitives, the knobs of `config.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, Protocol

from pipeline.ir.status import BUDGET_REASONS, REASONS
from pipeline.primitives.row import Primitive, rows_of

_MADE: Final = "<!-- Made by `doit docs`: change the code it is made from, then run that. -->\n"

PRIMITIVES_HEAD: Final = """\
# The primitives

{count} primitives, by family: the files of `pipeline/primitives`. Each row has the name, what it
does, one line for each overload with the types of the arguments and of the result, and when it
fails. Small letters stand for any type; `(a -> b)` is a function.
[What a solver means](semantics.md) explains the types and how a lane ends;
[Add a primitive](add-a-primitive.md) says how to make one more.

What comes of a missing value and of what is empty stands in [Nothing](semantics.md#nothing): in all
other cases it fails, with reason `NONE` or `EMPTY`. The limits of [budget](configuration.md#budget)
hold for all of them: past one of those a lane ends `over_budget`. The last column has what else
fails.
"""

CONFIGURATION_HEAD: Final = """\
# Configuration

Every knob of `config.yaml`. A key that is left out has its default; a list or mapping that is given
replaces the default one as a whole. A dot stands for a section: `budget.cells` is `cells` under
`budget`. Paths begin at the folder of the file. `config.yaml` itself has a comment on each.

What is wrong with the file is said with line and column, and ends a command with status 2. After a
change the next command builds what depends on it again.
"""


class ShownKnob(Protocol):
    """A knob as it is declared."""

    @property
    def name(self) -> str:
        """Dotted."""

    @property
    def accepts(self) -> str:
        """What it may hold, in words."""

    @property
    def default_text(self) -> str:
        """As in YAML."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def doc(self) -> str:
        """What it is for."""


def configuration_page(knobs: Iterable[ShownKnob]) -> str:
    """The page of all knobs, one table a section."""
    parts = [_MADE, CONFIGURATION_HEAD]
    sections: dict[str, list[ShownKnob]] = {}
    for knob in knobs:
        sections.setdefault(knob.name.rpartition(".")[0], []).append(knob)
    for section, found in sections.items():
        title = f"## `{section}`\n" if section else "## At the top\n"
        rows = [(f"`{k.name}`", k.doc, k.accepts, k.unit, f"`{k.default_text}`") for k in found]
        parts += [title, _table(("knob", "what it says", "may be", "unit", "default"), rows)]
    return "\n".join(parts)


def primitives_page(families: Sequence[ModuleType], constants: Mapping[str, Any]) -> str:
    """The page of all primitives, one table a family, and the constants."""
    rows = [row for family in families for row in rows_of(family)]
    parts = [_MADE, PRIMITIVES_HEAD.format(count=len(rows))]
    for family in families:
        name = family.__name__.rpartition(".")[2]
        cells = [_cells(row) for row in rows_of(family)]
        parts += [f"## {name.capitalize()}\n", f"{_summary(family.__doc__ or '')}\n"]
        parts.append(_table(("primitive", "does", "types", "fails"), cells))
    parts += ["## Constants\n", _table(("name", "value"), _constant_rows(constants))]
    parts += ["## Why a lane fails\n", _table(("reason", "says", "ends"), _reason_rows())]
    return "\n".join(parts)


def _cells(row: Primitive) -> tuple[str, ...]:
    call = f"`{row.name}({', '.join(row.parameters)})`"
    types = "<br>".join(f"`{signature.text}`" for signature in row.overloads)
    fails = "never" if row.total else "where a function that it is given fails"
    return call, _summary(row.doc), types, _errors(row.doc) or fails


def _errors(doc: str) -> str:
    """What a docstring says after `Errors:`, its lines joined."""
    match = re.search(r"^Errors: +(.*(?:\n {9}.*)*)", doc, re.MULTILINE)
    return " ".join(match[1].split()) if match else ""


def _summary(doc: str) -> str:
    return " ".join(doc.split("\n\n")[0].split())


def _constant_rows(constants: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(f"`{name}`", f"`{value}`") for name, value in constants.items()]


def _reason_rows() -> list[tuple[str, str, str]]:
    return [
        (f"`{name}`", text, "`over_budget`" if name in BUDGET_REASONS else "`error`")
        for name, text in REASONS.items()
    ]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_escaped(line))} |\n" for line in lines)


def _escaped(cells: Iterable[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in cells]
