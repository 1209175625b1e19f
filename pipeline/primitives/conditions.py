"""What Python takes for true: a row that no solver can name, for what is no Boolean."""

from __future__ import annotations

from typing import Any

from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import MISSING, NIL, Memory, height, is_grid, is_reference, length


@primitive(
    "a -> Boolean",
    examples=("truth((0, 0)) == True", "truth(frozenset()) == False", "truth(0) == False"),
    total=True,
)
def truth(x: Any) -> bool:
    """Tell whether Python takes the value for true: what is missing, 0 or empty is not."""
    return bool(x)


@compiled
def holds(m: Memory, word: int) -> bool:
    """Whether Python takes the value for true."""
    if is_reference(word):
        return (height(m, word) if is_grid(m, word) else length(m, word)) != 0
    return word != 0 and word != MISSING and word != NIL


@native(truth)
def _truth(m: Memory, x: int) -> int:
    return int(holds(m, x))
