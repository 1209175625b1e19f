"""How many processors this process may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.system.control_groups import groups_of, lines_of


def cores(root: Path = Path("/")) -> int:
    """As many as it is bound to, but no more than its control groups give it time on, rounded up:
    more would only wait for each other. `root` has /proc and /sys.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min([bound or 1, *_quotas(root)]))


def _quotas(root: Path) -> Iterator[int]:
    """How many processors' time each group has; those without a bound are left out."""
    for folder in groups_of("cpu", root):
        words = " ".join(lines_of(folder / "cpu.max")).split()
        if not words:
            names = "cpu.cfs_quota_us", "cpu.cfs_period_us"
            words = [word for name in names for word in lines_of(folder / name)]
        if len(words) == 2 and all(map(str.isdigit, words)) and int(words[1]):
            yield -(-int(words[0]) // int(words[1]))
