"""A YAML file as nodes with positions, and the words for what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from pipeline.diagnostics import Diagnostic, Invalid, Span, split_lines

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20


class Unreadable(Exception):
    """A node could not be read; why is already among the reader's diagnostics."""


class Kind:
    """What one knob may hold; `text` says it as messages and the documentation put it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, reader: Reader, node: Node, name: str) -> Any:
        """The node's value; or reports what is wrong and raises Unreadable."""
        raise NotImplementedError


class Reader:
    """One file being read: its lines, and what was found wrong so far.

    `root` is where relative paths begin; without it, paths are not looked up.
    """

    def __init__(self, path: str, lines: list[str], root: Path | None = None) -> None:
        self.path, self.lines, self.root = path, lines, root
        self.diagnostics: list[Diagnostic] = []

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder, as far as can be known."""
        return self.root is None or os.path.exists(self.root / path)

    def span(self, node: Node) -> Span:
        """Where the node is: all of it, or its part of the first line."""
        start, end = node.start_mark, node.end_mark
        line = self.lines[start.line] if start.line < len(self.lines) else ""
        last = end.column if end.line == start.line else len(line.rstrip())
        return Span(self.path, start.line + 1, start.column + 1, max(1, last - start.column))

    def report(self, node: Node, code: str, message: str, *notes: str) -> Unreadable:
        """Note what is wrong with a node; the caller raises the result or goes on."""
        self.diagnostics.append(Diagnostic(self.span(node), code, message, notes))
        return Unreadable()

    def wrong_type(self, node: Node, name: str, what: str, *notes: str) -> Unreadable:
        """Note that the node is no value that the knob can take."""
        if is_nothing(node):
            notes = ("give a value, or leave this out for the default",)
        message = f"{name}: expected {what}, got {shown(node)}"
        return self.report(node, "wrong-type", message, *notes)

    def bad_value(self, node: Node, name: str, what: str, *notes: str) -> Unreadable:
        """Note that the node is of the right type, but impossible."""
        message = f"{name}: expected {what}, got {shown(node)}"
        return self.report(node, "bad-value", message, *notes)

    def items(self, node: Node, name: str, what: str) -> Iterator[tuple[str, Node, Node]]:
        """Each key of a mapping, its node and its value's node; duplicates are reported."""
        if not isinstance(node, MappingNode):
            raise self.wrong_type(node, name, what)
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or not key.value or not key.value.isprintable():
                self.report(key, "wrong-type", f"expected a word as key, got {shown(key)}")
            elif key.value in lines:
                note = f"it is first given on line {lines[key.value]}: keep one of the two"
                self.report(key, "duplicate-key", f"{quoted(key.value)} is given twice", note)
            else:
                lines[key.value] = key.start_mark.line + 1
                yield key.value, key, value

    def scalars(self, node: Node, name: str, what: str, like: str) -> Iterator[tuple[str, Node]]:
        """The members of a list as they are written; other members and repeats are reported."""
        if not isinstance(node, SequenceNode):
            raise self.wrong_type(node, name, f"a list of {what}", f"write it as [{like}]")
        seen = set()
        for member in node.value:
            if not isinstance(member, ScalarNode):
                self.wrong_type(member, name, "a single word")
            elif member.value in seen:
                message = f"{name}: {quoted(member.value)} is listed twice"
                self.report(member, "duplicate-value", message, "remove it here")
            else:
                seen.add(member.value)
                yield member.value, member

    def attempt(self, kind: Kind, node: Node, name: str) -> Any:
        """The node's value, or None if it is wrong, which is reported."""
        try:
            return kind.read(self, node, name)
        except Unreadable:
            return None

    def text(self, node: Node, name: str, what: str) -> str:
        """A scalar as it is written."""
        if not isinstance(node, ScalarNode) or is_nothing(node):
            raise self.wrong_type(node, name, what)
        return node.value


def is_nothing(node: Node) -> bool:
    """Whether a key stands there without a value."""
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def shown(node: Node) -> str:
    """What a node is, in the words of a message."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if is_nothing(node):
        return "nothing"
    plain = not getattr(node, "style", None)
    return quoted(node.value) if plain else f"the text {quoted(node.value)}"


def quoted(text: str) -> str:
    """The text as part of a one-line message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A note that names the nearest known word, or all of them."""
    import difflib  # 3 ms that only a wrong file need pay

    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"possible: {', '.join(known)}"


def decode(data: bytes, path: str) -> str:
    """The text of the file; raises Invalid where it is not text."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        span = _span_at(data[: error.start].decode("utf-8"), path)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        note = "save the file as UTF-8"
        raise Invalid([Diagnostic(span, "not-utf-8", message, (note,))]) from None
    strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if strange:
        span = _span_at(text[: strange.start()], path)
        message = f"character U+{ord(strange.group()):04X} can't stand in YAML"
        raise Invalid([Diagnostic(span, "yaml-syntax", message, ("remove it",))])
    # YAML 1.1 ends lines at these, nobody's editor does.
    return text.translate(dict.fromkeys([0x85, 0x2028, 0x2029], " "))


def _span_at(before: str, path: str) -> Span:
    """The position right after a text."""
    lines = split_lines(before)
    return Span(path, len(lines), len(lines[-1]) + 1)


def compose(text: str, path: str) -> Node | None:
    """The file's nodes, or None if it is empty; raises Invalid where it is no YAML, or more than
    the library can take.
    """
    try:
        _check_depth(text, path, _LOADER)
        return yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError, MemoryError) as error:
        # The scanner of libyaml looks ahead, and has a bound of its own since PyYAML 6.0.4: it may
        # give up before the parser comes to where it is too deep. That of Python has none.
        with suppress(yaml.YAMLError, RecursionError, MemoryError):
            _check_depth(text, path, yaml.SafeLoader)
        raise Invalid([_explained(error, text, path)]) from None


def _explained(error: Exception, text: str, path: str) -> Diagnostic:
    """What the library says of a text that it can't take."""
    if not isinstance(error, yaml.MarkedYAMLError):
        what = str(error).strip().partition("\n")[0] or type(error).__name__
        return Diagnostic(Span(path, 1, 1), "yaml-syntax", f"this is more than YAML takes: {what}")
    context = error.context_mark
    message = ": ".join(filter(None, [error.context, error.problem]))
    last = max(1, len(split_lines(text)))
    begins = 1 if context is None else min(context.line + 1, last)
    notes = () if context is None else (f"this begins on line {begins}",)
    span = _span_of(error.problem_mark, path)
    if span.line > last:  # PyYAML counts a line behind the end of the file
        span = Span(path, last, 1)
    return Diagnostic(span, "yaml-syntax", message, notes)


def _check_depth(text: str, path: str, loader: Any) -> None:
    """Refuse deep nesting: the C composer recurses without a bound."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            message = f"more than {_DEEPEST} levels of nesting"
            raise Invalid([Diagnostic(_span_of(event.start_mark, path), "yaml-syntax", message)])


def _span_of(mark: Any, path: str) -> Span:
    """The position of a mark; PyYAML may have none to give."""
    return Span(path, mark.line + 1, mark.column + 1) if mark else Span(path, 1, 1)
