"""The kernels on Numba's simulator, where each use of a word can be watched: between two waits no
thread uses a word that another one writes, and all come to the same waits.

The same code's answers are looked at where it runs as a GPU has it, see `test_cuda_emulated`.
"""

from __future__ import annotations

import pytest

from tests.mixed_battery import SAMPLES
from tests.planted_kernels import PLANTED, SOUND
from tests.simulated import Case, ran, run

WHOLE: list[tuple[int, int, list[int] | None]] = [(0, len(SAMPLES), None)]
SMALL = {"HEAP_WORDS": 256, "LEAST_HEAP_WORDS": 256}
"""Heaps with room for few lanes at a time."""

OTHER_TEAMS = pytest.mark.long("two cases are in the default part")


@pytest.mark.parametrize(
    "cases",
    [
        [
            Case(WHOLE, threads=2, sizes=SMALL),
            Case(WHOLE, threads=3, sizes={"GRID_WORDS": 3_400}),
        ],
        pytest.param(
            [
                Case(WHOLE, threads=3, sizes=SMALL | {"LEAST_HEAP_WORDS": 130}),
                Case(WHOLE, threads=16),
            ],
            marks=OTHER_TEAMS,
        ),
    ],
    ids=["few threads", "others"],
)
def test_no_word_is_used_by_two_threads_at_once(cases: list[Case]) -> None:
    assert [found.found for found in ran(*cases)] == [[]] * len(cases)


def test_the_watch_sees_what_is_wrong_and_nothing_else() -> None:
    found = run("planted")
    assert set(found) == set(PLANTED)
    assert {name for name, faults in found.items() if not faults} == set(SOUND)
    assert {len(faults) for faults in found.values()} == {0, 1}


@pytest.mark.long("the battery is watched in the default part")
@pytest.mark.parametrize(("seed", "threads"), [(1, 3), (2, 2)])
def test_no_word_of_random_programs_is_used_by_two_threads_at_once(seed: int, threads: int) -> None:
    found = run("fuzz", str(seed), "25", "0", str(threads), "2", "watch")
    assert found["mismatches"] == found["found"] == []
