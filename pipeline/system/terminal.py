"""Colours where they are seen and wanted: on a terminal, or with `FORCE_COLOR`; never with
`NO_COLOR` or on a terminal that says it is dumb.

What is printed is made without them, and painted line by line when it is: red what is wrong, green
what is right, bold what to look at first.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Final, TextIO

RED: Final = "31"
GREEN: Final = "32"
BOLD: Final = "1"

_HEAD = re.compile(r"^(\S[^\n]*?:\d+:\d+): (?!note)(\w+)(\[[\w-]+\]): ", re.MULTILINE)
_CARETS = re.compile(r"^( +)(\^+)$", re.MULTILINE)
_SHARE = re.compile(r"(?<![\w.,])([\d,]+) of ([\d,]+) (samples|solvers|tasks) (right|solved)\b")
_COUNT = re.compile(r"^\d[\d,]* errors?\b", re.MULTILINE)
_STATUS = re.compile(r"(?<=\]: )(?:wrong|error|over_budget)\b|(?<=: )broken\b|\b[\d,]+ not right\b")


def has_colours(stream: TextIO) -> bool:
    """Whether colours are wanted there and can be seen."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced is not None:
        return forced not in ("", "0")
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def console_of(stream: TextIO) -> Any:
    """What rich draws with, in colours; None where there are none."""
    if not has_colours(stream):
        return None
    from rich.console import Console

    return Console(file=stream, force_terminal=True)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a text, painted where there are colours."""
    stream = stream or sys.stdout
    print(painted(text) if has_colours(stream) else text, file=stream, flush=True)


def painted(text: str) -> str:
    """A text with diagnostics, verdicts and sums in it, in colours."""
    text = _HEAD.sub(lambda m: f"{_in(m[1], BOLD)}: {_in(m[2] + m[3], RED, BOLD)}: ", text)
    text = _CARETS.sub(lambda m: m[1] + _in(m[2], RED), text)
    text = _SHARE.sub(lambda m: _in(m[0], GREEN if m[1] == m[2] else RED, BOLD), text)
    text = _STATUS.sub(lambda m: _in(m[0], RED), text)
    return _COUNT.sub(lambda m: _in(m[0], RED, BOLD), text)


def _in(text: str, *styles: str) -> str:
    return f"\x1b[{';'.join(styles)}m{text}\x1b[0m"
