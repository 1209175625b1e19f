"""JSON in which a key stands twice: Python's reader takes the last one and says nothing."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[{}\n]')


class Doubled(NamedTuple):
    """A key that stands twice in one object, and the lines of both."""

    key: str
    first: int
    line: int


def read_json(text: str) -> tuple[Any, list[Doubled]]:
    """The value of a text, and its doubled keys in the order of their places.

    Raises what `json.loads` raises.
    """
    again = False

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal again
        found = dict(pairs)
        again = again or len(found) < len(pairs)
        return found

    value = json.loads(text, object_pairs_hook=made)
    return value, _doubled(text) if again else []


def _doubled(text: str) -> list[Doubled]:
    """Where they stand, in a text that is JSON."""
    found: list[Doubled] = []
    objects: list[dict[str, int]] = []
    line = 1
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word == "\n":
            line += 1
        elif word == "{":
            objects.append({})
        elif word == "}":
            objects.pop()
        elif token[1] is not None:
            key = json.loads(word.removesuffix(token[1]))
            if key in objects[-1]:
                found.append(Doubled(key, objects[-1][key], line))
            objects[-1].setdefault(key, line)
            line += token[1].count("\n")
    return found
