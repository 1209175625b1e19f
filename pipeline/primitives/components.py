"""Components: compiled functions that cut a grid into objects.

A *run* is a stretch of cells of one row that go together. Runs are found row by row and each is
joined to earlier ones; a component is known by its first run. So components come in the order of
their first cells, which is canonical, and the cells of one ascend if they are written run after
run. There are far fewer runs than cells, and none for the background.
"""

from __future__ import annotations

from typing import Final

from pipeline.primitives.row import compiled
from pipeline.primitives.words import (
    BIAS,
    FIELD,
    MISSING,
    SET,
    Memory,
    height,
    origin,
    put_list,
    width,
    with_colour,
)

ANYWHERE: Final = -1
"""The reach that joins all runs of one colour."""
NO_COLOUR: Final = 1 << 32
"""A background that no cell has."""

_RUN: Final = 4
"""A run is four 32-bit integers. Its ends are places in the grid, i * width + j:"""
_START: Final = 0
_END: Final = 1
_PARENT: Final = 2
"""An earlier run of the component; the first run has itself."""
_KEY: Final = 3
"""What runs that join have in common; later, of a first run, the size, then where to write."""


@compiled
def cut_words(m: Memory, grid: int) -> int:
    """How many words `cut` takes: three for an object of one cell, two for a run."""
    return 1 + 5 * height(m, grid) * width(m, grid)


@compiled
def cut(
    m: Memory, out: int, grid: int, univalued: int, reach: int, background: int
) -> tuple[int, int]:
    """Write the set of the objects of a grid; gives its word and the place behind it.

    reach is how many columns apart runs in neighbouring rows may be and still join, 0 or 1, or
    ANYWHERE.
    """
    runs = 2 * (out + 1 + 3 * height(m, grid) * width(m, grid))
    count = _find_runs(m, out, grid, runs, univalued, reach, background)
    return _put_objects(m, out, grid, runs, count)


@compiled
def _find_runs(
    m: Memory, out: int, grid: int, runs: int, univalued: int, reach: int, background: int
) -> int:
    """Write the runs, joined; gives how many."""
    colours, at, w = m.colours, origin(grid), width(m, grid)
    count, here, kinds, place = 0, 0, 0, 0
    for i in range(height(m, grid)):
        above, here = here, count
        end = (i + 1) * w
        while place < end:
            first, colour = place, colours[at + place]
            place += 1
            if colour == background:
                continue
            while place < end and (
                colours[at + place] == colour if univalued else colours[at + place] != background
            ):
                place += 1
            run = runs + _RUN * count
            colours[run + _START] = first
            colours[run + _END] = place
            colours[run + _PARENT] = count
            colours[run + _KEY] = colour if univalued else 0
            if reach == ANYWHERE:
                kinds = _join_alike(m, out, runs, kinds, count)
            else:
                above = _join_above(m, runs, above, here, count, w, reach)
            count += 1
    return count


@compiled
def _join_above(m: Memory, runs: int, above: int, here: int, new: int, w: int, reach: int) -> int:
    """Join a new run to those that touch it of the runs of the row above, `above` to `here`.

    Gives the first of these that may touch the next run.
    """
    numbers = m.colours
    run = runs + _RUN * new
    low, high = numbers[run + _START] - w - reach, numbers[run + _END] - w + reach
    while above < here and numbers[runs + _RUN * above + _END] <= low:
        above += 1
    other, root = above, new
    while other < here and numbers[runs + _RUN * other + _START] < high:
        if numbers[runs + _RUN * other + _KEY] == numbers[run + _KEY]:
            found = _root_of(m, runs, other)
            numbers[runs + _RUN * max(root, found) + _PARENT] = min(root, found)
            root = min(root, found)
        other += 1
    return above


@compiled
def _root_of(m: Memory, runs: int, run: int) -> int:
    """The first run of a component so far; halves the way to it."""
    numbers = m.colours
    parent = numbers[runs + _RUN * run + _PARENT]
    while parent != run:
        further = numbers[runs + _RUN * parent + _PARENT]
        numbers[runs + _RUN * run + _PARENT] = further
        run, parent = further, numbers[runs + _RUN * further + _PARENT]
    return run


@compiled
def _join_alike(m: Memory, out: int, runs: int, kinds: int, new: int) -> int:
    """Join a new run to the first of its key; gives how many keys there are now.

    Where the result will stand the first runs are listed.
    """
    numbers = m.colours
    run = runs + _RUN * new
    for k in range(kinds):
        if numbers[runs + _RUN * m.heap[out + k] + _KEY] == numbers[run + _KEY]:
            numbers[run + _PARENT] = m.heap[out + k]
            return kinds
    m.heap[out + kinds] = new
    return kinds + 1


@compiled
def _add_up(m: Memory, runs: int, count: int) -> int:
    """Give each run its first run, and that the component's size; gives how many components."""
    numbers = m.colours
    components = 0
    for k in range(count):
        run = runs + _RUN * k
        size = numbers[run + _END] - numbers[run + _START]
        parent = numbers[run + _PARENT]
        if parent == k:
            numbers[run + _KEY] = size
            components += 1
        else:
            root = numbers[runs + _RUN * parent + _PARENT]
            numbers[run + _PARENT] = root
            numbers[runs + _RUN * root + _KEY] += size
    return components


@compiled
def _put_objects(m: Memory, out: int, grid: int, runs: int, count: int) -> tuple[int, int]:
    numbers, w = m.colours, width(m, grid)
    word, after = put_list(m, out, SET, _add_up(m, runs, count))
    i, objects = 0, 0
    for k in range(count):
        run = runs + _RUN * k
        first, end, root = numbers[run + _START], numbers[run + _END], numbers[run + _PARENT]
        if root == k:
            objects += 1
            place = after
            m.heap[out + objects], after = put_list(m, place, SET, numbers[run + _KEY])
            numbers[run + _KEY] = place + 1 - out
        while first >= (i + 1) * w:
            i += 1
        place = numbers[runs + _RUN * root + _KEY]
        put_cells(m, out + place, grid, i, first, end)
        numbers[runs + _RUN * root + _KEY] = place + end - first
    return word, after


@compiled
def put_cells(m: Memory, place: int, grid: int, i: int, first: int, end: int) -> None:
    """Write the cells of row i that stand from place `first` to `end` of a grid."""
    heap, colours, at, w = m.heap, m.colours, origin(grid), width(m, grid)
    word = with_colour(((i + BIAS) << FIELD) + BIAS - i * w, 0)
    place -= first
    for k in range(first, end):
        colour = colours[at + k]
        heap[place + k] = word + (k << FIELD) + (colour if colour != MISSING else -BIAS)
