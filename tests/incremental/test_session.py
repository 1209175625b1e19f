"""The lock, and what the reporter prints."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.diagnostics import render_problems
from pipeline.incremental.problems import dump_problems, load_problems, problem_at
from pipeline.incremental.reporter import reporter_of
from pipeline.incremental.session import Session, shared
from pipeline.system.lock import BuildLock, NotOurs
from pipeline.system.records import UnitRow

TRY = """
import sys
from pipeline.system.lock import BuildLock
BuildLock(sys.argv[1], lambda line: (print(line, flush=True), sys.exit(9))).acquire()
"""


def try_lock(path: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    words = [sys.executable, "-c", TRY, str(path)]
    return subprocess.run(words, cwd=root, capture_output=True, text=True)


def test_lock_excludes_other_processes_and_names_its_holder(tmp_path: Path) -> None:
    lock = BuildLock(str(tmp_path / "lock"), print)
    lock.acquire()
    lock.acquire()
    other = try_lock(tmp_path / "lock")
    assert other.returncode == 9, other.stderr
    assert other.stdout == f"waiting for the build of process {os.getpid()} to end\n"
    lock.release()
    lock.release()
    assert try_lock(tmp_path / "lock").returncode == 0


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_tree_that_is_not_ours_to_write_is_said_so(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, *rest: object) -> int:
        raise OSError(number, os.strerror(number), path)

    monkeypatch.setattr(os, "open", refuse)
    wanted = f"^lock: {os.strerror(number)}: a build writes into its folder; take a copy"
    with pytest.raises(NotOurs, match=wanted):
        BuildLock("lock", print).acquire()


def test_what_threads_share_is_made_once() -> None:
    made: list[object] = []

    class Slow(Session):
        @shared
        def thing(self) -> object:
            time.sleep(0.01)  # the other threads come meanwhile
            made.append(object())
            return made[-1]

    slow = Slow()
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: slow.thing, range(8)))
    assert found == set(made)
    assert len(made) == 1


def row(name: str, broken: bool = False) -> UnitRow:
    problems = dump_problems([problem_at("f.py", 1, "wrong", "it is")]) if broken else None
    return UnitRow(name, "", "", "", "", 0, 0, problems)


class Run:
    """A reporter on a session without files."""

    def __init__(self, built: int, total: int, broken: int) -> None:
        rows = {f"own/{k}": row(f"own/{k}", k < broken) for k in range(total)}
        sources = SimpleNamespace(problems=list, notes=list)
        problems = [r.problems for r in rows.values() if r.problems]
        plan = SimpleNamespace(current=rows, doubles=[], sources=sources, broken=lambda: problems)
        self.session: Any = SimpleNamespace(
            plan=plan,
            planned=True,
            interrupted=False,
            most_shown=20,
            wanted=list(rows)[:built],
            counts=lambda: Counter(generated=built),
            close=lambda: None,
        )
        self.stream = io.StringIO()
        self.reporter = reporter_of(self.session)(self.stream)
        for name in self.session.wanted:
            self.reporter.execute_task(SimpleNamespace(name=f"generate:{name}"))
        self.reporter.execute_task(SimpleNamespace(name="generate"))

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def test_null_build_is_one_line_a_step() -> None:
    run = Run(0, 400, 0)
    run.reporter.skip_uptodate(SimpleNamespace(name="link"))
    run.reporter.complete_run()
    assert run.lines == ["generate: 400 up to date", "link: up to date"]


def test_few_solvers_are_named_and_many_counted() -> None:
    few = Run(2, 400, 0)
    assert few.lines == [
        "generate:own/0",
        "generate:own/1",
        "generate: 2 generated, 398 up to date",
    ]
    assert Run(9, 400, 0).lines == ["generate: 9 generated, 391 up to date"]


def test_broken_solvers_end_the_run_with_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(0, 5, 2)
    with pytest.raises(SystemExit) as ended:
        run.reporter.complete_run()
    assert ended.value.code == 1
    assert run.lines == ["generate: 3 up to date, 2 broken"]
    assert "f.py:1:1: error[wrong]: it is" in capsys.readouterr().err


def test_failures_are_one_line_unless_they_are_our_bugs(capsys: pytest.CaptureFixture[str]) -> None:
    from doit.exceptions import TaskError, TaskFailed, UnmetDependency

    run: Any = Run(0, 1, 0).reporter
    task = SimpleNamespace(name="link")
    run.add_failure(task, TaskFailed("no space"))
    run.add_failure(SimpleNamespace(name="check_batt"), UnmetDependency("link"))
    try:
        raise ValueError("ours")
    except ValueError as error:
        run.add_failure(task, TaskError("PythonAction Error", error))
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["link: no space", "check_batt: not run, because link failed"]
    assert lines[2] == "link: PythonAction Error"
    assert lines[-1] == "ValueError: ours"


def test_problems_survive_the_records() -> None:
    problem = problem_at("no-such-file.py", 3, "wrong", "it is", "a note")
    assert list(load_problems(dump_problems([problem]))) == [problem]
    expected = "no-such-file.py:3:1: error[wrong]: it is\n  note: a note\n\n1 error"
    assert render_problems([problem]) == expected
