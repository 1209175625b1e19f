"""What the fuzzer found, as text."""

from __future__ import annotations

from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.trust.agreement.answers import Crash
from pipeline.trust.agreement.fuzzing import BLOCK, FuzzMismatch, FuzzSummary


def describe(mismatch: FuzzMismatch, seed: int, writer: str = "rows") -> str:
    """A mismatch in full: programs, grids, limits, both answers, and how to repeat it."""
    case, name = mismatch.case, f"{mismatch.backend.name}, {mismatch.way}"
    lines = [f"MISMATCH in program {mismatch.number} of seed {seed} on {name}, shrunk:", ""]
    for text, lanes in zip(case.programs, case.wanted, strict=True):
        lines += [text.rstrip(), f"# on grids {list(lanes)}" if len(case.programs) > 1 else "", ""]
    lines += [f"grid {k} = {grid}" for k, grid in enumerate(case.grids)]
    limits = case.limits
    lines.append("default limits" if limits == DEFAULT_LIMITS else f"{limits}")
    for label, answer in (("interpreted", mismatch.expected), ("generated", mismatch.got)):
        shown = answer.text if isinstance(answer, Crash) else str(answer)
        lines.append(f"{label}: {shown}")
    block = mismatch.number // BLOCK * BLOCK
    asked = "" if writer == "rows" else f", writer={writer!r}"
    lines.append(
        f"repeat: fuzz(programs={BLOCK}, seed={seed}, first={block}{asked}) "
        "in pipeline.trust.agreement.fuzzing"
    )
    return "\n".join(lines)


def tell(summary: FuzzSummary, seconds: float) -> str:
    """The summary as lines of text."""
    drawn = summary.programs + summary.rejected
    rate = summary.programs / max(seconds, 1e-9)
    lines = [
        f"{summary.programs:,} programs in {seconds:,.1f} s ({rate:.0f}/s)",
        f"{summary.rejected:,} of {drawn:,} texts rejected by the front end"
        f" ({100 * summary.rejected / max(1, drawn):.1f}%)",
        f"{sum(summary.lanes.values()):,} lanes interpreted",
    ]
    for name in ("default", "tiny"):
        counts = {key[1]: n for key, n in summary.lanes.items() if key[0] == name}
        total = sum(counts.values())
        for what, count in sorted(counts.items(), key=lambda item: -item[1]):
            lines.append(f"  {name:9}{what:24}{count:11,}  {100 * count / total:5.1f}%")
    lines.append(f"{sum(summary.compared.values()):,} lanes compared")
    for (backend, way), count in sorted(summary.compared.items()):
        lines.append(f"  {backend:11}{way:9}{count:11,}")
    lines.append(f"{summary.operations:,} failed lanes name different operations")
    lines.append(f"primitives never used: {', '.join(summary.unused) or 'none'}")
    lines.append(f"{len(summary.mismatches)} mismatches")
    return "\n".join(lines)
