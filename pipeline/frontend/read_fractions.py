"""Numbers with a fraction, where what is made of them at once is an integer again.

`int(a / b)`, `round(a / b)`, `math.floor(a / b)` and `math.ceil(a / b)` are what they are of the
exact quotient: for integers as small as those of a solver Python's own is never rounded to another
integer. `int(n ** 0.5)` is the same as `math.isqrt(n)`. `float("inf")` is the greatest integer that
there is, so what would add to it is over budget.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Final

from pipeline.frontend.known_lines import MOST_INTEGER
from pipeline.frontend.program import Expression, Literal
from pipeline.frontend.python_library import DEFINITIONS
from pipeline.frontend.read_texts import call_text
from pipeline.frontend.reading import Reading

INFINITE: Final = MOST_INTEGER

ROUNDED: Final = {
    "floor": "lambda a, b: a // b",
    "ceil": "lambda a, b: -(-a // b)",
    "trunc": "lambda a, b: a // b if (a < 0) == (b < 0) else -(-a // b)",
    "round": (
        "lambda a, b: (a // b if 2 * (a % b) == b and (a // b) % 2 == 0"
        " else (2 * a + b) // (2 * b))"
    ),
}
"""What is made of a quotient, by what makes it."""


def read_rounded(how: str, reader: Reading, node: ast.Call) -> Expression | None:
    """`f(a / b)`, `f(n ** 0.5)`; None for anything else."""
    if len(node.args) != 1 or node.keywords:
        return None
    inner = node.args[0]
    if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Div):
        return call_text(reader, node, ROUNDED[how], inner.left, inner.right)
    if how in ("floor", "trunc") and (root := _root(inner)) is not None:
        (text,) = DEFINITIONS["math", "isqrt"]
        return call_text(reader, node, text, root)
    return None


def _root(node: ast.expr) -> ast.expr | None:
    """The number whose root an expression is."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        if isinstance(node.right, ast.Constant) and node.right.value == 0.5:
            return node.left
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name == "sqrt":
            return node.args[0]
    return None


def read_float(reader: Reading, node: ast.Call) -> Expression:
    """`float("inf")`; any other number is an integer here."""
    words = [a.value for a in node.args if isinstance(a, ast.Constant)]
    text = words[0].lower() if len(words) == 1 and isinstance(words[0], str) else ""
    if text.lstrip("+-") in ("inf", "infinity") and not node.keywords:
        reader.odd()
        return Literal(-INFINITE if text.startswith("-") else INFINITE)
    return reader.unknown_name(node.func, "float")


FRACTIONS: Final[dict[str, Callable[[Reading, ast.Call], Expression | None]]] = {
    name: partial(read_rounded, name) for name in ("floor", "ceil", "trunc")
}
"""Functions of `math` that give an integer for a quotient."""
