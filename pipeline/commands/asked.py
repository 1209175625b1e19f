"""What is asked of a command: which solvers, on which backend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.frontend.candidates import corpus_of, task_of

BACKENDS = ("compiled", "cpu", "cuda", "reference")
"""What `--backend` takes: as in config.yaml, or compiled kernels on a device."""


@dataclass(frozen=True)
class Chosen:
    """Which solvers to check: what is empty, or 0, chooses nothing away."""

    solver: str = ""
    task: str = ""
    corpus: str = ""
    limit: int = 0

    def of(self, names: Sequence[str]) -> set[str]:
        """Those of these solvers."""
        chosen = [name for name in names if self._takes(name)]
        return set(chosen[: self.limit] if self.limit else chosen)

    def _takes(self, name: str) -> bool:
        corpus = corpus_of(name)
        return (
            (not self.solver or self.solver in (name, name.removeprefix(f"{corpus}/")))
            and (not self.task or self.task == task_of(name))
            and (not self.corpus or self.corpus == corpus)
        )

    def __str__(self) -> str:
        return self.solver or self.task or self.corpus


ALL: Final = Chosen()
"""Every solver."""
