"""Python as solvers are written in: reading it, and what of it a solver can't have.

Each construct that is not taken has a note that says what to write in its place.
"""

from __future__ import annotations

import ast
import warnings
from typing import Final, NamedTuple

from pipeline.system.forks import lock_before_forks


class Refused(NamedTuple):
    """A construct that no solver has: what it is called, and what to write instead."""

    kind: str
    note: str


_NAMED = "give the value a new name: `x = ...`"
_VALUES = "a solver has integers, truth values, pairs, grids, tuples, sets and functions"
_TEXTS = "texts are only written out and compared: make a tuple of the parts, as `(a, b)`"
_FUNCTIONS = "write a function: `def name(x): ...`"
_LOOKED_UP = "`next(v for k, v in d if k == key)` for `d[key]`"
_TEST = "test with `if` what must not fail: only the side that is taken runs"

REFUSED: Final[dict[str, Refused]] = {
    "Attribute": Refused("an attribute", "write the function of the DSL that does it"),
    "Dict": Refused("a dict", f"write pairs, `d = ((key, value), ...)`, and {_LOOKED_UP}"),
    "DictComp": Refused("a dict", f"write `d = tuple((key, value) for ...)`, and {_LOOKED_UP}"),
    "JoinedStr": Refused("an f-string", _TEXTS),
    "FormattedValue": Refused("an f-string", _TEXTS),
    "TemplateStr": Refused("a template string", _TEXTS),
    "Starred": Refused("an unpacking", "write the arguments one by one: `f(x[0], x[1])`"),
    "Slice": Refused("a slice", "cut rows, then each of them: `tuple(r[1:] for r in x[:2])`"),
    "Await": Refused("`await`", "write the call alone"),
    "Yield": Refused("`yield`", "return a tuple: `tuple(... for x in xs)`"),
    "YieldFrom": Refused("`yield`", "return a tuple: `tuple(... for x in xs)`"),
    "AsyncFor": Refused("an async loop", "write `for` alone"),
    "With": Refused("a with statement", "write its statements alone"),
    "AsyncWith": Refused("a with statement", "write its statements alone"),
    "Try": Refused("a try statement", _TEST),
    "TryStar": Refused("a try statement", _TEST),
    "AsyncFunctionDef": Refused("an async function", "write `def` alone"),
    "ClassDef": Refused("a class", "write functions, and tuples for what belongs together"),
    "Import": Refused("an import", "nothing is imported: write the functions in this file"),
    "ImportFrom": Refused("an import", "nothing is imported: write the functions in this file"),
    "Global": Refused("`global`", "return the value, and assign it where the function is called"),
    "Nonlocal": Refused("`nonlocal`", "return the value, and assign it where it is called"),
    "Delete": Refused("`del`", "leave out a name; write `x = x[:k] + x[k + 1:]` for `del x[k]`"),
    "TypeAlias": Refused("a type alias", "leave it out: types are found without it"),
}

MATTERS: Final[dict[type, Refused]] = {
    bytes: Refused("a byte string", _VALUES),
    float: Refused("a number with a fraction", "write integers, and `//` to divide them"),
    complex: Refused("a complex number", "write a pair: `(i, j)`"),
    type(...): Refused("`...`", "write `pass`"),
}

OPERATORS: Final[dict[str, Refused]] = {
    "Div": Refused("the operator `/`", "write `//`, which gives an integer"),
    "MatMult": Refused("the operator `@`", "write a comprehension"),
    "LShift": Refused("the operator `<<`", "write `x * 2 ** n`"),
    "RShift": Refused("the operator `>>`", "write `x // 2 ** n`"),
}

PLACES: Final[dict[str, Refused]] = {
    "Subscript": Refused(
        "an assignment to a part of what others may have",
        "`g = [list(row) for row in g]` makes lists; `g = fill(g, c, p)` gives a new grid",
    ),
    "Attribute": Refused("an assignment to an attribute", _NAMED),
}

SHARED: Final = Refused(
    "a change of a list that has two names", "write `x = x + ...`, which makes another one"
)

CHANGING: Final = Refused(
    "this use of a function that changes what belongs to its caller or to the function around",
    "call it by its name where it runs at once: `put(g, 1, 2)`, `n = put(g, 1, 2)`, `if put(g):`",
)

DECORATOR: Final = Refused("a decorator", "write the function alone")

NO_FUNCTIONS: Final[dict[str, str]] = {
    **dict.fromkeys(("print", "breakpoint", "help"), "leave it out: a solver gives its grid only"),
    **dict.fromkeys(("input", "open"), "a solver knows its input grid only"),
    **dict.fromkeys(("str", "repr", "format", "ascii", "chr", "ord"), _TEXTS),
    "bytes": _VALUES,
    **dict.fromkeys(("float", "complex"), "a solver has integers only: write `//` to divide them"),
    **dict.fromkeys(("issubclass", "type", "callable"), "a value's type is known"),
    **dict.fromkeys(("getattr", "setattr", "hasattr", "delattr", "vars", "dir"), _NAMED),
    **dict.fromkeys(("eval", "exec", "compile", "__import__"), _FUNCTIONS),
    **dict.fromkeys(("globals", "locals"), "write the name alone"),
    "iter": "write the container itself; its first element is `first(x)`, or `next(iter(x))`",
    "slice": "write `x[1:3]`",
    **dict.fromkeys(("hash", "id"), "compare values with `==`"),
    **dict.fromkeys(("bin", "hex", "oct", "bytearray", "memoryview", "object"), _VALUES),
    **dict.fromkeys(("super", "property", "classmethod", "staticmethod"), _FUNCTIONS),
}
"""What Python has under these names and a solver has not, with what to write instead."""

METHODS: Final[dict[str, str]] = {
    **dict.fromkeys(("append", "add"), "write `insert(value, s)` for a set, `x + (value,)` else"),
    **dict.fromkeys(("extend", "update"), "write `x + tuple(values)`, or `x | set(values)`"),
    **dict.fromkeys(("discard", "remove"), "write `remove(value, x)`"),
    **dict.fromkeys(
        ("pop", "popleft"), "write `first(x)` or `x[-1]`, and `x[1:]` or `x[:-1]` for the others"
    ),
    "insert": "write `x[:k] + (value,) + x[k:]`",
    "sort": "write `x = sorted(x)`",
    "reverse": "write `x = x[::-1]`",
    "clear": "write `x = ()`",
    **dict.fromkeys(("items", "keys", "values", "get", "setdefault"), REFUSED["Dict"].note),
    **dict.fromkeys(("join", "split", "format", "strip", "replace", "startswith"), _TEXTS),
}
"""Methods of Python's containers, with what to write instead."""

_READING: Final = lock_before_forks()


def read_python(text: str) -> ast.Module:
    """What Python's parser makes of a text; its warnings are about what ARC-DSL has not.

    One text at a time, as what is done about warnings is done to the whole process.
    """
    with _READING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def refused(node: ast.AST) -> Refused:
    """What a construct that is not taken is called, and what to write instead."""
    if isinstance(node, ast.Constant):
        return MATTERS.get(type(node.value), Refused("a constant of this kind", _VALUES))
    name = type(node).__name__
    return REFUSED.get(name, Refused(f"this ({name})", "write it with functions of the DSL"))
