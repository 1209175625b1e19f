"""PTX: kernels compiled by Numba for a kind of GPU, each a function that the main kernel calls.

Like object files for the processor, PTX is kept by the digest of the functions that go into it, so
a changed row compiles one kernel; no GPU is needed. The main kernel calls the others by their
number, from one text for all batteries.

Numba asks the driver for a device when functions call each other; here it is told the compute
capability instead.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.engine.cuda import team_loops
from pipeline.engine.cuda.texts import MAIN, main_source, numbers, row_loop
from pipeline.kernels.binding import Binder
from pipeline.kernels.names import SHARED, WHOLE, row_of, symbol_of

if not hasattr(np, "row_stack"):
    # Numba CUDA asks for it by name, and NumPy has it no more since 2.5. Whatever of us imports
    # the CUDA packages comes by here first.
    vars(np)["row_stack"] = np.vstack

ENTRY: Final = re.compile(r"\.entry\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Gpu:
    """GPUs of a compute capability; has_guards: with words behind what threads claim, which tell
    when somebody wrote where nothing of theirs is.
    """

    capability: tuple[int, int]
    suffix: str = ".ptx"
    has_guards: bool = False

    @property
    def folder(self) -> str:
        """The capability and the compilers, hashed."""
        parts = (self.capability, sys.implementation.cache_tag, version("numba-cuda"), nvvm())
        key = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        return f"sm_{self.capability[0]}{self.capability[1]}-{key}{'-guards' * self.has_guards}"

    @property
    def text(self) -> bytes:
        """See `store.Target`."""
        here = Path(__file__)
        beside = [here.with_name(f"{name}.py") for name in ("intrinsics", "indexing")]
        files = (here, *beside, here.parents[2] / "kernels" / "binding.py")
        return b"".join(path.read_bytes() for path in files)

    def source(self, name: str) -> str:
        """See `store.Target`."""
        if name == MAIN:
            # It calls kernels by number: which those are decides as much as its text.
            return "\n".join([main_source(), *sorted(numbers())])
        if name in WHOLE:
            return team_loops.WHOLE
        return team_loops.row_source(row_of(name))

    def compile(self, name: str) -> bytes:
        """PTX with one function, `kernels.symbol_of(name)`, or the main kernel."""
        return compile_ptx(name, (self.capability,), self.has_guards)[0].encode()


def nvvm() -> str:
    """The version of the package that NVVM, which compiles to PTX, is in."""
    for package in ("nvidia-cuda-nvcc", "nvidia-cuda-nvcc-cu12", "nvidia-nvvm"):
        try:
            return f"{package} {version(package)}"
        except ImportError:
            continue
    return "a CUDA toolkit of the system"


@cache
def _binder(has_guards: bool = False) -> Binder:
    from pipeline.engine.cuda import intrinsics

    replace = partial(intrinsics.replacement, has_guards=has_guards)
    return Binder(intrinsics.decorate, replace, intrinsics.BUILTINS)


def compile_ptx(
    name: str, capabilities: tuple[tuple[int, int], ...], has_guards: bool = False
) -> list[str]:
    """The PTX of a kernel for each of some compute capabilities, lowered once."""
    library = lowered(name, capabilities[0], has_guards)
    return [library.get_asm_str(cc=(*capability, "")) for capability in capabilities]


def lowered(name: str, capability: tuple[int, int], has_guards: bool = False) -> Any:
    """A kernel as Numba's library for a compute capability, whose `llvm_strs` are its code."""
    from pipeline.engine.cuda import intrinsics

    with stated(capability):
        if name == MAIN:
            return intrinsics.lower_main(main_source(), capability, has_guards)
        loop = row_loop(name, _binder(has_guards))
        return intrinsics.lower(loop, symbol_of(name), name in SHARED, capability)


@contextmanager
def stated(capability: tuple[int, int]) -> Iterator[None]:
    """Tell Numba a compute capability where it would ask a device for it."""
    from numba.cuda import dispatcher

    class Stated:
        compute_capability = capability

    known = dispatcher.get_current_device
    dispatcher.get_current_device = Stated
    try:
        yield
    finally:
        dispatcher.get_current_device = known
