"""Helper libraries: files of functions and constants that solvers use by name, as text like theirs.

A library is parsed, never executed. What a solver names goes with it as text, statement by
statement, with all that these need in turn, so that it depends on those and no others. In the
program a name of a library has that of the library before it, `shapes.largest`, so that nobody
takes another's: see `renaming`.

A name that is not a solver's own, nor a word of the DSL, is that of the first library that has it.
What is imported from a library is that library's, also where the DSL has the name too.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pipeline.diagnostics import Diagnostic, Span, split_lines
from pipeline.frontend.constructs import read_python
from pipeline.frontend.margin import Start, find_starts
from pipeline.frontend.shared_texts import Sharing, words_of
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE

_IMPORT: Final = re.compile(
    r"^[ \t\f]*(?:import\s|from\s[^\n(]*\((?=[^)]*\))[^)]*\)|from\s)(?:[^\n]*\\\n)*[^\n]*",
    re.MULTILINE,
)
"""A statement that imports: to the end of the line, or of the brackets that begin there."""

_OF_THE_DSL: Final = frozenset({"dsl", "constants", "arc_types"})
"""What modules of the DSL itself are called: imports of them are of no library."""

Meanings = Mapping[str, str]
"""What names, some with dots, are called in the program."""


@dataclass(frozen=True, slots=True)
class LibraryText:
    """A statement of a library that a solver uses; meanings: of the names in it."""

    path: str
    first_line: int
    text: str
    meanings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Used:
    """What a text uses of libraries: what its names mean, and the statements, in an order in which
    each stands behind those that it needs. near: the names that one of its words may have meant."""

    meanings: tuple[tuple[str, str], ...] = ()
    texts: tuple[LibraryText, ...] = ()
    near: tuple[str, ...] = ()


NOTHING_USED: Final[Used] = Used()


@dataclass(eq=False)
class Library:
    """A file. name: that of its module, `shapes` or `sub.shapes`; home: what its folder is called.
    places: the statements that assign each name.
    """

    name: str
    home: str
    path: str
    starts: Sequence[Start]
    sharing: Sharing
    places: dict[str, list[int]]
    imports: dict[str, str] = field(default_factory=dict)

    def is_called(self, module: str) -> bool:
        """Whether an import of a module is of this library."""
        if module.split(".")[-1] in _OF_THE_DSL:
            return False
        return module in (self.name, f"{self.home}.{self.name}") or module.endswith(f".{self.name}")

    def spoken(self, name: str) -> str:
        """What a name of it is called in the program."""
        return self.imports.get(name, f"{self.name}.{name}")


class Libraries:
    """Libraries in order of precedence, given by (module, name of its folder, path, bytes).

    problems: what is wrong with the files as a whole.
    """

    def __init__(self, files: Iterable[tuple[str, str, str, bytes]] = ()) -> None:
        self.problems: list[Diagnostic] = []
        self.all = [found for file in files if (found := self._read(*file)) is not None]
        for library in self.all:
            text = "\n".join(library.sharing.texts)
            library.imports = self.imports_in(text)
            for name in library.imports.keys() & library.places.keys():
                del library.places[name]
        self._spoken = {
            library.spoken(name): (library, name) for library in self.all for name in library.places
        }

    def __bool__(self) -> bool:
        return bool(self.all)

    def used(self, texts: Sequence[str], imports: Meanings, own: Iterable[str]) -> Used:
        """What texts use. imports: those of their file. own: the names that it has itself."""
        taken = set(own) - imports.keys()
        words = {word for text in texts for word in words_of(text)}
        meanings = self._meanings(words, imports, taken)
        near = self._near(words - taken - meanings.keys())
        return Used(tuple(sorted(meanings.items())), self._texts(meanings), near)

    def _near(self, words: set[str]) -> tuple[str, ...]:
        """The names that words are near to that begin as these do."""
        unknown = [w for w in words if len(w) > 3 and w not in TABLE and w not in CONSTANTS]
        found = {
            near
            for word in unknown
            for near in difflib.get_close_matches(word, self._by_begin.get(word[:2], ()), n=1)
        }
        return tuple(sorted(found))

    @cached_property
    def _by_begin(self) -> dict[str, list[str]]:
        """The names that solvers can mean, by their first letters."""
        found: dict[str, list[str]] = {}
        for name in sorted({name for library in self.all for name in library.places}):
            found.setdefault(name[:2], []).append(name)
        return found

    # -- reading

    def _read(self, name: str, home: str, path: str, data: bytes) -> Library | None:
        try:
            lines = split_lines(data.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
            self.problems.append(Diagnostic(Span(path, 1, 1), "not-utf-8", message))
            return None
        starts, _ = find_starts(lines)
        places: dict[str, list[int]] = {}
        for k, start in enumerate(starts):
            for found in start.names:
                places.setdefault(found, []).append(k)
            if start.is_misplaced:
                line = lines[start.line].rstrip()
                span = Span(path, start.line + 1, 1, max(1, len(line)))
                note = "a library holds functions and constants"
                message = "this statement is not part of a library"
                self.problems.append(Diagnostic(span, "unexpected-statement", message, (note,)))
        return Library(name, home, path, starts, Sharing(lines, starts), places)

    # -- what names mean

    def imports_in(self, text: str) -> dict[str, str]:
        """What is imported from libraries in a text: what each name, or each name of a module
        behind it, is called in the program.
        """
        found: dict[str, str] = {}
        for node in _imports_in(text) if self.all else ():
            for alias in node.names:
                if isinstance(node, ast.ImportFrom):
                    found |= self._imported_from(node, alias)
                elif (library := self._called(alias.name)) is not None:
                    module = alias.asname or alias.name
                    found |= {f"{module}.{name}": library.spoken(name) for name in library.places}
        return found

    def _imported_from(self, node: ast.ImportFrom, alias: ast.alias) -> dict[str, str]:
        library = self._called(node.module or "")
        if library is None:  # `from folder import library`
            inner = self._called(".".join(filter(None, [node.module, alias.name])))
            module = alias.asname or alias.name
            return {f"{module}.{n}": inner.spoken(n) for n in inner.places} if inner else {}
        if alias.name == "*":
            return {name: library.spoken(name) for name in library.places if name[0] != "_"}
        return {alias.asname or alias.name: library.spoken(alias.name)}

    def _called(self, module: str) -> Library | None:
        return next((library for library in self.all if library.is_called(module)), None)

    def _meanings(
        self, words: set[str], imports: Mapping[str, str], own: set[str]
    ) -> dict[str, str]:
        """What words mean that are names of libraries."""
        found = {name: spoken for name, spoken in imports.items() if words >= {*name.split(".")}}
        for word in words - own - imports.keys():
            library = next((one for one in self.all if word in one.places), None)
            if library is not None and word not in TABLE and word not in CONSTANTS:
                found[word] = library.spoken(word)
        return found

    # -- what is used

    def _texts(self, meanings: Meanings) -> tuple[LibraryText, ...]:
        """All statements that these names need."""
        done: dict[tuple[str, int], LibraryText] = {}
        begun: set[tuple[str, int]] = set()
        named = [self._spoken[s] for s in sorted({*meanings.values()}) if s in self._spoken]
        waiting = [(library, k, False) for library, name in named for k in library.places[name]]
        while waiting:
            library, k, is_ready = waiting.pop()
            key = library.path, k
            if is_ready:
                done.setdefault(key, self._text(library, k))
            elif key not in begun:
                begun.add(key)
                waiting.append((library, k, True))
                waiting += [(*place, False) for place in self._needed(library, k)]
        return tuple(done.values())

    def _text(self, library: Library, k: int) -> LibraryText:
        start = library.starts[k]
        meanings = tuple(sorted(self._meanings_in(library, k).items()))
        return LibraryText(library.path, start.line + 1, library.sharing.bare(k), meanings)

    def _meanings_in(self, library: Library, k: int) -> dict[str, str]:
        """What the names in a statement of a library mean; its own come first."""
        words = words_of(library.sharing.texts[k])
        own = {name: library.spoken(name) for name in words & library.places.keys()}
        return self._meanings(words, library.imports, set(own)) | own

    def _needed(self, library: Library, k: int) -> Iterator[tuple[Library, int]]:
        for spoken in self._meanings_in(library, k).values():
            if spoken in self._spoken:
                other, name = self._spoken[spoken]
                yield from ((other, place) for place in other.places[name])


def _imports_in(text: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a text, wherever they stand, as far as they are Python."""
    for match in _IMPORT.finditer(text):
        try:
            nodes = read_python(match[0].strip()).body
        except (SyntaxError, ValueError):
            continue
        yield from (n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom))


NO_LIBRARIES: Final[Libraries] = Libraries()
