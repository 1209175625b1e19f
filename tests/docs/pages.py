"""What a page of the documentation asks for, step by step, in the order of the page.

    ```sh                          each line is run; `  # ends with status 1` may stand behind it
    `doit check_batt`              a command between backquotes is run too; its paragraph may say
                                   "ends with status 1" after it
    ```                            (a plain block) what the commands just before it print
    ```python, ```yaml             first line `# solvers/ID.py`: save the block as that file;
                                   `# FILE, at the end`: add it to that file;
                                   `# in FILE`: that file has these lines, in this order
    ```json                        first line `# FILE`: save what follows it as that file
    ```pycon                       a part of the page's one session with Python, with what it shows

    ```text                        what needs other machines: nothing is done

In what is shown, `...` alone on a line stands for any lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project import PROJECT

FENCE = re.compile(r"^```(\w*)$")
COMMAND = re.compile(r"doit( .*)?|(pip|python|pytest) .+")
STATUS = re.compile(r"ends with status (\d)")
SPAN = re.compile(r"`([^`]+)`")
NAMED = re.compile(r"# (in )?([\w./-]+\.\w+)(, at the end)?")


@dataclass(frozen=True)
class Run:
    """Run a command; `inline` if it stands in the text."""

    line: int
    command: str
    status: int
    inline: bool
    first: bool
    """Whether no other command stands before it in its block or paragraph."""


@dataclass(frozen=True)
class Save:
    """Write a file, or add to it."""

    line: int
    path: str
    text: str
    adds: bool


@dataclass(frozen=True)
class Excerpt:
    """Lines that a file has."""

    line: int
    path: str
    text: str


@dataclass(frozen=True)
class Shown:
    """What the commands before it print."""

    line: int
    text: str


@dataclass(frozen=True)
class Session:
    """What is typed into Python, after the sessions before it on the page, and what it answers."""

    line: int
    text: str


@dataclass(frozen=True)
class Heading:
    """A heading, as it is written."""

    line: int
    text: str


Step = Run | Save | Excerpt | Shown | Session | Heading


class Unclear(Exception):
    """A block that says not what it is."""


def pages() -> list[str]:
    """Every page, by its path from the project's folder."""
    return ["README.md", *(f"docs/{path.name}" for path in sorted(PROJECT.glob("docs/*.md")))]


def text_of(page: str) -> str:
    """The text of a page of the project."""
    return Path(PROJECT, page).read_text("utf-8")


def steps(text: str) -> Iterator[Step]:
    """The steps of a page; raises Unclear."""
    for line, kind, body in _blocks(text):
        if kind is None:
            yield from _prose(line, body)
        elif kind == "sh":
            yield from _commands(line, body)
        elif kind == "text":
            continue
        elif not kind:
            yield Shown(line, body)
        elif kind == "pycon":
            yield Session(line, body)
        else:
            yield _file(line, kind, body)


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The paragraphs, list items, table rows and headings of a page, with their lines."""
    return ((line, body) for line, kind, body in _blocks(text) if kind is None)


def _blocks(text: str) -> Iterator[tuple[int, str | None, str]]:
    """Where each part begins, the language of a fenced one, and the part."""
    fence, start, found = None, 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if fence is not None and line == "```":
            yield start, fence, "\n".join(found)
            fence, found = None, []
        elif fence is not None:
            found.append(line)
        elif match or not line.strip() or re.match(r"([-|#]|\d+\.) ?", line):
            if found:
                yield start, None, " ".join(found)
            fence = match[1] if match else None
            start, found = number, [] if match or not line.strip() else [line]
            start += fence is not None
        else:
            start, found = (start if found else number), [*found, line.strip()]
    if fence is not None:
        raise Unclear(f"line {start}: this block does not end")
    if found:
        yield start, None, " ".join(found)


def spans(text: str) -> list[tuple[int, int, str]]:
    """What stands between backquotes, and where that begins and ends."""
    return [(m.start(), m.end(), " ".join(m[1].split())) for m in SPAN.finditer(text)]


def _prose(line: int, text: str) -> Iterator[Step]:
    if text.startswith("#"):
        yield Heading(line, text)
        return
    found = [span for span in spans(text) if COMMAND.fullmatch(span[2])]
    ends = [*[start for start, _, _ in found], len(text)][1:]
    for k, ((_, end, command), last) in enumerate(zip(found, ends, strict=True)):
        status = STATUS.search(text, end, last)
        yield Run(line, command, int(status[1]) if status else 0, True, k == 0)


def _commands(line: int, text: str) -> Iterator[Step]:
    first = True
    for number, words in enumerate(text.splitlines(), line):
        command, _, comment = words.partition("  #")
        if command.strip() and not command.startswith("#"):
            status = STATUS.search(comment)
            yield Run(number, command.strip(), int(status[1]) if status else 0, False, first)
            first = False


def _file(line: int, kind: str, text: str) -> Step:
    head, _, body = text.partition("\n")
    match = NAMED.fullmatch(head)
    if match is None:
        raise Unclear(f"line {line}: a {kind} block whose first line names no file")
    if match[1]:
        return Excerpt(line, match[2], body)
    without_head = match[3] or kind == "json"
    return Save(line, match[2], (body if without_head else text) + "\n", bool(match[3]))
