"""Diagnostics as text that the records can keep, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from pipeline.diagnostics import Diagnostic, Span, render_all, split_lines

INTERNAL = "internal-error"


def dump_problems(problems: Iterable[Diagnostic]) -> str:
    """The JSON text of diagnostics."""
    return json.dumps([asdict(problem) for problem in problems])


def load_problems(text: str) -> Iterator[Diagnostic]:
    """The diagnostics of a JSON text."""
    for raw in json.loads(text):
        raw["span"] = Span(*raw["span"])
        raw["notes"] = tuple(raw["notes"])
        yield Diagnostic(**raw)


def problem_at(path: str, line: int, code: str, message: str, *notes: str) -> Diagnostic:
    """A diagnostic at the begin of a line."""
    return Diagnostic(Span(path, line, 1), code, message, notes)


def render_problems(problems: Iterable[Diagnostic]) -> str:
    """All diagnostics with the lines of their files as these are now."""
    found = list(problems)
    return render_all(found, {d.span.path: _lines(d.span.path) for d in found})


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return split_lines(file.read())
    except OSError:
        return []
