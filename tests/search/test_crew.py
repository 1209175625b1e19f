"""Who works on islands: what ends a process is said, and done once more by others."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cluster.job import FailedLoad
from pipeline.cluster.pool import Done
from pipeline.search import crew
from pipeline.search.crew import ClusterCrew, LocalCrew, job_of
from pipeline.search.islands import IslandReport, Visit, World
from pipeline.system.problem import Problem
from tests.search.small import PUZZLES

WORLD = World(PUZZLES, (), (), 0)
VISIT = Visit("aaaaaaaa", 0, 1, 5)


def dying(given: Any, load: Visit, careful: bool) -> None:
    """In the place of the work on an island."""
    os.kill(os.getpid(), signal.SIGSEGV)


def raising(given: Any, load: Visit, careful: bool) -> None:
    """A fault of ours."""
    raise ZeroDivisionError(load.puzzle)


@pytest.mark.parametrize(
    ("work", "error", "said"),
    [
        (
            dying,
            Problem,
            r"^the search of task aaaaaaaa ends the process that it runs in, by signal 11: what is"
            r" done is kept, --resume goes on with it$",
        ),
        (raising, ZeroDivisionError, "aaaaaaaa"),
    ],
)
def test_what_goes_wrong_on_an_island_is_said(
    work: Callable[..., Any],
    error: type[Exception],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew, "_work", work)
    local = LocalCrew(WORLD, tmp_path, 1)
    with pytest.raises(error, match=said):
        list(local.run([VISIT]))
    local.end()


class Losing:
    """A pool whose workers end."""

    def run(self, job: Any, supply: Any) -> Iterator[Done]:
        """As a pool."""
        yield Done(supply.next(1), FailedLoad(-9))
        yield Done(supply.next(1), IslandReport(programs=1))


class Here:
    """Who works here."""

    def run(self, loads: list[Visit]) -> Iterator[tuple[Visit, IslandReport]]:
        """As any crew."""
        for load in loads:
            yield load, IslandReport(programs=7)

    def end(self) -> None:
        """Nothing is left."""


def test_what_ends_a_worker_is_done_once_more_here(tmp_path: Path) -> None:
    away = ClusterCrew(job_of(WORLD, tmp_path, 0), Losing(), Here)  # type: ignore[arg-type]
    other = Visit("bbbbbbbb", 0, 1, 5)
    found = list(away.run([VISIT, other]))
    assert [load for load, _ in found] == [VISIT, other]
    assert [report.programs for _, report in found] == [7, 1]
    away.end()
