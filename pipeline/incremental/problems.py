"""Diagnostics as text that the records can keep, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from pipeline.diagnostics import Diagnostic, Span

INTERNAL = "internal-error"


def dump_problems(problems: Iterable[Diagnostic]) -> str:
    """The JSON text of diagnostics."""
    return json.dumps([asdict(problem) for problem in problems])


def load_problems(text: str) -> Iterator[Diagnostic]:
    """The diagnostics of a JSON text."""
    for raw in json.loads(text):
        raw["span"] = Span(*raw["span"])
        raw["notes"], raw["solvers"] = tuple(raw["notes"]), tuple(raw.get("solvers", ()))
        yield Diagnostic(**raw)


def problem_at(path: str, line: int, code: str, message: str, *notes: str) -> Diagnostic:
    """A diagnostic at the begin of a line."""
    return Diagnostic(Span(path, line, 1), code, message, notes)
