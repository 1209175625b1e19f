"""Where there are colours, and what of a text has which."""

from __future__ import annotations

import io
import re

import pytest

from pipeline.system.terminal import console_of, has_colours, painted, say

PLAIN = """\
own/a.py:2:10: error[wrong-arity]: hconcat takes 2 arguments, got 1
        x = hconcat(I)
            ^^^^^^^^^^
  note: it is hconcat(a, b)

own/a: 1 of 2 samples right; train[0]: wrong: 4 of 4 cells differ
own/b: 2 of 2 samples right
own/c: broken: its diagnostics are above
1 error
check: 1 of 3 tasks solved, 1,003 of 1,003 samples right (cpu, 0.1 s)
watch: 1 right, 2 not right (0.10 s)
"""
PAINTED = """\
<1>own/a.py:2:10<0>: <31;1>error[wrong-arity]<0>: hconcat takes 2 arguments, got 1
        x = hconcat(I)
            <31>^^^^^^^^^^<0>
  note: it is hconcat(a, b)

own/a: <31;1>1 of 2 samples right<0>; train[0]: <31>wrong<0>: 4 of 4 cells differ
own/b: <32;1>2 of 2 samples right<0>
own/c: <31>broken<0>: its diagnostics are above
<31;1>1 error<0>
check: <31;1>1 of 3 tasks solved<0>, <32;1>1,003 of 1,003 samples right<0> (cpu, 0.1 s)
watch: 1 right, <31>2 not right<0> (0.10 s)
"""


class Stream(io.StringIO):
    """A stream that is a terminal, or not."""

    def __init__(self, watched: bool) -> None:
        super().__init__()
        self.watched = watched

    def isatty(self) -> bool:
        return self.watched


@pytest.mark.parametrize(
    ("watched", "environment", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "3", "TERM": "dumb"}, True),
        (True, {"FORCE_COLOR": "0"}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_where_they_are_seen_and_wanted(
    monkeypatch: pytest.MonkeyPatch, watched: bool, environment: dict[str, str], coloured: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Stream(watched)
    assert has_colours(stream) == coloured
    assert (console_of(stream) is not None) == coloured
    say("1 error", stream)
    assert stream.getvalue() == ("\x1b[31;1m1 error\x1b[0m\n" if coloured else "1 error\n")


def test_what_is_wrong_is_red_and_what_is_right_green() -> None:
    assert re.sub(r"\x1b\[([\d;]+)m", r"<\1>", painted(PLAIN)) == PAINTED
    assert re.sub(r"\x1b\[[\d;]+m", "", painted(PLAIN)) == PLAIN
