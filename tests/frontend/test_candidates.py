"""What solvers are called where a task has several."""

from __future__ import annotations

import pytest

from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.frontend.units import split_units

NAMED = (
    ("own/two.py", "a1__fast", "a1__fast"),
    ("own/two.py", "a1", "a1"),
    ("own/a1/flip.py", "a1", "a1__flip"),
    ("own/a1/flip.py", "a1__twice", "a1__flip__twice"),
    ("own/deeper/a1/my try=2.py", "a1", "a1__my_try_2"),
    ("own/a1/a1.py", "a1", "a1"),
    ("own/a1/flip.py", "b2", "b2"),
    ("own/b2/a1.py", "a1", "a1"),
    ("a1.py", "a1", "a1"),
)


@pytest.mark.parametrize(("path", "ident", "name"), NAMED)
@pytest.mark.parametrize("prefix", ["solve", "verify"])
def test_a_name_comes_from_function_and_file(path: str, ident: str, name: str, prefix: str) -> None:
    units, found = split_units("own", path, f"def {prefix}_{ident}(I):\n    return I\n".encode())
    assert found == []
    assert [unit.name for unit in units] == [f"own/{name}"]
    assert task_of(units[0].name) == ident.partition("__")[0]
    assert corpus_of(units[0].name) == "own"


def test_candidates_in_one_file_are_no_duplicates() -> None:
    names = ("solve_a1", "solve_a1__b", "verify_a1__c", "solve_a1__b__c")
    text = "\n\n".join(f"def {name}(I):\n    return I\n" for name in names)
    units, found = split_units("own", "own/a1.py", text.encode())
    assert found == []
    assert [unit.name for unit in units] == [
        *("own/a1", "own/a1__b", "own/a1__c", "own/a1__b__c"),
    ]


def test_a_name_has_a_task() -> None:
    units, found = split_units("own", "own/a.py", b"def solve___b(I):\n    return I\n")
    assert units == []
    assert [problem.code for problem in found] == ["bad-name"]
