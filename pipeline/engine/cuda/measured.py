"""What programs cost on devices, as the blocks of earlier runs took: kept from run to run.

How lanes are cut into blocks, and in which order teams take these, goes by it, and nothing else
does: results are the same whatever is known. Known is a program by what it is, so another battery
finds it again under any name; one that nobody has run yet costs what its instructions say.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.engine.cuda.cutting import costs_of, weight
from pipeline.engine.engine import Block
from pipeline.engine.image import Image
from pipeline.kernels import instruction as fields
from pipeline.primitives.words import REFERENCES
from pipeline.system.atomic import write_atomic

MOST: Final = 1 << 17
"""Programs that are remembered, those that ran last."""

CHANGED: Final = 1.25
"""Times more or less than what is known: then it is written down anew, or with twice the words."""

REMEMBERED: Final = 1 << 19
"""Words of samples that what is known counts for at most beside new ones."""

LEAST: Final = 1e-6
"""Nanoseconds that a word of a sample takes at least."""


class MeasuredCosts:
    """Nanoseconds that a program takes a team for each word of its samples' grids; place: the file,
    if it is to be kept.
    """

    def __init__(self, place: Path | None = None) -> None:
        self.place = place
        self.known = _read(place) if place else {}
        self._lock = threading.Lock()

    def of(self, digests: Sequence[str], otherwise: np.ndarray) -> np.ndarray:
        """What each program takes; of those that nobody has run what `otherwise` says,
        in the same measure as the others, if there are any.
        """
        with self._lock:
            rates = np.array([self.known.get(digest, (0.0, 0.0))[0] for digest in digests])
        is_known = rates > 0
        if not is_known.any():
            return otherwise
        scale = rates.sum() / max(otherwise[is_known].sum(), LEAST)
        return np.where(is_known, rates, otherwise * scale)

    def add(self, digests: Sequence[str], nanoseconds: np.ndarray, words: np.ndarray) -> None:
        """Learn what each program took for so many words; the file is written if that is news."""
        is_news = False
        with self._lock:
            for k in np.flatnonzero((words > 0) & (nanoseconds > 0)).tolist():
                is_news |= self._learn(digests[k], float(nanoseconds[k]), float(words[k]))
            for digest in list(self.known)[: max(0, len(self.known) - MOST)]:
                del self.known[digest]
            if is_news and self.place:
                self.place.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(OSError):  # only speed is lost
                    write_atomic(self.place, json.dumps(self.known).encode())

    def _learn(self, digest: str, nanoseconds: float, words: float) -> bool:
        """Whether a program's cost is another one now."""
        rate, before = self.known.pop(digest, (0.0, 0.0))
        weight = min(before, REMEMBERED)
        learnt = max(LEAST, (rate * weight + nanoseconds) / (weight + words))
        is_news = before == 0 or not 1 / CHANGED < learnt / rate < CHANGED or words > before
        self.known[digest] = (learnt, before + words) if is_news else (rate, before)
        return is_news


def _read(place: Path) -> dict[str, tuple[float, float]]:
    """What a file holds; nothing of one that is damaged."""
    try:
        found = json.loads(place.read_bytes())
        return {str(d): (float(rate), float(words)) for d, (rate, words) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def digests_of(image: Image) -> list[str]:
    """What each program is, by solver: operations, constants and what is whose argument, hashed.

    Programs that differ only in what their effects or items are may be taken for one.
    """
    table = image.table
    codes = np.array([_number_of(name) for name in image.kernels], np.int64)[table[:, fields.CODE]]
    makers = np.full(image.slots + 1, -1, np.int64)
    makers[table[:, fields.DEST]] = np.arange(len(table))
    args = table[:, fields.ARGS : fields.STRIDE]
    constants = np.append(np.where(image.constants > REFERENCES, image.constants, 0), 0)
    found = []
    for solver in range(len(image.solvers)):
        numbers = image.instructions_of(solver)
        own = args[numbers]
        places = np.searchsorted(numbers, makers[np.maximum(own, 0)])
        words = constants[np.clip(-1 - own, 0, len(constants) - 1)]
        parts = [codes[numbers], table[numbers, fields.MODE], np.where(own < 0, words, places)]
        data = b"".join(part.tobytes() for part in parts)
        found.append(hashlib.blake2b(data, digest_size=10).hexdigest())
    return found


@cache
def _number_of(name: str) -> int:
    """A number for a kernel's name, the same in every image."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest(), "little")


class ProgramCosts:
    """What an image's programs cost a team: what is known, and what a run adds."""

    def __init__(self, image: Image, measured: MeasuredCosts | None = None) -> None:
        self.by_instructions = costs_of(image)
        self._measured = measured
        self._digests = digests_of(image) if measured else []
        self._lock = threading.Lock()
        self._spent = self._words = np.zeros(len(image.solvers))

    def known(self) -> np.ndarray:
        """By solver, as far as it is known by now."""
        if self._measured is None:
            return self.by_instructions
        return self._measured.of(self._digests, self.by_instructions)

    def note(
        self,
        blocks: Sequence[Block],
        solvers: Sequence[tuple[int, ...]],
        starts: np.ndarray,
        nanoseconds: np.ndarray,
    ) -> None:
        """Note what blocks took, 0 for one that is not done. Of a block of several solvers each had
        a part as what is known says. starts: where samples' words begin.
        """
        if self._measured is None:
            return
        counts = [
            len(chosen) if spent > 0 else 0
            for chosen, spent in zip(solvers, nanoseconds, strict=True)
        ]
        numbers = np.array(
            [k for chosen, n in zip(solvers, counts, strict=True) for k in chosen[:n]], np.int64
        )
        places = starts.tolist()
        words = np.array([weight(places, block.first, block.last) for block in blocks])
        of_block = np.repeat(np.arange(len(blocks)), counts)
        own = np.maximum(self.known()[numbers], LEAST)
        shares = own / np.bincount(of_block, own, len(blocks))[of_block]
        size = len(self._spent)
        with self._lock:
            self._spent = self._spent + np.bincount(numbers, nanoseconds[of_block] * shares, size)
            self._words = self._words + np.bincount(numbers, words[of_block], size)

    def learn(self) -> None:
        """Remember what was noted."""
        if self._measured is not None:
            with self._lock:
                spent, words = self._spent, self._words
                self._spent = self._words = np.zeros(len(spent))
            self._measured.add(self._digests, spent, words)
