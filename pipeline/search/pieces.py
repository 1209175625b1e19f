"""Pieces of solvers in columns: what crossover puts into a draft, thousands at once.

What pieces are made of is in registers from `GRAFTED` on, and whole solvers have `BRIDGE` for their
input, so that they need not be moved to be put into a draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from pipeline.ir.types import Type
from pipeline.search.drafts import Draft, alive
from pipeline.search.plain_calls import weight
from pipeline.search.typed_lines import INPUT, TypedLine, moved

BRIDGE: Final = 127
GRAFTED: Final = 128


class PieceColumn:
    """Pieces, each of which is lines that make a value, the last one of them gives it.

    counts: how many lines each has.
    """

    def __init__(self, pieces: Sequence[tuple[TypedLine, ...]] = ()) -> None:
        self.pieces = tuple(pieces)
        self.counts = np.array([len(piece) for piece in self.pieces], np.int64)
        self._shorter: dict[int, PieceColumn] = {}

    def __len__(self) -> int:
        return len(self.pieces)

    def shorter(self, lines: int) -> PieceColumn:
        """Those of so many lines at most."""
        lines = min(lines, int(self.counts.max(initial=0)))
        if lines not in self._shorter:
            kept = [piece for piece in self.pieces if len(piece) <= lines]
            self._shorter[lines] = self if len(kept) == len(self) else PieceColumn(kept)
        return self._shorter[lines]

    @cached_property
    def _flat(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The words of all pieces, where each begins and the last one ends, and how far behind its
        begin its last line is.
        """
        words: list[int] = []
        starts, lasts = [0], []
        for piece in self.pieces:
            for line in piece:
                lasts_at = len(words)
                words += line.words
            lasts.append(lasts_at - starts[-1])
            starts.append(len(words))
        return np.array(words, np.int64), np.array(starts), np.array(lasts, np.int64)

    def gathered(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The words of some pieces, where each begins and the last one ends, and where the last
        line of each is.
        """
        words, starts, lasts = self._flat
        counts = starts[chosen + 1] - starts[chosen]
        ends = np.cumsum(counts)
        begins = ends - counts
        spread = np.repeat(starts[chosen] - begins, counts) + np.arange(counts.sum())
        return words[spread], np.concatenate([[0], ends]), begins + lasts[chosen]


def bridged(solvers: Iterable[Draft]) -> PieceColumn:
    """Solvers as pieces of what `BRIDGE` holds."""
    return PieceColumn([moved(solver.lines, {INPUT: BRIDGE}, GRAFTED) for solver in solvers])


def pieces_of(solvers: Iterable[Draft], most_lines: int) -> dict[Type, PieceColumn]:
    """All pieces of solvers of so many lines at most that make a value of the input alone, each
    once, by the type that they give, the smallest first.
    """
    found: dict[tuple[Any, ...], tuple[int, tuple[TypedLine, ...]]] = {}
    for draft in solvers:
        for line in draft.lines:
            part = alive(draft.lines, line.register)
            if part is None or len(part.lines) > most_lines:
                continue
            lines = moved(part.lines, {INPUT: INPUT}, GRAFTED)
            key = tuple([(made.register, made.value) for made in lines])
            found.setdefault(key, (sum(weight(made.value) for made in lines), lines))
    by_type: dict[Type, list[tuple[TypedLine, ...]]] = {}
    for _, lines in sorted(found.values(), key=lambda pair: pair[0]):
        by_type.setdefault(lines[-1].type, []).append(lines)
    return {type_: PieceColumn(made) for type_, made in by_type.items()}
