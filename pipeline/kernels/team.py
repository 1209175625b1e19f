"""Teams: the threads that run one block together.

On the CPU a team is one thread, and nothing here costs anything. On a GPU it is a block of threads:
all of them run the same kernels on the same instructions, each on lanes of its own, and what one
does for all, such as taking memory, lies between two calls of `wait`.

Every thread of a team comes to the same calls of `wait`, so what decides about one must be the same
for all: arguments, and words that nobody writes meanwhile.
"""

from __future__ import annotations

from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory


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
def own_outer(m: Memory, count: int) -> tuple[int, int]:
    """Where a thread begins, and by which step it goes on, in the outer of two nested loops.

    With `own_inner` this divides the lanes of `count` parents: by parents where there are at least
    as many as threads, else by each parent's lanes.
    """
    if count >= m.team:
        return m.rank, m.team
    return 0, 1


@compiled
def own_inner(m: Memory, count: int) -> tuple[int, int]:
    """The same for the inner loop; count is that of the outer."""
    if count >= m.team:
        return 0, 1
    return m.rank, m.team
