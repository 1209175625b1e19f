"""What a page says beside its commands: where it links to, which files, tasks and options it names.

A page is given by its path and its text; what is wrong with it comes back as lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.docs.pages import COMMAND, prose, spans
from tests.docs.stand_ins import task_of

Options = Mapping[str, set[str]]

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
FILE = re.compile(r"(pipeline|docs|bench|tests|solvers)/[\w./-]*|[\w-]+\.(md|py|yaml|toml)")
OPTION = re.compile(r"(--[a-z][a-z-]*)( \S+)?")
MADE = {"batt.py", "few.py", "look.py"}
"""Files that are named and made by commands or by the reader."""
OF_DOIT = {"-n"}


def anchor(heading: str) -> str:
    """The name under which GitHub links to a heading."""
    words = re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower())
    return words.replace(" ", "-")


def broken_links(root: Path, page: str, text: str) -> list[str]:
    """Links to what is not there, inside the project."""
    found = []
    for line, body in prose(text):
        for target in LINK.findall(body):
            path, _, name = target.partition("#")
            if not target.startswith("https://") and not _is_there(root, page, text, path, name):
                found.append(f"{page}:{line}: nothing is at {target}")
    return found


def _is_there(root: Path, page: str, text: str, path: str, name: str) -> bool:
    file = (root / page).parent / path
    if not file.exists():
        return False
    linked = file.read_text("utf-8") if path and name else text
    return not name or name in {anchor(b) for _, b in prose(linked) if b.startswith("#")}


def missing_files(root: Path, page: str, text: str, saved: set[str]) -> list[str]:
    """Files of the project that are named and not there, and that no page saves."""
    return [
        f"{page}:{line}: there is no {name}"
        for line, body in prose(text)
        for _, _, name in spans(body)
        if FILE.fullmatch(name) and name not in MADE | saved and not (root / name).exists()
    ]


def unknown_options(page: str, text: str, tasks: Options) -> list[str]:
    """Options that no task has; in a row of a table, those that its first command's task lacks."""
    found = []
    for line, body in prose(text):
        commands = [task_of(span) for _, _, span in spans(body) if COMMAND.fullmatch(span)]
        for option in _options(body):
            known = set().union(*tasks.values())
            if body.startswith("|") and commands:
                known = tasks.get(commands[0], set())
            if option not in known:
                found.append(f"{page}:{line}: no task has {option} here")
    return found


def _options(body: str) -> Iterator[str]:
    for _, _, span in spans(body):
        match = OPTION.fullmatch(span)
        if match:
            yield match[1]


def undocumented_tasks(text: str, tasks: Options) -> list[str]:
    """Tasks that no row of a table names in a command."""
    named = {
        task_of(span).partition(":")[0]
        for _, body in prose(text)
        for _, _, span in spans(body)
        if body.startswith("|") and COMMAND.fullmatch(span)
    }
    return sorted(set(tasks) - named)


def unknown_extras(page: str, text: str, extras: set[str]) -> list[str]:
    """Extras in an install command that the project does not have."""
    named = re.findall(r"pip install -e '\.\[([\w,-]+)\]'", text)
    return [f"{page}: no extra {name}" for name in named if not set(name.split(",")) <= extras]
