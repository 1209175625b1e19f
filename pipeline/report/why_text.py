"""Why tasks would run, as text."""

from __future__ import annotations

from textwrap import indent
from typing import Protocol


class Told(Protocol):
    """What is to be said of a task."""

    @property
    def runs(self) -> bool:
        """Whether it would run."""

    @property
    def reasons(self) -> list[str]:
        """Why, or why not."""


def answer_text(name: str, found: Told) -> str:
    """Whether a task would run, and a paragraph for each reason."""
    if not found.runs and not found.reasons:
        return f"{name} would not run: what it is made from, and what it wrote, is as it was"
    head = f"{name} would {'run' if found.runs else 'not run'}"
    if len(found.reasons) == 1 and "\n" not in found.reasons[0]:
        return f"{head}: {found.reasons[0]}"
    return "\n".join([f"{head}:", *(indent(reason, "  ") for reason in found.reasons)])


def status_text(found: Told) -> str:
    """The same for a line of a list: the first line of the first reason, and how many more."""
    first, *more = found.reasons or [""]
    line = first.partition("\n")[0].rstrip(":")
    return f"{line} (and {len(more)} more)" if more else line
