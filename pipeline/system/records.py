"""What the last builds found out: one SQLite file, `.doit.db`.

It holds facts that can all be found again: losing it costs time, never a right result. So a file
that is no database is set aside with a notice and begun anew. Every finished task is committed at
once (write-ahead log, no sync: 30 us), so `kill -9` loses only the tasks in flight.

doit's own store stays in memory: it writes everything at the end of a run only, and keeps sums of
what a source was *after* its task, which an edit during the task makes wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from pipeline.system.atomic import make_shared
from pipeline.system.lock import ADVICE
from pipeline.system.problem import Problem

VERSION = 1
SCHEMA = f"""
create table files (
    corpus text, path text, stamp integer, digest text, problems text,
    primary key (corpus, path)) without rowid;
create table pieces (
    corpus text, path text, position integer, name text, line integer, input text,
    primary key (corpus, path, position)) without rowid;
create table units (
    name text primary key, input text, env text, code text, map text,
    code_stamp integer, map_stamp integer, problems text) without rowid;
create table facts (name text primary key, value text) without rowid;
pragma user_version = {VERSION};
"""
MORE = """
create table if not exists texts (name text primary key, text text) without rowid;
create table if not exists details (digest text primary key, value text) without rowid;
"""
"""What only `doit why` reads: what solvers were built from, and what the digests of facts stand
for. Records that an earlier version has begun get these tables when they are next written."""
NO_DATABASE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


class FileRow(NamedTuple):
    """A source file as last read; `problems` is JSON or None."""

    stamp: int
    digest: str
    problems: str | None


class Piece(NamedTuple):
    """One solver in a source file; `input` is the digest of all that the file gives it."""

    name: str
    line: int
    input: str


class UnitRow(NamedTuple):
    """One solver as last built; where `problems` (JSON) is not None it is broken: no outputs."""

    name: str
    input: str
    env: str
    code: str
    map: str
    code_stamp: int
    map_stamp: int
    problems: str | None


class RecordsError(Problem):
    """The records can't be read or written now; the text says why."""


class Records:
    """The open records; `notice` prints one line. With `write` off no file is made or changed."""

    def __init__(self, path: str, notice: Callable[[str], None], write: bool = True) -> None:
        self.path = path
        self._notice = notice
        self._write = write
        self._guard = threading.Lock()  # doit's worker threads share the connection
        self._connection = self._open()

    def files(self) -> dict[tuple[str, str], FileRow]:
        """All source files, by corpus and path."""
        rows = self._read("select corpus, path, stamp, digest, problems from files")
        return {(corpus, path): FileRow(*rest) for corpus, path, *rest in rows}

    def pieces(self) -> dict[tuple[str, str], list[Piece]]:
        """The solvers of each source file, in the order of the file."""
        found: dict[tuple[str, str], list[Piece]] = {}
        query = "select corpus, path, name, line, input from pieces order by corpus, path, position"
        for corpus, path, name, line, given in self._read(query):
            found.setdefault((corpus, path), []).append(Piece(name, line, given))
        return found

    def units(self) -> dict[str, UnitRow]:
        """All solvers as last built."""
        return {row[0]: UnitRow._make(row) for row in self._read("select * from units")}

    def facts(self) -> dict[str, Any]:
        """Everything else, by name."""
        return {name: json.loads(value) for name, value in self._read("select * from facts")}

    def save_files(
        self, changed: dict[tuple[str, str], tuple[FileRow, list[Piece]]], gone: Sequence[Any]
    ) -> None:
        """Replace the rows of changed source files and their pieces, and drop those of others."""
        keys = [*changed, *gone]
        with self._writing() as connection:
            for table in ("files", "pieces"):
                connection.executemany(f"delete from {table} where corpus = ? and path = ?", keys)
            connection.executemany(
                "insert into files values (?, ?, ?, ?, ?)",
                [(*key, *row) for key, (row, _) in changed.items()],
            )
            connection.executemany(
                "insert into pieces values (?, ?, ?, ?, ?, ?)",
                [(*k, n, *p) for k, (_, found) in changed.items() for n, p in enumerate(found)],
            )

    def save_units(
        self,
        rows: Sequence[UnitRow],
        gone: Sequence[str] = (),
        texts: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Record solvers as built, with the texts that some were built from, and forget others."""
        with self._writing() as connection:
            for table in ("units", "texts"):
                query = f"delete from {table} where name = ?"
                connection.executemany(query, [(name,) for name in gone])
            connection.executemany("insert or replace into texts values (?, ?)", texts)
            connection.executemany(
                "insert or replace into units values (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def save_fact(self, name: str, value: object) -> None:
        """Record one fact that JSON can hold; None forgets it."""
        with self._writing() as connection:
            if value is None:
                connection.execute("delete from facts where name = ?", (name,))
            else:
                text = json.dumps(value)
                connection.execute("insert or replace into facts values (?, ?)", (name, text))

    def text(self, name: str) -> str | None:
        """What a solver was last built from; None if that is not recorded."""
        return self._one("select text from texts where name = ?", name)

    def detail(self, digest: str) -> Any:
        """What a digest in a fact, or the `env` of solvers, stands for; None if nobody knows."""
        found = self._one("select value from details where digest = ?", digest)
        return None if found is None else json.loads(found)

    def save_details(self, given: dict[str, Callable[[], Any]], wanted: set[str]) -> None:
        """Keep what digests stand for, made only where that is not known yet; forget what neither
        is `wanted` nor belongs to a solver.
        """
        known = {digest for (digest,) in self._read("select digest from details")}
        rows = [(d, json.dumps(make())) for d, make in given.items() if d not in known]
        gone = known - wanted - given.keys()
        if gone:
            gone -= {env for (env,) in self._read("select distinct env from units")}
        if not rows and not gone:
            return
        with self._writing() as connection:
            query = "delete from details where digest = ?"
            connection.executemany(query, [(digest,) for digest in gone])
            connection.executemany("insert or replace into details values (?, ?)", rows)

    def close(self) -> None:
        """Close the file; what was recorded is in it already."""
        with self._guard, contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._write and os.path.exists(self.path) and not os.path.getsize(self.path):
            self._set_aside("is empty")
        with self._errors():
            try:
                return self._connect()
            except sqlite3.DatabaseError as error:
                if not _is_corrupt(error):
                    raise
                return self._begin_anew(str(error))

    def _connect(self) -> sqlite3.Connection:
        options: Any = {"isolation_level": None, "check_same_thread": False, "timeout": 30}
        if self._write:
            make_shared(self.path)
        place = self._place()
        connection = sqlite3.connect(place, uri=True, **options)
        try:
            found = connection.execute("pragma user_version").fetchone()[0]
            if found not in (0, VERSION):
                raise _Corrupt(f"is of another version ({found})")
            if self._write:
                connection.execute("pragma journal_mode = wal")
                connection.execute("pragma synchronous = normal")
            if found == 0:
                connection.executescript(f"begin; {SCHEMA} commit;")
            if self._write or place == ":memory:":
                connection.executescript(MORE)
        except BaseException:
            connection.close()
            raise
        return connection

    def _place(self) -> str:
        """The address of the database: of nothing where there is none to read, and of one that
        can't change where its folder may not be written to, as SQLite would write beside it."""
        path = os.path.abspath(self.path)
        if self._write:
            return f"file:{quote(path)}"
        if not os.path.exists(path):
            return ":memory:"
        is_ours = os.access(os.path.dirname(path), os.W_OK) and os.access(path, os.W_OK)
        return f"file:{quote(path)}" + ("" if is_ours else "?mode=ro&immutable=1")

    def _begin_anew(self, why: str) -> sqlite3.Connection:
        """An empty database in place of a useless one."""
        if not self._write:
            self.path = ":memory:"
            return self._connect()
        self._set_aside(why)
        return self._connect()

    def _set_aside(self, why: str) -> None:
        aside = f"{self.path}.corrupt"
        self._notice(f"{self.path} {why}: set aside as {aside}, the records begin anew")
        with contextlib.suppress(FileNotFoundError):
            os.replace(self.path, aside)
        for rest in ("-wal", "-shm", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path + rest)

    def _read(self, query: str) -> list[Any]:
        with self._guard, self._errors():
            try:
                return self._connection.execute(query).fetchall()
            except sqlite3.DatabaseError as error:
                if not _is_corrupt(error):
                    raise
                self._connection.close()
                self._connection = self._begin_anew(f"can't be read ({error})")
                return []

    def _one(self, query: str, value: str) -> str | None:
        """The one text that a query finds; None, too, in records of an earlier version."""
        with self._guard, self._errors(), contextlib.suppress(sqlite3.OperationalError):
            row = self._connection.execute(query, (value,)).fetchone()
            return None if row is None else str(row[0])
        return None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction. A database found corrupt only now is set aside for the next run."""
        with self._guard, self._errors():
            try:
                self._connection.execute("begin immediate")
                yield self._connection
                self._connection.execute("commit")
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("rollback")
                if isinstance(error, sqlite3.DatabaseError) and _is_corrupt(error):
                    self._set_aside(f"can't be written ({error})")
                raise

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            is_closed = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY
            raise RecordsError(
                f"{self.path}: {error}; {ADVICE if is_closed else 'run again'}"
            ) from error


class _Corrupt(sqlite3.DatabaseError):
    """Our own finding that a database is of no use."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _is_corrupt(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return (code & 0xFF) in NO_DATABASE
