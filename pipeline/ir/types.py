"""The types of first-order values, and their text.

    Boolean  Integer  Grid    leaves (a grid is rectangular, colours are integers)
    Text                      one of the texts that a program writes out
    (A, B)                    a two-tuple; Pair is (Integer, Integer), Cell is (Integer, Pair)
    Tuple[T]  Set[T]          containers; Indices is Set[Pair], Object is Set[Cell], Objects is
                              Set[Object]
    Patch  Numerical          Indices or Object, Integer or Pair: only the data tells which
    Nothing                   the element of a container known to be empty
    a b c ...                 type variables, in signatures only

Types are interned: equal types are the same object, so comparison is identity. `parse_type` and
`str` are inverse.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final


class Type:
    """One interned type: `head` is its constructor's name, `args` its parts."""

    __slots__ = ("args", "has_variables", "head", "text")
    has_variables: bool

    def __init__(self, head: str, args: tuple[Type, ...]) -> None:
        self.head = head
        self.args = args
        self.has_variables = head in VARIABLES or any(a.has_variables for a in args)
        self.text = _text(head, args)

    def __repr__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple:
        return (make, (self.head, self.args))


VARIABLES: Final = frozenset("abcdef")


def make(head: str, args: tuple[Type, ...] = ()) -> Type:
    """The one type with this head and these parts."""
    return _make(head, args)


@cache
def _make(head: str, args: tuple[Type, ...]) -> Type:
    return Type(head, args)


def _text(head: str, args: tuple[Type, ...]) -> str:
    plain = f"({args[0]}, {args[1]})" if head == "Two" else head
    if head in ("Tuple", "Set"):
        plain = f"{head}[{args[0]}]"
    return _NAMES.get(plain, plain)


_NAMES: Final = {
    "(Integer, Integer)": "Pair",
    "(Integer, Pair)": "Cell",
    "Set[Pair]": "Indices",
    "Set[Cell]": "Object",
    "Set[Object]": "Objects",
}

BOOLEAN: Final = make("Boolean")
INTEGER: Final = make("Integer")
GRID: Final = make("Grid")
TEXT: Final = make("Text")
PATCH: Final = make("Patch")
NUMERICAL: Final = make("Numerical")
NOTHING: Final = make("Nothing")


def two(a: Type, b: Type) -> Type:
    """The type of two-tuples of an `a` and a `b`."""
    return make("Two", (a, b))


def tuple_of(element: Type) -> Type:
    """The type of tuples of any length of `element`."""
    return make("Tuple", (element,))


def set_of(element: Type) -> Type:
    """The type of sets of `element`."""
    return make("Set", (element,))


PAIR: Final = two(INTEGER, INTEGER)
CELL: Final = two(INTEGER, PAIR)
INDICES: Final = set_of(PAIR)
OBJECT: Final = set_of(CELL)
OBJECTS: Final = set_of(OBJECT)
ROWS: Final = tuple_of(tuple_of(INTEGER))
TRAIN_PAIRS: Final = tuple_of(two(GRID, GRID))
UNIONS: Final = {PATCH: (INDICES, OBJECT), NUMERICAL: (INTEGER, PAIR)}

_NAMED: Final = {
    "Boolean": BOOLEAN,
    "Integer": INTEGER,
    "Grid": GRID,
    "Text": TEXT,
    "Patch": PATCH,
    "Numerical": NUMERICAL,
    "Nothing": NOTHING,
    "Pair": PAIR,
    "Cell": CELL,
    "Indices": INDICES,
    "Object": OBJECT,
    "Objects": OBJECTS,
}
_TOKEN = re.compile(r"\s*([A-Za-z]+|[\[\](),])")


@cache
def parse_type(text: str) -> Type:
    """The type that `text` writes; raises ValueError if it is none."""
    tokens = _TOKEN.findall(text)
    result, rest = _parse(tokens, text)
    if rest:
        raise ValueError(f"not a type: {text!r}")
    return result


def _parse(tokens: list[str], text: str) -> tuple[Type, list[str]]:
    if not tokens:
        raise ValueError(f"not a type: {text!r}")
    token, rest = tokens[0], tokens[1:]
    if token == "(":
        a, rest = _parse(rest, text)
        b, rest = _parse(_expect(rest, ",", text), text)
        return two(a, b), _expect(rest, ")", text)
    if token in ("Tuple", "Set"):
        element, rest = _parse(_expect(rest, "[", text), text)
        return make(token, (element,)), _expect(rest, "]", text)
    if token in VARIABLES:
        return make(token), rest
    if token in _NAMED:
        return _NAMED[token], rest
    raise ValueError(f"not a type: {text!r}")


def _expect(tokens: list[str], token: str, text: str) -> list[str]:
    if not tokens or tokens[0] != token:
        raise ValueError(f"not a type: {text!r}")
    return tokens[1:]
