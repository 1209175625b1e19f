"""A program that grows while it is run: what a resident battery keeps in its heaps.

Programs are added at the end, in parts, and share the instructions of what they have in common;
what a heap has of it already stays there. Nothing is taken out: once there is no room for more, a
new program begins, with what is still wanted.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.engine.cpu import Room
from pipeline.engine.image import Image
from pipeline.engine.lower import Lowering
from pipeline.kernels.instruction import STRIDE
from pipeline.passes import Flat
from pipeline.passes.intern import StatementNodes

ROOM: Final = Room(constants=50_000, extras=4_000_000, instructions=400_000, slots=500_000)
"""A quarter of a million nodes and more: 75 MiB in each heap, of which what is used is taken."""

_BYTES: Final = np.dtype(np.int64).itemsize
FULL: Final = 0.5
"""Part of the room after which a new program is to begin: the rest is for the largest graph."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """One program in a growing one: the slot of its verdicts, and the numbers of its instructions,
    as the bytes of an array, in any order and some more than once.
    """

    numbers: bytes
    slot: int

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return len(self.numbers) // _BYTES


class GrowingProgram:
    """Programs as instructions, those of earlier ones shared."""

    def __init__(self, room: Room = ROOM) -> None:
        self.room = room
        self.lowering = Lowering(grouped=False)
        self._table = np.empty((room.instructions, STRIDE), np.int64)
        self._extras = np.empty(room.extras, np.int64)
        self._constants = np.empty(room.constants, np.int64)
        self._numbers: dict[StatementNodes, bytes] = {}
        self._seen = (0, 0, 0)

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin a new one."""
        return self._filled > FULL

    @property
    def is_over(self) -> bool:
        """Whether there is more than there is room for: it can't be run, a larger one is needed."""
        return self._filled > 1

    @property
    def _filled(self) -> float:
        """Which part is taken of the room of which there is least left."""
        made, room = self.lowering, self.room
        return max(
            made.count / room.instructions,
            made.slots / room.slots,
            len(made.extras) / room.extras,
            len(made.constants) / room.constants,
            len(self._numbers) / room.instructions,
        )

    def add(self, flat: Flat) -> Lowered:
        """Lower a program: what its statements made, each once in all programs."""
        known = self._numbers
        listed = []
        for made in flat.parts:
            numbers = known.get(made)
            if numbers is None:
                numbers = known[made] = array("q", self.lowering.numbers_of(made)).tobytes()
            listed.append(numbers)
        number, slot = self.lowering.verdict(flat.result, flat.effects)
        listed.append(number.to_bytes(_BYTES, sys.byteorder))
        return Lowered(b"".join(listed), slot)

    def image(self, programs: Sequence[Lowered]) -> Image:
        """The image that has these programs, by their places; its first part is that of every
        earlier one.
        """
        table, extras, constants = self._grown()
        made = self.lowering
        counts = [0, *[program.count for program in programs]]
        users = b"".join([program.numbers for program in programs])
        return Image(
            tuple(map(str, range(len(programs)))),
            tuple(made.kernels),
            tuple(made.operations),
            made.slots,
            len(table),
            table,
            extras,
            constants,
            np.arange(len(programs)),
            np.array([program.slot for program in programs], np.int64),
            np.frombuffer(users, np.int64),
            np.cumsum(counts, dtype=np.int64),
        )

    def _grown(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The arrays, after what is new was copied into them."""
        made = self.lowering
        instructions, extras, constants = self._seen
        self._seen = made.count, len(made.extras), len(made.constants)
        assert not self.is_over
        self._table[instructions : made.count] = made.table(instructions)
        self._extras[extras : len(made.extras)] = made.extras[extras:]
        self._constants[constants : len(made.constants)] = made.constants[constants:]
        end, behind, last = self._seen
        return self._table[:end], self._extras[:behind], self._constants[:last]
