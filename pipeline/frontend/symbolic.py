"""The rows that Python's operators and functions stand for, by their names.

They are rows of the table like those of the DSL, but no solver can name them by these names.
"""

from __future__ import annotations

import ast
from typing import Final

from pipeline.frontend.program import Builtin
from pipeline.primitives.table import INTERNAL, PYTHON, TABLE

BINARY: Final[dict[type, str]] = {
    ast.Add: "plus",
    ast.Sub: "minus",
    ast.Mult: "times",
    ast.FloorDiv: "quotient",
    ast.Mod: "remainder",
    ast.Pow: "raised",
    ast.BitAnd: "both_bits",
    ast.BitOr: "either_bits",
    ast.BitXor: "one_bit",
}

COMPARED: Final[dict[type, tuple[str, bool]]] = {
    ast.Eq: ("equal", False),
    ast.NotEq: ("unequal", False),
    ast.Is: ("equal", False),
    ast.IsNot: ("unequal", False),
    ast.Lt: ("less", False),
    ast.LtE: ("less_equal", False),
    ast.Gt: ("greater", False),
    ast.GtE: ("greater_equal", False),
    ast.In: ("contains", False),
    ast.NotIn: ("contains", True),
}
"""The row of a comparison, and whether its result is turned round."""

AS_VALUES: Final[dict[str, str]] = {
    "len": "size",
    "any": "any_of",
    "all": "all_of",
    "min": "min_of",
    "max": "max_of",
    "sorted": "sorted_of",
    "sum": "sum_of",
    "tuple": "as_tuple",
    "list": "as_tuple",
    "set": "as_set",
    "frozenset": "as_set",
    "abs": "magnitude",
    "reversed": "reversed_of",
    "int": "as_integer",
    "bool": "as_boolean",
    "enumerate": "numbered",
    "zip": "zipped",
    "pow": "raised",
}
"""Python's functions as values: `apply(len, xs)`, `sorted(xs, key=len)`."""


def row_of(name: str) -> Builtin:
    """A row that an operator or a function stands for."""
    return Builtin(PYTHON.get(name) or TABLE.get(name) or INTERNAL[name])


def function_of(name: str) -> Builtin | None:
    """A function of Python as a value; None for what is none here."""
    return Builtin(row_of(AS_VALUES[name]).row, f"`{name}`") if name in AS_VALUES else None
