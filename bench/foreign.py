"""Programs run as Python, on the published DSL whose sets are in canonical order.

They are programs of others: each is run in a process of its own that is forked for it, with so much
processor time and memory and no output, and what it does to its names no other program sees. What
starts the processes must not have threads, so it loads neither NumPy nor our engines.

The text is run as it stands but for three things: a set that is displayed is one in canonical order
too; an import of what is not installed is passed over, as is that of the DSL, whose names are there
already; and `__name__` is no `__main__`.
"""

from __future__ import annotations

import ast
import os
import pickle
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, Final, NamedTuple

from pipeline.data.tasks import Grid
from tests.published import CanonicalMutableSet, published_dsl

GRID, NO_GRID, ERROR, TIME, MEMORY = "grid", "no grid", "error", "time", "memory"
"""How a lane ends: with a grid, with another value, by raising, or without an end."""

MEMORY_BYTES: Final = 4 << 30
PATIENCE: Final = 6
"""After so many times its processor time a program that only waits is ended too."""

_DSL_MODULES = {"dsl", "constants", "arc_types", "arc_dsl"}
DISPLAYED: Final = "displayed set"
"""What a set that is displayed is made by: no program can have a name like this."""


class End(NamedTuple):
    """How a lane ends, and the grid or what was raised."""

    kind: str
    value: Any = None


class Foreign(NamedTuple):
    """A function of a file, and what it is run on; `pairs` are the task's examples."""

    path: str
    text: str
    function: str
    pairs: tuple[tuple[Grid, Grid], ...]
    grids: tuple[Grid, ...]


def run_part(
    seconds: int, part: tuple[int, Sequence[Foreign]], careful: bool
) -> tuple[int, list[list[End]]]:
    """What a process does: some programs, one after another."""
    number, programs = part
    return number, [run_foreign(program, seconds) for program in programs]


def run_foreign(program: Foreign, seconds: int) -> list[End]:
    """How the program ends on each of its grids."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run_here(program, seconds, writer)
    os.close(writer)
    ends = _read_ends(reader, len(program.grids), child, seconds)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if len(ends) < len(program.grids):
        ended = status in (-signal.SIGXCPU, -signal.SIGKILL)
        last = End(TIME) if ended else End(ERROR, f"process ended: {status}")
        ends += [last] * (len(program.grids) - len(ends))
    return ends


def _read_ends(reader: int, count: int, child: int, seconds: int) -> list[End]:
    """What comes through the pipe, until it is closed or the time is over."""
    limit = time.monotonic() + PATIENCE * seconds
    found: list[End] = []
    with os.fdopen(reader, "rb", buffering=0) as file:
        data = b""
        while select.select([file], [], [], max(0.0, limit - time.monotonic()))[0]:
            part = file.read(1 << 16)
            if not part:
                break
            data += part
        else:
            os.kill(child, signal.SIGKILL)
    for record in _records(data):
        found.append(record)
    return found[:count]


def _records(data: bytes) -> Iterator[End]:
    """The whole records, each after its length."""
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 8], "big")
        place += 8
        if place + size > len(data):
            return
        yield End(*pickle.loads(data[place : place + size]))
        place += size


# -- in the process


def _run_here(program: Foreign, seconds: int, writer: int) -> None:
    """Run a program on its grids and end the process."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        for end in _ends(program):
            record = pickle.dumps(tuple(end))
            os.write(writer, len(record).to_bytes(8, "big") + record)
    finally:
        os._exit(0)


def _ends(program: Foreign) -> Iterator[End]:
    try:
        function = _loaded(program)
    except BaseException as error:
        yield from [End(ERROR, _said(error))] * len(program.grids)
        return
    for grid in program.grids:
        yield _end(function, grid)


def _loaded(program: Foreign) -> Callable[[Grid], Any]:
    """The function of the file, called with what its parameters want."""
    names: dict[str, Any] = {
        **published_dsl(),
        "__name__": "program",
        DISPLAYED: CanonicalMutableSet,
    }
    exec(compiled(program.path, program.text), names)
    function = names[program.function]
    spec = function.__code__
    needed = spec.co_argcount - len(function.__defaults__ or ())
    if needed <= 1:
        return lambda grid: function(grid)
    more = (None,) * (needed - 2)
    return lambda grid: function(program.pairs, grid, *more)


def _end(function: Callable[[Grid], Any], grid: Grid) -> End:
    try:
        value = plain(function(grid))
    except MemoryError:
        return End(MEMORY)
    except BaseException as error:
        return End(ERROR, _said(error))
    return End(NO_GRID, type(value).__name__) if value is None else End(GRID, value)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:120]}"


def plain(value: Any) -> Grid | None:
    """A grid with lists as tuples and truth values as integers; None for what is no grid."""
    if not isinstance(value, tuple | list):
        return None
    if not all(isinstance(row, tuple | list) and len(row) == len(value[0]) for row in value):
        return None
    if not all(isinstance(cell, int) for row in value for cell in row):
        return None
    return tuple(tuple(map(int, row)) for row in value)


# -- the text


@lru_cache(maxsize=4)
def compiled(path: str, text: str) -> CodeType:
    """The module in a text, which is changed as the module's docstring says; SyntaxError."""
    tree = ast.fix_missing_locations(_Changed().visit(ast.parse(text, path)))
    return compile(tree, path, "exec")


class _Changed(ast.NodeTransformer):
    """See the module's docstring."""

    def visit_Set(self, node: ast.Set) -> ast.AST:
        self.generic_visit(node)
        return _made(ast.Tuple(node.elts, ast.Load()))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return _made(ast.GeneratorExp(node.elt, node.generators))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == "__future__":
            return node
        return ast.Pass() if node.module in _DSL_MODULES else _tried(node)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        return ast.Pass() if {a.name for a in node.names} & _DSL_MODULES else _tried(node)


def _made(elements: ast.expr) -> ast.AST:
    """A call of the set in canonical order, by a name that no program can have."""
    return ast.Call(ast.Name(DISPLAYED, ast.Load()), [elements], [])


def _tried(node: ast.stmt) -> ast.AST:
    handler = ast.ExceptHandler(ast.Name("ImportError", ast.Load()), None, [ast.Pass()])
    return ast.Try([node], [handler], [], [])
