"""What solvers are called: CORPUS/ID, or CORPUS/ID__NAME where a task has several candidates.

A candidate's NAME comes from its function, `solve_ID__NAME`, from its file, `ID/NAME.py`, or from
both (`ID__FILE__FUNCTION`). The first `__` ends the task's id, so a name says by itself for which
task it is, and as it is a file's name too, outputs need no other. Where two ways lead to one name
the build says so.

A function that is called just `solve` has its ID from its file, or from the file's folder where
only that is called like a task. `verify_ID` beside `solve_ID` in one file is ID__verify.
"""

from __future__ import annotations

import re
from typing import Final

APART: Final = "__"

_TASK = re.compile(r"[0-9a-f]{8}")
_NO_NAME = re.compile(r"[^\w.-]")


def task_of(solver: str) -> str:
    """The task that a solver is for."""
    return solver.rpartition("/")[2].partition(APART)[0]


def corpus_of(solver: str) -> str:
    """The corpus that a solver is in."""
    return solver.rpartition("/")[0]


def name_in(path: str, ident: str) -> str:
    """What the solver `solve_IDENT` in the file at a path is called in its corpus.

    A file in a folder with the task's id is named by itself too; not so ID/ID.py, which is the
    task's solver without a further name.
    """
    folder, _, file = path.rpartition("/")
    task, _, name = ident.partition(APART)
    stem = _NO_NAME.sub("_", file.removesuffix(".py"))
    if folder.rpartition("/")[2] != task or stem == task:
        return ident
    return APART.join(filter(None, (task, stem, name)))


def ident_of(path: str) -> str:
    """The id of a function that is called just `solve` in the file at a path."""
    folder, _, file = path.rpartition("/")
    stem = _NO_NAME.sub("_", file.removesuffix(".py")).removeprefix("solve_").lstrip("_")
    parent = folder.rpartition("/")[2]
    if _TASK.fullmatch(parent) and not _TASK.fullmatch(stem):
        return parent
    return stem or "solver"
