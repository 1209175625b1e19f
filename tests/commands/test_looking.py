"""The commands that look at tasks, and the one that begins a solver."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.commands import generated_samples
from pipeline.commands.asked import solvers_fitting
from pipeline.commands.new import new
from pipeline.commands.show import show, show_tasks
from pipeline.commands.todo import todo
from pipeline.config.context import Context
from pipeline.config.solvers import find_units
from pipeline.data.tasks import Sample
from tests.battery.small import CONFIG, FLIP, ODD, SAME, TASKS, lay_out

OPEN, UNNAMED = "33333333", "no word"
DRAWN = f"""\
{OPEN}: 1 train and 1 test samples, whose answers are not known

train[0]
input 1x2   output 2x1
1 2         1
            2

test[0]
input 1x1
3
"""
TODO = f"""\
task      samples  cells  largest grid  solvers
{OPEN}        2      5           2x1     none
"""


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a linked battery, and a task that it has no solver of."""
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, CONFIG + "data: [./tasks.json]\n")
    parts = ("train", "test")
    tasks = {
        ident: {
            part: [{"input": s.input, "output": s.output} for s in getattr(task, part)]
            for part in parts
        }
        for ident, task in TASKS.items()
    }
    plain = {"train": [{"input": [[1, 2]], "output": [[1], [2]]}], "test": [{"input": [[3]]}]}
    tasks[OPEN] = tasks[UNNAMED] = plain  # type: ignore[assignment]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    return tmp_path


# -- show


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("b/2", ["b/2"]),
        ("b", ["b/2", "b/2__x"]),
        ("2", ["a/2", "b/2", "b/2__x"]),
        ("2__x", ["b/2__x"]),
        ("a/", ["a/2", "a/22"]),
        ("22", ["a/22"]),
        ("3", []),
        ("", []),
    ],
)
def test_a_solver_is_found_by_its_name_its_task_or_how_it_begins(
    word: str, found: list[str]
) -> None:
    assert solvers_fitting(word, ["a/2", "a/22", "b/2", "b/2__x"]) == found


def test_several_are_drawn_one_after_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(Context.of(), words=("own/1", FLIP[:3], OPEN)) == 0
    said = capsys.readouterr().out
    assert said.endswith(DRAWN)
    heads = [line for line in said.splitlines() if line.startswith("own/")]
    assert heads == [f"own/{FLIP}: 4 of 4 samples right", f"own/{SAME}: 3 of 3 samples right"]


def test_a_task_is_drawn_without_its_solvers(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_tasks(Context.of(), [f"own/{ODD}", OPEN[:2]], "0") == 0
    assert capsys.readouterr().out == (
        f"{ODD}: 1 train and 1 test samples\n\ntrain[0]\n"
        "input 2x2   output 2x2\n1 2         3 1\n3 4         4 2\n"
        + DRAWN.partition("\n\ntest")[0]
        + "\n"
    )


def test_what_can_not_be_drawn_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(Context.of(), words=("0a1b2c3e",)) == 2
    assert show_tasks(Context.of(), ["x"]) == 2
    assert show_tasks(Context.of(), []) == 2
    assert show_tasks(Context.of(), [OPEN], "test[1]") == 2
    assert capsys.readouterr() == (
        "",
        f"no solver or task '0a1b2c3e': did you mean {FLIP}?\nno task 'x'\n"
        "which task? `doit show --task ID`\n"
        f"no sample 'test[1]' of {OPEN}; there are train[0], test[0]\n",
    )


# -- todo


def test_what_is_to_do_is_listed_the_smallest_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert todo(Context.of(), ("./tasks.json",), 1) == 0
    end = (
        "todo: 3 of 5 tasks have no right solver, 2 more with --limit 0; `doit new ID` begins one\n"
    )
    assert capsys.readouterr().out == TODO + end
    assert todo(Context.of(), ("./tasks.json",), 0, broken=(f"x/{OPEN}",)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == [OPEN, "no", ODD]
    assert lines[1].endswith(f"x/{OPEN} broken")
    assert lines[3].endswith(f"own/{ODD} wrong (1 of 2), re-arc/{ODD} error (0 of 2)")
    assert lines[4] == "todo: 3 of 5 tasks have no right solver; `doit new ID` begins one"


def test_a_mistyped_data_set_has_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert todo(Context.of(), ("arc1",), 0) == 2
    assert todo(Context.of(), ("./tasks.json",), -1) == 2
    assert capsys.readouterr().out == ""


# -- new


def test_a_skeleton_compiles_and_is_never_written_over(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = Context.of()
    assert new(context, [OPEN[:4]]) == 0
    assert capsys.readouterr().out == f"{DRAWN}\nown/{OPEN}.py: written\n"
    text = (tree / f"own/{OPEN}.py").read_text()
    assert "#   train[0]  1x2 -> 2x1\n#   test[0]   1x1 -> ?\n" in text
    (unit,) = find_units(context.config, f"own/{OPEN}")
    assert compile_unit(unit).code is not None
    assert new(context, [OPEN]) == 2
    assert capsys.readouterr() == ("", f"own/{OPEN}.py: is there already, and stays as it is\n")
    assert (tree / f"own/{OPEN}.py").read_text() == text


def test_a_solver_in_another_file_of_the_corpus_counts_too(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "own/many.py").write_text(f"def solve_{OPEN}(I):\n    return I\n")
    assert new(Context.of(), [OPEN]) == 2
    assert capsys.readouterr().err == "own/many.py: is there already, and stays as it is\n"
    assert not (tree / f"own/{OPEN}.py").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "for which task? `doit new ID`; `doit todo` names some\n"),
        (["333333333"], f"no task '333333333': did you mean {OPEN}?\n"),
        ([OPEN, "x"], "no task 'x'\n"),
        ([""], f"5 tasks begin with '': {FLIP}, {SAME}, {ODD}, {OPEN}, {UNNAMED}\n"),
        ([UNNAMED], "'no word' can't be the name of a solver: give the task another\n"),
    ],
)
def test_without_a_task_nothing_is_begun(
    words: list[str], said: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(tree.glob("own/*"))
    assert new(Context.of(), words) == 2
    assert capsys.readouterr() == ("", said)
    assert sorted(tree.glob("own/*")) == before


def test_without_a_folder_nothing_is_begun(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "few.py").write_text("")
    (tree / "config.yaml").write_text("corpora: {few: {path: few.py}}\nknown_failures: {}\n")
    assert new(Context.of(), [OPEN]) == 2
    assert capsys.readouterr().err == "no corpus in config.yaml is a folder to write to\n"


def test_a_generated_sample_is_shown_by_the_name_that_stress_gives_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    class Drawn:
        def tasks(self) -> frozenset[str]:
            return frozenset({FLIP})

        def arrays(self, tasks: list[str], count: int, seed: int) -> dict[str, tuple[int, int]]:
            asked.append((tasks, count, seed))
            return dict.fromkeys(tasks, (count, seed))

    monkeypatch.setattr(generated_samples, "published", lambda cache: Drawn())
    monkeypatch.setattr(
        generated_samples, "sample_of", lambda drawn, k: Sample(((1, k),), ((*drawn,),))
    )
    assert show(Context.of(), f"own/{FLIP}", "generated[4]", seed=7) == 0
    assert asked == [([FLIP], 5, 7)]
    assert capsys.readouterr().out == (
        f"own/{FLIP}: 0 of 1 samples right\n\n"
        "generated[4]: wrong: 2 of 2 cells differ, first at (0, 0): expected 5, got 1\n"
        "input 1x2   expected 1x2   produced 1x2\n"
        "1 4         5*7*           1*4*\n"
    )
    assert show(Context.of(), f"own/{SAME}", "generated[4]") == 2
    assert capsys.readouterr().err == f"no generator has the task of own/{SAME}\n"
