"""How far long work is: lines now and then, on a clock of our own, and a bar on a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from types import SimpleNamespace

import pytest

from pipeline.system import progress as shown
from pipeline.system.progress import progress, working


def printed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    steps: Iterable[tuple[float, int]],
    unit: str = "",
) -> list[str]:
    """What is told of steps: when, and how much more is done."""
    clock = [1_000.0]
    monkeypatch.setattr(shown, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    with progress("compiling kernels", 2_000, unit) as advance:
        for now, amount in steps:
            clock[0] = 1_000.0 + now
            advance(amount)
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_short_work_is_not_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(monkeypatch, capsys, [(k, 100) for k in range(10)]) == []
    assert printed(monkeypatch, capsys, []) == []


def test_long_work_is_told_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [(4, 100), (10, 100), (12, 100), (19.9, 100), (20, 800), (31, 800)]
    assert printed(monkeypatch, capsys, steps) == [
        "compiling kernels: 200 of 2,000, 20/s, 90 s left",
        "compiling kernels: 1,200 of 2,000, 60/s, 13 s left",
        "compiling kernels: 2,000 of 2,000, 65/s, 0 s left",
    ]


def test_what_is_counted_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(monkeypatch, capsys, [(60, 1_000)], "lanes") == [
        "compiling kernels: 1,000 of 2,000 lanes, 17/s, 60 s left"
    ]


def test_what_is_left_goes_by_the_work_where_parts_are_not_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(shown, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    with progress("compiling kernels", 4, work=100) as advance:
        for now, work in ((30, 60), (40, 20), (45, 10), (50, 10)):
            clock[0] = 1_000.0 + now
            advance(1, work)
    assert capsys.readouterr().err.splitlines() == [
        "compiling kernels: 1 of 4, 0.0/s, 20 s left",
        "compiling kernels: 2 of 4, 0.1/s, 10 s left",
        "compiling kernels: 4 of 4, 0.1/s, 0 s left",
    ]


def test_nothing_done_has_no_rate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(monkeypatch, capsys, [(60, 0), (70, 0)]) == []


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> str:
    """What a terminal gets while work is done."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress("compiling kernels", 3, "kernels") as advance:
        for _ in range(3):
            advance(1)
    return terminal.getvalue()


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = on_terminal(monkeypatch)
    assert "compiling kernels" in text
    assert "of 3 kernels" in text


def test_a_terminal_where_colour_is_unwanted_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_terminal(monkeypatch) == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_an_error_ends_the_work_and_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    with pytest.raises(ValueError, match="in the work"):
        fail_in_the_work()


def fail_in_the_work() -> None:
    with progress("compiling", 3) as advance:
        advance(1)
        raise ValueError("in the work")


def test_nothing_is_animated_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with working("checking"):
        pass
    assert capsys.readouterr() == ("", "")
