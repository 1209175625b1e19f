"""Locks that a fork waits for.

A process that is forked has one thread, and every lock that another thread of its parent had at
that moment stays locked in it for ever, also those within libraries, such as the one around LLVM.
So what may be at work in one thread while another forks is done under a lock made here: a fork
takes all of them first, and both processes give them back.

Each is for what takes milliseconds, and under it nothing waits for another thread.
"""

from __future__ import annotations

import os
import threading
from typing import Final

_locks: Final[list[threading.RLock]] = []
_taken: Final[list[threading.RLock]] = []


def lock_before_forks() -> threading.RLock:
    """A lock, made once as a module's own, that no other thread has when the process is forked.

    Who has one may take one of a module that is imported, never the other way round.
    """
    lock = threading.RLock()
    _locks.append(lock)
    return lock


def _take_all() -> None:
    """Take the locks, the last one made first, as threads do that need several."""
    for lock in reversed(_locks):
        lock.acquire()
        _taken.append(lock)


def _give_back() -> None:
    """Release what was taken: fewer than all if Ctrl-C came between."""
    while _taken:
        _taken.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_take_all, after_in_parent=_give_back, after_in_child=_give_back)
