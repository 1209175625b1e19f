"""The published tasks and programs in the project's cache, put there once by each process."""

from __future__ import annotations

from functools import cache

from pipeline.data.arc import extract_data
from pipeline.data.corpora import extract_corpus
from tests.project import CACHE


@cache
def extract_all() -> None:
    """Write what is published to `.cache`; a second of work, since the files are made anew."""
    extract_data(CACHE)
    extract_corpus(CACHE)
