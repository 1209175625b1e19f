"""Write a file whole or not at all.

Whoever reads the target sees the old bytes or the new ones, never a mixture, whatever happens to
the writer. A writer that is killed leaves at most a file named `.tmp-*` beside the target, which
nobody takes for an output.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO

TEMPORARY = ".tmp-"
"""How the names of unfinished files and folders begin."""


def write_atomic(path: str | Path, data: bytes, *, fsync: bool = False) -> bool:
    """Make `data` the content of the file, and say whether that changed anything.

    Equal content is not written again, so its mtime stays. Missing folders are made. On any error,
    a full disk included, the old file is intact and no temporary file stays. `fsync` asks that the
    bytes reach the disk before the name does, which is only needed to survive a power cut.
    """
    path = Path(path)
    if _holds(path, data):
        return False
    with open_atomic(path, fsync=fsync) as file:
        file.write(data)
    return True


@contextlib.contextmanager
def open_atomic(path: str | Path, *, fsync: bool = False) -> Iterator[IO[bytes]]:
    """A new file to write to, which takes the place of the old one if the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
    try:
        with open(temporary, "xb") as file:
            yield file
            if fsync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def make_shared(path: str | Path) -> None:
    """Have a file, empty if there is none, that others may write to as far as the umask lets them:
    SQLite makes one that only its owner may, and two users of one folder need more. Where it can't
    be made, whoever opens it says why.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o666))


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file has exactly this content; a file that can't be read has not."""
    try:
        return os.stat(path).st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
