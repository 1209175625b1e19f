"""Tally: compiled functions that count the colours of a grid or an object.

One pass counts one colour and finds the next greater one: a few passes over cells, which a compiler
makes vectors of, take less time than one with a counter for each colour, and need no memory.
"""

from __future__ import annotations

from typing import Final

from pipeline.primitives.row import compiled
from pipeline.primitives.words import (
    EMPTY,
    Memory,
    colour_of,
    height,
    is_grid,
    length,
    origin,
    start,
    width,
)

BELOW: Final = -(1 << 32)
"""Less than all colours: `tally` of it gives the smallest one."""
ABOVE: Final = 1 << 32
"""Greater than all colours."""


@compiled
def cells_of(m: Memory, element: int) -> int:
    """How many cells a grid or an object has."""
    if is_grid(m, element):
        return height(m, element) * width(m, element)
    return length(m, element)


@compiled
def tally(m: Memory, element: int, colour: int) -> tuple[int, int]:
    """How many cells of a grid or an object have a colour, and the next greater one, or ABOVE."""
    count, greater = 0, ABOVE
    cells = cells_of(m, element)
    if is_grid(m, element):
        colours, at = m.colours, origin(element)
        for k in range(at, at + cells):
            count += colours[k] == colour
            greater = min(greater, colours[k] if colours[k] > colour else ABOVE)
    else:
        heap, at = m.heap, start(element)
        for k in range(at, at + cells):
            found = colour_of(heap[k])
            count += found == colour
            greater = min(greater, found if found > colour else ABOVE)
    return count, greater


@compiled
def commonest(m: Memory, element: int) -> int:
    """The commonest colour, the smallest of equally common ones; EMPTY if there is no cell.

    Colours come in the order 0, positive, negative, as 0 often settles it.
    """
    left = cells_of(m, element)
    if left == 0:
        return EMPTY
    best, most, colour = 0, 0, 0
    while most <= left:
        count, greater = tally(m, element, colour)
        if count > most or (count == most and colour < best):
            best, most = colour, count
        left -= count
        colour = greater if greater < ABOVE else BELOW
    return best
