"""The content-addressed cache: what some inputs gave before, by the hash of all of them.

It returns generated files after `doit clean`, a branch switch or a flip of the configuration. One
file an entry, a hash of its content first, so that a truncated or altered entry is found out,
dropped and made again. Entries are written whole or not at all and never changed: any number of
builds may share a cache. A use touches the entry; the ones unused for longest go first.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator

from pipeline.build.stamp import digest
from pipeline.data.atomic import TEMPORARY, write_atomic

KEPT = 0.9
"""The part of the bound that an eviction leaves, so that not every run has to evict."""
ABANDONED = 3600.0
"""Seconds after which an unfinished file can belong to no living writer."""


class Objects:
    """The cache in a folder of at most `limit` bytes; `notice` prints one line."""

    def __init__(self, folder: str, limit: int, notice: Callable[[str], None]) -> None:
        self._folder = folder
        self._limit = limit
        self._notice = notice
        self._stored = 0
        self._failed = False

    def get(self, key: str) -> tuple[str, ...] | None:
        """The texts stored under `key`, or None."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                head, _, body = file.read().partition(b"\n")
        except OSError:
            return None
        if head != digest(key.encode() + body).encode():
            with contextlib.suppress(OSError):
                os.remove(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return tuple(json.loads(body))

    def put(self, key: str, texts: tuple[str, ...]) -> None:
        """Store texts under `key`. A cache that can't be written is a notice, not an error."""
        body = json.dumps(texts).encode()
        data = digest(key.encode() + body).encode() + b"\n" + body
        if self._failed or len(data) > self._limit:
            return
        try:
            write_atomic(self._path(key), data)
        except OSError as error:
            self._failed = True
            self._notice(f"the cache {self._folder} can't be written ({error.strerror})")
            return
        self._stored += len(data)
        if self._stored > self._limit // 8:
            self.evict()

    def evict(self) -> None:
        """Bring the cache back within its bound, if this build has stored anything."""
        if not self._stored:
            return
        self._stored = 0
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        if total <= self._limit:
            return
        for _, size, path in entries:
            if total <= self._limit * KEPT:
                break
            with contextlib.suppress(OSError):
                os.remove(path)
            total -= size

    def _path(self, key: str) -> str:
        return f"{self._folder}/{key[:2]}/{key[2:]}"

    def _entries(self) -> Iterator[tuple[float, int, str]]:
        """Last use, size and path of each entry; what killed writers left is removed."""
        with contextlib.suppress(OSError):
            folders = [entry.path for entry in os.scandir(self._folder) if entry.is_dir()]
            for folder in folders:
                for entry in os.scandir(folder):
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat()
                        old = time.time() - status.st_mtime > ABANDONED
                        if old and entry.name.startswith(TEMPORARY):
                            os.remove(entry.path)
                        else:
                            yield status.st_mtime, status.st_size, entry.path
