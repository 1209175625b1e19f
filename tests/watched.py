"""`doit watch` as tests see it: what it prints, line by line, and how it ends."""

from __future__ import annotations

import queue
import signal
import subprocess
import threading
from collections.abc import Callable

DEADLINE = 240.0
"""No answer within this time is none."""


class Watch:
    """A running `doit watch`; `read` may change its lines."""

    def __init__(
        self, process: subprocess.Popen[str], read: Callable[[str], str] = lambda line: line
    ) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._edit = read
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(self._edit(line))
        self._lines.put("")

    def until(self, start: str) -> str:
        """All that is printed up to a line that begins like this, and that line."""
        found = ""
        while line := self._lines.get(timeout=DEADLINE):
            found += line
            if line.startswith(start):
                return found
        raise AssertionError(f"no line that begins with {start!r}:\n{found}")

    def interrupt(self) -> int:
        """Ctrl-C, and how it ends."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE)
