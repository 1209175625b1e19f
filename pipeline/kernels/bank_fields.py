"""The records of a bank of values and of its jobs, by name: see `bank`."""

from __future__ import annotations

from typing import Final

K_LANES: Final = 0
K_VALUES: Final = 1
"""How many values there are, and how many there can be."""
K_MOST: Final = 2
K_KEYS: Final = 3
"""The table of what made values: words LOW HIGH VALUE + 1, found by hash; and its size less 1."""
K_KEYS_MASK: Final = 4
K_KEYS_USED: Final = 5
K_HASHES: Final = 6
"""The table of what values are; likewise."""
K_HASHES_MASK: Final = 7
K_INFO: Final = 8
"""For each value `V_WORDS` words."""
K_TEMPLATES: Final = 9
"""Where template n is, in the word `n % LISTED`: if it is that one that is there, as it says by its
`T_NUMBER`, else it is not loaded.
"""
K_CODE: Final = 10
"""Room for the instructions of one line."""
K_REGISTERS: Final = 11
"""The value of each register; `DEAD` where all its lanes have failed."""
K_MASKS: Final = 12
"""For each register in which lanes it has failed, `K_MASK_WORDS` words of `BITS` bits."""
K_SCRATCH: Final = 13
"""The first slot that lines use for what does not stay."""
K_RUN: Final = 14
"""How many lines were run since the bank was made, and how many were known."""
K_KNOWN: Final = 15
K_CONSTANTS: Final = 16
"""The slot of constant 0: each has a column, as any operand has."""
K_INPUTS: Final = 17
"""Where the column of the inputs is, which is value 0."""
K_FREE: Final = 18
"""How many candidates had no line that was not known."""
K_FAILS: Final = 19
"""For each value in which lanes it has failed, and what all lanes are."""
K_ALL: Final = 20
K_MASK_WORDS: Final = 21
K_GROUP: Final = 22
"""How many groups were begun."""
K_WORDS: Final = 23

V_FAILED: Final = 0
"""In how many lanes a value has failed."""
V_STAMP: Final = 1
"""The number of the job that last used it."""
V_LOW: Final = 2
V_HIGH: Final = 3
V_SIZE: Final = 4
"""How many words were taken when it was made."""
V_GROUP: Final = 5
"""The group of which a row last came to it, and the number of the first such row in its job."""
V_ROW: Final = 6
V_WORDS: Final = 7

T_COUNT: Final = 0
"""How many instructions."""
T_WORDS: Final = 1
"""How many words of code: instructions, and what they list."""
T_RELOCATIONS: Final = 2
T_EFFECTS: Final = 3
T_RESULT: Final = 4
"""The slot of the result among the line's own, or `-1 - k` where it is operand k."""
T_TYPE: Final = 5
"""A number for the type of the result; that of grids is `GRIDS`."""
T_NUMBER: Final = 6
T_HEAD: Final = 7
"""Then the code, the relocations (place, what, factor), the effects."""

R_CODE: Final = -1
"""What a relocation adds: where the code begins, the first of the line's slots, or an operand."""
R_SLOT: Final = -2

J_COUNT: Final = 0
J_ROWS: Final = 1
"""Where for each candidate the words GROUP BEGIN END are, relative to `J_LINES`. Of a job of scores
where the expected grids are listed.
"""
J_LINES: Final = 2
J_VALUES: Final = 3
"""Where the value goes that each candidate comes to: `DEAD` where it fails in all lanes."""
J_ALIVE: Final = 4
"""Where bits go, `K_MASK_WORDS` a candidate: in which lanes it has not failed."""
J_DONE: Final = 5
"""How many candidates are done: all, unless there was no room, or a template is not loaded."""
J_STAMP: Final = 6
J_GROUPS: Final = 7
"""Where for each group the words BEGIN END BEGIN END are: before a row, and behind it."""
J_MISSING: Final = 8
"""The template that is not loaded, + 1."""
J_WORDS: Final = 9

LISTED: Final = 1 << 16

BITS: Final = 60
"""How many lanes a word of a mask has."""

GRIDS: Final = 1
DEAD: Final = -1
NO_ROOM: Final = -2
