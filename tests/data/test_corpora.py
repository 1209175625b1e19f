"""The fetched corpus: the published text, as it is."""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from pathlib import Path

from pipeline.data.corpora import extract_corpus

ROOT = Path(__file__).resolve().parents[2]


def test_the_verifiers_are_there_byte_for_byte() -> None:
    path = extract_corpus(ROOT)
    assert path == ROOT / ".cache" / "corpora" / "re-arc.py"
    data = path.read_bytes()
    assert len(data) == 276_614
    names = [s.name for s in ast.parse(data).body if isinstance(s, ast.FunctionDef)]
    assert len(names) == len(set(names)) == 400
    assert all(name.startswith("verify_") and len(name) == 15 for name in names)


def test_extracting_again_changes_nothing() -> None:
    path = extract_corpus(ROOT)
    before = os.stat(path).st_ctime_ns
    assert extract_corpus(ROOT) == path
    assert os.stat(path).st_ctime_ns == before


def test_a_damaged_text_is_put_right(tmp_path: Path) -> None:
    right = hashlib.sha256(extract_corpus(ROOT).read_bytes()).digest()
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "downloads").symlink_to(ROOT / ".cache" / "downloads")
    path = extract_corpus(tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    extract_corpus(tmp_path)
    assert hashlib.sha256(path.read_bytes()).digest() == right


def test_nothing_of_it_is_imported() -> None:
    extract_corpus(ROOT)
    assert not [name for name in sys.modules if "reasoning_gym" in name]
