"""What doit offers no way to do, and how it is done: all that knows its inner parts.

Each of these has an answer that is right, if slower or less kind, should a later doit do it in
another way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from doit.cmdparse import CmdOption, CmdParse, CmdParseError
from doit.exceptions import UnmetDependency
from doit.globals import Globals

from pipeline.system.problem import Problem

_BY_TARGET = "_regex_target_"


def threads() -> int:
    """How many threads doit runs tasks in (`-n`); 1 if we are in none of them.

    doit tells nobody, so this asks the object whose method the thread runs.
    """
    runner = getattr(getattr(threading.current_thread(), "_target", None), "__self__", None)
    return int(getattr(runner, "num_process", 1))


def target_in(word: str) -> str:
    """The file that a selected task stands for, where its tasks were yet to be made; else empty.

    Which task makes a file that is named on the command line is not known before `create_after`
    has made it: until then a task with a name of doit's own stands for it.
    """
    return word.removeprefix(_BY_TARGET).rpartition(":")[0] if word.startswith(_BY_TARGET) else ""


def forget_with(forget: Callable[[str], None]) -> None:
    """Have `doit forget` call this with each task, or once with "" for all: our records are not
    in doit's own store, and the command has no hook.
    """
    manager = Globals.dep_manager
    if manager is not None:
        manager.remove = forget
        manager.remove_all = lambda: forget("")


class NotUnderstood(Problem):
    """An option among a task's words that it does not have; the text says which."""

    status = 2


def among_words(
    params: Sequence[dict[str, Any]], words: Sequence[str], given: dict[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """The words of a task without the options that stand among them, and all its options.

    doit looks for a task's options before its words only: the rest of the line is words to it.
    """
    parser = CmdParse([CmdOption(param) for param in params])
    left, found, plain = list(words), dict(given), list[str]()
    while left:
        if not left[0].startswith("--"):
            plain.append(left.pop(0))
            continue
        try:
            found, left = parser.parse_only(left, found)
        except CmdParseError as error:
            text = str(error).partition(" (parsing")[0]
            raise NotUnderstood(text.removeprefix("Error parsing Command: ")) from None
    return plain, found


def is_aborted(fail: Any) -> bool:
    """Whether a task was not run because one before it failed."""
    return isinstance(fail, UnmetDependency)
