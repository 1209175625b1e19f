"""The corpora that are fetched: files of solvers, kept as text and never imported."""

from __future__ import annotations

import zipfile
from pathlib import Path

from pipeline.data.fetch import PROJECT, fetch
from pipeline.system.atomic import write_atomic

RE_ARC = Path(".cache", "corpora", "re-arc.py")
MEMBER = "reasoning_gym/arc/rearc_utils/verifiers.py"


def extract_corpus(root: str | Path = PROJECT) -> Path:
    """Write the 400 published verifiers, byte for byte, as one file; returns its path."""
    with zipfile.ZipFile(fetch("reasoning-gym", root)) as wheel:
        text = wheel.read(MEMBER)
    path = Path(root) / RE_ARC
    write_atomic(path, text)
    return path
