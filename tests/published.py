"""The published ARC-DSL, its sets in canonical order: the outside oracle of the primitives.

Its text stays in the wheel that it is published in and runs in a namespace of its own, where
`frozenset` and `set` are the classes below. So "order aside" means equal results, and no tolerance.
Functions in a set are in the order in which they were made, those of the DSL first, by name; what
is missing stands first.
"""

from __future__ import annotations

import ast
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import count
from types import FunctionType
from typing import Any

from pipeline.data.fetch import fetch
from pipeline.primitives.canonical import ordered
from tests.project import CACHE

MEMBER = "reasoning_gym/arc/rearc_utils/dsl.py"


def in_order(values: list[Any]) -> Any:
    """The elements of a set in canonical order."""
    try:
        return ordered(values)
    except TypeError:
        return sorted(values, key=_any_key)


def _any_key(value: Any) -> tuple[int, Any]:
    """Canonical order, missing values first and functions last."""
    if value is None:
        return -1, 0
    if isinstance(value, FunctionType):
        return 3, (getattr(value, "made", 0), value.__name__)
    if isinstance(value, frozenset):
        return 2, tuple(sorted(map(_any_key, value)))
    if isinstance(value, tuple):
        parts = tuple(map(_any_key, value))
        is_cell = len(parts) == 2 and parts[0][0] < 1 <= parts[1][0] < 2
        return 1, (parts[1], (parts[0][0], parts[0][1] + 0.5)) if is_cell else parts
    return 0, value


class _Counted(ast.NodeTransformer):
    """Has what makes functions say of each the how manieth of all it is."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self.generic_visit(node) if node.name in _MAKERS else node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        assert node.value is not None
        return ast.Return(ast.Call(ast.Name(_MADE, ast.Load()), [node.value], []))


def _numbered(function: Any) -> Any:
    function.made = next(_numbers)
    return function


_numbers = count(1)
_MADE = "function made"
_MAKERS = ("compose", "chain", "matcher", "rbind", "lbind", "fork")


class CanonicalSet(frozenset):
    """A frozenset that iterates in canonical order, as do the sets that operators make of it."""

    def __iter__(self) -> Iterator[Any]:
        if not hasattr(self, "_order"):
            self._order = in_order(list(super().__iter__()))
        return iter(self._order)

    def __and__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__and__(other))

    def __or__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__or__(other))

    def __sub__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__sub__(other))

    def __xor__(self, other: Any) -> CanonicalSet:
        return CanonicalSet(super().__xor__(other))

    def union(self, *others: Any) -> CanonicalSet:
        return CanonicalSet(super().union(*others))


class CanonicalMutableSet(set):
    """A set that iterates in canonical order."""

    def __iter__(self) -> Iterator[Any]:
        return iter(in_order(list(super().__iter__())))

    def pop(self) -> Any:
        """Take the first element."""
        first = next(iter(self), None)
        if not self:
            raise KeyError("pop from an empty set")
        self.discard(first)
        return first


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
        _MADE: _numbered,
    }
    tree = ast.fix_missing_locations(_Counted().visit(ast.parse(text)))
    exec(compile(tree, MEMBER, "exec"), names)
    return names


def published_names() -> frozenset[str]:
    """The names of the published functions."""
    functions = published_dsl().items()
    found = [name for name, value in functions if isinstance(value, FunctionType)]
    return frozenset(name for name in found if name.isidentifier())
