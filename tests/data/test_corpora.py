"""The fetched corpus: the published text, as it is."""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from pathlib import Path

from pipeline.data.corpora import extract_corpus
from tests.project import CACHE

ROOT = Path(__file__).resolve().parents[2]


def test_the_verifiers_are_there_byte_for_byte() -> None:
    path = extract_corpus(CACHE)
    assert path == CACHE / "corpora" / "re-arc.py"
    data = path.read_bytes()
    assert len(data) == 276_614
    names = [s.name for s in ast.parse(data).body if isinstance(s, ast.FunctionDef)]
    assert len(names) == len(set(names)) == 400
    assert all(name.startswith("verify_") and len(name) == 15 for name in names)


def test_extracting_again_changes_nothing() -> None:
    path = extract_corpus(CACHE)
    before = os.stat(path).st_ctime_ns
    assert extract_corpus(CACHE) == path
    assert os.stat(path).st_ctime_ns == before


def test_a_damaged_text_is_put_right(tmp_path: Path) -> None:
    right = hashlib.sha256(extract_corpus(CACHE).read_bytes()).digest()
    (tmp_path / "downloads").symlink_to(CACHE / "downloads")
    path = extract_corpus(tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    extract_corpus(tmp_path)
    assert hashlib.sha256(path.read_bytes()).digest() == right


def test_nothing_of_it_is_imported() -> None:
    extract_corpus(CACHE)
    assert not [name for name in sys.modules if "reasoning_gym" in name]
