"""What devices that are none have in common: an array of words in this process."""

from __future__ import annotations

import numpy as np

from pipeline.engine.cuda.driver import DeviceFacts
from pipeline.system.problem import Problem


class HostDevice:
    """All of `driver.Device` but launches; teams run one after another."""

    def __init__(self, facts: DeviceFacts) -> None:
        self.facts = facts
        self.fault: Problem | None = None
        self._words = np.zeros(0, np.int64)

    def abandon(self, fault: Problem) -> None:
        """Use it no more after an error."""
        self.fault = fault
        self.close()

    def close(self) -> None:
        """Give everything back."""
        self._words = np.zeros(0, np.int64)

    def free_bytes(self) -> int:
        """How much memory could be taken now."""
        return self.facts.total_bytes

    def teams_at_once(self, threads: int) -> int:
        """How many teams a launch has."""
        return self.facts.processors

    def read(self, first: int, last: int) -> np.ndarray:
        """Words of the array."""
        return self._words[first:last].copy()
