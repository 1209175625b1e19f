"""What a knob of `config.yaml` may hold: kinds of values, and how each is read.

A kind reads one YAML node: it returns the value, or reports what is wrong and raises `Unreadable`,
so that every fault of the file is found in one run. Scalars are taken as they are written: a task
id such as 12345678 or 1e123456, or a folder called `no`, needs no quotes.
"""

from __future__ import annotations

import re
import string
from typing import Final, NamedTuple

from yaml import Node, ScalarNode

from pipeline.config.yaml_nodes import Kind, Reader, did_you_mean, quoted
from pipeline.data.files import is_path

DIALECT_NAME = _NAME = frozenset(string.ascii_lowercase + string.digits + "-")
_HEX = frozenset("0123456789abcdef")


class Whole(Kind):
    """An integer within a range; `why` says where the upper bound comes from."""

    def __init__(self, low: int, high: int, why: str = "") -> None:
        super().__init__(f"an integer from {low} to {high}")
        self.low, self.high, self.why = low, high, why

    def read(self, reader: Reader, node: Node, name: str) -> int:
        """The integer."""
        text = node.value if isinstance(node, ScalarNode) and not node.style else ""
        digits = text.removeprefix("-").replace("_", "")
        octal = len(digits) > 1 and digits.startswith("0")
        if octal or not (digits.isascii() and digits.isdigit()):
            raise reader.wrong_type(node, name, self.text, "write it in plain decimal digits")
        if len(text) > 20 or not self.low <= int(text) <= self.high:
            raise reader.bad_value(node, name, self.text, *filter(None, [self.why]))
        return int(text)


class OneOf(Kind):
    """One of some words."""

    def __init__(self, *words: str) -> None:
        super().__init__("one of " + ", ".join(words) if len(words) > 1 else words[0])
        self.words = words

    def read(self, reader: Reader, node: Node, name: str) -> str:
        """The word."""
        word = reader.text(node, name, self.text)
        if word not in self.words:
            raise reader.bad_value(node, name, self.text, did_you_mean(word, self.words))
        return word


class DataSets(Kind):
    """Some of the published data sets and files of one's own, at least one, in the order given."""

    def __init__(self, *words: str) -> None:
        super().__init__("a list of " + ", ".join(words) + " and paths of JSON files")
        self.words = words

    def read(self, reader: Reader, node: Node, name: str) -> tuple[str, ...]:
        """The words."""
        what = ", ".join(self.words)
        members = reader.scalars(node, name, what, self.words[0])
        published, own = OneOf(*self.words), Location("a path", must_exist=True)
        words = [
            reader.attempt(own if is_path(text) else published, member, name)
            for text, member in members
        ]
        if not getattr(node, "value", None):
            message = f"{name}: the list is empty, and needs at least one"
            raise reader.report(node, "bad-value", message, f"write it as [{self.words[0]}]")
        return tuple(words)


class Numbers(Kind):
    """`all`, or a list of numbers from 0 on, at least one."""

    def __init__(self, most: int) -> None:
        super().__init__(f"all, or a list of numbers from 0 to {most}")
        self.most = most

    def read(self, reader: Reader, node: Node, name: str) -> str | tuple[int, ...]:
        """The word, or the numbers, ascending."""
        if isinstance(node, ScalarNode) and node.value == "all":
            return "all"
        members = reader.scalars(node, name, "a number", "0")
        if not members:
            message = f"{name}: the list is empty, and needs at least one"
            raise reader.report(node, "bad-value", message, "write it as [0], or all")
        numbers = [reader.attempt(Whole(0, self.most), member, name) for _, member in members]
        return tuple(sorted({number for number in numbers if number is not None}))


NO_ADDRESS: Final = "none"
"""What stands for no scheduler, and no file of one."""


def is_address(text: str) -> bool:
    """Whether this is where a scheduler can listen: PROTOCOL://HOST:PORT."""
    return bool(_SCHEDULER.fullmatch(text))


_SCHEDULER: Final = re.compile(r"(?:tcp|tls|ws|wss|ucx|inproc)://[^\s/]+(?::\d{1,5})(?:/\S*)?")


class SchedulerAddress(Kind):
    """Where a scheduler listens."""

    def __init__(self) -> None:
        super().__init__(f"{NO_ADDRESS}, or an address like tcp://HOST:8786")

    def read(self, reader: Reader, node: Node, name: str) -> str:
        """The address as it is written."""
        word = reader.text(node, name, self.text)
        if word != NO_ADDRESS and not is_address(word):
            raise reader.bad_value(node, name, self.text)
        return word


class Location(Kind):
    """A path; a relative one begins at the folder of the file."""

    def __init__(self, text: str = "a path", must_exist: bool = False) -> None:
        super().__init__(text)
        self.must_exist = must_exist

    def read(self, reader: Reader, node: Node, name: str) -> str:
        """The path as it is written."""
        path = reader.text(node, name, self.text)
        if not path or not path.isprintable():
            raise reader.bad_value(node, name, self.text)
        if self.must_exist and not reader.exists(path):
            note = f"paths begin at the folder of {reader.path}: correct it, or make it"
            raise reader.report(node, "bad-value", f"{name}: {quoted(path)} does not exist", note)
        return path


PATHS = "a path, or a list of paths, of files and folders"


class Locations(Kind):
    """Paths of files and folders that exist, or one alone."""

    def __init__(self, text: str) -> None:
        super().__init__(text)

    def read(self, reader: Reader, node: Node, name: str) -> tuple[str, ...]:
        """The paths as they are written."""
        one = Location("a path", must_exist=True)
        if isinstance(node, ScalarNode):
            return (one.read(reader, node, name),)
        members = reader.scalars(node, name, "paths", "FOLDER")
        found = [reader.attempt(one, member, name) for _, member in members]
        return tuple([path for path in found if path is not None])


NO_REMOTE = "none"
GPU_REGISTERS = 64
_ADDRESS = re.compile(r"(?![a-z][a-z0-9+.-]+:).+|[a-z][a-z0-9+.-]+://[^/].*")


class Address(Kind):
    """A path, or an address such as s3://BUCKET/FOLDER; or `none`."""

    def __init__(self) -> None:
        super().__init__("a path, an address like s3://bucket/folder, or none")

    def read(self, reader: Reader, node: Node, name: str) -> str:
        """The path or address as it is written."""
        text = reader.text(node, name, self.text)
        if not text.isprintable() or not _ADDRESS.fullmatch(text):
            raise reader.bad_value(node, name, self.text)
        return text


class Word(Kind):
    """A word as it is written."""

    def read(self, reader: Reader, node: Node, name: str) -> str:
        """The word."""
        return reader.text(node, name, self.text)


class Corpus(NamedTuple):
    """A named set of solvers: a file or folder at `path`, or else the published set `builtin`;
    written in a dialect, if it has the name of one. libraries: what it uses besides those of all.
    """

    name: str
    path: str = ""
    builtin: str = ""
    dialect: str = ""
    libraries: tuple[str, ...] = ()


class CorpusSource(Kind):
    """What one corpus is made of: a path or a builtin; its dialect, and libraries of its own."""

    def __init__(self, *builtins: str) -> None:
        super().__init__("{path: ...} or {builtin: ...}")
        self.builtins = builtins

    def read(self, reader: Reader, node: Node, name: str) -> Corpus:
        """The corpus."""
        kinds: dict[str, Kind] = {
            "path": Location("the path of a file or folder", must_exist=True),
            "builtin": OneOf(*self.builtins),
            "dialect": Word("the name of a dialect"),
            "libraries": Locations(PATHS),
        }
        values, unknown = {}, False
        for part, key, value in reader.items(node, name, self.text):
            if part in kinds:
                values[part] = reader.attempt(kinds[part], value, f"{name}.{part}")
            else:
                note = did_you_mean(part, list(kinds))
                reader.report(key, "unknown-key", f"{name}: no key {quoted(part)}", note)
                unknown = True
        sources = values.keys() - {"dialect", "libraries"}
        if len(sources) != 1 and not unknown:
            found = "path and builtin" if sources else "neither"
            raise reader.report(node, "bad-value", f"{name}: expected {self.text}, got {found}")
        return Corpus(name.rpartition(".")[2], **values)


class Corpora(Kind):
    """Corpora by name, in order of precedence."""

    def __init__(self, *builtins: str) -> None:
        super().__init__("a mapping of names to {path: ...} or {builtin: ...}")
        self.builtins = builtins

    def read(self, reader: Reader, node: Node, name: str) -> tuple[Corpus, ...]:
        """The corpora."""
        found = []
        for word, key, value in reader.items(node, name, self.text):
            if not _NAME.issuperset(word):
                reader.bad_value(key, name, "a name of a-z, 0-9 and -")
            found.append(reader.attempt(CorpusSource(*self.builtins), value, f"{name}.{word}"))
        if not found:
            message = f"{name}: there is none, and at least one is needed"
            raise reader.report(node, "bad-value", message, "write own: {path: solvers} below it")
        return tuple(found)


class TaskIds(Kind):
    """Task ids by the name of a corpus."""

    def __init__(self) -> None:
        super().__init__("a mapping of corpora to lists of task ids")

    def read(self, reader: Reader, node: Node, name: str) -> dict[str, tuple[str, ...]]:
        """The ids of each corpus."""
        items = reader.items(node, name, self.text)
        ids = _ListOfIds("a list of task ids")
        return {c: reader.attempt(ids, value, f"{name}.{c}") for c, _, value in items}


class _ListOfIds(Kind):
    def read(self, reader: Reader, node: Node, name: str) -> tuple[str, ...]:
        found = []
        for text, member in reader.scalars(node, name, "task ids", "228f6490"):
            found.append(text)
            if len(text) != 8 or not _HEX.issuperset(text):
                reader.bad_value(member, name, "a task id of 8 digits or small letters a to f")
        return tuple(found)
