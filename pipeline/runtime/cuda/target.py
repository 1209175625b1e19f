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
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.runtime import drive, kernels, loops, team
from pipeline.runtime.binding import Binder
from pipeline.runtime.cuda import team_loops
from pipeline.runtime.heap import SCRATCH_WORDS

MAIN: Final = drive.run_work.__name__
"""The kernel that a device is launched with."""

if not hasattr(np, "row_stack"):
    # Numba CUDA asks for it by name, and NumPy has it no more since 2.5. Whatever of us imports
    # the CUDA packages comes by here first.
    vars(np)["row_stack"] = np.vstack

ENTRY: Final = re.compile(r"\.entry\s+(\w+)")


def names() -> list[str]:
    """All kernels of a device, shared ones and the main one included."""
    return kernels.with_needed([*kernels.instruction_names(), MAIN])


def numbers() -> dict[str, int]:
    """Under which number the main kernel knows a kernel."""
    return {name: k for k, name in enumerate(sorted(kernels.instruction_names()))}


@dataclass(frozen=True, slots=True)
class Gpu:
    """GPUs of a compute capability."""

    capability: tuple[int, int]
    suffix: str = ".ptx"

    @property
    def folder(self) -> str:
        """The capability and the compilers, hashed."""
        parts = (self.capability, sys.implementation.cache_tag, version("numba-cuda"), nvvm())
        key = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        return f"sm_{self.capability[0]}{self.capability[1]}-{key}"

    @property
    def text(self) -> bytes:
        """See `kernels.Target`."""
        here = Path(__file__)
        files = (here, here.with_name("intrinsics.py"), here.parents[1] / "binding.py")
        return b"".join(path.read_bytes() for path in files)

    def source(self, name: str) -> str:
        """See `kernels.Target`."""
        if name == MAIN:
            return main_source()
        if name in kernels.WHOLE:
            return team_loops.WHOLE
        return team_loops.row_source(kernels.row_of(name))

    def compile(self, name: str) -> bytes:
        """PTX with one function, `kernels.symbol_of(name)`, or the main kernel."""
        return compile_ptx(name, (self.capability,))[0].encode()


def nvvm() -> str:
    """The version of the package that NVVM, which compiles to PTX, is in."""
    for package in ("nvidia-cuda-nvcc", "nvidia-cuda-nvcc-cu12", "nvidia-nvvm"):
        try:
            return f"{package} {version(package)}"
        except ImportError:
            continue
    return "a CUDA toolkit of the system"


def dispatch_source(count: int) -> str:
    """The text of a function that calls one of so many kernels by its number: a binary search."""
    lines = ["def run_code(m, code, at, count):\n"]

    def branch(first: int, last: int, depth: int) -> None:
        pad = "    " * depth
        if last - first == 1:
            arguments = "m.heap, m.colours, m.state, m.rank, m.team, at, count"
            lines.append(f"{pad}kernel_{first}({arguments})\n")
            return
        middle = (first + last) // 2
        lines.append(f"{pad}if code < {middle}:\n")
        branch(first, middle, depth + 1)
        lines.append(f"{pad}else:\n")
        branch(middle, last, depth + 1)

    branch(0, count, 1)
    return "".join(lines)


def main_source() -> str:
    """The text of the main kernel, and of what it calls kernels with."""
    return team_loops.MAIN + dispatch_source(len(numbers()))


def names_in_texts() -> dict[str, Any]:
    """The constants that the texts of `team_loops` use."""
    return loops.plain_names() | {"SCRATCH_WORDS": SCRATCH_WORDS}


def row_loop(name: str, binder: Binder) -> Any:
    """The loop of a row, or the wrapper of another kernel, from the binder's forms."""
    scope = names_in_texts()
    if name in kernels.WHOLE:
        scope["function"] = binder.decorate(binder.bound(kernels.WHOLE[name]))
        source = team_loops.WHOLE
    else:
        row = kernels.row_of(name)
        native = row.native
        assert native is not None
        called = (*loops.CALLED, team.wait, team.claim)
        scope |= {function.__name__: binder.of(function) for function in called}
        scope["fill"] = binder.of(native.fill)
        if native.words is not None:
            scope["words"] = binder.of(native.words)
        source = team_loops.row_source(row)
    exec(compile(source, f"<loop of {name} for a team>", "exec"), scope)
    scope["loop"].__name__ = scope["loop"].__qualname__ = f"team_{name}"
    return scope["loop"]


@cache
def _binder() -> Binder:
    from pipeline.runtime.cuda import intrinsics

    return Binder(intrinsics.decorate, intrinsics.replacement)


def compile_ptx(name: str, capabilities: tuple[tuple[int, int], ...]) -> list[str]:
    """The PTX of a kernel for each of some compute capabilities, lowered once."""
    from pipeline.runtime.cuda import intrinsics

    with stated(capabilities[0]):
        if name == MAIN:
            library = intrinsics.lower_main(main_source(), _binder(), capabilities[0])
        else:
            result = name in kernels.SHARED
            loop = row_loop(name, _binder())
            library = intrinsics.lower(loop, kernels.symbol_of(name), result, capabilities[0])
    return [library.get_asm_str(cc=(*capability, "")) for capability in capabilities]


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
