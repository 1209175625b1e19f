"""The corpora that are fetched: files of solvers, kept as text and never imported."""

from __future__ import annotations

import zipfile
from pathlib import Path

from pipeline.data.fetch import fetch
from pipeline.system.atomic import write_atomic

MEMBER = "reasoning_gym/arc/rearc_utils/verifiers.py"


def corpus_path(cache: str, name: str) -> str:
    """Where a corpus is that `extract_corpus` has written, or will."""
    return f"{cache}/corpora/{name}.py"


def extract_corpus(cache: Path) -> Path:
    """Write the 400 published verifiers, byte for byte, as one file; returns its path."""
    with zipfile.ZipFile(fetch("reasoning-gym", cache)) as wheel:
        text = wheel.read(MEMBER)
    path = Path(corpus_path(cache.as_posix(), "re-arc"))
    write_atomic(path, text)
    return path
