"""What is wrong, and where: spans, diagnostics and how they print.

A diagnostic is data until `render` turns it into text, so that passes stay pure and tests can
assert the whole message. Lines and columns count from 1, columns in characters, as editors show
them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, NamedTuple

from pipeline.system.problem import Problem
from pipeline.system.tables import table_lines

MOST_SHOWN: Final = 20
"""So many of a run's findings are shown in full; `--all-errors` shows all."""

MOST_USERS: Final = 4
"""As many solvers are named that a fault elsewhere breaks; more are counted."""

NOTE: Final = "note"
"""The severity of what is no fault: it fails nothing."""


class Span(NamedTuple):
    """A range on one line of a file: `line` and `column` from 1, `width` in characters."""

    path: str
    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `code` is a stable kebab-case word, `message` one line, `notes` say what to do next. solvers:
    those that it breaks, where that is not told by its place.
    """

    span: Span
    code: str
    message: str
    notes: tuple[str, ...] = ()
    severity: str = "error"
    solvers: tuple[str, ...] = ()

    def sort_key(self) -> tuple[Any, ...]:
        """Order of report: by file, then position, then text; no two different ones tie."""
        span = self.span
        position = (span.path, span.line, span.column)
        told = (*position, self.code, self.message, span.width, self.notes, self.severity)
        return (*told, self.solvers)


class Invalid(Problem):
    """Raised where input can't be used at all; carries every diagnostic found so far.

    sources: the lines of files, by path, that the text of the exception is to show.
    """

    status = 2

    def __init__(
        self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = sources or {}
        # What a process hands to another is rebuilt from this.
        super().__init__(self.diagnostics, self.sources)

    def __str__(self) -> str:
        return render_all(self.diagnostics, self.sources)

    @property
    def told(self) -> str:
        """All diagnostics, with the lines of their files."""
        return render_problems(self.diagnostics)


def split_lines(text: str) -> list[str]:
    """The lines that line numbers count: unlike `str.splitlines`, a form feed ends none."""
    return re.split("\r\n|\r|\n", text) if "\r" in text else text.split("\n")


def render(diagnostic: Diagnostic, lines: Sequence[str] = ()) -> str:
    """The text a user reads: `path:line:column: error[code]: message`, source line, caret, notes.

    `lines` is the file's text as `split_lines` gives it; without it, or past its end, the source
    line is left out; so is one that is blank.
    """
    span = diagnostic.span
    head = f"{span.path}:{span.line}:{span.column}: {diagnostic.severity}[{diagnostic.code}]: "
    parts = [head + diagnostic.message]
    if 1 <= span.line <= len(lines) and lines[span.line - 1].strip():
        parts += _excerpt(lines[span.line - 1], span)
    parts += [f"  note: {note}" for note in diagnostic.notes]
    if diagnostic.solvers:
        parts.append(f"  note: used by {_named(diagnostic.solvers)}")
    return "\n".join(parts)


def _named(solvers: Sequence[str]) -> str:
    few = solvers if len(solvers) <= MOST_USERS else solvers[: MOST_USERS - 1]
    more = len(solvers) - len(few)
    return ", ".join([*few, *([f"and {more:,} more"] if more else [])])


def _joined(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics in report order, each once: what breaks several solvers says which."""
    users: dict[Diagnostic, set[str]] = {}
    for found in diagnostics:
        users.setdefault(replace(found, solvers=()), set()).update(found.solvers)
    joined = [replace(found, solvers=tuple(sorted(users[found]))) for found in users]
    return sorted(joined, key=Diagnostic.sort_key)


def _excerpt(line: str, span: Span) -> list[str]:
    """The source line and the caret line below it; long lines are cut to a window of 100.

    The caret never leaves the line by more than one character, wherever the span points.
    """
    text = line.rstrip("\r\n")
    caret = min(max(span.column - 1, 0), len(text))
    start = max(0, caret - 60) if len(text) > 100 else 0
    window = text[start : start + 100].replace("\t", " ")
    shown = "".join(c if c.isprintable() else "?" for c in window)
    offset = caret - start
    width = max(1, min(span.width, len(shown) - offset))
    return [("    " + shown).rstrip(), "    " + " " * offset + "^" * width]


def render_all(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, Sequence[str]],
    most: int | None = None,
) -> str:
    """Diagnostics in report order, each once, a blank line between, and a closing count.

    Of more than `most`, so many are shown, of each kind the first one if that can be; a table says
    how many there are of which kind.
    """
    return _text_of(_joined(diagnostics), sources.get, most)


def render_problems(diagnostics: Iterable[Diagnostic], most: int | None = None) -> str:
    """The same with the lines of their files as these are now, each file read once."""
    return _text_of(_joined(diagnostics), cache(_lines), most)


def _text_of(
    ordered: Sequence[Diagnostic], lines: Callable[[str], Sequence[str] | None], most: int | None
) -> str:
    shown = [ordered[place] for place in places_shown([d.code for d in ordered], most)]
    blocks = [render(d, lines(d.span.path) or ()) for d in shown]
    count = _count([d.severity for d in ordered])
    if len(shown) < len(ordered):
        blocks.append(kinds_text([(d.code, d.span.path) for d in ordered]))
        count = f"{count}; {len(shown)} of them are shown, all with --all-errors"
    return "\n\n".join([*blocks, count])


def places_shown(kinds: Sequence[str], most: int | None) -> list[int]:
    """Which findings of these kinds are shown: the first of each kind, then the first of all, until
    there are so many; in order.
    """
    if most is None or len(kinds) <= most:
        return list(range(len(kinds)))
    firsts: dict[str, int] = {}
    for place, kind in enumerate(kinds):
        firsts.setdefault(kind, place)
    return sorted([*dict.fromkeys([*firsts.values(), *range(most)])][:most])


def kinds_text(found: Iterable[tuple[str, str]]) -> str:
    """A table of what there is, given the kind and the file of each: how many of a kind there are,
    and the file where most of them are.
    """
    files: dict[str, Counter[str]] = {}
    for kind, path in found:
        files.setdefault(kind, Counter())[path] += 1
    by_count = sorted(files.items(), key=lambda item: (-item[1].total(), item[0]))
    rows = []
    for kind, counts in by_count:
        path, most = min(counts.items(), key=lambda item: (-item[1], item[0]))
        rows.append((kind, f"{counts.total():,}", f"{most:,}", path))
    return "\n".join(table_lines(("kind", "count", "most", "in"), rows, "<>><"))


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return split_lines(file.read())
    except OSError:
        return []


def _count(severities: list[str]) -> str:
    """`2 errors`, and `, 1 warning` where there are any."""
    others = sorted(set(severities) - {"error"})
    parts = [(severities.count(word), word) for word in ["error", *others]]
    return ", ".join(f"{n:,} {word}{'' if n == 1 else 's'}" for n, word in parts)
