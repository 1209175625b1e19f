"""Whose fault it is that a process was killed, and who is killed first."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from pipeline.system.kills import MOST, Kills, memory_kills
from pipeline.system.process import SOONER, Worker

KILLED = -signal.SIGKILL
SCORE = Path("/proc/self/oom_score_adj")


def test_kills_that_the_system_counts_are_the_work_s_own() -> None:
    counted = iter([3, 3, 4, 4, 4])
    kills = Kills(lambda: next(counted))
    assert kills.came_from_outside(KILLED)
    assert not kills.came_from_outside(KILLED), "one more was killed for lack of memory"
    assert kills.came_from_outside(KILLED)
    assert not kills.came_from_outside(-signal.SIGSEGV)


def test_kills_without_end_are_not_borne() -> None:
    kills = Kills(lambda: 0)
    assert [kills.came_from_outside(KILLED) for _ in range(MOST + 1)] == [True] * MOST + [False]


def test_where_the_system_does_not_count_work_is_to_blame(tmp_path: Path) -> None:
    assert memory_kills(tmp_path) is None
    assert not Kills(lambda: memory_kills(tmp_path)).came_from_outside(KILLED)


def test_the_count_is_the_system_s(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/vmstat").write_text("pgfault 12\noom_kill 7\n")
    assert memory_kills(tmp_path) == 7


@pytest.mark.skipif(not SCORE.exists(), reason="no such killer")
def test_a_process_is_ended_before_its_parent_where_memory_runs_out() -> None:
    ours = score_of()
    worker = Worker(score_of)
    worker.give()
    assert worker.answer() == min(1000, ours + SOONER)
    worker.end()


def score_of() -> int:
    """By how much this process counts as larger than it is."""
    return int(SCORE.read_text())
