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
ALONE: Final = 6
"""1 if its kernel may jump, and so gets no other instruction in the same call."""
ARGS: Final = 7
STRIDE: Final = 12

D_SIZE: Final = 0
"""How many lanes the domain has."""
D_SCOPES: Final = 1
"""Where the number stands under which each lane's totals are counted."""
D_PARENT: Final = 2
"""The record of the domain that it was opened in; the next three are about that one's lanes."""
D_OFFSETS: Final = 3
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
B_WORDS: Final = 6
