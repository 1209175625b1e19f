"""Room in a bank that is full: what is old and costly goes, and what stays moves together.

What a value costs is the memory that it took, how old it is the number of jobs since it was last
used. The words of values that stay are found by following references, and moved to where values
begin; what nobody refers to, such as what a line needed for itself, is gone then.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from pipeline.kernels.bank_fields import V_SIZE, V_STAMP
from pipeline.primitives.words import GRID, REFERENCES

KEPT_VALUES: Final = 0.5
KEPT_WORDS: Final = 0.25
"""Of a bank, how much stays at most."""


class Moved(NamedTuple):
    """Words that were moved: what they are now, and where what began somewhere begins now."""

    words: np.ndarray
    begins: np.ndarray
    places: np.ndarray

    def place(self, old: np.ndarray) -> np.ndarray:
        """Where these begin now; what is not in here has not moved."""
        if not len(self.begins):
            return old
        at = np.minimum(np.searchsorted(self.begins, old), len(self.begins) - 1)
        found: np.ndarray = np.where(self.begins[at] == old, self.places[at], old)
        return found


def staying(info: np.ndarray, held: np.ndarray, stamp: int, words: int) -> np.ndarray:
    """The numbers of the values that stay, ascending.

    info: a row of `V_WORDS` for each value; held: values that are wanted before others, cheap ones
    first. stamp: of the last job. words: how many the bank has for values.
    """
    age = np.maximum(stamp - info[:, V_STAMP], 0) + 1
    size = np.maximum(info[:, V_SIZE], 1)
    is_other = np.ones(len(info), bool)
    is_other[held] = False
    is_other[0] = False
    age = np.where(is_other, age, 1)
    order = np.lexsort((np.arange(len(info)), age * size, is_other))
    few = order[: max(1, int(len(order) * KEPT_VALUES))]
    few = few[np.cumsum(size[few]) <= words * KEPT_WORDS]
    return np.union1d(few, [0])


def gathered(words: np.ndarray, columns: np.ndarray, lanes: int, base: int) -> Moved:
    """The words of columns and of all that they refer to, as they are to stand from `base` on.

    columns: where they begin. What is before `base` stays where it is.
    """
    columns = np.unique(columns[columns >= base])
    objects = _reached(words, columns, lanes, base)
    sizes = _sizes(words, objects)
    begins = np.concatenate([columns, objects])
    counts = np.concatenate([np.full(len(columns), lanes, np.int64), sizes])
    is_grid = np.concatenate([np.zeros(len(columns), bool), words[objects] & GRID != 0])
    places = base + np.cumsum(counts) - counts
    made = words[_spread(begins, counts)]
    order = np.argsort(objects, kind="stable")
    moved = Moved(made, objects[order], places[len(columns) :][order])
    referring = np.flatnonzero((made <= REFERENCES) & ~np.repeat(is_grid, counts))
    made[referring] = REFERENCES - moved.place(REFERENCES - made[referring])
    return Moved(made, columns, places[: len(columns)])


def _reached(words: np.ndarray, columns: np.ndarray, lanes: int, base: int) -> np.ndarray:
    """Where all that columns refer to begins, each once, what is referred to behind what refers."""
    seen = np.zeros(len(words) - base, bool)
    found = [np.zeros(0, np.int64)]
    elements = words[_spread(columns, np.full(len(columns), lanes, np.int64))]
    while True:
        places = np.unique(REFERENCES - elements[elements <= REFERENCES])
        places = places[places >= base]
        places = places[~seen[places - base]]
        if not len(places):
            return np.concatenate(found)
        seen[places - base] = True
        found.append(places)
        containers = places[words[places] & GRID == 0]
        elements = words[_spread(containers + 1, words[containers] >> 2)]


def _sizes(words: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """How many words each object has, its header included."""
    headers = words[objects]
    cells = (headers >> 32) * ((headers & 0xFFFFFFFF) >> 2)
    sizes: np.ndarray = 1 + np.where(headers & GRID != 0, (cells + 1) // 2, headers >> 2)
    return sizes


def _spread(begins: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The numbers from each begin on, as many as its count, one behind the other."""
    total = int(counts.sum())
    firsts = np.cumsum(counts) - counts
    spread: np.ndarray = np.repeat(begins - firsts, counts) + np.arange(total)
    return spread


def put_in(table: np.ndarray, entries: np.ndarray) -> None:
    """Make a table of LOW HIGH VALUE + 1 hold these and nothing else: as kernels look them up."""
    table[:] = 0
    mask = len(table) - 1
    places = entries[:, 0] & mask
    left = np.arange(len(entries))
    while len(left):
        free = left[table[places[left], 2] == 0]
        _, first = np.unique(places[free], return_index=True)
        table[places[free[first]]] = entries[free[first]]
        is_left = np.ones(len(entries), bool)
        is_left[free[first]] = False
        left = left[is_left[left]]
        places[left] = (places[left] + 1) & mask


def kept_keys(keys: np.ndarray, numbers: np.ndarray, most: int) -> np.ndarray:
    """The entries of what made values that stay, with the values' new numbers, -1 for what goes;
    none where there are too many.
    """
    entries = keys[keys[:, 2] != 0].copy()
    values = numbers[entries[:, 2] - 1]
    entries = entries[values >= 0]
    entries[:, 2] = values[values >= 0] + 1
    return entries if len(entries) <= most else entries[:0]
