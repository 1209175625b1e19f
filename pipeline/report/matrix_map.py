"""The matrix for a picture: what became of each solver on each sample, in two bits."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

KINDS: Final = ("wrong", "right", "error", "over_budget")
"""What the two bits say."""

TASK: Final = ("data", "task", "first", "train", "test")
"""What is said of a task, see `matrix_workload.Columns`."""


def kinds_of(verdicts: np.ndarray, over_budget: list[int]) -> np.ndarray:
    """The place in `KINDS` of each verdict of `matrix.npy`, uint8."""
    kinds = np.where(np.isin(-verdicts & 31, over_budget), 3, 2).astype(np.uint8)
    kinds[verdicts == 0] = 0
    kinds[verdicts == 1] = 1
    return kinds


def packed(kinds: np.ndarray) -> str:
    """Kinds in order of rows, four a byte, the first in the lowest bits; deflated, in base 64."""
    flat = np.zeros(-(-kinds.size // 4) * 4, np.uint8)
    flat[: kinds.size] = kinds.ravel()
    four = flat.reshape(-1, 4)
    data = four[:, 0] | four[:, 1] << 2 | four[:, 2] << 4 | four[:, 3] << 6
    return base64.b64encode(zlib.compress(data.astype(np.uint8).tobytes(), 9)).decode()


def matrix_map(facts: Mapping[str, Any], verdicts: np.ndarray, current: bool) -> dict[str, Any]:
    """What the page needs of a matrix: `matrix.json`, `matrix.npy`, and whether it is of the
    present battery."""
    return {
        "current": current,
        "solvers": list(facts["solvers"]),
        "tasks": [[task[key] for key in TASK] for task in facts["tasks"]],
        "columns": int(verdicts.shape[1]),
        "lanes": int(verdicts.size),
        "kinds": packed(kinds_of(verdicts, list(facts["over_budget_reasons"]))),
    }
