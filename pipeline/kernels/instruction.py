"""The records of a compiled program in the heap: instructions, domains and blocks.

An instruction's argument is a slot, or `-1 - k` for constant k. See `heap` for slots and columns.
"""

from __future__ import annotations

from typing import Final

CODE: Final = 0
"""Where the machine code of its kernel is."""
DEST: Final = 1
"""The slot of its result."""
DOMAIN: Final = 2
"""The slot of its domain."""
OPERATION: Final = 3
"""32 times the number under which its failures are reported."""
EXTRAS: Final = 4
"""Where its effects or items are listed: see `structure`."""
MODE: Final = 5
GROUP: Final = 6
"""Consecutive instructions of the same number are one call: of one operation, none of them needs
what another makes, none may jump."""
ARGS: Final = 7
STRIDE: Final = 12

D_SIZE: Final = 0
"""How many lanes the domain has."""
D_SCOPES: Final = 1
"""Where the number stands under which each lane's totals are counted."""
D_PARENT: Final = 2
"""The record of the domain that it was opened in; the next three are about that one's lanes."""
D_OFFSETS: Final = 3
"""Of a root, which has none, where the train pairs stand of each lane's task; 0 for none."""
D_PARENTS: Final = 4
"""For each lane its lane in the parent."""
D_BLOCKED: Final = 5
"""For each lane of the parent the failure of what opened it, or 0."""
D_SOURCE_A: Final = 6
"""Where the containers stand that it was opened for, and how far apart; of a root the inputs."""
D_STEP_A: Final = 7
D_SOURCE_B: Final = 8
"""The second containers; of a root the expected outputs, 0 where there is none."""
D_STEP_B: Final = 9
D_CROSS: Final = 10
D_WORDS: Final = 11

B_ROOT: Final = 0
"""The record of a block's root domain."""
B_INSTRUCTIONS: Final = 1
"""Where its instructions are listed, and how many they are."""
B_COUNT: Final = 2
B_SLOTS: Final = 3
"""Where the slots of its verdicts are listed, and how many solvers it has."""
B_SOLVERS: Final = 4
B_OUT: Final = 5
"""Where its verdicts go: for each solver one for each lane."""
B_DONE: Final = 6
"""What became of it, as a team says: 0 nothing, for want of room; `FINISHED`; or `NO_GRIDS`."""
B_GRIDS: Final = 7
"""Where a team lists the places of the output grids that are kept, in the order of verdicts."""
B_SCORES: Final = 8
"""Where its scores go, in the order of verdicts: see `scores`; 0 where nobody wants them."""
B_WORDS: Final = 9

FINISHED: Final = 1
NO_GRIDS: Final = 2
"""Done, but there was no room for all the grids that are to be kept."""

W_STATE: Final = 0
"""Work for teams: what each team's state begins as, `heap.SCRATCH` words."""
W_HEAPS: Final = 16
"""Where the teams' heaps begin, one behind the other, and how many words each has."""
W_HEAP_WORDS: Final = 17
W_SLOTS: Final = 18
"""How many slots the program has."""
W_TABLE: Final = 19
"""Where the records of the blocks begin, how many there are, and how many are taken."""
W_COUNT: Final = 20
W_NEXT: Final = 21
W_KEEP: Final = 22
"""Which output grids to keep: `KEEP_NONE`, `KEEP_WRONG`, `KEEP_ALL`."""
W_GRIDS: Final = 23
"""Where the next kept grid goes, and where the room for them ends."""
W_GRIDS_END: Final = 24
W_WORDS: Final = 25

KEEP_NONE: Final = 0
KEEP_WRONG: Final = 1
KEEP_ALL: Final = 2
