"""How a program ends here and there, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from bench.foreign import GRID, MEMORY, TIME, End
from pipeline.data.tasks import Grid
from pipeline.ir.status import OVER_BUDGET, Failure
from pipeline.trust.agreement.answers import Crash, agree

RIGHT = "both right"
SAME = "both wrong, the same grid"
NEITHER = "no answer on either side"
REFUSED_BOTH = "refused here, no answer there"
OVER = "over budget here"
ENDLESS = "out of time or memory there"
ONLY_HERE = "answer only here"
ONLY_THERE = "error only here"
REFUSED = "refused here, answer there"
DIFFER = "different grids"
DISAGREE = "engine and interpreter here differ"
CRASH = "a fault here"

ENDINGS: Final = (
    *(CRASH, DISAGREE, DIFFER, REFUSED, ONLY_THERE, ONLY_HERE),
    *(OVER, ENDLESS, NEITHER, REFUSED_BOTH, SAME, RIGHT),
)
"""The worst first: a program ends as the worst of its lanes."""

OTHERWISE: Final = frozenset(ENDINGS[:6])
HERE: Final = {REFUSED, ONLY_THERE, OVER, REFUSED_BOTH}
"""Endings for which there is a reason here."""


class Ours(NamedTuple):
    """How lanes end here, compiled and interpreted; or why there are none: a diagnostic's code and
    message.
    """

    compiled: Sequence[Any]
    interpreted: Sequence[Any]
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """How a program ends, and each of its lanes; the first such lane in words."""

    ending: str
    lanes: tuple[str, ...]
    reason: str
    detail: str


def compared(ours: Ours, theirs: Sequence[End], wanted: Sequence[Grid]) -> Compared:
    """Compare all lanes of a program."""
    if ours.refused is not None:
        answered = [k for k, end in enumerate(theirs) if end.kind == GRID]
        lanes = tuple(
            ENDLESS if end.kind in (TIME, MEMORY) else REFUSED if end.kind == GRID else REFUSED_BOTH
            for end in theirs
        )
        code, message = ours.refused
        ending = min(lanes, key=ENDINGS.index)
        there = f"; there {theirs[answered[0]].kind} on sample {answered[0]}" if answered else ""
        return Compared(ending, lanes, code, f"{code}: {message}{there}")
    pairs = list(zip(ours.compiled, ours.interpreted, theirs, wanted, strict=True))
    lanes = tuple(_lane(*pair) for pair in pairs)
    ending = min(lanes, key=ENDINGS.index)
    place = lanes.index(ending)
    compiled, interpreted, end, _ = pairs[place]
    reason = f"{compiled.operation}: {compiled.reason}" if isinstance(compiled, Failure) else ""
    words = f"here {_word(compiled)}"
    if ending == DISAGREE:
        words += f", interpreted {_word(interpreted)}"
    there = f"{end.kind} {end.value}" if end.kind != GRID else f"grid {end.value!s:.80}"
    return Compared(ending, lanes, reason, f"sample {place}: {words}; there {there}")


def _lane(compiled: Any, interpreted: Any, end: End, wanted: Grid) -> str:
    if isinstance(compiled, Crash) or isinstance(interpreted, Crash):
        return CRASH
    if not agree(compiled, interpreted):
        return DISAGREE
    failed = isinstance(compiled, Failure)
    if failed and compiled.kind == OVER_BUDGET:
        return OVER
    if end.kind in (TIME, MEMORY):
        return ENDLESS
    if failed or end.kind != GRID:
        if not failed:
            return ONLY_HERE
        return ONLY_THERE if end.kind == GRID else NEITHER
    if compiled != end.value:
        return DIFFER
    return RIGHT if compiled == wanted else SAME


def _word(answer: Any) -> str:
    if isinstance(answer, Crash):
        return f"{answer.error}: {answer.text.strip().splitlines()[-1]}"
    return str(answer)[:80] if isinstance(answer, Failure) else f"grid {answer!s:.80}"
