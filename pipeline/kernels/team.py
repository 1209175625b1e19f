"""Teams: the threads that run one block together.

On the CPU a team is one thread, and nothing here costs anything. On a GPU it is a block of threads:
all of them run the same kernels on the same instructions, each on lanes of its own, and what one
does for all, such as taking memory, lies between two calls of `wait`.

Every thread of a team comes to the same calls of `wait`, so what decides about one must be the same
for all: arguments, and words that nobody writes meanwhile.
"""

from __future__ import annotations

from typing import Final

from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory

PENDING: Final = 15
"""A word of a team's state (see `heap`): how many threads left items of a group to all of them."""

BROKEN: Final = 3
"""What becomes of a block where a guard did not stand: see `instruction.B_DONE`."""

GUARDS: Final = 12
"""A word of a team's state that only the CPU uses otherwise, `heap.DONE`: where the last guard
stands, in a build that puts guards behind what is claimed; 0 where there is none."""


@compiled
def wait(m: Memory) -> None:
    """Go on once all threads of the team are here: each then sees what the others wrote.

    A backend whose teams have several threads puts its own here, and in `claim`.
    """
    return


@compiled
def claim(m: Memory, at: int, amount: int) -> int:
    """Add to a word that several threads may add to at once; gives what it was before."""
    before: int = m.heap[at]
    m.heap[at] = before + amount
    return before


@compiled
def clock(m: Memory) -> int:
    """The time in nanoseconds, for differences; a backend that times blocks puts its own here."""
    return 0


@compiled
def guards_stand(m: Memory) -> bool:
    """Whether nobody wrote behind what was claimed since this was asked; a build that has guards
    puts its own here, and in `claim`.
    """
    return True
