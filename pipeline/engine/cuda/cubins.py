"""Machine code: the PTX of all kernels linked for GPUs of one compute capability, by nvJitLink.

Linking takes no GPU. It is done once for a set of kernels, and kept beside their PTX.
"""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from pipeline.config.knobs import GPU_REGISTERS
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import names
from pipeline.kernels import store
from pipeline.system.atomic import write_atomic
from pipeline.system.problem import Problem

_PROTOTYPE: Final = re.compile(rb"\.func\s*(?:\(([^)]*)\)\s*)?([\w$]+)\s*(?:\(([^)]*)\))?")
_ARGUMENTS: Final = re.compile(rb"\.nv\.constant0\.(\w+)")
_PARAMETER: Final = re.compile(rb"\s*\.param\s+([^,]*?)\s+[\w$]+(\[\d+\])?\s*(?:,|$)")


class LinkError(Problem):
    """PTX does not link; the text says why."""


def place_of(folder: Path, target: Gpu, registers: int = GPU_REGISTERS) -> Path:
    """Where the machine code of all kernels is kept; how it is linked, and by what, decides too.

    registers: of a thread at most, 0 for as many as kernels want.
    """
    how = f"{linker()} {registers}".encode()
    digest = hashlib.sha256(Path(__file__).read_bytes() + how)
    for name in names():
        digest.update(store.digest_of(name, target).encode())
    return folder / target.folder / f"battery-{digest.hexdigest()[:20]}.cubin"


def linker() -> str:
    """The version of the package that links."""
    for package in ("nvidia-nvjitlink", "nvidia-nvjitlink-cu12", "nvidia-nvjitlink-cu13"):
        try:
            return f"{package} {version(package)}"
        except PackageNotFoundError:
            continue
    return "a CUDA toolkit of the system"


def cubin(folder: Path, target: Gpu, registers: int = GPU_REGISTERS) -> bytes:
    """The machine code, linked now if it was not. All PTX must be there."""
    place = place_of(folder, target, registers)
    if not place.exists():
        parts = [store.place_of(folder, name, target).read_bytes() for name in names()]
        write_atomic(place, link(parts, target.capability, registers))
    return place.read_bytes()


def entry_of(code: bytes) -> str:
    """What the main kernel is called: Numba names it otherwise each time, so the code itself tells.

    Only a kernel that is launched has a section of its own for arguments.
    """
    (found,) = set(_ARGUMENTS.findall(code))
    return str(found.decode())


def link(parts: list[bytes], capability: tuple[int, int], registers: int = 0) -> bytes:
    """Link PTX to machine code for a compute capability, with so many registers a thread at most, 0
    for any number; LinkError if that can't be done.
    """
    return linked(parts, capability, registers)[0]


def linked(
    parts: list[bytes], capability: tuple[int, int], registers: int = 0
) -> tuple[bytes, str]:
    """Machine code, and what the linker says of it: the stack and the spills of each function."""
    from cuda.bindings import nvjitlink

    require_prototypes(parts)
    options = [f"-arch=sm_{capability[0]}{capability[1]}", "-O3", "-verbose"]
    options += [f"-maxrregcount={registers}"] if registers else []
    handle = nvjitlink.create(len(options), options)
    try:
        for k, part in enumerate(parts):
            data = part.rstrip(b"\0") + b"\0"
            nvjitlink.add_data(handle, nvjitlink.InputType.PTX, data, len(data), f"part-{k}")
        nvjitlink.complete(handle)
        code = bytearray(nvjitlink.get_linked_cubin_size(handle))
        nvjitlink.get_linked_cubin(handle, code)
        return bytes(code), _log(nvjitlink, handle, "info")
    except nvjitlink.nvJitLinkError as error:
        raise LinkError(f"{error}: {_log(nvjitlink, handle, 'error')}") from None
    finally:
        nvjitlink.destroy(handle)


def require_prototypes(parts: list[bytes]) -> None:
    """LinkError if a function is called otherwise than it is defined: nvJitLink links that all the
    same, and says so on the standard error output only.
    """
    known: dict[bytes, list[list[tuple[bytes, ...]]]] = {}
    for part in parts:
        for result, name, parameters in _PROTOTYPE.findall(part):
            kinds = [_PARAMETER.findall(text) for text in (result, parameters)]
            if known.setdefault(name, kinds) != kinds:
                raise LinkError(f"{name.decode()} is called otherwise than it is defined")


def _log(nvjitlink: Any, handle: Any, kind: str) -> str:
    text = bytearray(getattr(nvjitlink, f"get_{kind}_log_size")(handle))
    getattr(nvjitlink, f"get_{kind}_log")(handle, text)
    return text.decode(errors="replace").rstrip("\0").strip()
