"""How a lane ends, and the limits that bound it.

A *lane* is one program on one sample. It ends `ok`, `error` or `over_budget`. `Failure` is what a
primitive raises and what a column holds where a lane failed; two failures are the same outcome if
kind and reason are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.ir.written import written

OK = "ok"
ERROR = "error"
OVER_BUDGET = "over_budget"

REASONS = {
    "EMPTY": "needs at least one element",
    "NONE": "a value is missing",
    "SHAPE": "lengths or grid shapes do not fit",
    "ZERO": "division or step by zero",
    "NO_MATCH": "no element matches",
    "ORDER": "two keys have no order: they are of different kinds",
    "RANGE": "an argument is outside its range",
    "UNBOUND": "a variable has no value yet",
    "TYPE": "a value is of a type that the operation does not take",
    "ELEMENTS": "a container has more elements than the budget allows",
    "CELLS": "a grid has more cells than the budget allows",
    "INTEGER": "an integer does not fit its column",
    "TOTAL": "one operation made more elements in this lane than the budget allows",
    "TURNS": "a function is raised to a higher power than the budget allows",
}
BUDGET_REASONS = frozenset({"ELEMENTS", "CELLS", "INTEGER", "TOTAL", "TURNS"})


class Failure(Exception):
    """A failed lane: `reason` is a key of REASONS; the caller fills in `operation`."""

    __slots__ = ("operation", "reason")

    def __init__(self, reason: str, operation: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.operation = operation

    @property
    def kind(self) -> str:
        """`error` or `over_budget`."""
        return OVER_BUDGET if self.reason in BUDGET_REASONS else ERROR

    def __reduce__(self) -> tuple[type[Failure], tuple[str, str]]:
        return Failure, (self.reason, self.operation)

    def __str__(self) -> str:
        where = f"{written(self.operation)}: " if self.operation else ""
        return f"{self.kind}: {where}{self.reason}: {REASONS[self.reason]}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Deterministic bounds on one lane; the defaults of `config.yaml` section `budget`.

    elements: most elements of one tuple or set. cells: most cells of one grid. integer: largest
    magnitude of an integer, so chosen that a cell (three integers) packs into 64 bits. total: most
    elements that one operation of the flattened program makes or visits in one lane. turns: most
    turns of one `while`, and times a function is applied by one `power`: a flood of a grid of ARC
    takes up to 4,500.
    """

    elements: int = 50_000
    cells: int = 10_000
    integer: int = 2**20 - 1
    total: int = 200_000
    turns: int = 10_000


DEFAULT_LIMITS = Limits()
