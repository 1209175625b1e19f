"""What doit is asked that it has no way to say, asked of the doit that is installed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.incremental.doit_adapter import NotUnderstood, among_words, target_in, threads
from tests.project import PROJECT

DODO = """
import sys
from doit import create_after
from pipeline.incremental.doit_adapter import forget_with, target_in, threads

class Reporter:
    desc = ""
    def __init__(self, stream, options): pass
    def initialize(self, tasks, selected): print("selected", *[target_in(s) or s for s in selected])
    def __getattr__(self, name): return lambda *args: None

DOIT_CONFIG = {"backend": "sqlite3", "dep_file": ":memory:", "par_type": "thread",
               "verbosity": 2, "reporter": Reporter}

def task_first():
    forget_with(lambda task: print("forgot", repr(task)))
    return {"actions": [lambda: print("threads", threads())], "io": {"capture": False}}

@create_after("first", "out/.*")
def task_late():
    yield {"name": "x", "actions": ["true"], "targets": ["out/x"]}
"""


def run(folder: Path, *words: str) -> list[str]:
    """The lines that doit prints."""
    (folder / "dodo.py").write_text(DODO)
    done = subprocess.run(
        [sys.executable, "-m", "doit", *words],
        cwd=folder,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line.partition(" ")[0] != "forgetting"]


@pytest.mark.parametrize(("options", "count"), [(("-n", "3"), 3), ((), 1)])
def test_a_task_knows_how_many_threads_there_are(
    tmp_path: Path, options: tuple[str, ...], count: int
) -> None:
    assert f"threads {count}" in run(tmp_path, *options, "first")


def test_a_file_whose_task_is_yet_to_be_made_is_known(tmp_path: Path) -> None:
    assert run(tmp_path, "out/x")[0] == "selected out/x"


def test_forget_is_passed_on(tmp_path: Path) -> None:
    assert run(tmp_path, "forget", "first") == ["forgot 'first'"]
    assert run(tmp_path, "forget", "--all") == ["forgot ''"]


def test_outside_of_doit_there_is_one_thread_and_no_such_file() -> None:
    assert threads() == 1
    assert target_in("generate:own/x") == ""


def test_nothing_else_knows_the_inner_parts_of_doit() -> None:
    public = {"doit", "doit.exceptions"}
    found = [
        f"{path.name}:{node.lineno} {node.module}"
        for path in [*PROJECT.glob("pipeline/**/*.py"), PROJECT / "dodo.py"]
        if path.name not in ("doit_adapter.py", "doit_commands.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] == "doit"
        and node.module not in public
    ]
    assert found == []


PARAMS = [
    {"name": "size", "long": "size", "type": int, "default": 1},
    {"name": "is_new", "long": "new", "type": bool, "default": False},
]


def test_options_may_stand_among_words() -> None:
    words = ["a", "--size", "3", "b", "--new", "c"]
    given = {"size": 1, "is_new": False}
    assert among_words(PARAMS, words, given) == (["a", "b", "c"], {"size": 3, "is_new": True})
    assert among_words(PARAMS, ["a"], {"size": 2}) == (["a"], {"size": 2})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "--old"], "option --old not recognized"),
        (["--size"], "option --size requires argument"),
    ],
)
def test_an_option_that_is_none_is_named(words: list[str], said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        among_words(PARAMS, words, {})
