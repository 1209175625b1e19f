"""Who killed a process: somebody else, or the system for what its work took.

Work ends its process by what it does: a fault in machine code, or memory taken until the system
ends the process by SIGKILL and counts that. A SIGKILL that it did not count came from outside and
says nothing of the work, which is then done again as if nothing had been.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.system.control_groups import lines_of

MOST: Final = 100
"""After so many kills from outside work is blamed all the same: not every killer counts."""


def memory_kills(root: Path = Path("/")) -> int | None:
    """How many processes the system has killed for lack of memory since it began; None where it
    does not say. `root` has /proc."""
    for line in lines_of(root / "proc/vmstat"):
        name, _, count = line.partition(" ")
        if name == "oom_kill":
            return int(count)
    return None


class Kills:
    """The ends of processes that were at the same work, one after the other, from now on."""

    def __init__(self, counted: Callable[[], int | None] = memory_kills) -> None:
        self._counted = counted
        self._known = counted()
        self._left = MOST

    def came_from_outside(self, status: int) -> bool:
        """Whether the newest one, with this status, says nothing of the work."""
        before, self._known = self._known, self._counted()
        if status != -signal.SIGKILL or before is None or before != self._known or not self._left:
            return False
        self._left -= 1
        return True
