"""How much memory there is to be had, and what of it a thread's values may take.

A heap is an array that is reserved and not written: what is never used of it is never there, so a
share is what a thread may use, and not what it does. What is free is asked of the system: of the
machine, and of each group of processes (container, batch job) that this one is in, whichever has
less. It says how fast a run is, never what comes out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.system.control_groups import groups_of, lines_of

MIB: Final = 1 << 20
LEAST: Final = 256 * MIB
"""What a thread gets by default, whatever is free: most values take a few MiB of it."""

MOST: Final = 512 * MIB
"""What a thread gets by default at most. Measured on what takes most, d22278a0 on 3,497 samples:
12.3 CPU seconds with 256 MiB a thread, 7.8 with 512, 10.5 with 1024: more pages cost, too.
"""

UNKNOWN: Final = 4096 * MIB
"""What is taken to be free where the system doesn't say."""

GROUPS: Final = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Of both versions of control groups: the bound, what is used, and what of it is only cache."""


def share_bytes(memory_mib: int, threads: int, free: int) -> int:
    """What each thread's values may take: its part of `memory_mib`, or, where that is 0, of half of
    what is free, but from LEAST to MOST.
    """
    if memory_mib:
        return memory_mib * MIB // threads
    return max(LEAST, min(MOST, free // 2 // threads))


def free_bytes(root: Path = Path("/")) -> int:
    """How much memory could be taken now without moving any to disk; `root` has /proc and /sys."""
    left = [most for folder in groups_of("memory", root) for most in _left(folder)]
    return max(0, min([_of_machine(root), *left]))


def _of_machine(root: Path) -> int:
    """What the machine has free, what its caches could give back included."""
    for line in lines_of(root / "proc/meminfo"):
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) << 10
    for name in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        try:
            return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
        except (ValueError, OSError, AttributeError):
            continue
    return UNKNOWN


def _left(folder: Path) -> Iterator[int]:
    """What a control group leaves, if it has a bound."""
    for bound, used, cache in GROUPS:
        try:
            most, now = int((folder / bound).read_text()), int((folder / used).read_text())
        except (OSError, ValueError):  # not there, or "max"
            continue
        given_back = 0
        for line in lines_of(folder / "memory.stat"):
            name, _, value = line.partition(" ")
            if name == cache:
                given_back = int(value)
        yield most - now + given_back
