"""A solver's source and its flattened code, line by line: which line came from which."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.frontend.units import Unit

_NODE = re.compile(r"\s*(\w+)(?:: .*?)? = ")
_LOOP = re.compile(r"\s*def t\d+\((\w+),")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of generated code, its number in the file, and the place in the source that it came
    from: the line, and where it is known just what in it."""

    number: int
    text: str
    line: int = 0
    column: int = 0
    width: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A solver's text, whose first line has the number `first`, and its code."""

    path: str
    first: int
    source: tuple[str, ...]
    code: tuple[CodeLine, ...]
    nodes: int


def listing(unit: Unit, lines: Sequence[str], code: str, source_map: str) -> Listing:
    """A solver's listing; `lines` are those of its file. Without code, that of a broken solver."""
    first, source = source_of(unit, lines)
    if not code:
        return Listing(unit.path, first, source, (), 0)
    places: dict[str, Sequence[int]] = json.loads(source_map)["nodes"]
    last = first + len(source) - 1
    found = tuple(_pair(_body(code), places, first + _heading(source), last))
    nodes = sum(name.startswith("n") for name in places)
    return Listing(unit.path, first, source, found, nodes)


def source_of(unit: Unit, lines: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """The text of a solver with the comment above it, and the number of its first line."""
    text = unit.text.split("\n")
    while text and (not text[-1].strip() or text[-1].startswith("#")):
        text.pop()
    first = unit.first_line
    while first > 1 and first - 2 < len(lines) and lines[first - 2].startswith("#"):
        first -= 1
    return first, (*lines[first - 1 : unit.first_line - 1], *text)


def _heading(source: Sequence[str]) -> int:
    """The place of the `def` line."""
    return next((k for k, line in enumerate(source) if not line.startswith("#")), 0)


def _body(code: str) -> list[tuple[int, str]]:
    """The function of a generated module without its docstring: numbered lines."""
    lines = code.split("\n")
    start = next((k for k, line in enumerate(lines) if line.startswith("def ")), 0)
    end = next((k for k, line in enumerate(lines) if line.startswith("if __name__")), len(lines))
    found = [(k + 1, lines[k]) for k in range(start, end) if lines[k].strip()]
    return [(k, line) for k, line in found if not line.lstrip().startswith('"""')]


def _pair(
    body: Sequence[tuple[int, str]], places: Mapping[str, Sequence[int]], head: int, last: int
) -> list[CodeLine]:
    """Each line with its place: head and input stand beside the head, the verdict beside the end,
    the end of a loop's body beside what is before it."""
    found = [CodeLine(*body[0], head)] if body else []
    for number, text in body[1:]:
        match = _LOOP.match(text) or _NODE.match(text)
        place = places.get(match[1]) if match else None
        if " = rt.input(" in text:
            found.append(CodeLine(number, text, head))
        elif place is not None and len(place) == 4:  # else it is of a library
            found.append(CodeLine(number, text, *place[:3]))
        elif text.startswith("    rt.verdict("):
            found.append(CodeLine(number, text, last))
        else:
            found.append(CodeLine(number, text, found[-1].line))
    return found
