"""What `frontend.meanings` asks of the types of values: known before anything runs, as the types
are.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.ir.types import BOOLEAN, GRID, INTEGER, NUMERICAL, PATCH, ROWS, TEXT, Type
from pipeline.primitives.row import primitive


def _element(type_: Type) -> Type | None:
    """The type of a container's first element."""
    type_ = ROWS if type_ is GRID else type_
    return type_.args[0] if type_.args else None


def _is_tuple(type_: Type | None) -> bool:
    return type_ is not None and (type_ is GRID or type_.head in ("Two", "Tuple"))


def _expand_has_cells(b: Any, container: Any) -> Any:
    type_: Type | None = b.type_of(container)
    element = None if type_ is None else _element(type_)
    if element is not None and element.args[-1:] == (NUMERICAL,):
        return b.masked(
            b.condition(container),
            lambda: b.row("is_pair", b.row("last", b.row("first", container))),
            lambda: b.constant(False),
        )
    return b.constant(_are_cells(type_))


def _are_cells(type_: Type | None) -> bool:
    element = None if type_ is None else _element(type_)
    element = ROWS if element is GRID else element
    if element is None or not _is_tuple(element):
        return False
    return bool(element.args) and _is_tuple(element.args[-1])


@primitive(
    "a -> Boolean",
    examples=("has_cells(((1, (2, 3)),))", "not has_cells(((1, 2),))", "not has_cells(())"),
    total=True,
    expand=_expand_has_cells,
)
def has_cells(container: Any) -> bool:
    """Tell whether the second part of a container's first element is a tuple."""
    if not isinstance(container, tuple | frozenset) or not container:
        return False
    first = next(iter(container))
    return isinstance(first, tuple) and len(first) > 1 and isinstance(first[1], tuple)


def _expand_is_tuple(b: Any, value: Any) -> Any:
    if b.type_of(value) is NUMERICAL:
        return b.row("is_pair", value)
    return b.constant(_is_tuple(b.type_of(value)))


@primitive(
    "a -> Boolean",
    examples=("is_tuple((1, 2))", "not is_tuple(frozenset())", "not is_tuple(1)"),
    total=True,
    expand=_expand_is_tuple,
)
def is_tuple(value: Any) -> bool:
    """Tell whether a value is a tuple."""
    return isinstance(value, tuple)


def _expand_is_set(b: Any, value: Any) -> Any:
    type_ = b.type_of(value)
    return b.constant(type_ is not None and (type_ is PATCH or type_.head == "Set"))


@primitive(
    "a -> Boolean",
    examples=("is_set(frozenset())", "not is_set((1, 2))", "not is_set(1)"),
    total=True,
    expand=_expand_is_set,
)
def is_set(value: Any) -> bool:
    """Tell whether a value is a set."""
    return isinstance(value, frozenset)


def _expand_is_integer(b: Any, value: Any) -> Any:
    type_ = b.type_of(value)
    if type_ is NUMERICAL:
        return b.row("flip", b.row("is_pair", value))
    return b.constant(type_ is not None and not type_.args and type_ not in (GRID, PATCH, TEXT))


@primitive(
    "a -> Boolean",
    examples=("is_integer(1)", "is_integer(True)", "not is_integer(())"),
    total=True,
    expand=_expand_is_integer,
)
def is_integer(value: Any) -> bool:
    """Tell whether a value is an integer, a truth value or missing."""
    return value is None or isinstance(value, int)


@primitive(
    "Integer -> Text",
    examples=("as_text(0) == ''", "as_text(12) == '0000012'", "as_text(2) < as_text(10)"),
    total=True,
    expand=lambda b, rank: b.node("text", rank),
)
def as_text(rank: int) -> str:
    """Give the text that has this place among those that a program writes out.

    They are in their order, and the empty one has place 0. A text stands for its place alone, so
    nothing can look into it.
    """
    return f"{rank:07}" if rank else ""


def _expand_is_boolean(b: Any, value: Any) -> Any:
    type_ = b.type_of(value)
    if type_ in (INTEGER, NUMERICAL):
        return b.node("sure_boolean", value)
    return b.constant(type_ is BOOLEAN)


@primitive(
    "a -> Boolean",
    examples=("is_boolean(True)", "not is_boolean(())", "not is_boolean(1)"),
    total=True,
    expand=_expand_is_boolean,
)
def is_boolean(value: Any) -> bool:
    """Tell whether a value is a truth value or missing."""
    return value is None or isinstance(value, bool)


@primitive(
    "Boolean -> Boolean",
    examples=("sure_boolean(True)", "sure_boolean(False)"),
    total=True,
    expand=lambda b, value: b.constant(True),
)
def sure_boolean(value: bool) -> bool:
    """Tell that a truth value is one.

    Of a number only data tells whether it was one, so the row takes none.
    """
    return True


def _expand_as_number(b: Any, value: Any) -> Any:
    if b.type_of(value) is not NUMERICAL:
        return value
    return b.masked(
        b.row("is_pair", value),
        lambda: b.row("misfit", value, value),
        lambda: b.node("narrow", value, b.constant(0)),
    )


@primitive(
    "a -> a",
    examples=("as_number(1) == 1", "as_number(None) is None"),
    expand=_expand_as_number,
)
def as_number(value: Any) -> Any:
    """Give an integer as it is.

    Errors:  TYPE if it is a pair
    """
    if isinstance(value, tuple):
        raise Failure("TYPE")
    return value
