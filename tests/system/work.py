"""Work for processes of tests: module-level functions, as spawned processes import them."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def doubled(part: int, careful: bool) -> tuple[int, bool]:
    """Twice the part."""
    return 2 * part, careful


def dying_at_three(part: int, careful: bool) -> tuple[int, bool]:
    """Ends the process at part 3, but not where it is careful."""
    if part == 3 and not careful:
        os.kill(os.getpid(), signal.SIGSEGV)
    return doubled(part, careful)


def dying(part: int, careful: bool) -> tuple[int, bool]:
    """Ends the process."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return doubled(part, careful)


def killed_at_first(counted: Path, part: int, careful: bool) -> tuple[int, bool]:
    """Ends as if somebody else killed the process, the first three times, which a file counts."""
    with counted.open("ab") as file:
        file.write(b".")
    if counted.stat().st_size <= 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return doubled(part, careful)


def raising(part: int, careful: bool) -> tuple[int, bool]:
    """Raises."""
    raise ValueError(f"no part {part}")


def noting(folder: Path, part: int, careful: bool) -> int:
    """Leaves the number of its process in a folder."""
    Path(folder, str(os.getpid())).touch()
    return part


def where(number: int, careful: bool) -> tuple[int, int]:
    """In which process this is."""
    return number, os.getpid()
