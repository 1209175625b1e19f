"""The content-addressed cache: what some inputs gave before, by the hash of all of them.

It returns generated files after `doit clean`, a branch switch or a flip of the configuration.
Every entry has a hash of its content, so that a truncated or altered one is found out, dropped and
made again. The ones unused for longest go first.

One SQLite file instead of a file an entry: making a file takes 0.15 to 0.7 ms, a row 0.03 ms, and
a cold build has 400 of them. Any number of builds may share it. Nothing here is worth an error:
what can't be read is not there, and what can't be written is a notice.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence

from pipeline.system.atomic import make_shared
from pipeline.system.stamp import digest

SCHEMA = """
pragma auto_vacuum = incremental;
pragma journal_mode = wal;
pragma synchronous = off;
create table if not exists objects (key text primary key, used real, size integer, data blob);
create index if not exists unused on objects (used);
"""
FRESH = 3600
"""Seconds for which an entry counts as just used: a link asks for each solver's every time, and to
note that of 5,000 took longer than to read them."""
KEPT = 0.9
"""The part of the bound that an eviction leaves, so that not every run has to evict."""


class Objects:
    """The cache in a file whose entries take at most `limit` bytes; `notice` prints one line."""

    def __init__(self, path: str, limit: int, notice: Callable[[str], None]) -> None:
        self.path = path
        self._limit = limit
        self._notice = notice
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._failed = False
        self._used: list[str] = []
        self._stored = 0

    def get(self, key: str) -> tuple[str, ...] | None:
        """The texts stored under `key`, or None."""
        return self.get_all([key]).get(key)

    def get_all(self, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The texts stored under each of the keys that have some."""
        query = "select key, data from objects where key in (select value from json_each(?))"
        rows = self._execute(query, json.dumps(keys)) or ()
        found = {key: self._texts(key, data) for key, data in rows}
        return {key: texts for key, texts in found.items() if texts is not None}

    def _texts(self, key: str, data: object) -> tuple[str, ...] | None:
        """What an entry holds; None, and the entry goes, if it is not as it was stored."""
        head, _, body = data.partition(b"\n") if isinstance(data, bytes) else (b"", b"", b"")
        if head != digest(key.encode() + body).encode():
            self._execute("delete from objects where key = ?", key)
            return None
        self._used.append(key)
        return tuple(json.loads(body))

    def put(self, key: str, texts: tuple[str, ...]) -> None:
        """Store texts under `key`."""
        body = json.dumps(texts).encode()
        data = digest(key.encode() + body).encode() + b"\n" + body
        if len(data) > self._limit:
            return
        row = key, time.time(), len(data), data
        self._execute("insert or replace into objects values (?, ?, ?, ?)", *row)
        self._stored += len(data)
        if self._stored > self._limit // 8:
            self.evict()

    def evict(self) -> None:
        """Bring the cache back within its bound, if anything was stored."""
        if not self._stored:
            return
        self._stored = 0
        self._note_use()
        total = self._total()
        if total <= self._limit:
            return
        for key, size in self._execute("select key, size from objects order by used") or ():
            if total <= self._limit * KEPT:
                break
            self._execute("delete from objects where key = ?", key)
            total -= size
        self._execute("pragma incremental_vacuum")

    def close(self) -> None:
        """Remember what was used, keep the bound, and close the file."""
        self._note_use()
        self.evict()
        with self._guard:
            if self._connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def _total(self) -> int:
        rows = self._execute("select sum(size) from objects")
        return (rows[0][0] or 0) if rows else 0

    def _note_use(self) -> None:
        if self._used:
            keys, self._used = json.dumps(self._used), []
            now = time.time()
            query = (
                "update objects set used = ?"
                " where key in (select value from json_each(?)) and used < ?"
            )
            self._execute(query, now, keys, now - FRESH)

    def _execute(self, query: str, *values: object) -> list[tuple] | None:
        """The rows of one query; None if the cache is of no use."""
        with self._guard:
            for _ in range(2):
                if self._failed:
                    return None
                try:
                    if self._connection is None:
                        self._connection = self._open()
                    return self._connection.execute(query, values).fetchall()
                except (sqlite3.Error, OSError) as error:
                    self._mend(error)
        return None

    def _open(self) -> sqlite3.Connection:
        os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
        make_shared(self.path)
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=30
        )
        connection.executescript(SCHEMA)
        return connection

    def _mend(self, error: Exception) -> None:
        """Begin anew if the file is damaged, and do without a cache for whatever else happens."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            self._notice(f"the cache {self.path} is damaged ({error}): it begins anew")
            for end in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(OSError):
                    os.remove(self.path + end)
        else:
            self._failed = True
            self._notice(f"the cache {self.path} can't be used ({error})")
