"""The published constants: small integers, truth values, directions (i, j), row first."""

from __future__ import annotations

from typing import Any, Final

_DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN")

CONSTANTS: Final[dict[str, Any]] = {
    **{name: value for value, name in enumerate(_DIGITS)},
    "NEG_ONE": -1,
    "NEG_TWO": -2,
    "F": False,
    "T": True,
    "ORIGIN": (0, 0),
    "UNITY": (1, 1),
    "NEG_UNITY": (-1, -1),
    "DOWN": (1, 0),
    "RIGHT": (0, 1),
    "UP": (-1, 0),
    "LEFT": (0, -1),
    "UP_RIGHT": (-1, 1),
    "DOWN_LEFT": (1, -1),
    "ZERO_BY_TWO": (0, 2),
    "TWO_BY_ZERO": (2, 0),
    "TWO_BY_TWO": (2, 2),
    "THREE_BY_THREE": (3, 3),
}
