"""The command `new`: a file for the solver of a task, to be filled in."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.commands.named_tasks import begun_by, known_tasks, nothing_is
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.knobs import Corpus
from pipeline.config.solvers import find_units
from pipeline.data.tasks import UNKNOWN, Sample, Task
from pipeline.frontend.candidates import ident_of, task_of
from pipeline.report.task_text import named_samples, print_task, size_text

SKELETON: Final = """\
# {heading}
#
{samples}
#
# `doit show {id}` draws it. The words of the language are in docs/primitives.md; `doit watch` in a
# second terminal says after each save which samples are right.
def {function}(I):
    # I is the input grid, and what is returned is the output grid.
    O = I
    return O
"""


def new(context: Context, words: Sequence[str]) -> int:
    """Write a skeleton for each task, and draw the task; nothing is ever overwritten.

    words: ids, or how they begin. 0, or 2 if there is no such task, no folder to write to, or a
    solver of the task in it already.
    """
    if not words:
        print("for which task? `doit new ID`; `doit todo` names some", file=sys.stderr)
        return 2
    corpus = home_of(context.config)
    if corpus is None:
        print("no corpus in config.yaml is a folder to write to", file=sys.stderr)
        return 2
    tasks = known_tasks(context)
    chosen = []
    for word in words:
        fitting = begun_by(word, tasks)
        if len(fitting) != 1:
            print(_no_task(word, fitting, tasks), file=sys.stderr)
            return 2
        chosen.append(tasks[fitting[0]])
    return max(_begin(context.config, corpus, task) for task in chosen)


def home_of(config: Config) -> Corpus | None:
    """The first corpus that is a folder."""
    return next((c for c in config.corpora if c.path and Path(c.path).is_dir()), None)


def _no_task(word: str, fitting: Sequence[str], tasks: dict[str, Task]) -> str:
    if not fitting:
        return nothing_is(word, "task", tasks)
    few = ", ".join(fitting[:5]) + (", ..." if len(fitting) > 5 else "")
    return f"{len(fitting)} tasks begin with {word!r}: {few}"


def _begin(config: Config, corpus: Corpus, task: Task) -> int:
    path = Path(corpus.path) / f"{task.id}.py"
    if task_of(ident_of(path.as_posix())) != task.id:
        print(f"{task.id!r} can't be the name of a solver: give the task another", file=sys.stderr)
        return 2
    there = [unit.path for unit in find_units(config, f"{corpus.name}/{task.id}")]
    if path.exists():
        there.append(path.as_posix())
    if there:
        print(f"{there[0]}: is there already, and stays as it is", file=sys.stderr)
        return 2
    with open(path, "x", encoding="utf-8") as file:
        file.write(skeleton(task))
    print_task(task)
    print(f"\n{path}: written")
    return 0


def skeleton(task: Task) -> str:
    """The text of a solver that gives back what it gets."""
    named = [f"#   {name:9} {_sizes(sample)}" for name, sample in named_samples(task)]
    is_word = re.fullmatch(r"\w+", task.id) is not None
    shown, asked = len(task.train), len(task.test)
    return SKELETON.format(
        heading=f"{task.id}: {shown} samples show what to do, {asked} ask for it.",
        samples="\n".join(named),
        id=task.id,
        function=f"solve_{task.id}" if is_word else "solve",
    )


def _sizes(sample: Sample) -> str:
    output = "?" if sample.output == UNKNOWN else size_text(sample.output)
    return f"{size_text(sample.input)} -> {output}"
