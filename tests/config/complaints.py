"""What a user reads about a config.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.config import parse_config
from pipeline.diagnostics import Invalid, render_all, split_lines

ROOT = Path(__file__).resolve().parents[2]


def complaint(text: str | bytes) -> str:
    """What a user reads about a file with this content."""
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(Invalid) as caught:
        parse_config(data, "config.yaml", ROOT)
    lines = split_lines(data.decode("utf-8", "replace"))
    return render_all(caught.value.diagnostics, {"config.yaml": lines})


def check(text: str | bytes, golden: str) -> None:
    """Assert the whole of what a user reads; `golden` begins on the line after its quotes."""
    assert "\n" + complaint(text) + "\n" == golden
