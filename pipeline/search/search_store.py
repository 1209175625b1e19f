"""The store of searches: one SQLite file, `search.db` in `.cache/search/`.

A *run* is known by its key: what it was asked and what it began with. Its state is written after
each step, all of a step in one transaction, so a run that was ended in any way goes on from its
last step. What is found stays, whatever becomes of the run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from pipeline.config.config import Config
from pipeline.search.kept import Inhabitant, Nearby, Nearest

VERSION: Final = 2
NAME: Final = "search.db"
SCHEMA: Final = f"""
create table runs (
    id integer primary key, key text, asked text, step integer, programs integer,
    seconds real, kernels real, begun real, ended integer);
create table puzzles (
    run integer, task text, rounds integer, seen blob,
    primary key (run, task)) without rowid;
create table members (
    run integer, task text, place integer, text text, edit text, parent text, tried integer,
    behaviour blob, gain real, right integer, size integer,
    primary key (run, task, place)) without rowid;
create table nearest (
    run integer, task text, place integer, text text, edit text, parent text, gain real,
    primary key (run, task, place)) without rowid;
create table found (
    id integer primary key, run integer, task text, text text, graph text, size integer,
    edit text, parent text, evidence text, programs integer, seconds real,
    unique (run, task, text));
create table curve (
    run integer, step integer, programs integer, seconds real, solved integer,
    primary key (run, step)) without rowid;
pragma user_version = {VERSION};
"""


class FoundProgram(NamedTuple):
    """A program that a search found. task: the one that it is for; parent: the text that it was
    made of, or a solver's name; edit: how. evidence: on what it was found right; programs, seconds:
    how far the run was.
    """

    id: int
    run: int
    task: str
    text: str
    graph: list[Any]
    size: int
    edit: str
    parent: str
    evidence: dict[str, Any]
    programs: int
    seconds: float


class StoredPopulation(NamedTuple):
    """A population between two visits. rounds: how many it had; seen: behaviours, one behind
    the other.
    """

    rounds: int
    seen: bytes
    members: tuple[Inhabitant, ...]


@dataclass(slots=True)
class RunState:
    """How far a run is. seconds: processor time, kernels: of that in kernels."""

    id: int
    asked: dict[str, Any]
    step: int
    programs: int
    seconds: float
    kernels: float
    ended: bool


class Store:
    """The open store; made where it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        self._base = sqlite3.connect(self.path, isolation_level=None, timeout=60)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = normal")
        if self._version() != VERSION:
            self._lay_out()

    def _version(self) -> int:
        return int(self._base.execute("pragma user_version").fetchone()[0])

    def _lay_out(self) -> None:
        """Make the tables, all or none, as others may be at it; those of another version go."""
        with self.writing():
            if self._version() == VERSION:
                return
            known = (
                "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
            )
            for (name,) in self._base.execute(known).fetchall():
                self._base.execute(f"drop table {name}")
            for statement in SCHEMA.split(";"):
                self._base.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that is written inside is there, or none of it."""
        self._base.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._base.execute("rollback")
            raise
        self._base.execute("commit")

    # -- runs

    def run_of(self, key: str) -> RunState | None:
        """The last run with a key."""
        row = self._base.execute(
            "select id, asked, step, programs, seconds, kernels, ended from runs"
            " where key = ? order by id desc limit 1",
            (key,),
        ).fetchone()
        return None if row is None else _state(row)

    def runs(self) -> list[RunState]:
        """All runs, the first one first."""
        rows = self._base.execute(
            "select id, asked, step, programs, seconds, kernels, ended from runs order by id"
        )
        return [_state(row) for row in rows]

    def begin(self, key: str, asked: Mapping[str, Any], now: float) -> RunState:
        """A new run; what one of the same key needed to go on is gone, what it found stays."""
        with self.writing():
            for (old,) in self._base.execute(
                "select id from runs where key = ?", (key,)
            ).fetchall():
                for table in ("puzzles", "members", "nearest"):
                    self._base.execute(f"delete from {table} where run = ?", (old,))
            row = (key, json.dumps(asked), 0, 0, 0.0, 0.0, now, 0)
            made = self._base.execute(
                "insert into runs (key, asked, step, programs, seconds, kernels, begun, ended)"
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        assert made.lastrowid is not None
        return RunState(made.lastrowid, dict(asked), 0, 0, 0.0, 0.0, False)

    def save(self, state: RunState, solved: int) -> None:
        """Note how far a run is, and how many tasks it has solved."""
        self._base.execute(
            "update runs set step = ?, programs = ?, seconds = ?, kernels = ?, ended = ?"
            " where id = ?",
            (state.step, state.programs, state.seconds, state.kernels, state.ended, state.id),
        )
        self._base.execute(
            "insert or replace into curve values (?, ?, ?, ?, ?)",
            (state.id, state.step, state.programs, state.seconds, solved),
        )

    def curve(self, run: int) -> list[tuple[int, float, int]]:
        """Programs, seconds and tasks solved, step by step."""
        return list(
            self._base.execute(
                "select programs, seconds, solved from curve where run = ? order by step", (run,)
            )
        )

    # -- populations

    def rounds(self, run: int) -> dict[str, int]:
        """How many rounds each puzzle had."""
        return dict(self._base.execute("select task, rounds from puzzles where run = ?", (run,)))

    def population(self, run: int, task: str) -> StoredPopulation | None:
        """The population of a puzzle, if it had a round."""
        row = self._base.execute(
            "select rounds, seen from puzzles where run = ? and task = ?", (run, task)
        ).fetchone()
        if row is None:
            return None
        rows = self._base.execute(
            "select text, edit, parent, tried, behaviour, gain, right, size from members"
            " where run = ? and task = ? order by place",
            (run, task),
        )
        return StoredPopulation(row[0], row[1], tuple(map(Inhabitant._make, rows)))

    def put_population(self, run: int, task: str, population: StoredPopulation) -> None:
        """Write a population in the place of the one that is there."""
        rounds, seen, members = population
        self._base.execute(
            "insert or replace into puzzles values (?, ?, ?, ?)",
            (run, task, rounds, seen),
        )
        self._put_rows("members", run, task, members)

    def nearest(self, run: int, task: str) -> Nearest:
        """The programs that are near a puzzle."""
        rows = self._base.execute(
            "select text, edit, parent, gain from nearest where run = ? and task = ?"
            " order by place",
            (run, task),
        )
        return Nearest([Nearby(*row) for row in rows])

    def put_nearest(self, run: int, task: str, nearest: Nearest) -> None:
        """Write the programs that are near a puzzle in the place of those that are there."""
        self._put_rows("nearest", run, task, nearest.rows)

    def _put_rows(self, table: str, run: int, task: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self._base.execute(f"delete from {table} where run = ? and task = ?", (run, task))
        full = [(run, task, place, *row) for place, row in enumerate(rows)]
        if full:
            marks = ", ".join("?" * len(full[0]))
            self._base.executemany(f"insert into {table} values ({marks})", full)

    # -- what was found

    def put_found(self, found: FoundProgram) -> bool:
        """Write a program, unless the run has it; says whether it is new."""
        _, *values = found._replace(
            graph=json.dumps(found.graph),  # type: ignore[arg-type]
            evidence=json.dumps(found.evidence),  # type: ignore[arg-type]
        )
        made = self._base.execute(
            "insert or ignore into found (run, task, text, graph, size, edit, parent, evidence,"
            " programs, seconds) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        return made.rowcount > 0

    def note(self, number: int, evidence: Mapping[str, Any]) -> None:
        """Write the evidence of a program anew."""
        self._base.execute(
            "update found set evidence = ? where id = ?", (json.dumps(evidence), number)
        )

    def found(self, run: int | None = None, task: str = "") -> list[FoundProgram]:
        """The programs that a run found, or all of them, of a task the smallest first."""
        rows = self._base.execute(
            "select id, run, task, text, graph, size, edit, parent, evidence, programs, seconds"
            " from found where (? is null or run = ?) and (? = '' or task = ?)"
            " order by task, size, text, id",
            (run, run, task, task),
        )
        return [
            FoundProgram._make(row)._replace(graph=json.loads(row[4]), evidence=json.loads(row[8]))
            for row in rows
        ]


def _state(row: tuple[Any, ...]) -> RunState:
    number, asked, step, programs, seconds, kernels, ended = row
    return RunState(number, json.loads(asked), step, programs, seconds, kernels, bool(ended))


def store_folder(config: Config) -> Path:
    """Where the store of a project's searches is."""
    return config.cache.folder / "search"


def found_programs(config: Config) -> list[FoundProgram]:
    """What all searches of a project found, each program once; no store is made."""
    if not (store_folder(config) / NAME).exists():
        return []
    store = Store(store_folder(config))
    unique = {(program.task, program.text): program for program in store.found()}
    store.close()
    return list(unique.values())
