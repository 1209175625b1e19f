"""Functions of Python's standard library that are imported by name, as texts in the language of
solvers. A name that the DSL has too means there what was imported, never the DSL's.
"""

from __future__ import annotations

import ast
from typing import Final

from pipeline.primitives.table import TABLE

DEFINITIONS: Final[dict[tuple[str, str], str]] = {
    ("itertools", "product"): "lambda a, b: tuple((x, y) for x in a for y in b)",
    ("itertools", "repeat"): "lambda x, n: tuple(x for _ in range(n))",
    ("operator", "add"): "lambda a, b: a + b",
    ("operator", "sub"): "lambda a, b: a - b",
    ("operator", "mul"): "lambda a, b: a * b",
    ("operator", "itemgetter"): "lambda k: lambda x: x[k]",
    ("math", "gcd"): "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return abs(a)",
    ("functools", "reduce"): (
        "def reduce(f, xs, first):\n    for x in xs:\n        first = f(first, x)\n    return first"
    ),
}
MODULES: Final = frozenset(
    ("itertools", "functools", "operator", "math", "collections", "copy", "random", "statistics")
)


def imported(node: ast.ImportFrom) -> dict[str, str]:
    """The names that an import from the standard library gives, with their texts; an empty text
    stands for what a solver can't have, and would take for a word of the DSL.
    """
    found: dict[str, str] = {}
    if node.module in MODULES and not node.level:
        for alias in node.names:
            text = DEFINITIONS.get((node.module, alias.name), "")
            if text or alias.name in TABLE:
                found[alias.asname or alias.name] = text
    return found


def definition(text: str, place: ast.AST) -> ast.stmt:
    """The statement of a text, all of it at one place of a solver's file."""
    (node,) = ast.parse(text).body
    for part in ast.walk(node):
        ast.copy_location(part, place)
    return node
