"""What Python takes for true, and what it takes for the same; rows that no solver can name."""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.conditions import holds
from pipeline.primitives.elements import Container
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    MISSING,
    RANGE,
    Memory,
    length,
    start,
)


@primitive(
    "a -> Boolean",
    examples=("negation(0) == True", "negation((0, 0)) == False", "negation(None) == True"),
    laws=("negation(negation(x)) == as_boolean(x)",),
    total=True,
    published=False,
    expand=lambda b, x: b.row("flip", b.condition(x)),
)
def negation(x: Any) -> bool:
    """Tell whether Python takes the value for false: what is missing, 0 or empty."""
    return not x


@primitive(
    "a -> Boolean",
    examples=("as_boolean(2) == True", "as_boolean(frozenset()) == False"),
    total=True,
    published=False,
    expand=lambda b, x: b.condition(x),
)
def as_boolean(x: Any) -> bool:
    """Tell whether Python takes the value for true."""
    return bool(x)


@primitive(
    "a a -> Boolean",
    examples=("equal((1, 2), (1, 2)) == True", "equal(0, 1) == False"),
    laws=("equal(a, a)", "equal(a, b) == negation(unequal(a, b))"),
    total=True,
    published=False,
    expand=lambda b, x, y: b.primitive("equality", x, y),
)
def equal(a: Any, b: Any) -> bool:
    """Tell whether the two values are the same."""
    return bool(a == b)


@primitive(
    "a a -> Boolean",
    examples=("unequal(1, 1) == False", "unequal(frozenset(), frozenset({1})) == True"),
    laws=("unequal(a, b) == unequal(b, a)",),
    total=True,
    published=False,
    expand=lambda b, x, y: b.row("flip", b.primitive("equality", x, y)),
)
def unequal(a: Any, b: Any) -> bool:
    """Tell whether the two values differ."""
    return bool(a != b)


@primitive(
    "a -> Boolean",
    examples=("is_missing(None) == True", "is_missing(()) == False"),
    total=True,
    published=False,
)
def is_missing(x: Any) -> bool:
    """Tell whether there is no value: None."""
    return x is None


@native(is_missing)
def _is_missing(m: Memory, x: int) -> int:
    return int(x == MISSING)


@primitive(
    "Tuple[a] -> Boolean",
    "Set[a] -> Boolean",
    examples=("any_of((0, 2)) == True", "any_of(((), ())) == False", "any_of(()) == False"),
    laws=("any_of(c) == any(as_boolean(e) for e in c)",),
    total=True,
    published=False,
)
def any_of(c: Container) -> bool:
    """Tell whether Python takes one of the elements at least for true."""
    return any(c)


@compiled
def _place_of(m: Memory, c: int, wanted: bool) -> int:
    """The place of the first element that holds, or does not; the length where there is none."""
    for k in range(length(m, c)):
        if holds(m, m.heap[start(c) + k]) == wanted:
            return k
    return length(m, c)


@native(any_of)
def _any_of(m: Memory, c: int) -> int:
    return int(_place_of(m, c, True) < length(m, c))


@primitive(
    "Tuple[a] -> Boolean",
    "Set[a] -> Boolean",
    examples=("all_of((1, 2)) == True", "all_of(((1,), ())) == False", "all_of(()) == True"),
    laws=("all_of(c) == negation(any_of(tuple([negation(e) for e in c])))",),
    total=True,
    published=False,
)
def all_of(c: Container) -> bool:
    """Tell whether Python takes all elements for true."""
    return all(c)


@native(all_of)
def _all_of(m: Memory, c: int) -> int:
    return int(_place_of(m, c, False) == length(m, c))


@primitive(
    "a -> Boolean",
    examples=("require(True) == True", "require((0, 0)) == True"),
    published=False,
)
def require(x: Any) -> bool:
    """Go on only where Python takes the value for true.

    Errors:  RANGE if it does not
    """
    if not x:
        raise Failure("RANGE")
    return True


@native(require)
def _require(m: Memory, x: int) -> int:
    return 1 if holds(m, x) else RANGE
