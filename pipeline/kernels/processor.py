"""This machine's processor: kernels as object files, loaded without Numba."""

from __future__ import annotations

import errno
import hashlib
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from llvmlite import binding

from pipeline.kernels import loops
from pipeline.kernels.names import WHOLE, row_of, symbol_of, with_needed
from pipeline.kernels.store import place_of
from pipeline.primitives.table import on_change
from pipeline.system.forks import lock_before_forks
from pipeline.system.problem import Problem

_LOADING: Final = lock_before_forks()
"""LLVM is behind a lock of its own, which no child may find locked."""


HOST: Final = "host"
_V2: Final = ("cx16", "popcnt", "sahf", "sse3", "ssse3", "sse4.1", "sse4.2")
_V3: Final = (*_V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
_V4: Final = (*_V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")
LEVELS: Final = {"x86-64-v2": _V2, "x86-64-v3": _V3, "x86-64-v4": _V4}
"""Kinds of processors, as the makers and LLVM call them, and what all of a kind can do."""


_ELF_MACHINES: Final = {"x86_64": 62, "aarch64": 183}


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor: object files. name: this machine's, or one of the LEVELS."""

    suffix: str = ".o"
    name: str = HOST

    @property
    def folder(self) -> str:
        """The processor and the compilers, hashed."""
        return _machine_key(self.name)

    @property
    def environment(self) -> dict[str, str]:
        """What tells Numba which processor to compile for; it asks once, when it is imported."""
        if self.name == HOST:
            return {}
        return {"NUMBA_CPU_NAME": self.name, "NUMBA_CPU_FEATURES": ""}

    @property
    def text(self) -> bytes:
        """See `store.Target`."""
        return _text_beside("jit.py") + _text_beside("binding.py")

    def source(self, name: str) -> str:
        """See `store.Target`."""
        return loops.WHOLE if name in WHOLE else loops.row_source(row_of(name))

    def compile(self, name: str) -> bytes:
        """An object file with one function, `symbol_of(name)`."""
        from pipeline.kernels import jit

        return jit.compile_kernel(name)


PROCESSOR: Final = Processor()


class NotSuchProcessor(Problem):
    """What config.yaml names as the target of kernels this machine can't run; the text says why."""

    status = 2


def folder_for(folder: Path, name: str) -> Path:
    """Where the kernels in a folder are that are compiled for a processor; NotSuchProcessor if
    this machine is none.
    """
    if name == HOST:
        return folder
    lacking = [f for f in LEVELS[name] if not _features().get(f)]
    if lacking:
        what = f"this machine's processor is none: it lacks {', '.join(lacking)}"
        raise NotSuchProcessor(f"kernel_target: {name} (see config.yaml): {what}")
    return folder / name


def processor_of(folder: Path) -> Processor:
    """What the kernels in a folder are for: see `folder_for`."""
    return Processor(name=folder.name) if folder.name in LEVELS else PROCESSOR


@cache
def _features() -> dict[str, bool]:
    """What this machine's processor can do, as LLVM calls it."""
    with _LOADING:
        return dict(binding.get_host_cpu_features())


@cache
def _machine_key(name: str) -> str:
    with _LOADING:
        host = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    processor = host if name == HOST else (name,)
    parts = (
        platform.machine(),
        sys.platform,
        sys.implementation.cache_tag,
        *processor,
        version("numba"),
        version("llvmlite"),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@cache
def _text_beside(name: str) -> bytes:
    return Path(__file__).with_name(name).read_bytes()


class NotCompiled(Problem):
    """A kernel is asked for that is not there; the text says which."""


class Kernels:
    """The kernels of a folder, loaded as they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.addresses: dict[str, int] = {}
        self._parts: set[str] = set()
        with _LOADING:
            binding.initialize_native_target()
            binding.initialize_native_asmprinter()
            machine = binding.Target.from_default_triple().create_target_machine()
            self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)

    def load(self, names: Iterable[str]) -> dict[str, int]:
        """Load kernels that are compiled; gives where the machine code of all so far begins."""
        wanted = [name for name in names if name not in self.addresses]
        if wanted:
            with _LOADING:
                self._load(wanted)
        return self.addresses

    def _load(self, wanted: Sequence[str]) -> None:
        parts = [name for name in with_needed(wanted) if name not in self._parts]
        target = processor_of(self.folder)
        for part in [_object_in(place_of(self.folder, name, target)) for name in parts]:
            self._engine.add_object_file(part)
        self._parts.update(parts)
        self._engine.finalize_object()
        for name in wanted:
            self.addresses[name] = self._engine.get_function_address(symbol_of(name))


def _object_in(path: Path) -> Any:
    """What a file holds. One that is cut short, or that is for other machines, is removed, as
    it would end the process."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotCompiled(f"{path}: this kernel is not compiled: run `doit kernels`") from None
    found = None if _is_foreign(data) else binding.ObjectFileRef.from_data(data)
    if not found:
        path.unlink(missing_ok=True)
        raise OSError(errno.EIO, "this kernel was damaged and is removed: run again", str(path))
    return found


def _is_foreign(data: bytes) -> bool:
    """Whether an object file says that it is for machines of another kind."""
    kind = _ELF_MACHINES.get(platform.machine())
    return kind is not None and data[:4] == b"\x7fELF" and data[18:20] != kind.to_bytes(2, "little")


@cache
def kernels_in(folder: Path) -> Kernels:
    """The kernels of a folder, one object a process."""
    return Kernels(folder)


on_change(kernels_in.cache_clear)
