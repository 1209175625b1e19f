"""The profile of a run as text: a table of operations, and one of solvers."""

from __future__ import annotations

from pipeline.engine.costs import Cost, Profile
from pipeline.system.tables import print_table

MOST_SHOWN = 20


def print_profile(profile: Profile) -> None:
    """Print what cost most, by operation and by solver."""
    print(f"\nkernels: {1e3 * profile.seconds:,.1f} ms on one thread; the most expensive:")
    for head, costs in (("operation", profile.operations), ("solver", profile.solvers)):
        print()
        print_table((head, *_COLUMNS), [_row(c, profile.seconds) for c in costs[:MOST_SHOWN]])
        if len(costs) > MOST_SHOWN:
            rest = sum(cost.seconds for cost in costs[MOST_SHOWN:])
            print(f"... and {len(costs) - MOST_SHOWN} more: {1e3 * rest:,.1f} ms")


_COLUMNS = ("ms", "share", "calls", "lanes", "lanes/s", "bytes")


def _row(cost: Cost, seconds: float) -> tuple[str, ...]:
    share = 100 * cost.seconds / seconds if seconds else 0.0
    rate = f"{cost.lanes / cost.seconds:,.0f}" if cost.seconds else ""
    return (
        cost.name,
        f"{1e3 * cost.seconds:,.2f}",
        f"{share:.1f}%",
        f"{cost.calls:,}",
        f"{cost.lanes:,}",
        rate,
        f"{cost.written_bytes:,}",
    )
