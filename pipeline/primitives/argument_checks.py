"""What rows check of their arguments, by what their types say of them: of plain Python values here,
of words in the loops of kernels (`kernels.loops`).

    integer   Integer                    is there
    number    Integer or Pair, or Pair   a pair of two integers: not `()`, and no None in it
    grid      Grid                       rectangular, within the limit, no cell missing
    patch     Indices or Object          pairs or cells, and nothing else; a colour may be missing
    piece     a grid or a patch
    holed     Grid                       rectangular, within the limit; cells may be missing
    rows      Grid, which may be ragged  within the limit, no cell missing
    outline   a grid, which may be ragged, or a patch
    container any other type             is there

A parameter that takes values of any type, or a truth value, is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from pipeline.ir.status import Failure, Limits
from pipeline.ir.types import VARIABLES, make


def area_of(grid: tuple[Any, ...]) -> int:
    """The cells of a grid; a row without cells counts as one, so that no grid is free."""
    return sum([len(row) or 1 for row in grid])


def check_grid(grid: Any, limits: Limits) -> None:
    """Raise Failure unless the rows are equally long, the cells within the limit, none missing."""
    if _has_rows(grid):
        if len(set(map(len, grid))) != 1:
            raise Failure("SHAPE")
        _check_area(grid, limits)


def check_holed(grid: Any, limits: Limits) -> None:
    """As `check_grid`, but cells may be missing where the rows are equally long."""
    are_rows = bool(grid) and isinstance(grid[0], tuple) and None not in grid
    if are_rows and len(set(map(len, grid))) == 1:
        _check_area(grid, limits)
    else:
        check_grid(grid, limits)


def _check_rows(grid: Any, limits: Limits) -> None:
    if _has_rows(grid):
        _check_area(grid, limits)


def _has_rows(grid: Any) -> bool:
    """Whether it is a tuple of tuples, of which no cell may be missing; else one of integers."""
    if not grid or not (grid[0] is None or isinstance(grid[0], tuple)):
        return False
    try:
        sum(map(sum, grid))
    except TypeError:
        raise Failure("NONE") from None
    return True


def _check_area(grid: Any, limits: Limits) -> None:
    if area_of(grid) > limits.cells:
        raise Failure("CELLS")


def check_patch(patch: Any) -> None:
    """Raise Failure unless all elements are pairs, or all are cells; a colour may be missing."""
    try:
        if patch and type(next(iter(patch))[1]) is tuple:
            for _, (i, j) in patch:
                i + j
        else:
            for i, j in patch:
                i + j
    except (TypeError, ValueError, IndexError):
        raise Failure("NONE") from None


def _check_piece(piece: Any, limits: Limits) -> None:
    if isinstance(piece, tuple):
        check_grid(piece, limits)
    else:
        check_patch(piece)


def _check_outline(piece: Any, limits: Limits) -> None:
    if isinstance(piece, tuple):
        _check_rows(piece, limits)
    else:
        check_patch(piece)


def check_number(number: Any) -> None:
    """Raise Failure unless it is an integer or a pair of two."""
    if number is None:
        raise Failure("NONE")
    if isinstance(number, tuple):
        if len(number) != 2:
            raise Failure("SHAPE" if number else "EMPTY")
        if None in number:
            raise Failure("NONE")


_VARIABLES: Final = frozenset(map(make, VARIABLES))
_KINDS: Final = {
    "integer": frozenset({"Integer"}),
    "number": frozenset({"Integer", "Pair"}),
    "grid": frozenset({"Grid"}),
    "patch": frozenset({"Indices", "Object", "Tuple[Cell]"}),
    "piece": frozenset({"Grid", "Indices", "Object", "Tuple[Integer]"}),
}
CHECKS: Final[dict[str, Callable[[Any, Limits], None]]] = {
    "integer": lambda value, limits: None,
    "number": lambda number, limits: check_number(number),
    "grid": check_grid,
    "patch": lambda patch, limits: check_patch(patch),
    "piece": _check_piece,
    "holed": check_holed,
    "rows": _check_rows,
    "outline": _check_outline,
    "container": lambda value, limits: None,
}


def kind_of(parameters: Iterable[Any], optional: bool, ragged: bool) -> str:
    """What a parameter, of these types in a row's overloads, is to be: a key of CHECKS; nothing of
    one that is not looked at, or optional. ragged: whether a grid may be.
    """
    types = set(parameters)
    texts = {t.text for t in types}
    if (
        optional
        or any(t.head == "Function" or t in _VARIABLES for t in types)
        or texts == {"Boolean"}
    ):
        return ""
    kind = next((kind for kind, known in _KINDS.items() if texts <= known), "container")
    return {"grid": "rows", "piece": "outline"}[kind] if ragged else kind
