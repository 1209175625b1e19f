"""The fuzzer: its programs, the comparison itself, and that it finds faults that are planted."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from typing import Any

import pytest

from pipeline.battery.compare import build
from pipeline.battery.fuzz import Summary, describe, draw, fuzz, run_fuzz
from pipeline.battery.programs import random_program
from pipeline.battery.shrink import Case, shrink
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.primitives.table import TABLE
from pipeline.runtime.backends.reference import Runtime
from pipeline.runtime.columns import Column, Domain

SEED = 20_000


def told(summary: Summary) -> str:
    """What to show where there are mismatches."""
    return "\n\n".join(describe(m, SEED) for m in summary.mismatches)


# -- both answers agree


def test_two_thousand_programs() -> None:
    summary = fuzz(2_000, SEED)
    assert not summary.mismatches, told(summary)
    assert summary.programs == 2_000
    ok = sum(n for (_, what), n in summary.lanes.items() if what == "ok")
    assert ok >= 0.5 * sum(summary.lanes.values())
    assert summary.linked_lanes >= 1_000


@pytest.mark.parametrize("first", [2_000, 11_000])
def test_twenty_thousand_programs(first: int) -> None:
    summary = fuzz(9_000, SEED, first)
    assert not summary.mismatches, told(summary)
    assert summary.programs == 9_000
    reasons = {what.split()[-1] for _, what in summary.lanes}
    assert reasons >= {"ELEMENTS", "CELLS", "TOTAL", "TURNS", "INTEGER"}
    assert reasons >= {"EMPTY", "NONE", "NO_MATCH", "ZERO", "RANGE", "SHAPE"}


# -- the programs


def test_all_primitives_are_used_and_most_programs_accepted() -> None:
    used: set[str] = set()
    rejected = 0
    for number in range(3_000):
        text = random_program(random.Random(number), 4)
        used |= {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        if number < 800:
            built = build(text)
            assert built.broken is None, f"{text}\n{built.broken}"
            rejected += built.rejected
    assert [name for name in TABLE if name not in used] == []
    assert rejected <= 0.15 * 800


def test_a_program_follows_from_its_number_and_seed() -> None:
    tasks = [draw(7, number, Summary()) for number in range(20)]
    assert [t.text for t in tasks] == [draw(7, n, Summary()).text for n in range(20)]
    assert len({t.text for t in tasks}) == 20
    assert draw(8, 3, Summary()).text != tasks[3].text


def test_where_a_run_begins_and_ends_changes_nothing() -> None:
    whole, parts = fuzz(60, 5), [fuzz(48, 5), fuzz(12, 5, first=48)]
    assert whole.lanes == parts[0].lanes + parts[1].lanes
    assert whole.linked_lanes == sum(p.linked_lanes for p in parts)


# -- planted faults


class Reversed(Runtime):
    """Tuples come out backwards."""

    def tuple_of(self, d: Domain, x: Any, after: Any) -> Column:
        column = super().tuple_of(d, x, after)
        return Column(
            column.domain, [v[::-1] if isinstance(v, tuple) else v for v in column.values]
        )


class Miscounting(Runtime):
    """Elements that are opened count twice against the total."""

    def each(self, d: Domain, container: Any) -> Domain:
        limits, self.limits = self.limits, replace(self.limits, total=self.limits.total // 2)
        try:
            return super().each(d, container)
        finally:
            self.limits = limits


class Mirrored(Runtime):
    """Mirrors the wrong way."""

    def vmirror(self, d: Domain, piece: Any) -> Column:
        return self.hmirror(d, piece)


class Crashing(Runtime):
    """Fails in a way that no lane may."""

    def palette(self, d: Domain, element: Any) -> Column:
        raise TypeError("planted")


class Confused(Runtime):
    """In a battery, takes the first grid for all."""

    def input(self, d: Domain) -> Column:
        return super().input(d) if self.wanted is None else Column(d, [self.grids[0]] * d.size)


@pytest.mark.parametrize(
    ("runtime", "word", "most_lines"),
    [
        (Reversed, "apply", 4),
        (Miscounting, "(", 3),
        (Mirrored, "vmirror", 1),
        (Crashing, "palette", 2),
    ],
)
def test_a_planted_fault_is_found_and_shrunk(
    runtime: type[Runtime], word: str, most_lines: int
) -> None:
    summary = fuzz(960, SEED, runtime=runtime, most_mismatches=1)
    (mismatch,) = summary.mismatches
    (text,) = mismatch.case.programs
    assert word in text
    assert len(ast.parse(text).body[0].body) <= most_lines + 1, text  # type: ignore[attr-defined]
    assert all(len(grid) <= 4 for grid in mismatch.case.grids)
    assert not mismatch.linked


def test_a_fault_of_the_battery_alone_is_found_and_shrunk() -> None:
    summary = fuzz(96, SEED, runtime=Confused, most_mismatches=1)
    (mismatch,) = summary.mismatches
    assert mismatch.linked
    assert len(mismatch.case.programs) == 1
    assert len(mismatch.case.grids) == 2


def test_the_report_says_how_to_repeat_it() -> None:
    lines: list[str] = []
    assert run_fuzz(96, SEED, say=lines.append, runtime=Crashing) == 1
    text = "\n".join(lines)
    assert "interpreted: ((" in text
    assert "TypeError: planted" in text
    assert f"seed={SEED}, first=" in text
    assert "def solve_xxxxxxxx(I):" in text


def test_a_run_without_mismatch_ends_well() -> None:
    lines: list[str] = []
    assert run_fuzz(48, SEED, say=lines.append) == 0
    assert lines[-1].startswith("48 programs in ")
    assert lines[-1].endswith("0 mismatches")


# -- shrinking


def test_shrinking_keeps_what_matters() -> None:
    text = (
        "def solve_xxxxxxxx(I):\n"
        "    x1 = rot90(hmirror(I))\n"
        "    x2 = fill(x1, value=THREE, patch=asindices(x1))\n"
        "    x3 = vconcat(x2, vmirror(x1))\n"
        "    return x3\n"
    )
    case = Case((text, text), (((1, 2), (3, 4)), ((5,),)), ((0, 1), (1,)), DEFAULT_LIMITS)
    small = shrink(case, lambda c: any("vmirror(" in t for t in c.programs) and 5 in c.grids[-1][0])
    assert small.programs == ("def solve_xxxxxxxx(I):\n    x3 = vmirror(I)\n    return I\n",)
    assert small.grids == (((5,),),)
    assert small.wanted == ((0,),)
