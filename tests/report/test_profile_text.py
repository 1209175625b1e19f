"""What a profile prints, and how tables look, whole."""

from __future__ import annotations

import io
import re
import sys

import pytest

from pipeline.engine.costs import Cost, Profile
from pipeline.report.profile_text import MOST_SHOWN, print_profile
from pipeline.system.tables import print_table

OPERATIONS = (
    Cost("objects", 0.0125, 3, 1_200, 1_048_576),
    Cost("fill", 0.006, 1_400, 2_000_000, 96),
    Cost("close", 0.0015, 1, 1, 0),
    Cost("verdict", 0.0, 2, 12, 192),
)
SOLVERS = (
    Cost("re-arc/00d62c1b", 0.0190004, 1_405, 2_001_205, 1_048_700),
    Cost("own/a", 0.0009996, 1, 8, 164),
)
PRINTED = """\

kernels: 20.0 ms on one thread; the most expensive:

operation     ms  share  calls      lanes      lanes/s      bytes
objects    12.50  62.5%      3      1,200       96,000  1,048,576
fill        6.00  30.0%  1,400  2,000,000  333,333,333         96
close       1.50   7.5%      1          1          667          0
verdict     0.00   0.0%      2         12                     192

solver              ms  share  calls      lanes      lanes/s      bytes
re-arc/00d62c1b  19.00  95.0%  1,405  2,001,205  105,324,362  1,048,700
own/a             1.00   5.0%      1          8        8,003        164
"""


def test_a_profile_is_two_tables(capsys: pytest.CaptureFixture[str]) -> None:
    print_profile(Profile(0.02, OPERATIONS, SOLVERS))
    assert capsys.readouterr() == (PRINTED, "")


def test_a_long_profile_is_cut_and_sums_up_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    solvers = tuple(Cost(f"own/{k}", 0.001 * (99 - k), 1, 1, 0) for k in range(MOST_SHOWN + 3))
    print_profile(Profile(2.0, OPERATIONS, solvers))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].split()[0] == f"own/{MOST_SHOWN - 1}"
    assert lines[-1] == "... and 3 more: 234.0 ms"
    assert not any(line.startswith("... and") for line in lines[:-1])


def test_a_profile_of_nothing_has_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_profile(Profile(0.0, (Cost("inputs", 0.0, 1, 4, 0),), ()))
    assert capsys.readouterr().out == (
        "\nkernels: 0.0 ms on one thread; the most expensive:\n"
        "\noperation    ms  share  calls  lanes  lanes/s  bytes\n"
        "inputs     0.00   0.0%      1      4               0\n"
        "\nsolver  ms  share  calls  lanes  lanes/s  bytes\n"
    )


ROWS = (("a", "1", ""), ("longer", "1,000", "x"))
TABLE = "name    count  note\na           1\nlonger  1,000     x\n"


def test_a_table_is_aligned_text_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "count", "note"), ROWS)
    assert capsys.readouterr().out == TABLE


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


DRAWN = {
    26: "name     how many   [note]\n"
    "──────────────────────────\n"
    "a               1         \n"
    "longer      1,000        x\n",
    23: "           how         \n"
    "name      many   [note]\n"
    "───────────────────────\n"
    "a            1         \n"
    "longer   1,000        x\n",
    21: "name       a   longer\n"
    "─────────────────────\n"
    "how many   1    1,000\n"
    "[note]              x\n",
    0: "name    how many  [note]\na              1\nlonger     1,000       x\n",
}
"""What is drawn from this width on."""


@pytest.mark.parametrize(
    ("columns", "drawn"),
    [(80, 26), (26, 26), (25, 23), (23, 23), (22, 21), (21, 21), (20, 0), (1, 0)],
)
def test_a_table_on_a_terminal_is_never_cut(
    columns: int, drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(("name", "how many", "[note]"), ROWS)
    assert re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue()) == DRAWN[drawn]


def test_a_table_is_plain_where_colour_is_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(("name", "count", "note"), ROWS)
    assert terminal.getvalue() == TABLE
