"""Split a source file into units: one solver function each, compiled on its own."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Unit:
    """One solver's text. `name` is CORPUS/ID; `path` and `first_line` say where `text` begins."""

    name: str
    path: str
    first_line: int
    text: str


def split_units(corpus: str, path: str, data: bytes) -> tuple[list[Unit], list[Diagnostic]]:
    """The units of one file, in file order, and what is wrong with the file as a whole.

    A unit reaches from its top-level `def` to the next top-level statement; its text is not parsed here.
    """
    text = data.decode("utf-8")
    units = []
    lines = text.splitlines(keepends=True)
    starts = [k for k, line in enumerate(lines) if line.startswith("def ")] + [len(lines)]
    for a, b in zip(starts, starts[1:], strict=False):
        ident = lines[a][4:].split("(")[0].strip().partition("_")[2]
        units.append(Unit(f"{corpus}/{ident}", path, a + 1, "".join(lines[a:b])))
    return units, []
