"""The statements of a file: which lines at the left margin begin one, and what it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.frontend.candidates import APART
from pipeline.frontend.constructs import read_python
from pipeline.frontend.python_library import MODULES
from pipeline.frontend.scoping import changed_names

BARE: Final = ("solve", "verify")
"""What solvers are called that have their id from their file."""

_DEF: Final = re.compile(r"(?:async )?def\s+(\w+)")
_CLASS: Final = re.compile(r"class\s+(\w+)")
_IMPORT: Final = re.compile(r"(from|import)\s")
_STANDARD: Final = re.compile(rf"from\s+({'|'.join(sorted(MODULES))})\s")
_MORE: Final = re.compile(r"\sas\s|;|\(\s*(#.*)?$")
_PREFIXES: Final = ("solve_", "verify_")
_INSIDE: Final = " \t#)]}"
"""How a line begins that begins no statement at the margin; one that is empty begins none too."""


@dataclass(slots=True)
class Start:
    """Where a statement begins: its line, from 0, and the solver's id, if it is one.

    function: the name of a function or a class. nodes: what Python reads in the statement, where it
    was asked. is_misplaced: whether Python does not take it there.
    """

    line: int
    ident: str = ""
    function: str = ""
    nodes: list[ast.stmt] = field(default_factory=list)
    is_misplaced: bool = False

    @property
    def is_bad_name(self) -> bool:
        """Whether it is called like a solver, and for no task."""
        return not self.ident and self.function.startswith(_PREFIXES)

    @property
    def names(self) -> set[str]:
        """The names that the statement assigns or changes for those that use them."""
        if self.function:
            return {self.function}
        return {name for node in self.nodes if not _is_guard(node) for name in changed_names(node)}


def _is_guard(node: ast.stmt) -> bool:
    """Whether this is `if __name__ == ...`: what runs only where the file is run."""
    if not isinstance(node, ast.If):
        return False
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))


def find_starts(lines: list[str]) -> tuple[list[Start], bool]:
    """Where each statement at the margin begins, and whether all are solvers and plain imports."""
    starts: list[Start] = []
    for k in _margin(lines):
        start = _start(k, lines[k])
        if start is None:
            return _read_starts(lines), False
        starts.append(start)
    return starts, True


def _margin(lines: list[str]) -> Iterator[int]:
    """The lines at the margin."""
    for k, line in enumerate(lines):
        if line[:1] in _INSIDE:  # nearly every line, so nothing else is asked of it
            continue
        line = line.lstrip("\f")
        if line[:1] not in _INSIDE and line.strip():
            yield k


def _start(k: int, line: str) -> Start | None:
    """The solver or the import in a line; None where it is neither, or may import what matters."""
    line = line.lstrip("\f")
    match = _DEF.match(line)
    if match is not None and (ident := _ident(match[1])):
        return Start(k, ident, match[1])
    if _IMPORT.match(line) and not _MORE.search(line) and not _STANDARD.match(line):
        return Start(k)
    return None


def _ident(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            ident = name[len(prefix) :]
            return "" if ident.startswith(APART) else ident
    return ""


def _read_starts(lines: list[str]) -> list[Start]:
    """The statements of a file that has others too, as Python's parser sees them.

    Read from one definition to the next, so that one that Python can't read hides no other: what is
    wrong with that one is told when it is compiled.
    """
    margin = list(_margin(lines))
    chunks = _chunks(lines, margin)
    starts: list[Start] = []
    for k, (begin, own) in enumerate(chunks):
        end = chunks[k + 1][0] if k + 1 < len(chunks) else len(lines)
        heads = [line for line in own if _definition(lines[line])]
        if len(own) == len(heads) or all(lines[n].lstrip("\f")[0] == "@" for n in own[:-1]):
            name = next((d for n in own if (d := _definition(lines[n]))), "")
            if name:
                starts.append(Start(begin, _ident(name), name))
                continue
        starts += _read_chunk(lines, begin, end, own)
    return starts


def _definition(line: str) -> str:
    """The name of the function or the class whose first line this is; empty for another line."""
    line = line.lstrip("\f")
    match = _DEF.match(line) or _CLASS.match(line)
    return match[1] if match else ""


def _chunks(lines: list[str], margin: list[int]) -> list[tuple[int, list[int]]]:
    """The begin of each chunk, which has one definition at most, and its lines at the margin.

    A decorator is in the chunk of what it decorates.
    """
    chunks: list[tuple[int, list[int]]] = []
    is_decorated = False
    for k in margin:
        is_decorator = lines[k].lstrip("\f").startswith("@")
        is_head = is_decorator or bool(_definition(lines[k]))
        if not chunks or (is_head and not is_decorated):
            chunks.append((k, []))
        chunks[-1][1].append(k)
        is_decorated = is_decorator or (is_decorated and not is_head)
    return chunks


def _read_chunk(lines: list[str], begin: int, end: int, own: list[int]) -> list[Start]:
    nodes = _nodes(lines, begin, end)
    if nodes is None and any(_definition(lines[n]) for n in own):
        name = next(d for n in own if (d := _definition(lines[n])))
        return [Start(begin, _ident(name), name)]
    if nodes is None:
        ends = [*own[1:], end]
        each = [(n, _nodes(lines, n, stop)) for n, stop in zip(own, ends, strict=True)]
        return [_of_nodes(n, found) if found else Start(n, is_misplaced=True) for n, found in each]
    by_line: dict[int, list[ast.stmt]] = {}
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        by_line.setdefault(begin + first - 1, []).append(node)
    return [_of_nodes(line, found) for line, found in by_line.items()]


def _nodes(lines: list[str], begin: int, end: int) -> list[ast.stmt] | None:
    try:
        return read_python("\n".join(lines[begin:end])).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_nodes(line: int, nodes: list[ast.stmt]) -> Start:
    """The statements that begin in one line; `solve_A = ...` is a solver as well."""
    node = nodes[0]
    if len(nodes) == 1 and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        ident = "" if isinstance(node, ast.ClassDef) else _ident(node.name)
        return Start(line, ident, node.name, nodes)
    if len(nodes) == 1 and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [t.id for t in targets if isinstance(t, ast.Name)]
        if len(names) == len(targets) == 1 and (_ident(names[0]) or names[0] in BARE):
            return Start(line, _ident(names[0]), names[0], nodes)
    return Start(line, nodes=nodes, is_misplaced=any(isinstance(n, ast.Return) for n in nodes))
