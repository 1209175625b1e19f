"""The hash of a column: what a value of a bank is known by."""

from __future__ import annotations

from typing import Final

from pipeline.kernels.scoring import ended, hash_of, mixed
from pipeline.primitives.row import compiled
from pipeline.primitives.words import FAILED, GRID, REFERENCES, Memory, has_failed, is_reference

NOT_FAILED: Final = -(1 << 40)
NOT_GRID: Final = -(1 << 50)
"""What headers become in a hash: less than any word that is no reference."""
M32: Final = 0xFFFFFFFF


@compiled
def hash_of_column(m: Memory, column: int, lanes: int, seed: int) -> tuple[int, int]:
    """The hash of all values of a column, of whatever type; what fails fails, for whatever reason.

    A container is its header and then its elements, so no two values read alike.
    """
    heap = m.heap
    h1, h2, h3, h4 = mixed(0, 0, 0, 0, seed, lanes, 0, 0)
    count = 1
    held, holds = 0, False
    # A stack of places and how many words are left there, in the scratch of `sorting.compare`.
    base, depth = m.scratch, 0
    heap[base], heap[base + 1] = column, lanes
    while depth >= 0:
        frame = base + 2 * depth
        if heap[frame + 1] == 0:
            depth -= 1
            continue
        word = heap[heap[frame]]
        heap[frame] += 1
        heap[frame + 1] -= 1
        token = word
        if has_failed(word):
            token = FAILED
        elif is_reference(word):
            place = REFERENCES - word
            token = NOT_FAILED - heap[place]
            if heap[place] & GRID != 0:
                token = NOT_GRID
                low, high = hash_of(m, word)
                h1, h2, h3, h4 = with_two(h1, h2, h3, h4, low, high)
                count += 1
            else:
                depth += 1
                heap[frame + 2], heap[frame + 3] = place + 1, heap[place] >> 2
        if holds:
            h1, h2, h3, h4 = with_two(h1, h2, h3, h4, held, token)
            count += 1
        held, holds = token, not holds
    if holds:
        h1, h2, h3, h4 = with_two(h1, h2, h3, h4, held, 0)
    return ended(h1, h2, h3, h4, 2 * count + (1 if holds else 0))


@compiled
def with_two(h1: int, h2: int, h3: int, h4: int, a: int, b: int) -> tuple[int, int, int, int]:
    """The state of a hash after two more words."""
    return mixed(h1, h2, h3, h4, a & M32, (a >> 32) & M32, b & M32, (b >> 32) & M32)
