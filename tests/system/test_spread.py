"""Work on processes, and code that may end its process."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.ir.status import Failure
from pipeline.system.apart import Died, apart, end_of
from pipeline.system.kills import memory_kills
from pipeline.system.spread import Processes, spread
from tests.system import work

counted = pytest.mark.skipif(memory_kills() is None, reason="the system counts no kills")


@pytest.mark.parametrize("processes", [1, 3])
def test_every_part_is_done_once(processes: int) -> None:
    found = sorted(spread(work.doubled, range(7), processes))
    assert found == [(2 * k, False) for k in range(7)]


def test_without_parts_there_is_no_process() -> None:
    assert list(spread(work.doubled, [], 2)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_a_part_that_ends_its_process_is_done_again_with_care(processes: int) -> None:
    told: list[Any] = []
    found = sorted(
        spread(work.dying_at_three, range(6), processes, lambda *what: told.append(what))
    )
    assert found == [(2 * k, k == 3) for k in range(6)]
    assert told == [(3, -signal.SIGSEGV)]


def test_a_part_that_ends_its_process_whatever_is_done_ends_the_run() -> None:
    with pytest.raises(RuntimeError, match="5 ends its process: SIGSEGV"):
        list(spread(work.dying, [5], 1))


@counted
def test_a_part_is_not_to_blame_for_kills_from_outside(tmp_path: Path) -> None:
    told: list[Any] = []
    with Processes(partial(work.killed_at_first, tmp_path / "begun"), 1) as pool:
        assert list(pool.run([5], lambda *what: told.append(what))) == [(10, False)]
    assert not told


def test_what_the_work_raises_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"4 raises:(.|\n)*ValueError: no part 4"):
        list(spread(work.raising, [4], 1))


def test_closing_ends_the_processes(tmp_path: Path) -> None:
    with closing(spread(partial(work.noting, tmp_path), range(100), 2)) as found:
        next(found)
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)


def test_processes_stay_for_run_after_run_and_parts_at_home() -> None:
    with Processes(work.where, 2) as pool:
        first = dict(pool.run(range(2), home=str))
        assert len(set(first.values())) == 2
        assert dict(pool.run([1, 0], home=str)) == first
    for pid in first.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_ends_between_runs_is_begun_again() -> None:
    with Processes(work.where, 1) as pool:
        ((_, first),) = pool.run([0], home=str)
        os.kill(first, signal.SIGKILL)
        ((_, second),) = pool.run([0], home=str)
    assert second != first


# -- apart


def test_apart_gives_what_the_function_gives() -> None:
    failure = apart(lambda: Failure("SHAPE", "convert"))
    assert (failure.reason, failure.operation) == ("SHAPE", "convert")
    assert apart(lambda: os.getpid()) != os.getpid()


def test_apart_raises_what_the_function_raises() -> None:
    def fail() -> None:
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        apart(fail)


def test_apart_outlives_a_fault() -> None:
    with pytest.raises(Died, match="SIGKILL"):
        apart(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_how_a_process_ended_has_a_name() -> None:
    assert [end_of(code) for code in (3, -11, -64)] == ["status 3", "SIGSEGV", "SIGRTMAX"]
