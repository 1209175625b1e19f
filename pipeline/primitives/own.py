"""Rows of a project's own: files outside the package that `config.yaml` names, imported as code.

Nothing but `table.use` reads them. What is wrong with a file is a diagnostic at its line, never a
traceback: these files are the user's, and so is what they raise, also when a row runs.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from pipeline.diagnostics import Diagnostic, Invalid, Span
from pipeline.ir.operations import OPERATIONS
from pipeline.ir.status import REASONS, Failure
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.row import Primitive, rows_of, with_reference
from pipeline.system.package import PACKAGE
from pipeline.system.stamp import digest, python_files

MODULES: Final = "own_rows"
"""The package that the files of the first folder are imported as; `own_rows_1` that of the next."""

RESERVED: Final = frozenset(
    {
        *OPERATIONS,
        *CONSTANTS,
        *dir(builtins),
        *("grids", "inputs", "lanes", "limits", "name", "verdict", "verdicts", "wanted"),
        *("close", "loop_end", "loop_enter", "loop_test", "open_domains", "pack"),
        *("drive_blocks", "run_candidates", "run_work", "score_values"),
    }
)
"""What no row may be called: constants, what Python has, and what the runtimes use themselves."""

_VARIADIC: Final = 0x0C
_TYPES: Final = "docs/semantics.md has the types"
_ROWS: Final = "docs/own-primitives.md says what such a file holds"


@dataclass(frozen=True, slots=True)
class OwnRows:
    """The rows of some files. paths: the files and folders that were asked for. stamps: of their
    files. digests: for each row that of the files that its own depends on. files: for each its own.
    """

    paths: tuple[str, ...] = ()
    rows: tuple[Primitive, ...] = ()
    stamps: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def read_rows(paths: Sequence[str], known: Mapping[str, Primitive]) -> OwnRows:
    """Import all files of some folders, and files; Invalid if anything is wrong with one.

    known: the rows that there are.
    """
    stamps = python_files(paths)
    found: list[Diagnostic] = []
    rows: list[Primitive] = []
    digests: dict[str, str] = {}
    files: dict[str, str] = {}
    for number, path in enumerate(paths):
        own = 0
        package = _package(number, path)
        for file in python_files([path]):
            module = _imported(file, package)
            if isinstance(module, Diagnostic):
                found.append(module)
                own += 1
                continue
            for row in rows_of(module):
                own += 1
                found += _wrong(row, file, {*known, *(r.name for r in rows)})
                rows.append(with_reference(row, _guarded(row)))
                digests[row.name], files[row.name] = _digest(file), shown(file)
        if not own:
            note = f"a row is a function below `@primitive(...)`; {_ROWS}"
            found.append(Diagnostic(_place(path, 1), "no-rows", "there is no row in it", (note,)))
    if found or (found := list(_false_examples(rows, known))):
        raise Invalid(found)
    return OwnRows(tuple(paths), tuple(rows), stamps, digests, files)


def shown(file: str) -> str:
    """A path as messages have it: from this folder, where it is below."""
    inside = os.path.relpath(file)
    return file if inside.startswith("..") else inside


def _place(file: str, line: int, column: int = 1) -> Span:
    return Span(shown(file), line, column)


# -- importing


def _package(number: int, path: str) -> str:
    """An empty package whose folder is that of the path, so that files may import one another."""
    name = f"{MODULES}_{number}" if number else MODULES
    for known in [n for n in sys.modules if n == name or n.startswith(f"{name}.")]:
        del sys.modules[known]
    package = ModuleType(name)
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    package.__path__ = [str(folder)]
    sys.modules[name] = package
    return name


def _imported(file: str, package: str) -> ModuleType | Diagnostic:
    """A file as a module of the package; what is wrong if it can't be imported."""
    name = f"{package}.{Path(file).stem}"
    if name in sys.modules:  # another file of the folder imports it
        return sys.modules[name]
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        with open(file, "rb") as opened:
            code = compile(opened.read(), file, "exec", dont_inherit=True)
        exec(code, vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        return _not_imported(file, error)
    return module


def _not_imported(file: str, error: BaseException) -> Diagnostic:
    if isinstance(error, SyntaxError) and (error.filename or file) == file:
        span = _place(file, error.lineno or 1, max(1, error.offset or 1))
        return Diagnostic(span, "syntax-error", (error.msg or "invalid syntax").split("\n")[0])
    if isinstance(error, OSError) and error.filename == file:
        why = error.strerror or str(error)
        return Diagnostic(_place(file, 1), "unreadable", f"can't be read: {why}")
    span = _place(file, _line_in(error, file))
    message = f"importing this file raises {_text(error)}"
    frames = traceback.extract_tb(error.__traceback__)
    if frames and PACKAGE in Path(frames[-1].filename).parents:
        message = str(error)  # said of a row, where it is made
    return Diagnostic(span, "bad-row", message, (_note_on(error),))


def _note_on(error: BaseException) -> str:
    if isinstance(error, ImportError):
        return "a file beside this one is imported by `from .NAME import ...`"
    if "not a type" in str(error) or "not a signature" in str(error):
        return f'a signature is like "Grid Integer -> Grid"; {_TYPES}'
    return _ROWS


def _text(error: BaseException) -> str:
    said = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _line_in(error: BaseException, file: str) -> int:
    """The line of a file where an exception came from: the last one that is in it."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 1 for f in reversed(frames) if f.filename == file), 1)


# -- looking at rows


def _wrong(row: Primitive, file: str, taken: Collection[str]) -> Iterator[Diagnostic]:
    """What is wrong with a row beside its signature, which was read when it was made."""
    span = _place(file, row.reference.__code__.co_firstlineno)

    def bad(message: str, *notes: str) -> Diagnostic:
        return Diagnostic(span, "bad-row", f"{row.name}: {message}", notes)

    if row.name in taken or row.name in RESERVED or row.name.startswith("_"):
        why = "there is a row of this name already" if row.name in taken else "no row has this name"
        yield bad(why, "call it another name: a new row never changes what a word means")
    code: CodeType = row.reference.__code__
    if code.co_flags & _VARIADIC or code.co_kwonlyargcount:
        yield bad("a row's parameters are plain ones", "write `def name(a, b):`")
    is_function = any(
        part.head == "Function" or "->" in part.text
        for s in row.overloads
        for part in (*s.parameters, s.result)
    )
    if is_function and row.expand is None:
        note = "see pipeline/primitives/functions.py"
        yield bad("a row that takes or gives a function needs expand=", note)
    others = [name for name in (row.merges, *row.same_as) if name and name not in taken]
    if others:
        yield bad(f"there is no row {others[0]!r}")
    names = [name for name in (*row.optional, *row.ragged) if name not in row.parameters]
    if names:
        yield bad(f"it has no parameter {names[0]!r}")
    yield from _wrong_native(row, bad)


def _wrong_native(row: Primitive, bad: Callable[..., Diagnostic]) -> Iterator[Diagnostic]:
    made = row.native
    if made is None:
        return
    parts = (("m",) if made.words is None else ("m", "out"), made.fill), (("m",), made.words)
    for begin, function in parts:
        if function is not None and function.__code__.co_argcount != row.arity + len(begin):
            wanted = ", ".join((*begin, *row.parameters))
            yield bad(f"its row function {function.__name__} takes other arguments than ({wanted})")


def _false_examples(
    rows: Sequence[Primitive], known: Mapping[str, Primitive]
) -> Iterator[Diagnostic]:
    """The examples that are not true."""
    scope = {row.name: row.reference for row in (*known.values(), *rows)}
    for row in rows:
        code = inspect.unwrap(row.reference).__code__
        for example in row.examples:
            try:
                why = "" if eval(example, {**CONSTANTS, **scope}) else "is not true"
            except Invalid as error:
                yield from error.diagnostics
                break
            except Exception as error:
                why = f"raises {_text(error)}"
            if why:
                message = f"{row.name}: its example `{example}` {why}"
                yield Diagnostic(_place(code.co_filename, code.co_firstlineno), "bad-row", message)


# -- running them


def _guarded(row: Primitive) -> Callable[..., Any]:
    """A reference whose faults are told with its place: what it raises beside Failure, and what it
    gives that is no value.
    """
    reference, file = row.reference, row.reference.__code__.co_filename

    @functools.wraps(reference)
    def guarded(*args: Any) -> Any:
        try:
            result = reference(*args)
        except Failure as failure:
            if failure.reason in REASONS:
                raise
            known = ", ".join(REASONS)
            raise _fault(row, failure.__traceback__, _unknown(failure), f"one is {known}") from None
        except Invalid:
            raise
        except Exception as error:
            note = 'where a row can\'t go on it raises Failure("EMPTY") or another reason'
            raise _fault(row, error.__traceback__, f"raises {_text(error)}", note) from None
        if callable(result) or _is_plain(result):
            return result
        what = f"gives {type(result).__name__}, which is no value of a solver"
        note = "a row gives integers, truth values, tuples and frozensets, and what is of those"
        span = _place(file, reference.__code__.co_firstlineno)
        raise Invalid([Diagnostic(span, "row-failed", f"the row {row.name} {what}", (note,))])

    return guarded


def _unknown(failure: Failure) -> str:
    return f"raises Failure({failure.reason!r}), which is no reason"


def _fault(row: Primitive, trace: Any, what: str, note: str) -> Invalid:
    file = row.reference.__code__.co_filename
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == file]
    span = _place(file, (lines or [row.reference.__code__.co_firstlineno])[-1] or 1)
    return Invalid([Diagnostic(span, "row-failed", f"the row {row.name} {what}", (note,))])


def _is_plain(value: Any) -> bool:
    """Whether this is a value of a solver; of a long container the first element tells."""
    if isinstance(value, tuple | frozenset):
        return all(map(_is_plain, value)) if len(value) < 100 else _is_plain(next(iter(value)))
    return value is None or type(value) in (int, bool)


# -- what a row depends on


def _digest(file: str) -> str:
    """The hash of a file and of those beside it that it imports, also through others."""
    waiting, seen = [Path(file)], dict[str, str]()
    for path in waiting:
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if path.name not in seen:
            seen[path.name] = digest(data)
            waiting += [path.with_name(f"{name}.py") for name in _beside(data)]
    return digest("\n".join(f"{name} {seen[name]}" for name in sorted(seen)).encode())


def _beside(data: bytes) -> Iterator[str]:
    """The names of the files of the same folder that a text imports."""
    for node in ast.walk(ast.parse(data)):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (name.partition(".")[0] for name in names)
