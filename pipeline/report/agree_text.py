"""How far a battery and the direct interpreter agree, as text."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.ir.status import OVER_BUDGET
from pipeline.trust.agreement.answers import Crash
from pipeline.trust.agreement.lanes import Agreement

SHOWN = 20


def agreement_lines(seen: Agreement, seconds: float) -> Iterator[str]:
    """The first disagreements, then the counts."""
    found = sorted(seen.disagreements, key=lambda d: (d.solver, d.sample))
    for lane in found[:SHOWN]:
        yield f"MISMATCH: {lane.solver} on {lane.sample}"
        for what, answer in (("interpreted", lane.expected), ("generated", lane.got)):
            yield f"  {what}: {answer.text if isinstance(answer, Crash) else answer!s:.200}"
    for what, count in seen.outcomes.most_common():
        yield f"  {what:24}{count:9,}  {100 * count / max(1, seen.lanes):5.1f}%"
    over = sum(n for what, n in seen.outcomes.items() if what.startswith(OVER_BUDGET))
    yield (
        f"agree: {seen.lanes:,} lanes, {len(found):,} mismatches, {over:,} over_budget"
        f" ({seconds:,.1f} s)"
    )
