"""The published ARC-DSL, its sets in canonical order: the outside oracle of the primitives.

Its text stays in the wheel that it is published in and runs in a namespace of its own, where
`frozenset` and `set` are the classes below. So "order aside" means equal results, and no tolerance.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

from pipeline.data.fetch import fetch
from pipeline.primitives.canonical import ordered
from tests.project import CACHE

MEMBER = "reasoning_gym/arc/rearc_utils/dsl.py"


class CanonicalSet(frozenset):
    """A frozenset that iterates in canonical order, as do the sets that operators make of it."""

    def __iter__(self) -> Iterator[Any]:
        if not hasattr(self, "_order"):
            self._order = ordered(list(super().__iter__()))
        return iter(self._order)

    def __and__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__and__(other))

    def __or__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__or__(other))

    def __sub__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__sub__(other))

    def union(self, *others: Any) -> CanonicalSet:
        return CanonicalSet(super().union(*others))


class CanonicalMutableSet(set):
    """A set that iterates in canonical order."""

    def __iter__(self) -> Iterator[Any]:
        return iter(ordered(list(super().__iter__())))


def canonical(value: Any) -> Any:
    """The same value with canonical sets in it: an argument for a published function."""
    if isinstance(value, tuple):
        return tuple(map(canonical, value))
    return CanonicalSet(map(canonical, value)) if isinstance(value, frozenset) else value


@cache
def published_dsl() -> dict[str, Any]:
    """The published functions and constants by name; FetchError if the wheel can't be had."""
    wheel = fetch("reasoning-gym", CACHE)
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(MEMBER).decode()
    names: dict[str, Any] = {
        "__name__": "published_dsl",
        "frozenset": CanonicalSet,
        "set": CanonicalMutableSet,
    }
    exec(compile(text, MEMBER, "exec"), names)
    return names


def published_names() -> frozenset[str]:
    """The names of the published functions."""
    functions = published_dsl().items()
    return frozenset(name for name, value in functions if isinstance(value, FunctionType))
