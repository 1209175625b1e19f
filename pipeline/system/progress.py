"""Progress of long work: a bar with rate and time left on a terminal, a line now and then
elsewhere, on standard error.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

SECONDS = 10.0
"""How often a line is printed where there is no terminal; what takes less prints none."""


@contextmanager
def progress(text: str, total: int, unit: str = "") -> Iterator[Callable[[int], None]]:
    """Show how far some work is; the value is called with how much more is done."""
    if sys.stderr.isatty() and "NO_COLOR" not in os.environ:
        yield from _bar(text, total, unit)
    else:
        yield _lines(text, total, unit)


def _bar(text: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {unit}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(text, total=total, rate="")

        def advance(amount: int) -> None:
            speed = bars.tasks[0].speed
            bars.update(bar, advance=amount, rate=f"{speed:,.0f}/s" if speed else "")

        yield advance


def _lines(text: str, total: int, unit: str) -> Callable[[int], None]:
    started = told = time.monotonic()
    done = 0

    def advance(amount: int) -> None:
        nonlocal done, told
        done += amount
        now = time.monotonic()
        if now - told < SECONDS or not done:
            return
        told = now
        left = (now - started) * (total - done) / done
        rate = done / (now - started)
        so_far = f"{text}: {done:,} of {total:,} {unit}".rstrip()
        print(f"{so_far}, {rate:,.0f}/s, {left:.0f} s left", file=sys.stderr, flush=True)

    return advance


def working(text: str) -> AbstractContextManager[object]:
    """Show on a terminal that something takes its time; nothing elsewhere."""
    if not sys.stderr.isatty() or "NO_COLOR" in os.environ:
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)
