"""Evidence: what is known of a program that a search found, beyond the search's own word.

A search runs on small budgets and in a bank of values. What it keeps is run once more: on all train
samples with the budgets of `config.yaml`, by a battery and by the direct interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.battery.resident import Battery
from pipeline.config.config import Config
from pipeline.data.tasks import Sample
from pipeline.frontend.parse import parse_text
from pipeline.ir.status import Limits
from pipeline.oracle.interpret import outcome
from pipeline.search.puzzles import Puzzle


class Checker:
    """Looks at programs once more."""

    def __init__(self, config: Config) -> None:
        self._limits = config.budget
        self._battery = Battery(config=config)
        self._puzzle = ""

    def __call__(self, text: str, puzzle: Puzzle) -> dict[str, Any] | None:
        """On how many samples a program is right, of a battery and of the interpreter; None where
        it is not right on all of them.
        """
        if self._puzzle != puzzle.id:
            self._battery.use(list(puzzle.train))
            self._puzzle = puzzle.id
        if not self._battery.evaluate(text).solved.all():
            return None
        if not is_interpreted_right(text, puzzle.train, self._limits):
            return None
        return {"train": len(puzzle.train), "interpreted": len(puzzle.train)}

    def close(self) -> None:
        """Give memory back."""
        self._battery.close()


def is_interpreted_right(text: str, samples: Sequence[Sample], limits: Limits) -> bool:
    """Whether the direct interpreter gets all samples right with a program."""
    program, found = parse_text(text, "found")
    if program is None or found:
        return False
    return all(
        outcome(program, sample.input, limits, sample.shown) == sample.output for sample in samples
    )
