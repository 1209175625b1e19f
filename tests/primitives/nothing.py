"""Every first-order primitive on arguments of which one is missing or empty, as calls to evaluate.

    calls()            {"add(None, (1, 1))": (PAIR, PAIR), "recolor(None, some)": ..., ...}

The others are what NAMES says, or a literal. A call that `docs/semantics.md` has no row for is to
fail, here and in the published code.
"""

from __future__ import annotations

from typing import Any, Final

from pipeline.ir.coerce import substitute
from pipeline.ir.types import CELL, PAIR, Type, parse_type
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import ROWS

NAMES: Final[dict[str, Any]] = {
    "I": ((0, 1), (2, 3)),
    "some": frozenset({(0, 1), (1, 0)}),
    "cells": frozenset({(1, (0, 1)), (2, (1, 0))}),
    "none": frozenset(),
}
_USUAL: Final = {
    "Grid": "I",
    "Indices": "some",
    "Object": "cells",
    "Objects": "initset(cells)",
    "Integer": "2",
    "Pair": "(1, 1)",
    "Boolean": "True",
    "a": "(0, 1)",
    "b": "(0, 1)",
    "(a, b)": "(0, 1)",
    "Set[a]": "some",
    "Set[b]": "some",
    "Tuple[a]": "((0, 1), (1, 0))",
    "Tuple[b]": "((0, 1), (1, 0))",
    "Set[Set[a]]": "initset(cells)",
    "Tuple[Integer]": "(1, 2)",
    "Set[Integer]": "initset(1)",
}
"""What stands for a parameter of a type; overloads with any other are left out."""


def odd(parameter: str) -> tuple[str, ...]:
    """What is missing or empty where a type is expected."""
    if parameter.startswith(("Set", "Indices", "Object")):
        return "None", "none"
    if parameter in ("Integer", "Boolean"):
        return ("None",)
    return "None", "()"


def overloads(row: Primitive) -> list[tuple[str, ...]]:
    """The types of the parameters in each overload."""
    found = [tuple(str(p) for p in s.parameters) for s in row.overloads]
    return [types for types in found if all(t in _USUAL for t in types)]


def calls() -> dict[str, tuple[Type, ...]]:
    """Each call once, with the types of its arguments."""
    made: dict[str, tuple[Type, ...]] = {}
    for row in ROWS:
        if row.published and row.expand is None:
            for types in overloads(row):
                for k, parameter in enumerate(types):
                    for text in odd(parameter):
                        parts = [text if k == i else _USUAL[t] for i, t in enumerate(types)]
                        made.setdefault(f"{row.name}({', '.join(parts)})", _concrete(types))
    return made


def _concrete(types: tuple[str, ...]) -> tuple[Type, ...]:
    bindings = {"a": CELL if "Set[Set[a]]" in types else PAIR, "b": PAIR}
    return tuple(substitute(parse_type(text), bindings) for text in types)


def show(value: Any) -> str:
    """A result as the table writes it."""
    for name, known in NAMES.items():
        if value == known and isinstance(value, frozenset) == isinstance(known, frozenset):
            return name
    if isinstance(value, frozenset):
        return "{" + ", ".join(map(show, ordered(value))) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)
