"""What counts as slower or faster, and what is only noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.measuring.changes import ProfilesCompared, compare, read_profile
from pipeline.measuring.timings import OperationTiming, ProfileFacts, SolverTiming, Timing, timing
from tests.report.small_profile import FACTS, MEASURED, SOLVERS, around, profile


def compared(old: dict[str, Any] | None = None, **changes: Any) -> ProfilesCompared:
    """A profile with these changes, compared with one without."""
    return compare(read_profile(old or profile()), read_profile(profile(**changes)), "old.json")


def named(found: ProfilesCompared) -> list[str]:
    return [f"{change.kind} {change.name}" for change in found.changes or ()]


def slow_solver(factor: float) -> SolverTiming:
    """The first solver, with another time to run."""
    assert SOLVERS[0].run is not None
    return replace(SOLVERS[0], run=around(SOLVERS[0].name, SOLVERS[0].run.seconds * factor))


def test_the_same_again_changes_nothing() -> None:
    found = compared()
    assert (found.changes, found.differs, found.drift) == ((), (), 0.0)
    assert found.compared == 1 + 2 + 2 + 2 + 2 + 2
    assert (found.path, found.made) == ("old.json", FACTS.made)


@pytest.mark.parametrize(("factor", "expected"), [(1.1, 0), (1.11, 1), (0.91, 0), (0.9, 1)])
def test_what_differs_by_more_than_both_spreads_is_named(factor: float, expected: int) -> None:
    # Repeats go a twentieth to each side: together 0.05 + 0.05 * factor of what it was.
    steps = (around("parse", 0.9 * factor), MEASURED.steps[1])
    found = compared(steps=steps, whole=around("whole", 1.6))
    assert named(found) == ["pass parse"] * expected
    for change in found.changes or ():
        assert (change.before, change.now) == (0.9, round(0.9 * factor, 9))
        assert abs(change.lost) > change.noise > 0


def test_changes_are_sorted_by_seconds_lost() -> None:
    found = compared(
        phases=(around("generate", 0.6), around("run", 0.96)),
        steps=(around("parse", 0.3), around("collect", 0.6)),
        solvers=(slow_solver(5), SOLVERS[1]),
    )
    slower = ["phase run", "pass collect", "run re-arc/0a1b2c3d"]
    faster = ["phase generate", "pass parse"]
    assert [f"{c.kind} {c.name}" for c in found.slower] == slower
    assert {f"{c.kind} {c.name}" for c in found.faster} == set(faster)
    assert named(found)[:3] == slower
    assert [c.lost for c in found.changes or ()] == sorted(
        (c.lost for c in found.changes or ()), reverse=True
    )


def test_repeats_that_lie_close_by_chance_prove_nothing() -> None:
    loose = [OperationTiming(around(f"o{k}", 0.001, 0.5), 1, 1) for k in range(12)]
    close = OperationTiming(around("close", 0.001, 0.0), 1, 1)
    slower = replace(close, timing=around("close", 0.0015, 0.0))
    old = profile(operations=(*loose, close))
    assert named(compared(old, operations=(*loose, slower))) == []
    alone = profile(operations=(close,))
    assert named(compared(alone, operations=(slower,))) == ["operation close"]
    for seconds in (0.1, 0.0001):  # what takes much longer, or less long, is another matter
        far = [replace(row, timing=around(row.timing.name, seconds, 0.5)) for row in loose]
        apart = profile(operations=(*far, close))
        assert named(compared(apart, operations=(*far, slower))) == ["operation close"]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((1.0, 1.0, 1.0), (1.5, 1.5, 9.0), ["phase run"]),  # only the new one has a stray repeat
        ((1.0, 1.0, 9.0), (1.5, 1.5, 1.5), []),  # it took as long before, at times
        ((1.0, 1.0, 1.0), (0.9, 1.5, 1.5), []),  # it still takes no longer, at times
        ((1.5, 1.5, 9.0), (1.0, 1.0, 1.0), ["phase run"]),
        ((0.9, 1.5, 1.5), (1.0, 1.0, 1.0), []),
        ((1.5, 1.5, 1.5), (1.0, 1.0, 9.0), []),
    ],
)
def test_only_repeats_on_the_other_ones_side_are_noise(
    before: tuple[float, ...], now: tuple[float, ...], expected: list[str]
) -> None:
    quiet = {"whole": around("whole", 1.6, 0.0)}
    old, new = (timing("run", runs) for runs in (before, now))
    assert named(compared(profile(phases=(old,), **quiet), phases=(new,), **quiet)) == expected


def test_phases_have_at_least_the_noise_of_the_whole() -> None:
    tight = Timing("run", 0.32, 0.32, 0.32)
    old = profile(phases=(MEASURED.phases[0], tight))
    slower = (MEASURED.phases[0], Timing("run", 0.35, 0.35, 0.35))
    assert named(compared(old, phases=slower)) == []  # 0.016 and 0.0175 are the whole's
    much = (MEASURED.phases[0], Timing("run", 0.36, 0.36, 0.36))
    assert named(compared(old, phases=much)) == ["phase run"]


def test_a_stray_repeat_of_the_whole_hides_no_slower_phase() -> None:
    old = profile(phases=(Timing("run", 1.0, 1.0, 1.0),), whole=Timing("whole", 1.6, 1.6, 1.6))
    slower, stray = Timing("run", 1.5, 1.5, 1.5), Timing("whole", 1.6, 1.6, 9.0)
    assert named(compared(old, phases=(slower,), whole=stray)) == ["phase run"]


def test_a_slower_machine_makes_nothing_slower() -> None:
    half_more = (around("generate", 1.8), around("run", 0.48))
    assert named(compared(phases=half_more)) == ["phase generate", "phase run"]
    found = compared(phases=half_more, yardstick=around("yardstick", 0.015))
    assert (named(found), found.drift) == ([], 0.5)
    faster = compared(yardstick=around("yardstick", 0.005), phases=(around("generate", 0.4),))
    assert (named(faster), faster.drift) == ([], -0.5)


def test_what_is_only_in_one_of_them_is_not_compared() -> None:
    found = compared(operations=(OperationTiming(around("new", 9.0), 1, 1),), solvers=SOLVERS[:1])
    assert (named(found), found.compared) == ([], 1 + 2 + 2 + 0 + 1 + 1)


def test_of_the_reference_nothing_is_known_of_running() -> None:
    solvers = tuple(replace(row, run=None) for row in SOLVERS)
    assert compared(solvers=solvers, operations=()).compared == 1 + 2 + 2 + 2


def test_one_measurement_has_no_noise_to_compare_with() -> None:
    once = replace(FACTS, repeats=1)
    found = compared(facts=once, whole=around("whole", 9.0))
    assert (found.changes, found.slower, found.faster) == (None, [], [])
    assert compared(profile(facts=once)).changes is None


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"machine": {"processor": "Abacus 4", "cores": 2}},
            "another machine: processor Abacus 4 (was Abacus 3)",
        ),
        (
            {"versions": {"python": "3.12.1", "numba": "0.61"}},
            "other versions: python 3.12.1 (was 3.11.7), numpy none (was 2.0.0), "
            "numba 0.61 (was none)",
        ),
        (
            {"settings": {**FACTS.settings, "threads": 4, "data": ["one"]}},
            "other settings: threads 4 (was 2), data one (was one,two)",
        ),
        (
            {"battery": {**FACTS.battery, "solvers": 3, "sources": "t", "code": "d"}},
            "another battery: 3 solvers of 40 tasks (was 2 solvers of 40 tasks)",
        ),
        ({"battery": {**FACTS.battery, "code": "d"}}, "the same solvers, compiled to other code"),
    ],
)
def test_what_else_is_not_as_it_was_is_said(facts: dict[str, Any], said: str) -> None:
    other: ProfileFacts = replace(FACTS, **facts)
    assert compared(facts=other).differs == (said,)


@pytest.mark.parametrize(
    "raw",
    [
        *([], None, 3, "x", {}, {"form": 1}),
        {**profile(), "form": 2},
        {**profile(), "whole": {"seconds": "long"}},
        {**profile(), "solvers": [{"name": "x"}]},
        {**profile(), "phases": None},
    ],
)
def test_what_is_no_profile_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"profile|long"):
        read_profile(raw)


def test_a_comparison_as_json_names_both_figures() -> None:
    found = compared(steps=(around("parse", 1.8), MEASURED.steps[1])).to_json()
    assert found == {
        "against": "old.json",
        "made": FACTS.made,
        "drift": 0.0,
        "differs": [],
        "compared": 11,
        "changes": [{"kind": "pass", "name": "parse", "before": 0.9, "now": 1.8, "noise": 0.135}],
    }
    assert compared(facts=replace(FACTS, repeats=1)).to_json()["changes"] is None
