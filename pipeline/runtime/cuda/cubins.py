"""Machine code: the PTX of all kernels linked for GPUs of one compute capability, by nvJitLink.

Linking takes no GPU. It is done once for a set of kernels, and kept beside their PTX.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pipeline.data.atomic import write_atomic
from pipeline.runtime import kernels
from pipeline.runtime.cuda.target import ENTRY, MAIN, Gpu, names


class LinkError(RuntimeError):
    """PTX does not link; the text is what the linker says."""


def place_of(folder: Path, target: Gpu) -> Path:
    """Where the machine code of all kernels is kept."""
    digest = hashlib.sha256()
    for name in names():
        digest.update(kernels.digest_of(name, target).encode())
    return folder / target.folder / f"battery-{digest.hexdigest()[:20]}.cubin"


def cubin(folder: Path, target: Gpu) -> bytes:
    """The machine code, linked now if it was not. All PTX must be there."""
    place = place_of(folder, target)
    if not place.exists():
        parts = [kernels.place_of(folder, name, target).read_bytes() for name in names()]
        write_atomic(place, link(parts, target.capability))
    return place.read_bytes()


def entry_of(folder: Path, target: Gpu) -> str:
    """What the main kernel is called."""
    text = kernels.place_of(folder, MAIN, target).read_text()
    found = ENTRY.search(text)
    assert found is not None, "the main kernel is no kernel"
    return found[1]


def link(parts: list[bytes], capability: tuple[int, int]) -> bytes:
    """Link PTX to machine code for a compute capability; LinkError if that can't be done."""
    from cuda.bindings import nvjitlink

    options = [f"-arch=sm_{capability[0]}{capability[1]}", "-O3"]
    handle = nvjitlink.create(len(options), options)
    try:
        for k, part in enumerate(parts):
            data = part.rstrip(b"\0") + b"\0"
            nvjitlink.add_data(handle, nvjitlink.InputType.PTX, data, len(data), f"part-{k}")
        nvjitlink.complete(handle)
        said = _log(nvjitlink, handle)
        if "error" in said:  # a function that is called otherwise than it is defined, say
            raise LinkError(said)
        code = bytearray(nvjitlink.get_linked_cubin_size(handle))
        nvjitlink.get_linked_cubin(handle, code)
        return bytes(code)
    except nvjitlink.nvJitLinkError as error:
        raise LinkError(f"{error}: {_log(nvjitlink, handle)}") from None
    finally:
        nvjitlink.destroy(handle)


def _log(nvjitlink: Any, handle: Any) -> str:
    text = bytearray(nvjitlink.get_error_log_size(handle))
    nvjitlink.get_error_log(handle, text)
    return text.decode(errors="replace").rstrip("\0").strip()
