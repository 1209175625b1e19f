"""First-order rows that no solver can name: what the passes leave where values of different types
meet.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    MISSING,
    NIL,
    NONE,
    SHAPE,
    TUPLE,
    TYPE,
    UNUSED,
    Memory,
    has_failed,
    height,
    is_cell,
    is_grid,
    is_integer,
    is_reference,
    kind_of,
    length,
    list_words,
    origin,
    pair,
    put_list,
    second_of_two,
    start,
    width,
)


@primitive("a b -> Nothing", examples=())
def misfit(x: Any, y: Any) -> Any:
    """Fail, as values are of a type that what was to be done with them does not take.

    Errors:  TYPE always, but NONE if they are missing
    """
    raise Failure("NONE" if x is None and y is None else "TYPE")


@native(misfit)
def _misfit(m: Memory, x: int, y: int) -> int:
    return NONE if x == MISSING and y == MISSING else TYPE


@primitive("a b -> Nothing", examples=())
def unused(x: Any, y: Any) -> Any:
    """End a statement of which nobody uses the value, as types don't fit: the lane goes on.

    Errors:  UNUSED always, but NONE if the values are missing
    """
    raise Failure("NONE" if x is None and y is None else "UNUSED")


@native(unused)
def _unused(m: Memory, x: int, y: int) -> int:
    return NONE if x == MISSING and y == MISSING else UNUSED


@primitive(
    "Indices -> Boolean",
    "Object -> Boolean",
    examples=("is_object(frozenset({(3, (0, 1))}))", "not is_object(frozenset({(0, 1)}))"),
    total=True,
    optional=("patch",),
)
def is_object(patch: frozenset[Any] | None) -> bool:
    """Tell whether a patch is an object with a cell in it."""
    return patch is not None and any(
        isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], tuple) for part in patch
    )


@native(is_object)
def _is_object(m: Memory, patch: int) -> int:
    if patch == MISSING:
        return 0
    for k in range(length(m, patch)):
        word = m.heap[start(patch) + k]
        if is_cell(word) or (is_reference(word) and _is_two_with_tuple(m, word)):
            return 1
    return 0


@compiled
def _is_two_with_tuple(m: Memory, word: int) -> bool:
    """Whether it is a two-tuple in the heap whose second part is a tuple, as of a cell of which
    something is missing.
    """
    if kind_of(m, word) != TUPLE or length(m, word) != 2:
        return False
    second = second_of_two(m, word)
    return second != MISSING and not is_integer(second)


@primitive(
    "Integer -> Boolean",
    "Pair -> Boolean",
    examples=("is_pair((0, 1))", "not is_pair(7)"),
    total=True,
    optional=("value",),
)
def is_pair(value: Any) -> bool:
    """Tell whether a value is a pair, not an integer."""
    return isinstance(value, tuple)


@native(is_pair)
def _is_pair(m: Memory, value: int) -> int:
    return int(value != MISSING and not is_integer(value))


@primitive(
    "Grid -> Boolean",
    examples=("has_pairs(((1, 2), (3, 4)))", "has_pairs(((),))", "not has_pairs(((1, 2, 3),))"),
    total=True,
    optional=("grid",),
    is_counted=False,
)
def has_pairs(grid: Any) -> bool:
    """Tell whether the rows of a grid are of two, or without cells: pairs, or missing ones."""
    return grid is None or all(len(row) == 2 for row in grid) or not any(grid)


@native(has_pairs)
def _has_pairs(m: Memory, grid: int) -> int:
    if grid == MISSING:
        return 1
    return int(is_grid(m, grid) and (height(m, grid) == 0 or width(m, grid) in (0, 2)))


@primitive(
    "Grid -> Tuple[Pair]",
    examples=("pairs_of(((1, 2), (3, 4))) == ((1, 2), (3, 4))", "pairs_of(()) == ()"),
    is_counted=False,
    optional=("grid",),
)
def pairs_of(grid: Any) -> tuple[Any, ...]:
    """Take the rows of a grid, which are of two, for pairs; those without cells are missing ones.

    Errors:  SHAPE if they are not
    """
    if not has_pairs(grid):
        raise Failure("SHAPE")
    return grid


@compiled
def _pairs_of_words(m: Memory, grid: int) -> int:
    return list_words(height(m, grid)) if _has_pairs(m, grid) and grid != MISSING else 0


@native(pairs_of, words=_pairs_of_words)
def _pairs_of(m: Memory, out: int, grid: int) -> tuple[int, int]:
    if grid == MISSING:
        return MISSING, out
    if not _has_pairs(m, grid):
        return SHAPE, out
    count, cells, is_filled = height(m, grid), origin(grid), width(m, grid) > 0
    for k in range(count):
        word = NIL
        if is_filled:
            word = pair(m, m.colours[cells + 2 * k], m.colours[cells + 2 * k + 1])
        if has_failed(word):
            return word, out
        m.heap[out + 1 + k] = word
    return put_list(m, out, TUPLE, count)


@primitive(
    "Tuple[a] -> Tuple[a]",
    examples=("two_parts((1, 2)) == (1, 2)", "two_parts(()) == ()"),
    is_counted=False,
    optional=("parts",),
)
def two_parts(parts: Any) -> Any:
    """Give a tuple that stands for a two-tuple; an empty one is left to what takes that.

    Errors:  SHAPE if it has one part, or more than two
    """
    if parts and len(parts) != 2:
        raise Failure("SHAPE")
    return parts


@native(two_parts)
def _two_parts(m: Memory, parts: int) -> int:
    if not is_reference(parts) or length(m, parts) in (0, 2):
        return parts
    return SHAPE
