"""The command `adopt`: programs that a search found become solvers of a corpus.

What is written is for people: in as few words as the laws of the primitives allow, a call a line,
constants by their names, and where it comes from. Before that it is checked once more, as written:
by the battery and the direct interpreter on the task's train samples and, where the task has a
generator, on fresh samples.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.battery.resident import Battery
from pipeline.commands.new import home_of
from pipeline.commands.search import store_of
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.data.drawn.generated import published
from pipeline.data.tasks import Task
from pipeline.frontend.candidates import APART
from pipeline.search.drafts import text_of
from pipeline.search.evidence import Checker
from pipeline.search.focus import settled
from pipeline.search.islands import draft_in
from pipeline.search.puzzles import puzzles_of
from pipeline.search.search_store import FoundProgram, Store
from pipeline.search.simplify import simplified
from pipeline.search.typed_lines import Shapes

FRESH: Final = 100
"""How many fresh samples a program is tried on."""


def adopt(context: Context, words: Sequence[str], into: str) -> int:
    """Write programs by their numbers, or the smallest one of each task named, into a folder of a
    corpus. 0; 1 if one is no longer right; 2 for what is not there, or a folder that is none.
    """
    config = context.config
    home = home_of(config)
    folder = Path(into or (home.path if home is not None else ""))
    if not words or (not into and home is None) or not folder.is_dir():
        told = f"{folder} is no folder" if words else "which programs? `doit found` has numbers"
        print(told, file=sys.stderr)
        return 2
    store = store_of(config)
    chosen = []
    for word in words:
        fitting = _named(store, word)
        if fitting is None:
            print(f"nothing is found that is called {word!r}: see `doit found`", file=sys.stderr)
            return 2
        chosen.append(fitting)
    status = max([_adopt(config, store, program, folder) for program in chosen])
    store.close()
    return status


def _named(store: Store, word: str) -> FoundProgram | None:
    """The program of a number, or the smallest of a task."""
    found = store.found()
    if word.isdigit() and len(word) < 8:
        return next((p for p in found if p.id == int(word)), None)
    return next((p for p in found if p.task == word), None)


def _adopt(config: Config, store: Store, program: FoundProgram, folder: Path) -> int:
    name, path = _place(program, folder)
    if path.exists():
        print(f"{path}: is there already, and stays as it is", file=sys.stderr)
        return 2
    task = _task(config, store, program)
    text = _readable(program, name)
    evidence = None if task is None or text is None else _evidence(config, text, task)
    if text is None or evidence is None:
        print(f"{program.task}: program {program.id} is no longer right", file=sys.stderr)
        return 1
    store.note(program.id, evidence)
    comments = [f"# {line}\n" for line in _provenance(program, evidence)]
    path.write_text("".join(comments) + text, encoding="utf-8")
    print(f"{path}: written ({_told(evidence)})")
    return 0


def _place(program: FoundProgram, folder: Path) -> tuple[str, Path]:
    """The name of a solver, and its file: a further candidate where its task has one."""
    name = program.task
    if (folder / f"{name}.py").exists():
        name = f"{program.task}{APART}found{program.id}"
    return name, folder / f"{name}.py"


def _task(config: Config, store: Store, program: FoundProgram) -> Task | None:
    """The task of a program, in the data that its run was asked for."""
    asked = next((state.asked for state in store.runs() if state.id == program.run), {})
    for name in asked.get("data", ()):
        tasks = load_tasks(name, config.cache.folder)
        if program.task in tasks:
            return tasks[program.task]
    return None


def _readable(program: FoundProgram, name: str) -> str | None:
    shapes = Shapes()
    draft = draft_in(program.text, shapes)
    if draft is not None:
        draft = settled(simplified(draft, shapes), shapes)
    return None if draft is None else text_of(draft, name)


def _evidence(config: Config, text: str, task: Task) -> dict[str, Any] | None:
    """On what a program was found right, None where not on all train samples."""
    puzzle = puzzles_of({task.id: task})[task.id]
    checker = Checker(config)
    evidence = checker(text, puzzle)
    checker.close()
    if evidence is None:
        return None
    generators = published(config.cache.folder)
    if task.id in generators.tasks():
        samples = generators.samples([task.id], FRESH)[task.id]
        with Battery(list(samples), config=config) as battery:
            evidence["fresh"] = int(battery.evaluate(text).exact.sum())
        evidence["drawn"] = FRESH
    return evidence


def _told(evidence: dict[str, Any]) -> str:
    text = f"right on all {evidence['train']} train samples"
    if "drawn" in evidence:
        text += f", on {evidence['fresh']} of {evidence['drawn']} fresh ones"
    return text


def _provenance(program: FoundProgram, evidence: dict[str, Any]) -> list[str]:
    """Where a program comes from, in lines."""
    lines = [f"Found by `doit search`, as program {program.id}: {_told(evidence)}."]
    parent = program.parent
    if parent and "\n" not in parent:
        how = f"one edit ({program.edit})" if program.edit else "no edit at all"
        lines.append(f"It is {how} away from {parent}.")
    elif parent:
        lines.append(f"It was made by an edit ({program.edit}) of a program that a search made.")
    return lines
