"""Progress of long work: a bar with rate and time left on a terminal, a line now and then
elsewhere, on standard error.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

EARLY = 0.04
"""Up to which share of the work nothing is said of what is left: beginning takes time too."""

SECONDS = 10.0
"""How often a line is printed where there is no terminal; what takes less prints none."""


class Advance(Protocol):
    """Tells that `amount` more is done, and how much of the work that was, where its parts are not
    alike."""

    def __call__(self, amount: int, work: float = 0.0) -> None: ...


class _Pace:
    """How fast work goes, as a whole: the mean since its start, so that what is left is steady.

    work: all of it, in whatever measures its parts; 0 where they are alike.
    """

    def __init__(self, total: int, work: float) -> None:
        self.total = total
        self.done = 0
        self._work = work
        self._worked = 0.0
        self._started = time.monotonic()

    def advance(self, amount: int, work: float) -> None:
        self.done += amount
        self._worked += work

    def __str__(self) -> str:
        """The rate and the time left; empty where nothing is done yet."""
        elapsed = time.monotonic() - self._started
        share = self._worked / self._work if self._work else self.done / max(1, self.total)
        if not share or not elapsed:
            return ""
        left = f", {max(0.0, elapsed * (1 - share) / share):.0f} s left" if share > EARLY else ""
        rate = self.done / elapsed
        text = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
        return f"{text}/s{left}"


@contextmanager
def progress(text: str, total: int, unit: str = "", work: float = 0.0) -> Iterator[Advance]:
    """Show how far some work is; the value is called with how much more is done. work: see
    `_Pace`."""
    pace = _Pace(total, work)
    if sys.stderr.isatty() and "NO_COLOR" not in os.environ:
        yield from _bar(text, unit, pace)
    else:
        yield _lines(text, unit, pace)


def _bar(text: str, unit: str, pace: _Pace) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {unit}"),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(text, total=pace.total, pace="")

        def advance(amount: int, work: float = 0.0) -> None:
            pace.advance(amount, work)
            bars.update(bar, advance=amount, pace=str(pace))

        yield advance


def _lines(text: str, unit: str, pace: _Pace) -> Advance:
    told = time.monotonic()

    def advance(amount: int, work: float = 0.0) -> None:
        nonlocal told
        pace.advance(amount, work)
        now = time.monotonic()
        if now - told < SECONDS or not pace.done:
            return
        told = now
        so_far = f"{text}: {pace.done:,} of {pace.total:,} {unit}".rstrip()
        print(f"{so_far}, {pace}", file=sys.stderr, flush=True)

    return advance


def working(text: str) -> AbstractContextManager[object]:
    """Show on a terminal that something takes its time; nothing elsewhere."""
    if not sys.stderr.isatty() or "NO_COLOR" in os.environ:
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)
