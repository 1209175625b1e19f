"""The words of solvers as stubs of Python, for editors and type checkers.

They say what a checker can find out: how many arguments, of which types, and what comes of them.
Where functions are values Python's types can't follow (a checker takes one overload of
`compose(shift, ...)` where here all of them count), so a function is any callable and what comes of
it is of any type: a stub may know less than the compiler, but never complains of what compiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any, Final

from pipeline.ir.types import VARIABLES, Type
from pipeline.primitives.row import Primitive
from pipeline.primitives.signatures import FunctionType, Signature

HEAD: Final = """\
# Made by `doit stubs` from the table of primitives; never edited. Editors read it, nothing runs it.
# pyright: reportOverlappingOverload=false

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, overload

Boolean: TypeAlias = bool
Integer: TypeAlias = int
Pair: TypeAlias = tuple[int, int]
Cell: TypeAlias = tuple[int, Pair]
Grid: TypeAlias = tuple[tuple[int, ...], ...]
Indices: TypeAlias = frozenset[Pair]
Object: TypeAlias = frozenset[Cell]
Objects: TypeAlias = frozenset[Object]
Function: TypeAlias = Callable[..., Any]
"""
BUILTINS: Final = """\
# Made by `doit stubs`: solvers name the primitives without importing them.

from dsl import *
"""
_NAMED: Final = frozenset(
    ("Boolean", "Integer", "Pair", "Cell", "Grid", "Indices", "Object", "Objects")
)
_IN_PLACE: Final = {"Indices": "tuple[Pair, ...]", "Object": "tuple[Cell, ...]"}
"""What is taken in place of a patch."""


def stub_text(rows: Iterable[Primitive], constants: Mapping[str, Any]) -> str:
    """The text of `dsl.pyi`: types, constants, and a function for each overload of each row."""
    functions = [text for row in rows for text in _functions(row)]
    variables = [f'{name} = TypeVar("{name}")' for name in map(_variable, sorted(VARIABLES))]
    values = [f"{name}: Final = {value!r}" for name, value in constants.items()]
    return "\n".join([HEAD, *variables, "", *values, "", *functions])


def _functions(row: Primitive) -> Iterator[str]:
    """Its overloads, the first one with what it does; those that differ only in the functions that
    they take are one. Overloads for values of two kinds add nothing: Python's union of them fits.
    """
    heads = dict.fromkeys(_head(row, signature) for signature in row.overloads)
    mark = "@overload\n" if len(heads) > 1 else ""
    for k, head in enumerate(heads):
        yield f"{mark}{head}: ..." if k else f"{mark}{head}:\n{_documented(row.doc)}"
    yield ""


def _documented(doc: str) -> str:
    end = "\n" if "\n" in doc else ""
    return indent(f'"""{doc}{end}"""', "    ")


def _head(row: Primitive, signature: Signature) -> str:
    known = _letters(signature)
    named = zip(row.parameters, signature.parameters, strict=True)
    taken = ", ".join(f"{name}: {_taken(row, name, kind, known)}" for name, kind in named)
    return f"def {row.name}({taken}) -> {_written(signature.result, known)}"


def _letters(signature: Signature) -> set[str]:
    """The type variables that say of two values that they are of one type."""
    parts = [t for t in (*signature.parameters, signature.result) if isinstance(t, Type)]
    counts = Counter(letter for part in parts for letter in _variables(part))
    return {letter for letter, count in counts.items() if count > 1}


def _variables(part: Type) -> Iterator[str]:
    if part.head in VARIABLES:
        yield part.head
    for inner in part.args:
        yield from _variables(inner)


def _taken(row: Primitive, name: str, kind: Type | FunctionType, known: set[str]) -> str:
    """The type of a parameter: in place of a patch also tuples, of what is true or false any value,
    and None where it may be missing.
    """
    written = _written(kind, known)
    if written == "Boolean" and len(row.overloads) == 1:
        return "object"
    parts = [written, *filter(None, [_IN_PLACE.get(written)])]
    return " | ".join([*parts, "None"] if name in row.optional else parts)


def _written(kind: Type | FunctionType, known: set[str]) -> str:
    if isinstance(kind, FunctionType):
        if kind.head == "Function":
            return "Function"
        return _container(kind.head, _written(kind.result, known))
    if kind.text in _NAMED:
        return kind.text
    if kind.head == "Two":
        return f"tuple[{', '.join(_written(part, known) for part in kind.args)}]"
    if kind.head in ("Tuple", "Set"):
        return _container(kind.head, _written(kind.args[0], known))
    return _variable(kind.head) if kind.head in known else "Any"


def _container(head: str, element: str) -> str:
    return f"tuple[{element}, ...]" if head == "Tuple" else f"frozenset[{element}]"


def _variable(letter: str) -> str:
    return f"_{letter.upper()}"
