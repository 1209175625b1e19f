"""What `--help` prints of a task and of all, and what a command line that is none is answered."""

from __future__ import annotations

import difflib
import getopt
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Options = Sequence[Mapping[str, Any]]

HEAD = """\
Build and check ARC solver programs.

  doit                    everything up to the check, as far as it is not up to date
  doit TASK [--option]    one task, and what it needs
  doit TASK --help        what a task does, its options, an example
"""
FOOT = """
doit's own options, before the task: `-n 8` in parallel, `-a` although it is up to date, `-f FILE`;
`doit help run` names them all. Its commands: list, info, clean, forget, ignore, help, each with
`--help`."""


def usage(creators: Mapping[str, Callable[..., Any]]) -> str:
    """All tasks, a line each. creators: the functions of `dodo.py` that make them, by name."""
    width = max(map(len, creators), default=0)
    lines = [f"  {name.ljust(width)}  {purpose(creators[name])}" for name in sorted(creators)]
    return "\n".join([HEAD, "Tasks:", *lines, FOOT])


def purpose(creator: Callable[..., Any]) -> str:
    """What a task does, in a line."""
    return (inspect.getdoc(creator) or "").partition("\n")[0]


def task_help(name: str, does: str, options: Options, words: str, example: str) -> str:
    """What a task does, its options with their defaults, an example. words: what it calls words
    that it takes behind its options; empty if it takes none."""
    taken = " [--option]" * bool(options) + f" [{words.upper()}...]" * bool(words)
    parts = [f"doit {name}{taken}: {does}"]
    if options:
        parts.append(options_text(options))
    return "\n\n".join([*parts, f"Example:\n  {example or f'doit {name}'}"])


def options_text(options: Options) -> str:
    """The options of a task."""
    shown = [(_shown(option), _told(option)) for option in options]
    width = max(len(left) for left, _ in shown)
    return "\n".join(["Options:", *(f"  {left.ljust(width)}  {told}" for left, told in shown)])


def _shown(option: Mapping[str, Any]) -> str:
    kinds = {int: " N", float: " N", bool: ""}
    return f"--{option['long']}{kinds.get(option.get('type', str), ' ' + _letters(option))}"


def _letters(option: Mapping[str, Any]) -> str:
    return str(option["long"]).rpartition("-")[2].upper()


def _told(option: Mapping[str, Any]) -> str:
    text, default = str(option.get("help", "")), option["default"]
    has_one = default or option.get("type") is int
    if not has_one or option.get("type") is bool or "default:" in text:
        return text
    if not default and "(0: " in text:
        return text
    return f"{text} (default: {default})"


# -- what is no command line


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The names that may have been meant by a word, the likeliest first; three at most."""
    names = sorted(set(known))
    found = [name for name in names if name.startswith(word)] if len(word) > 1 else []
    parts = {part: name for name in names for part in (*name.split("_"), name)}
    found += [parts[part] for part in difflib.get_close_matches(word, parts, 3, 0.7)]
    found += [name for name in names if len(word) > 2 and word in name]
    return list(dict.fromkeys(found))[:3]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question, to stand behind what says that a word is unknown; empty if nothing is near."""
    found = nearest(word, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def no_task(word: str, known: Iterable[str]) -> str:
    """What is said of a word that names no task, command or file."""
    return (
        f"no task, command or target {word!r}{did_you_mean(word, known)}\n"
        "`doit list` names the tasks, `doit --help` says what they do."
    )


def no_option(name: str, options: Options, error: Exception) -> str:
    """What is said of an option that a task does not have, or not so. error: as doit raises it."""
    cause = error.__context__
    longs = [f"--{option['long']}" for option in options]
    if isinstance(cause, getopt.GetoptError):
        given = f"--{cause.opt}" if len(cause.opt) > 1 else f"-{cause.opt}"
        if "not recognized" in cause.msg:
            text = f"{name} has no option {given}{did_you_mean(given, longs)}"
        elif "requires argument" in cause.msg:
            text = f"{name}: {given} needs a value"
        elif "must not have" in cause.msg:
            text = f"{name}: {given} takes no value"
        else:
            text = f"{name}: {cause.msg}"
    else:
        text = f"{name}: {_no_value(error, options)}"
    return f"{text}\n\n{options_text(options)}" if options else f"{text}\n{name} has no options."


def _no_value(error: Exception, options: Options) -> str:
    """doit calls an option by its key, and a whole number `<class 'int'>`."""
    text, cause = str(error), str(error.__context__)
    for option in options:
        if f"'{option['name']}'" in text:
            return f"--{option['long']} must be a whole number, not {cause.rpartition(': ')[2]}"
    return text
