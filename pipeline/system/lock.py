"""One build at a time in one working tree.

A POSIX record lock on a file: the kernel takes it back from a killed process, and workers don't
inherit it, so no build ever waits for an orphan. The file stays, because removing it would let two
builds lock two different files of the same name.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable
from typing import Final

from pipeline.system.problem import Problem

ADVICE: Final = "a build writes into its folder; take a copy that is yours to write"


class NotOurs(Problem):
    """A working tree that this user may not write to."""


class BuildLock:
    """The lock of the working tree that holds `path`; `notice` prints one line."""

    def __init__(self, path: str, notice: Callable[[str], None]) -> None:
        self._path = path
        self._notice = notice
        self._descriptor = -1

    def acquire(self) -> None:
        """Take the lock, waiting for another build with a notice; nothing if it is held."""
        while self._descriptor < 0:
            descriptor = self._opened()
            try:
                self._lock(descriptor)
                if _same_file(self._path, descriptor):
                    self._descriptor = descriptor
            finally:
                if self._descriptor < 0:
                    os.close(descriptor)
        with contextlib.suppress(OSError):  # the number is for the notice only: a disk may be full
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Give the lock back; nothing if it isn't held."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _opened(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise NotOurs(f"{self._path}: {error.strerror}: {ADVICE}") from None
            raise

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            self._notice(f"waiting for the build of process {holder or 'unknown'} to end")
            fcntl.lockf(descriptor, fcntl.LOCK_EX)


def _same_file(path: str, descriptor: int) -> bool:
    """Whether the path still names the file that was locked."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
