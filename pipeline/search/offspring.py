"""Offspring: programs that were made of others, in columns.

A program is a draft that somebody brings, or a change of one. What a bank needs of a change is
written at once; its draft, most of which nobody wants, is made when it is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.ir.types import GRID, Type
from pipeline.search.candidate_rows import CandidateRows, RowsWriter
from pipeline.search.drafts import Draft
from pipeline.search.edits import apply, families
from pipeline.search.families import Family, FamilyLines
from pipeline.search.typed_lines import Shapes, TypedLine, retyped
from pipeline.search.vocabulary import Vocabulary


class _Made(NamedTuple):
    """Programs that were made alike: whole drafts, or changes of a family, by their numbers."""

    parent: str
    edit: str
    draft: Draft
    family: Family | None
    chosen: np.ndarray


class Offspring:
    """Programs, in the order in which they were added."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._writer = RowsWriter()
        self._made: list[_Made] = []
        self._ends: list[int] = []
        self._count = 0
        self._rows: CandidateRows | None = None
        self._behind: dict[Type, tuple[int, ...] | None] = {}
        self._behind_of: tuple[Draft | None, int] = (None, 0)

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> CandidateRows:
        """All of them as a bank reads them."""
        if self._rows is None or len(self._rows) != self._count:
            self._rows = self._writer.made()
        return self._rows

    # -- one of them

    def _place(self, k: int) -> tuple[_Made, int]:
        at = bisect_right(self._ends, k)
        made = self._made[at]
        return made, int(made.chosen[k - self._ends[at] + len(made.chosen)])

    def draft(self, k: int) -> Draft:
        """Program k."""
        made, number = self._place(k)
        if made.family is None:
            return made.draft
        found = apply(made.family.change(number), made.draft, self.vocabulary)
        assert found is not None
        return found

    def edit(self, k: int) -> str:
        """How program k was made."""
        return self._place(k)[0].edit

    def parent(self, k: int) -> str:
        """Of what program k was made."""
        return self._place(k)[0].parent

    # -- more of them

    def add(self, draft: Draft, edit: str = "", parent: str = "") -> None:
        """Add a whole program."""
        words = np.array(draft.words(), np.int64)
        self._writer.begin_group()
        self._writer.add(words, np.array([0, len(words)]))
        self._note(_Made(parent, edit, draft, None, np.zeros(1, np.int64)))

    def add_neighbours(self, draft: Draft, parent: str, skipped: int, count: int) -> int:
        """Add what so many changes of a neighbourhood come to, those behind the first that are
        skipped; gives how many changes there were.
        """
        at, end = 0, skipped + count
        for edit, family in families(draft, self.vocabulary):
            first, last = max(skipped - at, 0), min(end - at, len(family))
            if first < last:
                self.add_changes(draft, family, np.arange(first, last), edit, parent)
            at += len(family)
            if at >= end:
                return count
        return max(0, at - skipped)

    def add_changes(
        self, draft: Draft, family: Family, chosen: np.ndarray, edit: str, parent: str
    ) -> None:
        """Add what changes of a family come to, without those that come to nothing."""
        lines = family.lines(draft, self.vocabulary.shapes, chosen)
        if lines is None:
            self._add_one_by_one(draft, family, chosen, edit, parent)
            return
        begin = 0
        for end in _runs(lines.types):
            behind = self._words_behind(draft, family.place, lines.types[begin])
            if behind is not None:
                self._write(draft, family.place, lines, behind, begin, end)
                self._note(_Made(parent, edit, draft, family, chosen[begin:end]))
            begin = end

    def _add_one_by_one(
        self, draft: Draft, family: Family, chosen: np.ndarray, edit: str, parent: str
    ) -> None:
        for k in chosen.tolist():
            found = apply(family.change(k), draft, self.vocabulary)
            if found is not None:
                self.add(found, edit, parent)

    def _write(
        self,
        draft: Draft,
        place: int,
        lines: FamilyLines,
        behind: Sequence[int],
        begin: int,
        end: int,
    ) -> None:
        before = [word for line in (*draft.lines[:place], *lines.before) for word in line.words]
        self._writer.begin_group(before, behind)
        starts = lines.starts[begin : end + 1]
        self._writer.add(lines.words[starts[0] : starts[-1]], starts - starts[0])

    def _note(self, made: _Made) -> None:
        self._made.append(made)
        self._count += len(made.chosen)
        self._ends.append(self._count)

    def _words_behind(self, draft: Draft, place: int, type_: Type | None) -> tuple[int, ...] | None:
        """The words of the lines behind one that is of this type now; None where they don't fit."""
        if type_ is None:
            return None
        if self._behind_of[0] is not draft or self._behind_of[1] != place:
            self._behind_of = draft, place
            self._behind.clear()
        if type_ not in self._behind:
            lines = lines_behind(draft, place, type_, self.vocabulary.shapes)
            words = None if lines is None else tuple([w for line in lines for w in line.words])
            self._behind[type_] = words
        return self._behind[type_]


def _runs(types: Sequence[Type | None]) -> Iterable[int]:
    """Where equal types end that stand together."""
    for k in range(1, len(types)):
        if types[k] is not types[k - 1]:
            yield k
    if types:
        yield len(types)


def lines_behind(
    draft: Draft, place: int, type_: Type, shapes: Shapes
) -> Sequence[TypedLine] | None:
    """The lines behind one that is of this type now; None where types don't fit."""
    old, behind = draft.lines[place], draft.lines[place + 1 :]
    if type_ is old.type:
        return behind
    types = {**draft.types(), old.register: type_}
    made = retyped(behind, {old.register}, types, shapes)
    return made if made and made[-1].type is GRID else None
