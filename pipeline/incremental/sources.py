"""Which solvers there are: source files found, read once each time they change, and split.

The index of a file is in the records, so that a null build neither reads nor splits: it makes one
`stat` a file. What is compiled is the very text that was split here, never a later reading of the
file, so that an edit during the build is seen by the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.config.discovery import Key, find_sources
from pipeline.system.records import FileRow, Piece, Records
from pipeline.system.stamp import UNKNOWN, digest, read_stamped

if TYPE_CHECKING:
    from pipeline.config.shelves import Shelf
    from pipeline.diagnostics import Diagnostic
    from pipeline.frontend.units import Unit


_WORD = re.compile(r"[^\W\d]\w*")


class Sources:
    """The solvers of all corpora as of now; `env` is the fingerprint of what splits files,
    `dialects` has what the words are of corpora that have others than the DSL's, `own_rows` what
    each row of the project's own depends on, `shelves` the libraries of corpora that may use some.

    `trusted` says that the index in the records was made with the same of all these.
    """

    def __init__(
        self,
        corpora: list[list[str]],
        env: str,
        records: Records,
        trusted: bool,
        dialects: Mapping[str, str] | None = None,
        own_rows: Mapping[str, str] | None = None,
        shelves: Mapping[str, Shelf] | None = None,
    ) -> None:
        self._env = env
        self._dialects = dialects or {}
        self._own_rows = own_rows or {}
        self._shelves = shelves or {}
        self.rows = records.files()
        self.pieces = records.pieces()
        self._named = {(name, path) for name, path in corpora}
        self._texts: dict[Key, dict[str, Unit]] = {}
        self.changed: dict[Key, tuple[FileRow, list[Piece]]] = {}
        found = dict(find_sources(corpora))
        self.gone = [key for key in self.rows if key not in found]
        for key in self.gone:
            del self.rows[key]
            self.pieces.pop(key, None)
        self.order = list(found)
        rows = self.rows
        for key, current in found.items():
            row = rows.get(key)
            if not trusted or row is None or row[0] != current or self._is_otherwise_named(key):
                self._index(key)

    def _is_otherwise_named(self, key: Key) -> bool:
        """Whether what is said of a file without solvers depends on what no longer is: that the
        file itself was asked for.
        """
        if self.pieces.get(key):
            return False
        return (key in self._named) != ('"no-solver"' in (self.rows[key].problems or ""))

    def load(self, key: Key) -> bool:
        """Have the texts of a file's solvers at hand; False if that changed the index."""
        if key in self._texts:
            return True
        before = self.rows[key].digest
        self._index(key, split=True)
        return self.rows[key].digest == before

    def unit(self, key: Key, piece: Piece) -> Unit:
        """The text of a solver whose file is loaded."""
        return self._texts[key][piece.name]

    def problems(self) -> Iterator[str]:
        """What is wrong with whole files, libraries too, as JSON texts."""
        yield from filter(None, (shelf.problems for shelf in self._shelves.values()))
        yield from filter(None, map(faults_of, self.rows.values()))

    def notes(self) -> Iterator[str]:
        """What is passed over in the files that changed, a line each."""
        from pipeline.diagnostics import NOTE, render
        from pipeline.incremental.problems import load_problems

        for key in sorted(self.changed):
            for problem in load_problems(self.changed[key][0].problems or "[]"):
                if problem.severity == NOTE:
                    yield render(problem)

    def _index(self, key: Key, split: bool = False) -> None:
        """Read a file, and split it if its bytes or the splitter are not those of the index."""
        data, current, problem = _read(key[1])
        is_named = key in self._named
        dialect = self._dialects.get(key[0], "")
        shelf = self._shelves.get(key[0])
        words = f"{dialect} {sorted(self._own_rows.items())}" if self._own_rows else dialect
        words += f" {shelf.digest}" if shelf else ""
        content = digest(f"{self._env} {is_named} {words} {problem}\0".encode() + data)
        row = self.rows.get(key)
        if row is not None and row.digest == content and not split:
            if row.stamp != current:
                self.rows[key] = row._replace(stamp=current)
                self.changed[key] = self.rows[key], self.pieces.get(key, [])
            return
        units, problems = (
            ([], [problem]) if problem else _split(key, data, is_named, dialect, shelf)
        )
        self._texts[key] = {unit.name: unit for unit in units}
        if row is None or row.digest != content:
            self.rows[key] = FileRow(current, content, _dump(problems))
            inputs = [input_digest(unit, self._own_rows) for unit in units]
            self.pieces[key] = [
                Piece(u.name, u.first_line, given) for u, given in zip(units, inputs, strict=True)
            ]
            self.changed[key] = self.rows[key], self.pieces[key]


def faults_of(row: FileRow) -> str | None:
    """What is wrong with a file, as a JSON text, without what is only noted; None for nothing."""
    if row.problems is None:
        return None
    from pipeline.diagnostics import NOTE
    from pipeline.incremental.problems import load_problems

    return _dump([found for found in load_problems(row.problems) if found.severity != NOTE])


def input_digest(unit: Unit, rows: Mapping[str, str] = MappingProxyType({})) -> str:
    """The hash of all that a solver's file gives it: what it is called, where it is, its text, what
    of the file and of libraries it uses, and what its words are. Behind a colon, that of the rows
    of the project's own that its words may stand for, if there are any.
    """
    text = f"{unit.name}\0{unit.path}\0{unit.first_line}\0{unit.text}"
    text += "".join(f"\0{first_line}\0{shared}" for first_line, shared in unit.shared)
    text += unit.dialect
    text += f"\0{unit.used.meanings}" if unit.used.meanings else ""
    text += "".join(f"\0{u.path}\0{u.first_line}\0{u.text}\0{u.meanings}" for u in unit.used.texts)
    text += f"\0{unit.used.near}" if unit.used.near else ""
    found = digest(text.encode("utf-8", "surrogatepass"))
    used = _rows_in(text, rows) if rows else []
    if not used:
        return found
    return f"{found}:{digest(repr([(name, rows[name]) for name in used]).encode())}"


def rows_part(given: str) -> str:
    """What an input digest says of rows of the project's own; empty if it uses none."""
    return given.partition(":")[2]


def _rows_in(text: str, rows: Mapping[str, str]) -> list[str]:
    """The rows that are named in a text, perhaps with the suffix of a dialect."""
    words = set(_WORD.findall(text))
    words |= {word.rpartition("_")[0] for word in words}
    return sorted(words & rows.keys())


def dump_unit(unit: Unit) -> str:
    """All that a solver's file gives it, as JSON."""
    shared = [list(part) for part in unit.shared]
    shared += [[used.first_line, used.text] for used in unit.used.texts]
    return json.dumps([unit.path, unit.first_line, unit.text, shared, unit.dialect])


def _read(path: str) -> tuple[bytes, int, Diagnostic | None]:
    try:
        return *read_stamped(path), None
    except OSError as error:
        from pipeline.incremental.problems import problem_at

        why = error.strerror or str(error)
        return b"", UNKNOWN, problem_at(path, 1, "unreadable", f"can't be read: {why}")


def _split(
    key: Key, data: bytes, is_named: bool, dialect: str, shelf: Shelf | None
) -> tuple[list[Unit], list[Diagnostic]]:
    from pipeline.frontend.units import split_units

    return split_units(*key, data, is_named, dialect, *([shelf.libraries] if shelf else []))


def _dump(problems: list[Diagnostic]) -> str | None:
    if not problems:
        return None
    from pipeline.incremental.problems import dump_problems

    return dump_problems(problems)
