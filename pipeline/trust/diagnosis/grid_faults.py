"""Whether a value is a grid, and if not what it is; in which way a grid is not the expected one."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from pipeline.data.grid_check import (
    CELL,
    HEIGHT,
    LENGTH,
    ROW,
    SIDE,
    TABLE,
    WIDTH,
    faults_of,
)

WORDS: Final[dict[type, str]] = {
    int: "integer",
    bool: "truth value",
    str: "string",
    float: "float",
    frozenset: "frozenset",
    set: "set",
    list: "list",
    tuple: "tuple",
}


_CELLS: Final = (int, bool)
_ORDER: Final = (TABLE, ROW, LENGTH, CELL, HEIGHT, WIDTH)
"""Which fault is told of several: the type of a grid before what is in it."""


def fault_of(value: Any) -> str:
    """What keeps a value from being a grid: a tuple of equally long tuples of colours. Empty if it
    is one.

    Truth values count as the colours 0 and 1, as the check counts them.
    """
    faults = list(faults_of(value, (tuple,), _CELLS))
    if not faults:
        return ""
    kind, found, i, j = min(faults, key=lambda fault: _ORDER.index(fault.kind))
    if kind == TABLE:
        return _described(found)
    if kind == ROW:
        return f"a tuple whose row {i} is {_described(found)}"
    if kind == LENGTH:
        return f"a tuple of rows of different lengths: {', '.join(str(len(r)) for r in value)}"
    if kind == CELL and type(found) not in _CELLS:
        return f"a tuple of tuples whose cell ({i}, {j}) is {_described(found)}"
    if kind == CELL:
        return f"a grid whose cell ({i}, {j}) is {found}, which is no colour"
    if not value:
        return "an empty tuple"
    size = f"{len(value)}x{len(value[0])}"
    return f"a grid of {size}: a grid of ARC has 1 to {SIDE} rows and columns"


def _described(value: Any) -> str:
    """A value in a few words: `a list of 3 lists`, `a numpy array of shape (3, 3)`."""
    kind = type(value)
    if value is None:
        return "None"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        library = kind.__module__.partition(".")[0]
        if value.shape:
            return f"a {library} array of {value.dtype}, shape {value.shape}"
        return f"a {library} {value.dtype}"
    if kind in (list, tuple, set, frozenset):
        inner = {_word(type(v)) for v in value}
        what = inner.pop() if len(inner) == 1 else "value"
        return f"a {WORDS[kind]} of {len(value)} {what}{'' if len(value) == 1 else 's'}"
    if kind in WORDS:
        return f"{_article(WORDS[kind])} {WORDS[kind]}, {value!r:.40}"
    base = next((c for c in kind.__mro__ if c in WORDS), None)
    name = f"{_article(kind.__qualname__)} {kind.__qualname__}"
    return f"{name}, a class made from {WORDS[base]}" if base else name


def _word(kind: type) -> str:
    return WORDS.get(kind, kind.__qualname__)


def _article(word: str) -> str:
    return "an" if word[0].lower() in "aeiou" else "a"


def difference(expected: Any, got: Any) -> str:
    """How a grid differs from the expected one, in words; both are grids."""
    size, found = (len(expected), len(expected[0])), (len(got), len(got[0]))
    if size != found:
        text = f"a grid of {found[0]}x{found[1]}, expected {size[0]}x{size[1]}"
        near = _edges(found[0] - size[0], "row") + _edges(found[1] - size[1], "column")
        off = max(abs(found[0] - size[0]), abs(found[1] - size[1])) == 1
        return f"{text}: off by one, {' and '.join(near)}" if off else text
    cells = [(i, j) for i, j in product(*map(range, size)) if expected[i][j] != got[i][j]]
    i, j = cells[0]
    text = (
        f"{len(cells)} of {size[0] * size[1]} cells differ" if len(cells) > 1 else "1 cell differs"
    )
    text += f", first at ({i}, {j}): expected {expected[i][j]}, got {got[i][j]}"
    moved = _shift(expected, got)
    return f"{text}: off by one, the expected grid moved {moved}" if moved else text


def _edges(more: int, word: str) -> list[str]:
    if not more:
        return []
    return [f"a {word} {'too many' if more > 0 else 'is missing'}"]


def _shift(expected: Any, got: Any) -> str:
    """Which way the expected grid lies one step moved in the other; empty if it does not."""
    wide = list(zip(*expected, strict=True)), list(zip(*got, strict=True))
    found = {
        "down": expected[:-1] == got[1:],
        "up": expected[1:] == got[:-1],
        "right": wide[0][:-1] == wide[1][1:],
        "left": wide[0][1:] == wide[1][:-1],
    }
    sides = {
        "down": len(expected),
        "up": len(expected),
        "right": len(wide[0]),
        "left": len(wide[0]),
    }
    return next((way for way, is_so in found.items() if is_so and sides[way] > 1), "")
