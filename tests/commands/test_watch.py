"""The command `watch`: what a look finds, what is printed, what wakes it."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery import opening
from pipeline.commands import watch
from pipeline.commands.recheck import Stale, Watched
from pipeline.config.config import load_config
from pipeline.config.solvers import read_lines
from pipeline.data import arc
from pipeline.data.tasks import DataError
from pipeline.incremental.session import Session
from pipeline.report.watch_text import MOST_SHOWN, round_text, sum_text
from tests.battery.small import BODIES, FLIP, ODD, SAME, TASKS, link_kernels
from tests.incremental.test_session import try_lock
from tests.programs_text import text_of
from tests.project import PROJECT

CONFIG = """\
corpora: {own: {path: own}, more: {path: more/all.py}}
device: cpu
memory_mib: 64
budget: {elements: 9}
known_failures: {}
"""
DEADLINE = 30.0
RIGHT = f"own/{FLIP}: 4 of 4 samples right\nwatch: 1 right (T s)\n"


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with solvers, kernels and tasks of our own, and the code."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG)
    Path("pipeline").symlink_to(PROJECT / "pipeline")
    link_kernels(tmp_path)
    Path("own").mkdir()
    Path("more").mkdir()
    Path("more/all.py").write_text(text_of("I", "aaaaaaaa") + "\n\n" + text_of("I", SAME))
    for ident in (FLIP, SAME):
        write(ident, BODIES[f"own/{ident}"])
    monkeypatch.setattr(opening, "load_tasks", lambda name, cache: TASKS)
    return tmp_path


def write(ident: str, body: str) -> Path:
    """Save a solver."""
    path = Path("own", f"{ident}.py")
    path.write_text(text_of(body, ident))
    return path


def replace(ident: str, body: str) -> None:
    """Save a solver as editors do: a new file takes the place of the old one."""
    Path("own", f".{ident}.py.swp").write_text(text_of(body, ident))
    os.replace(f"own/.{ident}.py.swp", f"own/{ident}.py")


@pytest.fixture
def watched() -> Watched:
    """The tree, looked at once."""
    compiler = compiler_of_now()
    made = Watched(load_config(), TASKS, compiler)
    assert [found.rows for found in made.look(first=True)] == [[]]
    assert len(made) == 4
    return made


def compiler_of_now() -> str:
    session = Session()
    try:
        return session.compiler
    finally:
        session.close()


def seen(watched: Watched) -> str:
    """What a look prints, without its time; empty if there is nothing new."""
    rounds = [found for found in watched.look() if found]
    texts = [text for found in rounds if (text := round_text(found, {}, read_lines))]
    return without_time(
        "".join(f"{t}\n" for t in [*texts, *(sum_text(rounds, 0.0) for _ in rounds[:1])])
    )


def without_time(text: str) -> str:
    return re.sub(r"[\d.]+ s\)", "T s)", text)


# -- looks


def test_a_look_at_what_is_as_it_was_finds_nothing(watched: Watched) -> None:
    assert seen(watched) == ""
    path = Path("own", f"{FLIP}.py")
    os.utime(path, ns=(1, 1))
    path.write_bytes(path.read_bytes())
    assert seen(watched) == ""


def test_a_changed_solver_is_built_checked_and_up_to_date_for_others(watched: Watched) -> None:
    write(FLIP, "vmirror(I)")
    assert seen(watched) == (
        f"own/{FLIP}: 0 of 4 samples right; train[0]: wrong: 4 of 4 cells differ, "
        "first at (0, 0): expected 3, got 2\nwatch: 1 not right (T s)\n"
    )
    assert "rt.vmirror" in Path(f"generated/solvers/own/{FLIP}.py").read_text()
    session = Session()
    assert list(session.plan.pending) == []
    session.close()
    replace(FLIP, "hmirror(I)")
    assert seen(watched) == RIGHT


def test_what_another_build_has_built_is_news_too(watched: Watched) -> None:
    write(FLIP, "x = hmirror(I); x")
    other = Watched(load_config(), TASKS, compiler_of_now())
    list(other.look(first=True))
    assert seen(watched) == RIGHT


def test_where_a_solver_fails_is_shown(watched: Watched) -> None:
    write(FLIP, "x = first(difference(asindices(I), asindices(I))); I")
    assert seen(watched) == (
        f"own/{FLIP}: 0 of 4 samples right; train[0]: error\n"
        f"own/{FLIP}.py:2:9: error[empty]: first: EMPTY: needs at least one element\n"
        "        x = first(difference(asindices(I), asindices(I)))\n"
        "            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "watch: 1 not right (T s)\n"
    )


def test_a_broken_solver_is_shown_with_a_caret_until_it_is_mended(watched: Watched) -> None:
    path = write(FLIP, "x = hconcat(I, I, I); x")
    assert seen(watched) == (
        f"{path}:2:9: error[wrong-arity]: hconcat takes 2 arguments, got 3\n"
        "        x = hconcat(I, I, I)\n"
        "            ^^^^^^^^^^^^^^^^\n"
        "  note: it is hconcat(a, b)\n\n1 error\n"
        "watch: 1 broken (T s)\n"
    )
    assert not Path(f"generated/solvers/own/{FLIP}.py").exists()
    write(FLIP, BODIES[f"own/{FLIP}"])
    assert seen(watched) == RIGHT


def test_a_file_that_is_no_file_of_solvers_is_shown_where_it_means_to_be(watched: Watched) -> None:
    Path("own/new.py").write_text("x = 1\n")
    assert seen(watched) == ""
    Path("own/new.py").write_text("def solve_(I):\n    return I\n")
    assert seen(watched) == (
        "own/new.py:1:5: error[bad-name]: a solver is named solve_ID or verify_ID, not 'solve_'\n"
        "    def solve_(I):\n        ^^^^^^\n\n"
        "1 error\nwatch: nothing to check (T s)\n"
    )
    Path("own/new.py").unlink()
    assert seen(watched) == ""


def test_files_appear_vanish_and_are_renamed(watched: Watched) -> None:
    write(ODD, "rot90(I)")
    assert seen(watched) == (
        f"own/{ODD}: 1 of 2 samples right; test[0]: wrong: a grid of 4x2, expected 2x2\n"
        "watch: 1 not right (T s)\n"
    )
    write("33333333", "I")
    assert seen(watched) == (
        "own/33333333: not checked, as no data set has its task\nwatch: 1 not checked (T s)\n"
    )
    Path(f"own/{ODD}.py").unlink()
    assert seen(watched) == f"own/{ODD}: removed\nwatch: 1 removed (T s)\n"
    Path(f"own/{FLIP}.py").rename("own/flip.py")
    assert seen(watched) == RIGHT
    shutil.rmtree("own")
    Path("own").mkdir()
    assert seen(watched) == (
        f"own/{FLIP}: removed\nown/{SAME}: removed\nown/33333333: removed\nwatch: 3 removed (T s)\n"
    )


def test_a_solver_defined_twice_is_shown_once_and_mended_by_removing_one(watched: Watched) -> None:
    shutil.copy(f"own/{FLIP}.py", "own/again.py")
    assert seen(watched) == (
        "own/again.py:1:1: error[defined-twice]: "
        f"solver own/{FLIP} is defined twice in its corpus\n"
        f"    def solve_{FLIP}(I):\n    ^\n"
        f"  note: the other definition is own/{FLIP}.py:1: rename or remove one; neither is built"
        "\n\n1 error\nwatch: nothing to check (T s)\n"
    )
    assert seen(watched) == ""
    Path("own/again.py").unlink()
    assert seen(watched) == RIGHT


def test_a_solver_that_only_moves_in_its_file_is_not_checked_again(watched: Watched) -> None:
    path = Path("more/all.py")
    path.write_text("# What is published.\n" + path.read_text())
    assert seen(watched) == ""
    path.write_text(
        path.read_text().replace("solve_aaaaaaaa(I):\n", "solve_aaaaaaaa(I):\n    # x\n")
    )
    assert seen(watched) == (
        "more/aaaaaaaa: not checked, as no data set has its task\nwatch: 1 not checked (T s)\n"
    )


def test_one_that_moves_and_changes_is_told_after_those_that_stay(watched: Watched) -> None:
    path = Path("more/all.py")
    first, last = text_of("x = I; x", "aaaaaaaa"), text_of("hmirror(I)", SAME)
    path.write_text(f"{first}\n\n{last}")
    assert seen(watched) == (
        "more/aaaaaaaa: not checked, as no data set has its task\n"
        f"more/{SAME}: 0 of 3 samples right; train[0]: wrong: 4 of 4 cells differ, "
        "first at (0, 0): expected 1, got 3\nwatch: 1 not right, 1 not checked (T s)\n"
    )
    assert seen(watched) == ""


def test_all_at_once_are_counted_and_only_some_shown(watched: Watched) -> None:
    for k in range(MOST_SHOWN + 5):
        write(f"{k:08x}", "I")
    write(SAME, "hmirror(I)")
    lines = seen(watched).splitlines()
    assert len(lines) == MOST_SHOWN + 2
    assert sum(line.startswith(f"own/{SAME}: 0 of 3 samples right; ") for line in lines) == 1
    assert lines[-2:] == [
        "... and 6 more",
        f"watch: 1 not right, {MOST_SHOWN + 5} not checked (T s)",
    ]


def test_the_reference_backend_is_asked_where_it_is_chosen() -> None:
    Path("config.yaml").write_text(CONFIG + "backend: reference\n")
    made = Watched(load_config(), TASKS, compiler_of_now())
    list(made.look(first=True))
    replace(FLIP, "x = hmirror(I); x")
    assert seen(made) == RIGHT


DATA = "corpora: {own: {path: own}}\ndata: [./mine]\ndevice: cpu\nmemory_mib: 64\n"


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tasks of the user's own: FLIP's, with the answer that turns over."""
    monkeypatch.setattr(opening, "load_tasks", arc.load_tasks)
    Path("config.yaml").write_text(DATA)
    Path("mine").mkdir()
    return save_task(FLIP, [[3, 4], [1, 2]])


def save_task(ident: str, answer: list[list[int]]) -> Path:
    pair = {"input": [[1, 2], [3, 4]], "output": answer}
    path = Path("mine", f"{ident}.json")
    path.write_text(json.dumps({"train": [pair], "test": [pair]}))
    return path


def test_tasks_that_change_are_checked_again_and_no_others(mine: Path) -> None:
    config = load_config()
    watched = Watched(config, opening.tasks_of(config), compiler_of_now())
    assert [found.rows for found in watched.look(first=True)] == [[]]
    assert seen(watched) == ""
    save_task(FLIP, [[1, 2], [3, 4]])
    assert seen(watched) == (
        f"own/{FLIP}: 0 of 2 samples right; train[0]: wrong: 4 of 4 cells differ, "
        "first at (0, 0): expected 1, got 3\nwatch: 1 not right (T s)\n"
    )
    assert seen(watched) == ""
    mine.write_text(mine.read_text() + "\n")
    assert seen(watched) == ""
    save_task(SAME, [[1, 2], [3, 4]])
    assert seen(watched) == f"own/{SAME}: 2 of 2 samples right\nwatch: 1 right (T s)\n"
    mine.unlink()
    assert seen(watched) == (
        f"own/{FLIP}: not checked, as no data set has its task\nwatch: 1 not checked (T s)\n"
    )


def test_a_damaged_data_file_is_said_once_and_mended(mine: Path) -> None:
    config = load_config()
    watched = Watched(config, opening.tasks_of(config), compiler_of_now())
    list(watched.look(first=True))
    mine.write_text("{")
    with pytest.raises(DataError, match=r"^mine/0a1b2c3d.json:1:2: not JSON"):
        list(watched.look())
    assert seen(watched) == ""
    write(FLIP, "x = hmirror(I); x")
    assert seen(watched).startswith(f"own/{FLIP}: 2 of 2 samples right\n")
    save_task(FLIP, [[3, 4], [1, 2]])
    assert seen(watched) == "the data can be read again\nwatch: nothing to check (T s)\n"
    assert seen(watched) == ""


def test_another_configuration_or_other_code_ends_it(watched: Watched) -> None:
    Path("config.yaml").write_text(CONFIG + "threads: 1\n")
    with pytest.raises(Stale, match=r"^config.yaml changed$"):
        list(watched.look())
    Path("config.yaml").write_text(CONFIG)
    assert seen(watched) == ""
    other = Watched(load_config(), TASKS, "another")
    with pytest.raises(Stale, match=r"^the code of the pipeline changed$"):
        list(other.look())


# -- waking


class Running:
    """`doit watch` in a thread; `stop` is its Ctrl-C."""

    def __init__(self, said: queue.Queue[str]) -> None:
        self.said = said
        self.stop = threading.Event()
        self.status: list[int] = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.status.append(watch.watch(Session(), self.stop))

    def next(self) -> str:
        """What is said next up to what sums it up, without times."""
        said = ""
        while not said.rpartition("\n")[2].startswith("watch: "):
            said += "\n" * bool(said) + without_time(self.said.get(timeout=DEADLINE))
        return said + "\n"

    def until(self, text: str) -> None:
        """Wait until something is said with this text in it: a look may come between two steps."""
        while text not in self.next():
            pass

    def end(self) -> list[int]:
        """Its status."""
        self.thread.join(DEADLINE)
        return self.status


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """It runs, and has looked once; it is stopped at the end."""
    said: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(watch, "_say", said.put)
    made = Running(said)
    assert re.fullmatch(r"watch: [24] solvers; Ctrl-C ends it\n", made.next())
    yield made
    made.stop.set()
    assert made.end() == [0]


def test_saves_of_every_kind_are_told_at_once(running: Running, tree: Path) -> None:
    replace(FLIP, "x = hmirror(I); x")
    assert running.next() == RIGHT
    assert try_lock(tree / ".doit.db.lock").returncode == 0
    write(FLIP, "y = hmirror(I); y")
    running.until(RIGHT)
    replace(FLIP, "vmirror(I)")
    write(FLIP, "z = hmirror(I); z")
    running.until(RIGHT)
    Path("own/deep/er").mkdir(parents=True)
    Path("own/deep/er/odd.py").write_text(text_of("rot90(I)", ODD))
    running.until(f"own/{ODD}: 1 of 2 samples right; ")
    Path("own/deep/er/odd.py").write_text(text_of("rot270(I)", ODD))
    running.until(f"own/{ODD}: 0 of 2 samples right; ")
    Path("own/.#lock.py").write_text("nothing")
    os.replace("more/all.py", "more/all.bak")
    Path("more/all.py").write_text(text_of("hmirror(I)", SAME))
    running.until("more/aaaaaaaa: removed\n")
    running.stop.set()
    running.until("watch: ended\n")
    assert running.end() == [0]


def test_a_data_file_that_is_saved_is_told(mine: Path, running: Running) -> None:
    save_task(FLIP, [[9]])
    running.until(f"own/{FLIP}: 0 of 2 samples right; train[0]: wrong: a grid of 2x2, expected 1x1")
    save_task(SAME, [[1, 2], [3, 4]])
    running.until(f"own/{SAME}: 2 of 2 samples right\n")


def test_a_file_that_is_cut_off_is_waited_for(tmp_path: Path) -> None:
    path, waits = tmp_path / "x.py", []
    path.touch()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            path.write_text("x")

    watch.settle([str(path), str(tmp_path / "gone")], wait)
    assert len(waits) == 3
    path.write_text("")
    watch.settle([str(path)], wait)
    assert sum(waits[3:]) == pytest.approx(1.0)


def test_it_ends_when_nobody_reads_what_it_says(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "is_lost", lambda: True)
    replace(FLIP, "x = hmirror(I); x")
    running.until("watch: ended\n")
    assert running.end() == [0]


def test_a_folder_that_is_made_anew_is_watched_on(running: Running) -> None:
    shutil.move("own", "gone")
    shutil.copytree("gone", "own")
    write(FLIP, "x = hmirror(I); x")
    running.until(f"own/{FLIP}: 4 of 4 samples right\n")
    write(FLIP, "y = hmirror(I); y")
    running.until(f"own/{FLIP}: 4 of 4 samples right\n")


def test_a_folder_that_appears_before_the_watch_has_begun_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop = threading.Event()
    watched: list[set[str]] = []

    def events(*folders: str, **options: Any) -> Iterator[set[Any]]:
        watched.append(set(folders))
        Path("own/late").mkdir(exist_ok=True)
        for _ in range(3):
            yield set()
        stop.set()
        yield set()

    monkeypatch.setattr("watchfiles.watch", events)
    looks = list(watch.wakes(load_config(), stop))
    late = str(Path("own/late").absolute())
    assert [late in folders for folders in watched] == [False, True]
    assert len(looks) == 2


def test_a_save_of_what_a_link_leads_to_is_told(running: Running, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = elsewhere / "mine.py"
    target.write_text(text_of("rot90(I)", ODD))
    Path("own/linked.py").symlink_to(target)
    running.until(f"own/{ODD}: 1 of 2 samples right; ")
    target.write_text(text_of("rot270(I)", ODD))
    running.until(f"own/{ODD}: 0 of 2 samples right; ")


def test_it_ends_by_itself_when_the_configuration_changes(running: Running) -> None:
    Path("config.tmp").write_text(CONFIG + "threads: 1\n")
    os.replace("config.tmp", "config.yaml")
    assert running.next() == "watch: config.yaml changed: start `doit watch` again\n"
    assert running.end() == [0]


def test_in_one_of_many_threads_it_says_that_it_must_be_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(watch.watch(Session())))
    thread.start()
    thread.join(DEADLINE)
    assert found == [2]
    assert capsys.readouterr().err == "`doit watch` can't run beside other tasks: leave out -n\n"


def test_what_concerns_nobody_wakes_nobody() -> None:
    woken = ["a/b.py", "a/b.json", "x/config.yaml", "solvers", "a/new"]
    others = [
        "a/.b.py",
        "a/b.pyc",
        "a/__pycache__",
        "a/b.py~",
        "a/.b.py.swp",
        ".doit.db-wal",
        "b.md",
    ]
    assert [path for path in [*woken, *others] if watch.concerns(None, path)] == woken
