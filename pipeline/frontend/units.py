"""Split a source file into units: one solver each, compiled on its own.

A unit is text: it is parsed only when it is compiled, so that a file of 400 solvers of which one
changed costs one parse. Only lines that begin at the left margin are looked at here, and Python's
parser is asked only about those that are neither solvers nor imports. What else a file defines goes
with the solvers that use it, as text too; what none uses is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.diagnostics import NOTE, Diagnostic, Span, split_lines
from pipeline.frontend.candidates import APART, ident_of, name_in
from pipeline.frontend.libraries import NO_LIBRARIES, NOTHING_USED, Libraries, Meanings, Used
from pipeline.frontend.margin import BARE, Start, find_starts
from pipeline.frontend.passed_over import passed_over
from pipeline.frontend.shared_texts import Sharing


@dataclass(frozen=True, slots=True)
class Unit:
    """One solver's text. `name`: see `candidates`; `text` begins at `first_line` of `path`.

    shared: the statements of the file that it uses, in their order, each with its first line.
    dialect: what its words are, see `dialects.Dialect.of`; empty where they are the DSL's. used:
    what it uses of libraries.
    """

    name: str
    path: str
    first_line: int
    text: str
    shared: tuple[tuple[int, str], ...] = ()
    dialect: str = ""
    used: Used = NOTHING_USED


def split_units(
    corpus: str,
    path: str,
    data: bytes,
    is_named: bool = True,
    dialect: str = "",
    libraries: Libraries = NO_LIBRARIES,
) -> tuple[list[Unit], list[Diagnostic]]:
    """The units of one file, in file order, and what is wrong with the file as a whole.

    A unit reaches from its top-level `def` to the next statement at the left margin. What is passed
    over is told by one diagnostic whose severity is `note`. is_named: whether the file itself was
    asked for, not just a folder: only such a file must have a solver. dialect: of all units.
    libraries: those that they may use.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not is_named and not any(b"def " + word.encode() in data for word in BARE):
            return [], [_no_solver(path, "not UTF-8", is_named)]
        return [], [_not_utf_8(path, error)]
    lines = split_lines(text)
    starts, is_plain = find_starts(lines)
    if not is_plain:
        _name_bare(path, starts)
    units, unused, found = _units_of(corpus, path, lines, starts)
    if libraries:
        own = {name for start in starts for name in start.names}
        imports = libraries.imports_in(text)
        units = [_with_libraries(unit, libraries, imports, own) for unit in units]
    if dialect:
        units = [replace(unit, dialect=dialect) for unit in units]
    found += _unexpected(path, lines, starts if units else [s for s in starts if s.is_bad_name])
    if not units and not found:
        message = "no solver in this file" if text.strip() else "the file is empty"
        found.append(_no_solver(path, message, is_named))
    elif units:
        found += passed_over(path, unused)
    return units, found


def _with_libraries(unit: Unit, libraries: Libraries, imports: Meanings, own: set[str]) -> Unit:
    texts = [unit.text, *(text for _, text in unit.shared)]
    return replace(unit, used=libraries.used(texts, imports, own))


def _units_of(
    corpus: str, path: str, lines: list[str], starts: Sequence[Start]
) -> tuple[list[Unit], list[Start], list[Diagnostic]]:
    """The units, the statements that none of them uses, and the solvers that are there twice."""
    sharing = Sharing(lines, starts)
    idents = _idents_of(starts)
    found: list[Diagnostic] = []
    units: list[Unit] = []
    seen: dict[str, int] = {}
    for k, (start, ident) in enumerate(zip(starts, idents, strict=True)):
        if ident in seen:
            found.append(_duplicate(path, lines, start, ident, seen[ident]))
        elif ident:
            seen[ident] = start.line + 1
            shared = sharing.of(k)
            name = f"{corpus}/{name_in(path, ident)}"
            units.append(Unit(name, path, start.line + 1, sharing.texts[k], shared))
    unused = [start for k, start in enumerate(starts) if k not in sharing.used and not idents[k]]
    return units, unused, found


def _idents_of(starts: Sequence[Start]) -> list[str]:
    """What each solver is called in the file; "" for what is none."""
    solved = {start.ident for start in starts if start.function.startswith("solve")}
    return [
        f"{start.ident}{APART}verify"
        if start.ident in solved and start.function.startswith("verify")
        else start.ident
        for start in starts
    ]


def _name_bare(path: str, starts: Sequence[Start]) -> None:
    """Functions that are called just `solve` are solvers where no other has an id."""
    for word in BARE:
        if not any(start.ident and start.function.startswith(word) for start in starts):
            for start in starts:
                if start.function == word:
                    start.ident = ident_of(path)


def _unexpected(path: str, lines: list[str], starts: Sequence[Start]) -> Iterator[Diagnostic]:
    """What Python itself does not take where it stands, and functions that are called like solvers
    but have no id.
    """
    for start in starts:
        line = lines[start.line].lstrip("\f")
        if start.is_bad_name:
            column = line.index(start.function, 4) + 1
            span = Span(path, start.line + 1, column, len(start.function))
            message = f"a solver is named solve_ID or verify_ID, not {start.function!r}"
            yield Diagnostic(span, "bad-name", message)
        elif start.is_misplaced:
            span = Span(path, start.line + 1, 1, len(line.rstrip()))
            note = "a line of a solver is indented; a file holds solvers and what they use"
            message = "this statement is not part of a solver"
            yield Diagnostic(span, "unexpected-statement", message, (note,))


def _duplicate(path: str, lines: list[str], start: Start, ident: str, first: int) -> Diagnostic:
    column = lines[start.line].find(start.function) + 1
    span = Span(path, start.line + 1, max(column, 1), len(start.function))
    message = f"a second solver for {ident!r} in this file"
    notes = f"the first is in line {first}", f"to have both, call this one solve_{ident}__NAME"
    return Diagnostic(span, "duplicate-solver", message, notes)


def _not_utf_8(path: str, error: UnicodeDecodeError) -> Diagnostic:
    before = split_lines(error.object[: error.start].decode())
    line, column = len(before), len(before[-1]) + 1
    message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
    return Diagnostic(Span(path, line, column), "not-utf-8", message, ("save the file as UTF-8",))


def _no_solver(path: str, message: str, is_named: bool) -> Diagnostic:
    span = Span(path, 1, 1)
    if not is_named:
        return Diagnostic(span, "passed-over", f"passed over: {message}", (), NOTE)
    note = "write `def solve_ID(I):` with the task's id"
    return Diagnostic(span, "no-solver", message, (note,))
