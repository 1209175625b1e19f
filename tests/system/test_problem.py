"""What a user reads of a failure, and the exit status it ends with."""

from __future__ import annotations

import ast
import errno
from pathlib import Path

from pipeline.diagnostics import Diagnostic, Invalid, Span
from pipeline.system.problem import Problem, told

ROOT = Path(__file__).resolve().parents[2]


class Wrong(Problem):
    """One that the question is to blame for."""

    status = 2


def test_a_problem_brings_its_text_and_its_status() -> None:
    assert told(Problem("no wheel")) == ("no wheel", 1)
    assert told(Wrong("no such set")) == ("no such set", 2)


def test_what_the_system_refuses_is_named_with_its_file() -> None:
    assert told(OSError(errno.ENOSPC, "No space left on device", "a/b")) == (
        "a/b: No space left on device",
        1,
    )
    assert told(OSError("a process was ended")) == ("a process was ended", 1)


def test_all_else_is_a_bug() -> None:
    assert told(ValueError("x")) is None
    assert told(RuntimeError("x")) is None


def test_diagnostics_are_told_with_the_lines_of_their_files(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("threads: x\n")
    found = Invalid([Diagnostic(Span(str(path), 1, 10), "wrong-type", "expected a number")])
    text = f"{path}:1:10: error[wrong-type]: expected a number\n    threads: x\n{' ' * 13}^\n\n"
    assert told(found) == (f"{text}1 error", 2)


def test_nothing_is_decided_by_the_name_of_a_class() -> None:
    """`type(error).__name__` is for people to read, not to compare with."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [*ROOT.glob("pipeline/**/*.py"), ROOT / "dodo.py"]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        and any("__name__" in ast.unparse(side) for side in (node.left, *node.comparators))
        and "type(" in ast.unparse(node)
    ]
    assert found == []
