"""What there is to do: the solvers as they are now against the records and the outputs.

Made anew in every run, under the lock, in one pass over plain tuples: 20,000 solvers take 0.1 s
beside reading the records and one `stat` a file. Only what needs work becomes a task of doit: its
own bookkeeping costs 40 us a task, which at 20,000 would be most of a null build.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipeline.config import paths
from pipeline.config.discovery import Key
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.incremental import outputs
from pipeline.incremental.sources import Sources, rows_part
from pipeline.system.problem import Problem
from pipeline.system.records import Piece, Records, UnitRow
from pipeline.system.stamp import digest, digest_stamped

if TYPE_CHECKING:
    from pipeline.frontend.units import Unit


class BuildError(Problem):
    """A step can't be done now; the text says why, and what to do."""


class Entry(NamedTuple):
    """One solver: where it is defined, and what it is made from."""

    key: Key
    piece: Piece


class Plan:
    """The solvers there are, and those to build.

    `current` has the record of every solver that needs no work, `pending` the names of the others;
    a solver moves from one to the other as it is built.
    """

    def __init__(self, sources: Sources, env: str, records: Records) -> None:
        self.sources = sources
        self.env = env
        self.units: dict[str, Entry] = {}
        self.pending: dict[str, None] = {}
        self.current: dict[str, UnitRow] = {}
        self.restamped: list[UnitRow] = []
        self.doubles: list[str] = []
        self.doubled: list[str] = []
        self.rows = records.units()
        self.found = outputs.stamps_of_outputs()
        while True:
            self._collect()
            self._compare()
            if all(sources.load(self.units[name].key) for name in self.pending):
                break  # else a file changed meanwhile: what was read last counts

    @property
    def gone(self) -> list[str]:
        """The recorded solvers that are no more."""
        return [name for name in self.rows if name not in self.units]

    def unit(self, name: str) -> Unit:
        """The text of a solver that is to be built, as it was when the plan was made."""
        entry = self.units[name]
        if not self.sources.load(entry.key):
            raise BuildError(f"{entry.key[1]} was changed during the build: run again")
        return self.sources.unit(entry.key, entry.piece)

    def cache_key(self, name: str) -> str:
        """The hash of all inputs of a solver."""
        return digest(f"unit\0{self.units[name].piece.input}\0{self.env}".encode())

    def graph_key(self, code: str) -> str:
        """The hash under which the graph is kept whose code has this digest."""
        return digest(f"graph\0{code}\0{self.env}".encode())

    def broken(self) -> Iterator[str]:
        """What is wrong with each broken solver, as JSON texts."""
        return (row[7] for row in self.current.values() if row[7] is not None)

    def why_broken(self) -> dict[str, str]:
        """What is wrong with each solver that has no code, as JSON texts."""
        found = {row[0]: row[7] for row in self.current.values() if row[7] is not None}
        return {**found, **dict(zip(self.doubled, self.doubles, strict=True))}

    def broken_names(self) -> tuple[str, ...]:
        """The solvers that have no code."""
        rows = self.current.values()
        return tuple(sorted([row[0] for row in rows if row[7] is not None] + [*self.doubled]))

    def names_of_outputs(self) -> set[str]:
        """The path of every file that should be there."""
        names = [name for name, row in self.current.items() if row[7] is None]
        names += self.pending
        return {f(name) for name in names for f in (paths.code_path, paths.map_path)}

    def rows_used(self) -> list[str]:
        """What solvers depend on of rows of the project's own, hashed."""
        return sorted({rows_part(row[1]) for row in self.current.values()} - {""})

    def linked(self, battery: str) -> list[tuple[str, str]]:
        """Name and digest of the code of every solver that belongs into the battery.

        `first` takes for each task only the candidates of the first corpus that has any, and
        nothing in their place if they are broken: a battery never silently answers with another
        solver.
        """
        chosen = list(self.units)
        if battery == "first":
            first: dict[str, str] = {}
            for name in chosen:
                first.setdefault(task_of(name), corpus_of(name))
            chosen = [name for name in chosen if first[task_of(name)] == corpus_of(name)]
        rows = [self.current[name] for name in chosen if name in self.current]
        return sorted((row[0], row[3]) for row in rows if row[7] is None)

    def _collect(self) -> None:
        """The solvers of all files, in order of precedence; what is defined twice is neither."""
        units = self.units = {}
        doubles: dict[str, list[Entry]] = {}
        pieces = self.sources.pieces
        for key in self.sources.order:
            for piece in pieces.get(key, ()):
                entry = Entry(key, piece)
                first = units.setdefault(piece[0], entry)
                if first is not entry:
                    doubles.setdefault(piece[0], [first]).append(entry)
        self.doubles = [_double(name, found) for name, found in doubles.items()]
        self.doubled = list(doubles)
        for name in doubles:
            del units[name]

    def _compare(self) -> None:
        current = self.current = {}
        pending = self.pending = {}
        self.restamped = []
        rows, found, env = self.rows, self.found, self.env
        prefix = f"{paths.SOLVERS}/"
        for name, (_, piece) in self.units.items():
            row = rows.get(name)
            if row is None or row[1] != piece[2] or row[2] != env:
                pending[name] = None
            elif row[7] is not None or (
                found.get(f"{prefix}{name}.py") == row[5]
                and found.get(f"{prefix}{name}.map.json") == row[6]
            ):
                current[name] = row
            elif (again := self._look(row)) is not None:
                current[name] = again
                self.restamped.append(again)
            else:
                pending[name] = None

    def _look(self, row: UnitRow) -> UnitRow | None:
        """The record with new stamps if the outputs hold what they should."""
        code, code_stamp = digest_stamped(paths.code_path(row.name))
        source_map, map_stamp = digest_stamped(paths.map_path(row.name))
        if (code, source_map) != (row.code, row.map):
            return None
        return row._replace(code_stamp=code_stamp, map_stamp=map_stamp)


def _double(name: str, entries: list[Entry]) -> str:
    from pipeline.incremental.problems import dump_problems, problem_at

    first, *others = entries
    where = f"{first.key[1]}:{first.piece.line}"
    return dump_problems(
        problem_at(
            other.key[1],
            other.piece.line,
            "defined-twice",
            f"solver {name} is defined twice in its corpus",
            f"the other definition is {where}: rename or remove one; neither is built",
        )
        for other in others
    )
