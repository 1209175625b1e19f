"""The fixtures of this folder."""

from __future__ import annotations

from tests.all_solvers import linked, tasks

__all__ = ["linked", "tasks"]
