"""What people type, and where what is printed goes: help, slips, folders below, lost output."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest
from doit.cmdparse import CmdOption, TaskParse

import dodo
from pipeline.commands.doit_commands import task_without_subtasks
from pipeline.commands.examples import EXAMPLES
from pipeline.report.help_text import nearest
from tests.faults.checked import checked_tree, run
from tests.faults.tree import DEADLINE, Tree

RIGHT = ("34/12", "34/32", "34/13")
"""What the first three solvers of a tree make of their input."""
TASKS = {
    name.removeprefix("task_"): made
    for name, made in vars(dodo).items()
    if name[:5] == "task_" and made.__module__ == "dodo"
}


@pytest.fixture
def small(tmp_path: Path) -> Tree:
    """Three solvers that are right, built and checked."""
    tree = checked_tree(tmp_path / "tree", RIGHT)
    run(tree)
    return tree


def shell(tree: Tree, command: str) -> tuple[int, str, str]:
    """Status, output and errors of a command of bash; `doit` is that of the tree."""
    text = f'set -o pipefail; doit() {{ "{sys.executable}" -m doit "$@"; }}; {command}'
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=tree.root,
        env={**os.environ, "PYTHONPATH": str(tree.root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    return done.returncode, done.stdout, done.stderr


# -- help


def test_every_task_tells_what_it_does_and_its_options(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", 1)
    script = "; ".join(
        f"doit {name} {word}" for name, word in zip(TASKS, cycle(("-h", "--help")), strict=False)
    )
    status, printed, errors = shell(tree, f"set -e; {script}")
    assert (status, errors) == (0, "")
    parts = re.split(r"^(?=doit \w+[^\n]*: )", printed, flags=re.MULTILINE)[1:]
    for (name, made), part in zip(TASKS.items(), parts, strict=True):
        assert part.startswith(f"doit {name}")
        assert (made.__doc__ or "") in part
        assert f"\nExample:\n  {EXAMPLES.get(name, f'doit {name}')}\n" in part
        task = task_without_subtasks(made)
        for option in task.get("params", []):
            assert f"\n  --{option['long']} " in part
            assert option["help"] in part
            if option["default"] and option["type"] is not bool:
                assert f"(default: {option['default']})" in part
    assert not (tree.root / "generated").exists()


def test_help_of_a_task_is_found_by_both_ways_and_beside_other_words(small: Tree) -> None:
    wanted = small.run("help", "check_batt")
    ident = small.idents[0]
    for words in (("check_batt", "-h"), ("-n", "4", "check_batt", "--solver", ident, "--help")):
        assert small.run(*words) == wanted
    assert small.run("generate:own/a0000000", "-h") == small.run("help", "generate:own/a0000000")


def test_help_of_all_names_every_task(small: Tree) -> None:
    for words in (("-h",), ("--help",), ("help",), ("help", "-h")):
        printed = small.run(*words)
        assert re.findall(r"^  (\w+)  ", printed, re.MULTILINE)[1:] == sorted(TASKS)
    assert small.run("list", "-h").startswith("PURPOSE\n    list tasks from dodo file\n")
    assert small.run("help", "clean").startswith("PURPOSE\n    clean action / remove targets\n")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_command_that_there_is(name: str) -> None:
    doit, *words = shlex.split(EXAMPLES[name])
    words = words[2:] if words[0] == "-n" else words
    assert (doit, words[0].partition(":")[0]) == ("doit", name)
    task = task_without_subtasks(TASKS[name])
    options = [CmdOption(option) for option in task.get("params", [])]
    _, rest = TaskParse(options).parse(words[1:])
    assert not rest or "pos_arg" in task


# -- slips


SLIPS = {
    "check": "ERROR: no task, command or target 'check'; did you mean check_batt?\n",
    "chek -h": "ERROR: no task, command or target 'chek'; did you mean check_batt?\n",
    "help mtrix": "ERROR: no task, command or target 'mtrix'; did you mean matrix?\n",
    "wacth": "ERROR: no task, command or target 'wacth'; did you mean watch?\n",
    **{
        f"{command} chek": "ERROR: no task, command or target 'chek'; did you mean check_batt?\n"
        for command in ("list", "info", "clean", "forget", "ignore")
    },
    "zzz": "ERROR: no task, command or target 'zzz'\n`doit list` names",
    "check_batt --solvr x": "ERROR: check_batt has no option --solvr; did you mean --solver?\n\n"
    "Options:\n  --solver ",
    "docs --task x": "ERROR: docs has no option --task\ndocs has no options.\n",
    "check_batt --limit x": "ERROR: check_batt: --limit must be a whole number, not 'x'\n",
    "check_batt --task": "ERROR: check_batt: --task needs a value\n",
    "check_batt --profile=1": "ERROR: check_batt: --profile takes no value\n",
    "link check_batt --taks x": "ERROR: check_batt has no option --taks; did you mean --task?\n",
    "--samples 3": "ERROR: --samples is an option of stress: it stands behind the task\n",
    "-Z": "ERROR: doit run: option -Z not recognized\n`doit help run` names",
}


def test_a_slip_is_told_with_what_was_meant(small: Tree) -> None:
    for words, wanted in SLIPS.items():
        printed = small.run(*words.split(), status=3)
        assert printed.startswith(wanted)
        assert "CmdOption" not in printed


def test_the_nearest_name() -> None:
    known = ["check_batt", "matrix", "gpu_report", "report", "test", "test_gpu"]
    assert nearest("check", known) == ["check_batt"]
    assert nearest("repotr", known) == ["report"]
    assert nearest("gpu", known) == ["gpu_report", "test_gpu"]
    assert nearest("xyz", known) == []


# -- folders below


def test_commands_work_from_any_folder_below(small: Tree) -> None:
    below = small.root / "solvers" / "deep"
    below.mkdir()
    assert "check: 1 of 1 tasks solved" in small.run(
        "check_batt", "--solver", small.idents[0], cwd=below
    )
    assert "check_batt" in small.run("list", cwd=below)
    (below / "mine.json").write_text("[]")
    printed = small.run("submission", "--validate", "mine.json", cwd=below, status=1)
    assert printed.startswith("solvers/deep/mine.json: must be an object of tasks, not a list\n")
    assert not (below / ".doit.db").exists()


def test_another_project_has_its_own_doit(small: Tree, tmp_path: Path) -> None:
    (tmp_path / "dodo.py").write_text("def task_x():\n    return {'actions': ['true']}\n")
    assert small.run("x", cwd=tmp_path) == ".  x\n"
    assert "option -h not recognized" in small.run("x", "-h", cwd=tmp_path, status=3)


# -- lost output


def forget_check(tree: Tree) -> None:
    shell(tree, "doit forget check_batt")
    (tree.root / "generated/results/check.json").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("where", "status", "errors"),
    [
        ("| head -1", 141, ""),
        ("| true", 141, ""),
        ("2>&1 | true", 141, ""),
        ("> /dev/full", 1, "what is printed can't be written: No space left on device\n"),
        (">&-", 0, ""),
        (">&- 2>&- <&-", 0, ""),
        ("2> /dev/full > /dev/null", 0, ""),
    ],
)
@pytest.mark.parametrize("options", ["", "-n 3 check_batt"])
def test_output_that_is_lost_loses_no_work(
    small: Tree, where: str, status: int, errors: str, options: str
) -> None:
    forget_check(small)
    small.write(small.idents[0], comment="    # another\n")
    found, _, said = shell(small, f"doit {options} {where}")
    assert (found, said) == (status, errors)
    assert json.loads((small.root / "generated/results/check.json").read_text())["correct"] == 3
    assert run(small) == "generate: 3 up to date\nlink: up to date\ncheck_batt: up to date\n"


@pytest.mark.parametrize("words", ["list", "--help", "check_batt -h", "clean -n", "nonsense"])
def test_commands_that_only_look_end_without_a_traceback(small: Tree, words: str) -> None:
    for where in ("| true", "> /dev/full", ">&-", "2>&1 | true"):
        status, _, errors = shell(small, f"doit {words} {where}")
        assert "Traceback" not in errors
        assert "Exception" not in errors
        assert status in ((3, 141) if words == "nonsense" else (0, 1, 141))


def test_a_check_that_is_wrong_fails_however_little_of_it_is_read(tmp_path: Path) -> None:
    tree = checked_tree(tmp_path / "tree", [RIGHT[0], "99/99"])
    assert shell(tree, "doit | head -1")[0] == 1
