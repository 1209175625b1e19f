"""Candidates as a bank reads them: rows of lines, in groups, all in one pool of words.

See `kernels.bank`. A group's lines come before those of its rows, and rows come in their order, so
that any candidates that stand together are one stretch of the pool.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class RowsPart(NamedTuple):
    """Some candidates: `rows` are GROUP BEGIN END, `groups` BEGIN END BEGIN END, in `words`."""

    rows: np.ndarray
    groups: np.ndarray
    words: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class CandidateRows:
    """Candidates; see the module."""

    rows: np.ndarray
    groups: np.ndarray
    words: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def chosen(self, places: np.ndarray | slice) -> CandidateRows:
        """Those at these places, which ascend."""
        return CandidateRows(self.rows[places], self.groups, self.words)

    def part(self, first: int, last: int) -> RowsPart:
        """The candidates from number `first` to before `last`."""
        rows = self.rows[first:last].copy()
        groups = self.groups[rows[0, 0] : rows[-1, 0] + 1].copy()
        begin, own = rows[0, 1], groups[0, 0]
        shared = self.words[own : groups[0, 3]]
        moved = begin - len(shared)
        groups[0] -= own
        groups[1:] -= moved
        rows[:, 0] -= rows[0, 0]
        rows[:, 1:] -= moved
        words = np.concatenate([shared, self.words[begin : self.rows[last - 1, 2]]])
        return RowsPart(rows, groups, words)

    def fitting(self, first: int, last: int, most: int) -> int:
        """How many candidates from `first` on to have together, so that their rows have no more
        words than so many; one at least.
        """
        ends = self.rows[first:last, 2]
        return max(1, int(np.searchsorted(ends, self.rows[first, 1] + most, side="right")))


class RowsWriter:
    """Makes candidates."""

    def __init__(self) -> None:
        self._length = 0
        self._parts: list[np.ndarray] = []
        self._groups: list[tuple[int, int, int, int]] = []
        self._starts: list[np.ndarray] = []
        self._owners: list[tuple[int, int]] = []

    def begin_group(self, before: Sequence[int] = (), behind: Sequence[int] = ()) -> None:
        """Begin a group with these lines before and behind its rows."""
        begin, middle = self._length, self._length + len(before)
        self._length = middle + len(behind)
        self._parts.append(np.frombuffer(array("q", (*before, *behind)), np.int64))
        self._groups.append((begin, middle, middle, self._length))

    def add(self, words: np.ndarray, starts: np.ndarray) -> None:
        """Add rows to the last group, which `starts` cuts out of the words: from starts[k] to
        starts[k + 1].
        """
        self._parts.append(words)
        self._starts.append(starts)
        self._owners.append((len(self._groups) - 1, self._length))
        self._length += len(words)

    def made(self) -> CandidateRows:
        """All candidates so far."""
        none = np.zeros(0, np.int64)
        begins = np.concatenate([none, *[starts[:-1] for starts in self._starts]])
        ends = np.concatenate([none, *[starts[1:] for starts in self._starts]])
        counts = [len(starts) - 1 for starts in self._starts]
        owners = np.array(self._owners, np.int64).reshape(-1, 2)
        group, at = np.repeat(owners, counts, axis=0).T
        rows = np.stack([group, at + begins, at + ends], axis=1)
        groups = np.array(self._groups, np.int64).reshape(-1, 4)
        return CandidateRows(rows, groups, np.concatenate([none, *self._parts]))


def rows_of(candidates: Sequence[Sequence[int]]) -> CandidateRows:
    """Candidates that share nothing: the words of each."""
    writer = RowsWriter()
    writer.begin_group()
    starts = np.cumsum([0, *map(len, candidates)])
    words = np.array([word for candidate in candidates for word in candidate], np.int64)
    writer.add(words, starts)
    return writer.made()
