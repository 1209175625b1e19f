"""Kernels: compiled once, kept as object files, loaded without Numba.

A kernel's file is named by a digest of the functions that go into it, so a change of one row
compiles one kernel again, whichever file it stands in; the folder is named by what else decides the
code: the processor, Python, Numba. Two builds at once write the same bytes under the same name.

What the files hold is up to a `Target`: object files for this machine's processor here, PTX for a
kind of GPU in `engine.cuda.target`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import multiprocessing
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any, Final, Protocol

from llvmlite import binding

from pipeline.kernels import loops, structure
from pipeline.kernels.drive import drive_blocks, run_work
from pipeline.primitives import sorting
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import INTERNAL, TABLE
from pipeline.system.atomic import write_atomic

FOLDER: Final = Path(os.environ.get("ARC_KERNELS", ".cache/kernels"))
"""Where kernels are kept unless a caller says otherwise."""

KEPT: Final = 4
"""How many versions of a kernel are kept, the newest ones."""

SHARED = {
    function.shared: function
    for function in vars(sorting).values()
    if hasattr(function, "shared") and function.__module__ == sorting.__name__
}
"""Kernels that other kernels call, by symbol."""

DRIVER: Final = drive_blocks.__name__
"""The kernel that calls the others on a CPU."""

STRUCTURAL = {function.__name__: function for function in structure.KERNELS}
"""Kernels of instructions that are no row's."""

WHOLE: Final = {
    **SHARED,
    **STRUCTURAL,
    **{function.__name__: function for function in (drive_blocks, run_work)},
}
"""Kernels that are one function."""


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


@dataclass(frozen=True, slots=True)
class Processor:
    """This machine's processor: object files."""

    suffix: str = ".o"

    @property
    def folder(self) -> str:
        """The processor and the compilers, hashed."""
        return _machine_key()

    @property
    def text(self) -> bytes:
        """See `Target`."""
        return _text_beside("jit.py") + _text_beside("binding.py")

    def source(self, name: str) -> str:
        """See `Target`."""
        return loops.WHOLE if name in WHOLE else loops.row_source(row_of(name))

    def compile(self, name: str) -> bytes:
        """An object file with one function, `symbol_of(name)`."""
        from pipeline.kernels import jit

        return jit.compile_kernel(name)


PROCESSOR: Final = Processor()


@cache
def _machine_key() -> str:
    features = binding.get_host_cpu_features().flatten()
    parts = (
        platform.machine(),
        sys.platform,
        sys.implementation.cache_tag,
        binding.get_host_cpu_name(),
        features,
        version("numba"),
        version("llvmlite"),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@cache
def _text_beside(name: str) -> bytes:
    return Path(__file__).with_name(name).read_bytes()


def instruction_names() -> list[str]:
    """Every kernel that instructions can name."""
    rows = (*TABLE.values(), *INTERNAL.values())
    return [*(row.name for row in rows if row.native is not None), *STRUCTURAL]


def all_names() -> list[str]:
    """Every kernel that generated code can call on a CPU, and the driver."""
    return [*instruction_names(), DRIVER]


def functions_of(name: str) -> list[Callable[..., Any]]:
    """The marked functions that a kernel is made of."""
    if name in WHOLE:
        return [WHOLE[name]]
    native = row_of(name).native
    assert native is not None
    return [f for f in (native.fill, native.words, *loops.CALLED) if f is not None]


def row_of(name: str) -> Primitive:
    """The row of this name, one that only passes make included."""
    return TABLE.get(name) or INTERNAL[name]


def needs(name: str) -> list[str]:
    """The shared kernels that a kernel calls, directly or not."""
    found = _reached(tuple(functions_of(name)))
    return sorted({f.shared for f in found if hasattr(f, "shared")} - {name})


def _reached(functions: tuple[Any, ...]) -> list[Any]:
    """The marked functions, and all that they call."""
    seen: dict[Any, None] = {}
    waiting = list(functions)
    while waiting:
        function = waiting.pop()
        if function not in seen:
            seen[function] = None
            waiting += _called(function)
    return list(seen)


@cache
def _called(function: Any) -> tuple[Any, ...]:
    scope = function.__globals__
    values = [scope.get(name) for name in function.__code__.co_names]
    return tuple(v for v in values if hasattr(v, "is_compiled"))


def digest_of(name: str, target: Target = PROCESSOR) -> str:
    """What a kernel's code depends on, hashed."""
    digest = hashlib.sha256(name.encode())
    digest.update(target.source(name).encode())
    digest.update(target.text)
    digest.update(_constants())
    for function in sorted(_reached(tuple(functions_of(name))), key=_full_name):
        digest.update(_text_of(function))
    return digest.hexdigest()[:20]


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


def place_of(folder: Path, name: str, target: Target = PROCESSOR) -> Path:
    """Where a kernel's file is kept."""
    return folder / target.folder / f"{name}-{digest_of(name, target)}{target.suffix}"


def missing(folder: Path, names: Iterable[str], target: Target = PROCESSOR) -> list[str]:
    """The kernels, shared ones included, that are not compiled yet."""
    wanted = with_needed(names)
    return [name for name in wanted if not place_of(folder, name, target).exists()]


def forget_old(folder: Path, target: Target = PROCESSOR, kept: int = KEPT) -> None:
    """Remove all but the newest files of each kernel: other branches may still want those."""
    found: dict[str, list[tuple[float, Path]]] = {}
    for path in (folder / target.folder).glob("*-*.*"):
        with contextlib.suppress(FileNotFoundError):  # another build may be forgetting it too
            name = path.name.rpartition("-")[0]
            found.setdefault(name, []).append((path.stat().st_mtime, path))
    for versions in found.values():
        for _, path in sorted(versions)[:-kept]:
            path.unlink(missing_ok=True)


def with_needed(names: Iterable[str]) -> list[str]:
    """The kernels and the shared ones that they call, in order of name."""
    wanted = set(names)
    for name in list(wanted):
        wanted.update(needs(name))
    return sorted(wanted)


def compile_kernels(
    folder: Path, names: Iterable[str], target: Target = PROCESSOR
) -> Iterator[str]:
    """Compile kernels in this process, one after another; yields each name when it is done."""
    for name in names:
        place = place_of(folder, name, target)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(place, target.compile(name))
        yield name


def compile_in_processes(
    folder: Path, names: Sequence[str], processes: int, target: Target = PROCESSOR
) -> Iterator[str]:
    """As `compile_kernels`, in several processes; names come as they are done."""
    count = min(processes, len(names))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        waiting = [pool.submit(_compile_one, folder, name, target) for name in names]
        try:
            for future in as_completed(waiting):
                yield future.result()
        except BrokenProcessPool:
            text = "a process that compiled kernels was ended (no memory left?): run again"
            raise OSError(text) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _compile_one(folder: Path, name: str, target: Target) -> str:
    """What a process does for each kernel; functions that several kernels call stay compiled."""
    return next(compile_kernels(folder, [name], target))


def symbol_of(name: str) -> str:
    """What a kernel is called where it is linked."""
    return name if name in SHARED else f"loop_{name}"


class Kernels:
    """The kernels of a folder, loaded as they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.addresses: dict[str, int] = {}
        self._parts: set[str] = set()
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        machine = binding.Target.from_default_triple().create_target_machine()
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)

    def load(self, names: Iterable[str]) -> dict[str, int]:
        """Load kernels that are compiled; gives where the machine code of all so far begins."""
        wanted = [name for name in names if name not in self.addresses]
        parts = [name for name in with_needed(wanted) if name not in self._parts]
        for part in [_object_in(place_of(self.folder, name)) for name in parts]:
            self._engine.add_object_file(part)
        self._parts.update(parts)
        self._engine.finalize_object()
        for name in wanted:
            self.addresses[name] = self._engine.get_function_address(symbol_of(name))
        return self.addresses


def _object_in(path: Path) -> Any:
    """What a file holds. One that is cut short is removed, as it would end the process."""
    found = binding.ObjectFileRef.from_data(path.read_bytes())
    if not found:
        path.unlink(missing_ok=True)
        raise OSError(errno.EIO, "this kernel was damaged and is removed: run again", str(path))
    return found


@cache
def kernels_in(folder: Path) -> Kernels:
    """The kernels of a folder, one object a process."""
    return Kernels(folder)
