"""The published tasks and programs in the project's cache, put there once by each process.

What a test reads of them it gets here: in a fresh clone there is nothing yet.
"""

from __future__ import annotations

from functools import cache

from pipeline.data.arc import extract_data, load_tasks
from pipeline.data.corpora import extract_corpus
from pipeline.data.tasks import Task
from tests.project import CACHE


@cache
def extract_all() -> None:
    """Write what is published to `.cache`; a second of work, since the files are made anew."""
    extract_data(CACHE)
    extract_corpus(CACHE)


@cache
def training() -> dict[str, Task]:
    """The 400 tasks of the ARC-AGI-1 training set."""
    extract_all()
    return load_tasks("arc1-train", CACHE)
