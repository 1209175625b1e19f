"""The parts of a search for who brings a strategy of their own.

    bench = Workbench(task)
    draft = bench.draft("def solve_a(I): ...")
    for change in bench.changes(draft): ...
    child = bench.apply(change, draft)
    judged = bench.judge([child, ...])

Nothing here decides what is tried next.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Self

from pipeline.battery.arguments import configured
from pipeline.battery.compiling import compile_apart
from pipeline.battery.devices import kernel_folder
from pipeline.config.config import Config
from pipeline.data.tasks import Task
from pipeline.frontend.parse import parse
from pipeline.frontend.program import Program
from pipeline.ir.status import Limits
from pipeline.kernels.names import BANK, instruction_names
from pipeline.kernels.processor import kernels_in
from pipeline.search.candidate_rows import rows_of
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.edits import EDITS, LineChange, apply, neighbourhood
from pipeline.search.evidence import Checker
from pipeline.search.focus import settled
from pipeline.search.pieces import bridged, pieces_of
from pipeline.search.puzzles import Puzzle, puzzles_of
from pipeline.search.stages import LIMITS, Judge, Judged, Promising
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import Loader
from pipeline.search.vocabulary import Vocabulary, literals_of

PIECE_LINES = 4


class Workbench:
    """One task, with all that it takes to make programs and to judge them.

    solvers: programs that edits may take pieces of. config: where kernels are kept, and the budgets
    that `check` runs with; limits: those of the search itself.
    """

    def __init__(
        self,
        task: Task,
        solvers: Sequence[str | Program] = (),
        *,
        config: Config | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._config = configured(config)
        self.shapes = Shapes()
        self.puzzle: Puzzle = puzzles_of({task.id: task})[task.id]
        drafts = [d for d in map(self.draft, solvers) if d is not None]
        self.vocabulary = Vocabulary(
            self.shapes,
            literals_of(self.puzzle.train),
            pieces_of(drafts, PIECE_LINES),
            bridged(drafts),
        )
        self.solvers = tuple(drafts)
        self._judge = Judge(self.shapes, loader(self._config), limits)
        self._judge.begin(self.puzzle)
        self._checker: Checker | None = None

    def draft(self, program: str | Program) -> Draft | None:
        """A program as typed lines; None where it is not written in plain calls. Invalid where the
        text is no program.
        """
        parsed = parse(program) if isinstance(program, str) else program
        found = draft_of(parsed, self.shapes)
        return None if found is None else settled(found, self.shapes)

    def text(self, draft: Draft) -> str:
        """The text of a draft."""
        return text_of(draft)

    def changes(self, draft: Draft, kind: str = "") -> Iterator[LineChange]:
        """Every change of a kind (see `edits.EDITS`), or of all, the cheapest first."""
        if kind:
            return EDITS[kind].changes(draft, self.vocabulary)
        return neighbourhood(draft, self.vocabulary)

    def apply(self, change: LineChange, draft: Draft) -> Draft | None:
        """The draft after a change; None where types don't fit."""
        found = apply(change, draft, self.vocabulary)
        return None if found is None else settled(found, self.shapes)

    def mutated(self, draft: Draft, rng: random.Random) -> Draft:
        """The draft after a random change of a random kind; itself where none fits."""
        for _ in range(20):
            changes = list(self.changes(draft, rng.choice(list(EDITS))))
            changed = self.apply(rng.choice(changes), draft) if changes else None
            if changed is not None:
                return changed
        return draft

    def judge(self, drafts: Sequence[Draft], promising: Promising | None = None) -> Judged:
        """How near drafts are, on the first sample; on all of them where they are promising, by
        default where an output of the right shape comes of the first.
        """
        rows = rows_of([draft.words() for draft in drafts])
        return self._judge.judge(rows, promising or (lambda gain, behaviour: gain > -1))

    def check(self, draft: Draft) -> bool:
        """Whether a draft is right on all train samples with the budgets of the configuration, by
        the battery and by the direct interpreter.
        """
        if self._checker is None:
            self._checker = Checker(self._config)
        return self._checker(text_of(draft), self.puzzle) is not None

    def close(self) -> None:
        """Give memory back."""
        if self._checker is not None:
            self._checker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def loader(config: Config) -> Loader:
    """Where kernels are, all of them: those that are not there are compiled, which takes a minute.

    They are loaded at once, as none may be while a thread runs another: code is put into pages that
    can't be run meanwhile.
    """
    folder = kernel_folder(config).absolute()
    names = [*instruction_names(), *BANK]
    compile_apart(folder, names)
    addresses = kernels_in(folder).load(names)
    return lambda wanted: addresses
