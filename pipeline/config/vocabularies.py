"""The `dialects` of `config.yaml`: other names for the words of the DSL.

A dialect is kept as the JSON text that `frontend.dialects` reads, so that it can go with a solver's
text and be part of its digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from pipeline.config.knobs import DIALECT_NAME
from pipeline.config.yaml_nodes import Kind, Reader, Unreadable, did_you_mean, quoted

_SUFFIX = re.compile(r"[A-Za-z0-9]+")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,6})")
_TRUTH = {"true": True, "false": False}
_CONSTANT = "an integer, true, false or [integer, integer]"
_ARGUMENT = "an integer, true, false, [integer, integer] or a constant of the DSL"
_CHOSEN = "a word of the DSL or {primitive: ..., arguments: ...}"
_MEANING = "a word of the DSL, {primitive: ..., arguments: ...} or {argument: ..., choices: ...}"


def _text(suffixes: list[str], names: Mapping[str, Any], constants: Mapping[str, Any]) -> str:
    return json.dumps({"suffixes": suffixes, "names": names, "constants": constants})


READY: Final = {"typed": _text(["f", "g", "i", "l", "n", "o", "p", "t"], {}, {})}
"""The dialects that need not be written. typed: a primitive with a letter behind it for what it is
given or gives: a frozenset, grid, integer or indices, list, number, object, pair or patch, tuple.
"""


class Dialects(Kind):
    """Dialects by name."""

    def __init__(self) -> None:
        super().__init__("a mapping of names to {suffixes: ..., names: ..., constants: ...}")

    def read(self, reader: Reader, node: Node, name: str) -> dict[str, str]:
        """The JSON text of each."""
        found = {}
        for word, key, value in reader.items(node, name, self.text):
            if not DIALECT_NAME.issuperset(word):
                reader.bad_value(key, name, "a name of a-z, 0-9 and -")
            if word in READY:
                note = "call yours another name"
                reader.report(key, "bad-value", f"{name}: {word} is there already", note)
            found[word] = reader.attempt(_Dialect(), value, f"{name}.{word}")
        return found


class _Dialect(Kind):
    def __init__(self) -> None:
        super().__init__("a mapping of suffixes, names, constants")

    def read(self, reader: Reader, node: Node, name: str) -> str:
        parts: dict[str, Callable[[Node, str], Any]] = {
            "suffixes": lambda value, name: _suffixes(reader, value, name),
            "names": lambda value, name: _entries(reader, value, name, _Meaning()),
            "constants": lambda value, name: _entries(reader, value, name, _Constant()),
        }
        found: dict[str, Any] = {}
        for part, key, value in reader.items(node, name, self.text):
            if part in parts:
                found[part] = parts[part](value, f"{name}.{part}")
            else:
                note = did_you_mean(part, list(parts))
                reader.report(key, "unknown-key", f"{name}: no key {quoted(part)}", note)
        names, constants = found.get("names", {}), found.get("constants", {})
        for word in sorted(names.keys() & constants.keys()):
            message = f"{name}: {quoted(word)} is both among names and constants"
            reader.report(node, "duplicate-key", message, "remove one of the two")
        return _text(found.get("suffixes", []), names, constants)


def _suffixes(reader: Reader, node: Node, name: str) -> list[str]:
    found = []
    for text, member in reader.scalars(node, name, "letters behind _", "f"):
        found.append(text)
        if not _SUFFIX.fullmatch(text):
            reader.bad_value(member, name, "letters and digits", "leave out the _ before them")
    return found


def _entries(reader: Reader, node: Node, name: str, kind: Kind) -> dict[str, Any]:
    """The names of a dialect with what each stands for."""
    from pipeline.frontend.known_lines import WORDS, is_variable

    found = {}
    for word, key, value in reader.items(node, name, "a mapping of names"):
        if word in WORDS:
            message = f"{name}: {quoted(word)} is a word of the DSL, and stays what it is"
            reader.report(key, "bad-value", message, "a dialect names what has no name yet")
        elif not word.isascii() or not is_variable(word):
            reader.bad_value(key, name, "a name as Python has them")
        found[word] = reader.attempt(kind, value, f"{name}.{word}")
    return found


class _Constant(Kind):
    """A constant of a dialect or, with words, an argument: those of the DSL too."""

    def __init__(self, words: bool = False) -> None:
        super().__init__(_ARGUMENT if words else _CONSTANT)
        self.words = words

    def read(self, reader: Reader, node: Node, name: str) -> Any:
        if isinstance(node, SequenceNode) and len(node.value) == 2:
            return [self._integer(reader, part, name) for part in node.value]
        if isinstance(node, ScalarNode) and not node.style:
            if node.value.lower() in _TRUTH:
                return _TRUTH[node.value.lower()]
            if self.words and not node.value[:1].isdigit() and node.value[:1] not in ("", "-"):
                return self._word(reader, node, name)
        return self._integer(reader, node, name)

    def _word(self, reader: Reader, node: ScalarNode, name: str) -> str:
        from pipeline.primitives.constants import CONSTANTS

        if node.value not in CONSTANTS:
            raise reader.bad_value(node, name, self.text, _near(node.value, [*CONSTANTS]))
        return node.value

    def _integer(self, reader: Reader, node: Node, name: str) -> int:
        text = node.value if isinstance(node, ScalarNode) and not node.style else ""
        if not _INTEGER.fullmatch(text):
            raise reader.wrong_type(node, name, self.text)
        return int(text)


class _Meaning(Kind):
    """What a name stands for."""

    def __init__(self, is_choice: bool = False) -> None:
        super().__init__(_CHOSEN if is_choice else _MEANING)
        self.is_choice = is_choice

    def read(self, reader: Reader, node: Node, name: str) -> Any:
        if not isinstance(node, MappingNode):
            return self._word(reader, node, name)
        keys = {key.value for key, _ in node.value}
        if keys == {"primitive", "arguments"}:
            return self._fixed(reader, node, name)
        if keys == {"argument", "choices"} and not self.is_choice:
            return self._chosen(reader, node, name)
        raise reader.wrong_type(node, name, self.text)

    def _word(self, reader: Reader, node: Node, name: str) -> str:
        from pipeline.frontend.known_lines import WORDS

        word = reader.text(node, name, self.text)
        if word not in WORDS or word.endswith("("):
            known = [known for known in WORDS if not known.endswith("(")]
            raise reader.bad_value(node, name, "a word of the DSL", _near(word, known))
        return word

    def _fixed(self, reader: Reader, node: MappingNode, name: str) -> dict[str, Any]:
        from pipeline.primitives.table import TABLE

        parts = {part: value for part, _, value in reader.items(node, name, self.text)}
        word = reader.text(parts["primitive"], f"{name}.primitive", "a primitive")
        if word not in TABLE:
            note = _near(word, [*TABLE])
            raise reader.bad_value(parts["primitive"], f"{name}.primitive", "a primitive", note)
        known, given = TABLE[word].parameters, {}
        what = f"a mapping of arguments of {word}"
        for parameter, key, value in reader.items(parts["arguments"], f"{name}.arguments", what):
            if parameter not in known:
                message = f"{name}.arguments: {word} has no argument {quoted(parameter)}"
                note = f"it is {word}({', '.join(known)})"
                reader.report(key, "unknown-key", message, note)
            where = f"{name}.arguments.{parameter}"
            given[parameter] = reader.attempt(_Constant(words=True), value, where)
        if given.keys() <= set(known) and not 0 < len(given) < len(known):
            message = f"{name}: some arguments of {word} must be given, and at least one not"
            raise reader.report(node, "bad-value", message)
        return {"primitive": word, "arguments": given}

    def _chosen(self, reader: Reader, node: MappingNode, name: str) -> dict[str, Any]:
        from pipeline.config.knobs import Whole
        from pipeline.frontend.dialects import free_of, meaning_of

        parts = {part: value for part, _, value in reader.items(node, name, self.text)}
        choices = {}
        what = "a mapping of constants to what each chooses"
        for word, _, value in reader.items(parts["choices"], f"{name}.choices", what):
            choices[word] = reader.attempt(_Meaning(True), value, f"{name}.choices.{word}")
        if None in choices.values():
            raise Unreadable
        taken = {free_of(meaning_of(choice)) for choice in choices.values()}
        if len(taken) != 1 or None in taken:
            message = f"{name}.choices: not primitives that all take as many arguments"
            raise reader.report(parts["choices"], "bad-value", message)
        count = 1 + (taken.pop() or 0)
        place = Whole(1, count).read(reader, parts["argument"], f"{name}.argument")
        return {"argument": place, "choices": choices}


def _near(word: str, known: list[str]) -> str:
    """A note that names the nearest word, if any is near: they are many."""
    note = did_you_mean(word, known)
    return note if note.startswith("did") else "docs/primitives.md lists them"
