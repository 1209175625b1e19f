"""First-order rows that no solver can name: what the passes leave of rows that take functions.

`keys` is one key per element of the container, in its order of iteration. A key is a Boolean, an
Integer or a (nested) tuple of them, and is compared as such; a set has no order that a key could
use.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import primitive


def _check(keys: tuple[Any, ...]) -> None:
    if not keys:
        raise Failure("EMPTY")
    if any(key is None for key in keys):
        raise Failure("NONE")


@primitive(
    "Tuple[a] Tuple[Boolean] -> Tuple[a]",
    "Set[a] Tuple[Boolean] -> Set[a]",
    examples=("keep_by((1, 2), (False, True)) == (2,)", "keep_by(frozenset(), ()) == frozenset()"),
    total=True,
)
def keep_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Keep the elements whose key holds.

    Order:   keys follow the container's order of iteration
    """
    return type(container)([e for e, key in zip(ordered(container), keys, strict=True) if key])


@primitive(
    "Tuple[a] Tuple[b] -> Tuple[a]",
    "Set[a] Tuple[b] -> Tuple[a]",
    examples=("order_by((7, 8), (1, 0)) == (8, 7)", "order_by((), ()) == ()"),
)
def order_by(container: Any, keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort the elements by key, ascending; equal keys keep their order.

    Errors:  NONE if a key is missing
    """
    if any(key is None for key in keys):
        raise Failure("NONE")
    elements = ordered(container)
    return tuple([elements[k] for k in sorted(range(len(keys)), key=keys.__getitem__)])


@primitive(
    "Tuple[a] Tuple[b] -> a",
    "Set[a] Tuple[b] -> a",
    examples=("argmax_by((7, 8), (1, 0)) == 7", "argmax_by((7, 8), (1, 1)) == 7"),
)
def argmax_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Give the element with the largest key, the first of equals.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    _check(keys)
    return ordered(container)[max(range(len(keys)), key=keys.__getitem__)]


@primitive(
    "Tuple[a] Tuple[b] -> a",
    "Set[a] Tuple[b] -> a",
    examples=("argmin_by((7, 8), (1, 0)) == 8", "argmin_by((7, 8), (1, 1)) == 7"),
)
def argmin_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Give the element with the smallest key, the first of equals.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    _check(keys)
    return ordered(container)[min(range(len(keys)), key=keys.__getitem__)]


@primitive(
    "Tuple[a] Tuple[b] -> b",
    "Set[a] Tuple[b] -> b",
    examples=("max_by((7, 8), (1, 0)) == 1", "max_by(frozenset({7}), ((1, 2),)) == (1, 2)"),
)
def max_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Give the largest key.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    _check(keys)
    return max(keys)


@primitive(
    "Tuple[a] Tuple[b] -> b",
    "Set[a] Tuple[b] -> b",
    examples=("min_by((7, 8), (1, 0)) == 0", "min_by(frozenset({7}), ((1, 2),)) == (1, 2)"),
)
def min_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Give the smallest key.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    _check(keys)
    return min(keys)


@primitive("Integer -> Integer", turns_argument=0, examples=("turns(1) == 1", "turns(7) == 7"))
def turns(n: int) -> int:
    """Check how often `power` applies its function.

    Errors:  RANGE if n is not positive; TURNS (over budget) if n is larger than the limit
    """
    if n < 1:
        raise Failure("RANGE")
    return n


@primitive("a -> a", examples=("place(3) == 3", "place(0) == 0"), total=True)
def place(n: int) -> int:
    """Give a place in a list of alternatives: no integer of the program, so no limit applies."""
    return n


@primitive("Integer -> Integer", examples=())
def no_match(n: int) -> int:
    """Fail, as none of n alternatives matched.

    Errors:  NO_MATCH always
    """
    raise Failure("NO_MATCH")


@primitive(
    "a b -> (a, b)",
    examples=("capture(1, (2,)) == (1, (2,))", "capture((), 0) == ((), 0)"),
    total=True,
    accepts_none=True,
)
def capture(a: Any, b: Any) -> tuple[Any, Any]:
    """Put two captured values of a closure together."""
    return (a, b)
