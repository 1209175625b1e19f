"""The command `stubs`: the words of solvers, written for editors and type checkers.

Pyright, and what is built on it, looks for stubs in `typings` without being told, and takes what
`__builtins__.pyi` has for names that need no import, as solvers use them.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import ROWS
from pipeline.report.stub_text import BUILTINS, stub_text
from pipeline.system.atomic import write_atomic

FOLDER: Final = "typings"


def stubs(folder: Path) -> int:
    """Write the files that are not as they should be, and say which; 0."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {
        "dsl.pyi": stub_text(ROWS, CONSTANTS),
        "__builtins__.pyi": BUILTINS,
    }.items():
        path, done = folder / name, "up to date"
        if not _has(path, text):
            write_atomic(path, text.encode())
            done = "written"
        print(f"stubs: {path} {done}")
    return 0


def _has(path: Path, text: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes() == text.encode()
    return False
