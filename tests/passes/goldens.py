"""Golden files: expected texts, kept in folders called `golden` and read like any other text.

After a wanted change, renew them and read the difference before it is committed:

    RENEW_GOLDEN=1 pytest tests/frontend tests/ir tests/passes tests/codegen
"""

from __future__ import annotations

import os
from pathlib import Path

RENEW = bool(os.environ.get("RENEW_GOLDEN"))


def check_golden(path: Path, text: str) -> None:
    """The text must be that of the golden file."""
    if RENEW:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def check_none_is_stale(folder: Path, names: list[str]) -> None:
    """Each golden file belongs to a test."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
