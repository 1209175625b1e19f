"""What is wrong, and where: spans, diagnostics and how they print.

A diagnostic is data until `render` turns it into text, so that passes stay pure and tests can assert the whole
message. Lines and columns count from 1, columns in characters, as editors show them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range on one line of a file: `line` and `column` from 1, `width` in characters (at least 1)."""

    path: str
    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: `code` is a stable kebab-case word, `message` one line, `notes` say what to do next."""

    span: Span
    code: str
    message: str
    notes: tuple[str, ...] = ()
    severity: str = "error"

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of report: by file, then position, then text."""
        return (self.span.path, self.span.line, self.span.column, self.code, self.message)


class Invalid(Exception):
    """Raised where input can't be used at all; carries every diagnostic found so far."""

    def __init__(self, diagnostics: list[Diagnostic] | tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(diagnostics)} diagnostics")
        self.diagnostics = tuple(diagnostics)


def render(diagnostic: Diagnostic, lines: list[str] | tuple[str, ...] = ()) -> str:
    """The text a user reads: `path:line:column: error[code]: message`, the source line, a caret, the notes.

    `lines` is the file's text split into lines; without it, or past its end, the source line is left out.
    """
    span = diagnostic.span
    head = f"{span.path}:{span.line}:{span.column}: {diagnostic.severity}[{diagnostic.code}]: "
    parts = [head + diagnostic.message]
    if 1 <= span.line <= len(lines):
        parts += _excerpt(lines[span.line - 1], span)
    parts += [f"  note: {note}" for note in diagnostic.notes]
    return "\n".join(parts)


def _excerpt(line: str, span: Span) -> list[str]:
    """The source line and the caret line below it; long lines are cut to a window around the caret."""
    text = line.rstrip("\r\n").replace("\t", " ")
    text = "".join(c if c.isprintable() else "?" for c in text)
    start = max(0, span.column - 1 - 60) if len(text) > 100 else 0
    shown = text[start : start + 100]
    offset = span.column - 1 - start
    width = max(1, min(span.width, len(shown) - offset))
    return ["    " + shown, "    " + " " * offset + "^" * width]


def render_all(diagnostics: list[Diagnostic], sources: dict[str, list[str]]) -> str:
    """All diagnostics in report order, a blank line between, and a closing count."""
    ordered = sorted(set(diagnostics), key=Diagnostic.sort_key)
    blocks = [render(d, sources.get(d.span.path, ())) for d in ordered]
    errors = sum(d.severity == "error" for d in ordered)
    blocks.append(f"{errors} error{'s' if errors != 1 else ''}")
    return "\n\n".join(blocks)
