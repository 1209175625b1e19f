"""What `import pipeline` offers: light, complete, typed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from tests.project import PROJECT

CALLER = """\
import pipeline
from pipeline import Battery, Config, Limits, Program, evaluate, parse

tasks = pipeline.load_tasks("arc1-train")
program = parse("def solve_0(I):\\n    return hmirror(I)\\n")
scores = evaluate([program], tasks, config=Config(threads=1, budget=Limits(total=5)))
with Battery(tasks["67a3c6ac"]) as battery:
    handles = battery.add([program])
    means = battery.map(lambda scores: float(scores.cells.mean()), [program])
reveal_type(tasks)
reveal_type(program)
reveal_type(scores)
reveal_type(scores[0].exact)
reveal_type(scores.diagnostics)
reveal_type(handles)
reveal_type(means)
evaluate(5, tasks)
"""
REVEALED = [
    "dict[str, pipeline.data.tasks.Task]",
    "pipeline.frontend.program.Program",
    "pipeline.battery.scores.Scores",
    "numpy.ndarray[Any, numpy.dtype[Any]]",
    "dict[int, tuple[pipeline.diagnostics.Diagnostic, ...]]",
    "list[int]",
    "list[float]",
]


def test_importing_it_imports_nothing_else() -> None:
    code = "import sys, pipeline; print([m for m in sys.modules if m.startswith('pipeline.')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_every_name_is_there_under_one_name_for_checkers_and_at_run_time() -> None:
    tree = ast.parse(Path(pipeline.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    checked = {
        alias.name: node.module.removeprefix("pipeline.")
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert checked == pipeline._PLACES
    assert sorted(checked) == sorted(pipeline.__all__)
    assert set(pipeline.__all__) <= set(dir(pipeline))
    assert all(getattr(pipeline, name).__doc__ for name in pipeline.__all__)


def test_what_it_does_not_offer_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'pipeline' has no attribute 'evaluat'"):
        pipeline.evaluat  # noqa: B018


def test_checkers_see_its_types(tmp_path: Path) -> None:
    caller = tmp_path / "caller.py"
    caller.write_text(CALLER)
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(caller)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    notes = re.findall(r'Revealed type is "(.*)"', done.stdout)
    plain = [re.sub(r"builtins\.", "", note).replace("tuple[Any, ...]", "Any") for note in notes]
    assert plain == REVEALED
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert len(errors) == 1
    assert 'Argument 1 to "evaluate" has incompatible type "int"' in errors[0]


def test_it_says_that_it_is_typed() -> None:
    assert Path(pipeline.__file__).with_name("py.typed").is_file()


def test_a_text_that_is_wrong_shows_where() -> None:
    with pytest.raises(pipeline.Invalid) as raised:
        pipeline.parse("def solve_0(I):\n    x1 = vmirror(I)\n    return hmirorr(x1)\n", "mine")
    assert str(raised.value) == (
        "mine:3:12: error[unknown-name]: 'hmirorr' is not defined here\n"
        "        return hmirorr(x1)\n"
        "               ^^^^^^^\n"
        "  note: did you mean 'hmirror'?\n"
        "\n"
        "1 error"
    )
    assert [d.code for d in raised.value.diagnostics] == ["unknown-name"]
