"""Python as solvers are written in: reading it, and the constructs that ARC-DSL has not."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import Final

from pipeline.system.forks import lock_before_forks

_KINDS = {
    "Lambda": "a lambda",
    "Attribute": "an attribute",
    "Subscript": "a subscript",
    "BinOp": "an operator",
    "UnaryOp": "an operator",
    "BoolOp": "an operator",
    "Compare": "a comparison",
    "IfExp": "a conditional expression",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "List": "a list",
    "Set": "a set display",
    "Dict": "a dict",
    "Tuple": "an empty tuple",
    "JoinedStr": "an f-string",
    "Starred": "an unpacking",
    "NamedExpr": "an assignment expression",
    "Await": "`await`",
    "Yield": "`yield`",
    "YieldFrom": "`yield`",
    "For": "a loop",
    "AsyncFor": "a loop",
    "While": "a loop",
    "If": "an if statement",
    "Match": "a match statement",
    "With": "a with statement",
    "AsyncWith": "a with statement",
    "Try": "a try statement",
    "TryStar": "a try statement",
    "Assign": "a chained assignment",
    "AugAssign": "an augmented assignment",
    "AnnAssign": "an annotated assignment",
    "FunctionDef": "a nested function",
    "AsyncFunctionDef": "an async function",
    "ClassDef": "a class",
    "Import": "an import",
    "ImportFrom": "an import",
    "Global": "`global`",
    "Nonlocal": "`nonlocal`",
    "Delete": "`del`",
    "Assert": "`assert`",
    "Raise": "`raise`",
    "Pass": "`pass`",
    "Break": "`break`",
    "Continue": "`continue`",
    "Expr": "an expression without an assignment",
}
_CONSTANTS = {
    str: "a string",
    bytes: "a byte string",
    float: "a number with a fraction",
    complex: "a complex number",
    type(None): "`None`",
    type(...): "`...`",
}
_READING: Final = lock_before_forks()


def read_python(text: str) -> ast.Module:
    """What Python's parser makes of a text; its warnings are about what ARC-DSL has not.

    One text at a time, as what is done about warnings is done to the whole process.
    """
    with _READING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def kind_of(node: ast.AST) -> str:
    """What a construct is called in a message: `a lambda`, `an operator`, ..."""
    if isinstance(node, ast.Constant):
        return _CONSTANTS.get(type(node.value), "a constant of this kind")
    return _KINDS.get(type(node).__name__, f"this ({type(node).__name__})")


def assigned_names(node: ast.AST) -> Iterator[str]:
    """The names that a statement or an expression assigns, defines, imports or declares."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.alias):
            yield (part.asname or part.name).split(".")[0]
        elif isinstance(part, ast.Global | ast.Nonlocal):
            yield from part.names
        else:
            yield getattr(part, "name", None) or ""
