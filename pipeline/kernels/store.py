"""Kernels: compiled once, kept as object files, loaded without Numba.

A kernel's file is named by a digest of the functions that go into it, so a change of one row
compiles one kernel again, whichever file it stands in; the folder is named by what else decides the
code: the processor, Python, Numba. Two builds at once write the same bytes under the same name.

What the files hold is up to a `Target`: object files for this machine's processor here, PTX for a
kind of GPU in `engine.cuda.target`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any, Final, Protocol

from pipeline.diagnostics import Diagnostic, Invalid, Span
from pipeline.kernels import loops
from pipeline.kernels.names import functions_of, reached, with_needed
from pipeline.primitives.table import own_rows
from pipeline.system.atomic import write_atomic
from pipeline.system.spread import PartEnded, PartRaised, spread

FOLDER: Final = Path(os.environ.get("ARC_KERNELS", ".cache/kernels"))
"""Where kernels are kept unless a caller says otherwise."""

KEPT: Final = 4
"""How many versions of a kernel are kept, the newest ones."""


class Target(Protocol):
    """What kernels are compiled for. It is pickled for the processes that compile."""

    @property
    def folder(self) -> str:
        """The name of its folder: whatever decides about the code, but for the functions."""

    @property
    def suffix(self) -> str:
        """Of its files."""

    @property
    def text(self) -> bytes:
        """How it compiles: what changes it changes all kernels."""

    def source(self, name: str) -> str:
        """The text of a kernel's loop."""

    def compile(self, name: str) -> bytes:
        """The content of a kernel's file."""


def digest_of(name: str, target: Target) -> str:
    """What a kernel's code depends on, hashed."""
    digest = hashlib.sha256(name.encode())
    digest.update(target.source(name).encode())
    digest.update(target.text)
    digest.update(_constants())
    for function in sorted(reached(tuple(functions_of(name))), key=_full_name):
        digest.update(_text_of(function))
    return digest.hexdigest()[:20]


def weight_of(name: str) -> int:
    """How much there is to compile: the time it takes goes by it, if roughly."""
    return sum(len(_text_of(function)) for function in reached(tuple(functions_of(name))))


@cache
def _constants() -> bytes:
    """The constants of loops' texts."""
    constants = sorted((n, v) for n, v in loops.plain_names().items() if isinstance(v, int))
    return repr(constants).encode()


def _full_name(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


@cache
def _text_of(function: Any) -> bytes:
    """A function's code and the plain constants that it names."""
    code: CodeType = function.__code__
    scope = function.__globals__
    constants = [
        (name, scope[name]) for name in code.co_names if isinstance(scope.get(name), int | tuple)
    ]
    literals = tuple(value for value in code.co_consts if value != function.__doc__)
    parts = (_full_name(function), code.co_code, literals, code.co_names, constants)
    defaults = (function.__defaults__,) if function.__defaults__ else ()
    return repr(parts + defaults).encode()


def place_of(folder: Path, name: str, target: Target) -> Path:
    """Where a kernel's file is kept."""
    return folder / target.folder / f"{name}-{digest_of(name, target)}{target.suffix}"


def missing(folder: Path, names: Iterable[str], target: Target) -> list[str]:
    """The kernels, shared ones included, that are not compiled yet."""
    wanted = with_needed(names)
    return [name for name in wanted if not place_of(folder, name, target).exists()]


def forget_old(folder: Path, target: Target, kept: int = KEPT) -> None:
    """Remove all but the newest files of each kernel: other branches may still want those."""
    found: dict[str, list[tuple[float, Path]]] = {}
    for path in (folder / target.folder).glob("*-*.*"):
        with contextlib.suppress(FileNotFoundError):  # another build may be forgetting it too
            name = path.name.rpartition("-")[0]
            found.setdefault(name, []).append((path.stat().st_mtime, path))
    for versions in found.values():
        for _, path in sorted(versions)[:-kept]:
            path.unlink(missing_ok=True)


def compile_kernels(folder: Path, names: Iterable[str], target: Target) -> Iterator[str]:
    """Compile kernels in this process, one after another; yields each name when it is done."""
    for name in names:
        place = place_of(folder, name, target)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(place, _compiled(name, target))
        yield name


def _compiled(name: str, target: Target) -> bytes:
    """The content of a kernel's file; Invalid where a row of a project's own can't be compiled."""
    try:
        return target.compile(name)
    except Exception as error:
        if name not in own_rows().files:
            raise
        raise Invalid([_fault_of(name, str(error))]) from None


def _fault_of(name: str, said: str) -> Diagnostic:
    """What a compiler says of a row function, at the line that it names or else at the function's.

    The first line of what it says names its own step only.
    """
    lines = [line.strip() for line in re.sub(r"\x1b\[[\d;]*m", "", said).split("\n")]
    texts = [line for line in lines if line and not line.startswith(("File", "Failed in", "-"))]
    code = functions_of(name)[0].__code__
    file = re.escape(Path(code.co_filename).name)
    place = re.search(rf'File "(?:[^"]*/)?{file}", line (\d+)', said)
    line = int(place[1]) if place else code.co_firstlineno
    message = f"the row function of {name} can't be compiled: {(texts or ['no reason'])[0]}"
    note = "it is written in integers, comparisons, loops and calls of functions marked @compiled"
    return Diagnostic(Span(own_rows().files[name], line, 1), "row-not-compiled", message, (note,))


def compile_in_processes(
    folder: Path,
    names: Sequence[str],
    processes: int,
    target: Target,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """As `compile_kernels`, in several processes, begun with some variables; names come as they are
    done."""
    work = partial(_compile_one, folder, target)
    try:
        with closing(spread(work, names, processes, environment=environment)) as done:
            yield from done
    except PartEnded:
        text = "a process that compiled kernels was ended (no memory left?): run again"
        raise OSError(text) from None
    except PartRaised as raised:
        raise (raised.error or raised) from None


def _compile_one(folder: Path, target: Target, name: str, careful: bool) -> str:
    """What a process does for each kernel; functions that several kernels call stay compiled."""
    return next(compile_kernels(folder, [name], target))
