"""The fuzzer: its programs, the comparison itself, and that it finds faults that are planted."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.primitives.table import TABLE
from pipeline.report.fuzz_text import describe
from pipeline.trust.agreement.answers import Crash, build
from pipeline.trust.agreement.fuzzing import (
    BLOCK,
    CPU,
    REFERENCE,
    Backend,
    FuzzMismatch,
    FuzzSummary,
    differences,
    draw,
    fuzz,
    shrunk,
)
from pipeline.trust.agreement.runners import ImageRunner, TextRunner
from pipeline.trust.agreement.shrink import Case, shrink
from pipeline.trust.programs.writer import random_program
from tests.compiled import compiled_kernels
from tests.trust import planted

SEED = 20_000


def told(summary: FuzzSummary) -> str:
    """What to show where there are mismatches."""
    return "\n\n".join(describe(m, SEED) for m in summary.mismatches)


@pytest.fixture(scope="module", autouse=True)
def _kernels() -> None:
    compiled_kernels()


# -- all answers agree


@pytest.mark.parametrize(
    "programs",
    [480, pytest.param(2_000, marks=pytest.mark.long("480 of them are in the default part"))],
)
def test_so_many_programs(programs: int) -> None:
    summary = fuzz(programs, SEED)
    assert not summary.mismatches, told(summary)
    assert summary.programs == programs
    lanes = sum(summary.lanes.values())
    ok = sum(n for (_, what), n in summary.lanes.items() if what == "ok")
    assert ok >= 0.5 * lanes
    compared = summary.compared
    assert compared["reference", "alone"] == compared["cpu", "together"] == lanes
    assert compared["reference", "linked"] == compared["cpu", "linked"] >= 0.3 * lanes
    assert compared["cpu", "alone"] >= 0.02 * lanes


@pytest.mark.long("two thousand programs are in the default part")
@pytest.mark.parametrize("first", [2_000, 6_500, 11_000, 15_500])
def test_twenty_thousand_programs(first: int) -> None:
    summary = fuzz(4_500, SEED, first)
    assert not summary.mismatches, told(summary)
    assert summary.programs == 4_500
    reasons = {what.split()[-1] for _, what in summary.lanes}
    assert reasons >= {"ELEMENTS", "CELLS", "TOTAL", "TURNS"}
    assert reasons >= {"EMPTY", "NONE", "NO_MATCH", "ZERO", "RANGE", "SHAPE"}


def test_without_the_reference_a_part_is_linked() -> None:
    summary = fuzz(2 * BLOCK, SEED, backends=(CPU,))
    assert not summary.mismatches, told(summary)
    compared = summary.compared
    assert compared["cpu", "together"] == sum(summary.lanes.values())
    assert 0 < compared["cpu", "linked"] < 0.4 * compared["cpu", "together"]


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
    tasks = [draw(7, number, FuzzSummary()) for number in range(20)]
    assert [t.text for t in tasks] == [draw(7, n, FuzzSummary()).text for n in range(20)]
    assert len({t.text for t in tasks}) == 20
    assert draw(8, 3, FuzzSummary()).text != tasks[3].text


def test_where_a_run_begins_and_ends_changes_nothing() -> None:
    whole, parts = fuzz(120, 5), [fuzz(96, 5), fuzz(24, 5, first=96)]
    assert whole.lanes == parts[0].lanes + parts[1].lanes
    assert whole.compared == parts[0].compared + parts[1].compared
    total = FuzzSummary()
    for part in parts:
        total.add(part)
    assert total == whole


# -- planted faults


def on_reference(runtime: type[Any]) -> Backend:
    return replace(REFERENCE, runner=TextRunner(runtime))


def on_cpu(runner: ImageRunner) -> Backend:
    return replace(CPU, runner=runner)


@pytest.mark.parametrize(
    ("backend", "word", "most_lines", "most_rows"),
    [
        (on_reference(planted.Reversed), "apply", 4, 4),
        (on_reference(planted.Miscounting), "(", 3, 6),
        (on_reference(planted.Misturned), "rot180", 2, 4),
        (on_reference(planted.Crashing), "palette", 2, 4),
        (on_cpu(planted.CompiledMisturned()), "rot180", 2, 4),
    ],
    ids=["tuples", "counts", "turns", "crashes", "compiled turns"],
)
def test_a_planted_fault_is_found_and_shrunk(
    backend: Backend, word: str, most_lines: int, most_rows: int
) -> None:
    summary = fuzz(960, SEED, backends=(backend,), most_mismatches=1)
    (mismatch,) = summary.mismatches
    (text,) = mismatch.case.programs
    assert word in text
    assert len(ast.parse(text).body[0].body) <= most_lines + 1, text  # type: ignore[attr-defined]
    (grid,) = mismatch.case.grids
    assert len(grid) <= most_rows
    assert (mismatch.backend.name, mismatch.way) == (backend.name, "alone")


@pytest.mark.parametrize(
    ("backend", "way"),
    [
        (on_reference(planted.Confused), "linked"),
        (on_cpu(planted.CompiledConfused()), "together"),
    ],
    ids=["reference", "cpu"],
)
def test_a_fault_of_several_programs_is_found_and_shrunk(backend: Backend, way: str) -> None:
    summary = fuzz(192, SEED, backends=(backend,), most_mismatches=1)
    (mismatch,) = summary.mismatches
    assert mismatch.way == way
    assert len(mismatch.case.programs) == 1
    assert len(mismatch.case.grids) == 2


def test_a_fault_that_ends_the_process_is_shrunk_in_others() -> None:
    text = (
        "def solve_xxxxxxxx(I):\n"
        "    x1 = vmirror(I)\n"
        "    x2 = fork(hconcat, rot180, rot180)(x1)\n"
        "    return x1\n"
    )
    backend = on_cpu(planted.Dying()).apart()
    case = Case((text,), (((1, 2), (3, 4)), ((5,),)), ((0, 1),), DEFAULT_LIMITS)
    ((expected, got), _) = differences(case, backend, "alone")
    assert isinstance(got, Crash)
    assert "Died: SIGSEGV" in got.text
    small = shrunk(FuzzMismatch(0, backend, "alone", case, expected, got))
    assert small.case.programs == ("def solve_xxxxxxxx(I):\n    x2 = rot180(I)\n    return I\n",)
    assert small.case.grids == (((0,),),)


def test_the_report_says_how_to_repeat_it() -> None:
    summary = fuzz(960, SEED, backends=(on_reference(planted.Crashing),), most_mismatches=1)
    text = describe(summary.mismatches[0], SEED)
    assert "interpreted: ((" in text
    assert "TypeError: planted" in text
    assert "on reference, alone" in text
    assert f"fuzz(programs=96, seed={SEED}, first=" in text
    assert "def solve_xxxxxxxx(I):" in text


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
    assert small.programs == ("def solve_xxxxxxxx(I):\n    return vmirror(I)\n",)
    assert small.grids == (((5,),),)
    assert small.wanted == ((0,),)
