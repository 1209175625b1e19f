"""Split a source file into units: one solver function each, compiled on its own.

A unit is text: it is parsed only when it is compiled, so that a file of 400 solvers of which one
changed costs one parse. Only lines that begin at the left margin are looked at here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.diagnostics import Diagnostic, Span, split_lines
from pipeline.frontend.candidates import APART, name_in
from pipeline.frontend.constructs import read_python

_DEF = re.compile(r"(?:async )?def\s+(\w+)")
_HEAD = re.compile(r"(?:async )?def\s|class\s|@")
_IMPORT = re.compile(r"(from|import)\s")
_PREFIXES = ("solve_", "verify_")
_INSIDE = " \t#)]}"
"""How a line begins that begins no statement at the margin; one that is empty begins none too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One solver's text. `name`: see `candidates`; `text` begins at `first_line` of `path`."""

    name: str
    path: str
    first_line: int
    text: str


def split_units(corpus: str, path: str, data: bytes) -> tuple[list[Unit], list[Diagnostic]]:
    """The units of one file, in file order, and what is wrong with the file as a whole.

    A unit reaches from its top-level `def` to the next statement at the left margin. Imports are
    passed over: nothing is ever imported, but corpora written for Python begin with some.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = split_lines(error.object[: error.start].decode())
        line, column = len(before), len(before[-1]) + 1
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
        note = "save the file as UTF-8"
        return [], [Diagnostic(Span(path, line, column), "not-utf-8", message, (note,))]
    lines = split_lines(text)
    starts, found = _starts(path, lines)
    if found:
        starts, found = _starts(path, lines, _statement_lines(lines))
    units: list[Unit] = []
    seen: dict[str, int] = {}
    ends = [*(start for start, _ in starts[1:]), len(lines)]
    for (start, ident), end in zip(starts, ends, strict=False):
        if ident in seen:
            found.append(_duplicate(path, lines, start, ident, seen[ident]))
        elif ident:
            seen[ident] = start + 1
            body = "\n".join(lines[start:end]) + "\n"
            units.append(Unit(f"{corpus}/{name_in(path, ident)}", path, start + 1, body))
    if not units and not found:
        note = "write `def solve_ID(I):` with the task's id"
        message = "no solver in this file" if text.strip() else "the file is empty"
        found.append(Diagnostic(Span(path, 1, 1), "no-solver", message, (note,)))
    return units, found


def _statement_lines(lines: list[str]) -> set[int]:
    """The lines at which top-level statements really begin, from 0.

    Only asked where a line at the left margin is unexpected: it may go on a statement in brackets.
    Read from one definition to the next, so that one that Python can't read hides no other: what is
    wrong with that one is told when it is compiled.
    """
    found: set[int] = set()
    heads = [k for k, line in enumerate(lines) if _HEAD.match(line.lstrip("\f"))]
    for start, end in zip([0, *heads], [*heads, len(lines)], strict=True):
        try:
            body = read_python("\n".join(lines[start:end])).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found.update(range(start, end) if start not in heads else [start])
            continue
        for node in body:
            decorators = getattr(node, "decorator_list", [])
            found.add(start + min([node.lineno, *(d.lineno for d in decorators)]) - 1)
    return found


def _starts(
    path: str, lines: list[str], only: set[int] | None = None
) -> tuple[list[tuple[int, str]], list[Diagnostic]]:
    """Where each top-level statement begins, with the solver's id ("" for what is no solver)."""
    starts: list[tuple[int, str]] = []
    found: list[Diagnostic] = []
    for k, line in enumerate(lines):
        if line[:1] in _INSIDE:  # nearly every line, so nothing else is asked of it
            continue
        line = line.lstrip("\f")
        if line[:1] in _INSIDE or not line.strip():
            continue
        if only is not None and k not in only:
            continue
        match = _DEF.match(line)
        ident = _ident(match[1]) if match else ""
        starts.append((k, ident))
        if not ident and not _IMPORT.match(line):
            found.append(_unexpected(path, k, line, match))
    return starts, found


def _ident(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            ident = name[len(prefix) :]
            return "" if ident.startswith(APART) else ident
    return ""


def _unexpected(path: str, k: int, line: str, match: re.Match[str] | None) -> Diagnostic:
    if match is None:
        span = Span(path, k + 1, 1, len(line.rstrip()))
        note = "a file holds `def solve_ID(I):` functions, comments and imports, nothing else"
        message = "this statement is not part of a solver"
        return Diagnostic(span, "unexpected-statement", message, (note,))
    span = Span(path, k + 1, match.start(1) + 1, len(match[1]))
    message = f"a solver is named solve_ID or verify_ID, not {match[1]!r}"
    return Diagnostic(span, "bad-name", message)


def _duplicate(path: str, lines: list[str], k: int, ident: str, first: int) -> Diagnostic:
    match = _DEF.match(lines[k])
    assert match is not None
    span = Span(path, k + 1, match.start(1) + 1, len(match[1]))
    message = f"a second solver for {ident!r} in this file"
    notes = f"the first is in line {first}", f"to have both, call this one solve_{ident}__NAME"
    return Diagnostic(span, "duplicate-solver", message, notes)
