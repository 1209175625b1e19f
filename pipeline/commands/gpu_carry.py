"""The command `gpu_carry`: all that `gpu_first` needs on a machine with a GPU, made here.

Written to `.carry/`, to be copied beside the code: machine code of all kernels for some compute
capabilities, object files for any x86-64 processor of some years' age, the linked battery and the
data. There nothing is compiled, linked or fetched then. What decides about the names of files,
such as the version of Python, may differ between the machines: names are given there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zlib
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final

from pipeline.battery.devices import compile_missing, kernel_folder
from pipeline.config import paths
from pipeline.config.context import Context
from pipeline.engine.cuda import cubins
from pipeline.engine.cuda.supported import supported_capabilities
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import names
from pipeline.kernels.names import all_names, with_needed
from pipeline.kernels.processor import LEVELS, Processor
from pipeline.kernels.store import place_of
from pipeline.report.gpu_text import capability_text, size_text
from pipeline.system.package import PACKAGE
from pipeline.system.progress import working

FOLDER: Final = ".carry"
MANIFEST: Final = "carry.json"
LEVEL: Final = "x86-64-v3"
MOST_BYTES: Final = 60 << 20
DEFAULT: Final = "9.0"
REGISTERS: Final = (64, 96, 128)
"""Of a thread at most, in the machine code that is carried besides what `config.yaml` asks for."""

SOURCES: Final = ("kernels", "primitives", "engine/cuda")
"""Folders of the package whose code is in the machine code."""

CACHED: Final = ("data", "corpora", "images")
"""Folders of the cache that go along, those that there are."""


def sources_digest() -> str:
    """The texts that the machine code is made of, hashed."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def capabilities_of(text: str) -> list[tuple[int, int]] | None:
    """Those that are asked for, as 9.0,12.0; says so where the packages know one not."""
    supported = supported_capabilities()
    known = {capability_text(capability): capability for capability in supported}
    asked = [word.strip() for word in text.split(",") if word.strip()]
    for word in asked:
        if word not in known:
            print(f"no compute capability {word}; there are {', '.join(known)}", file=sys.stderr)
            return None
    return [known[word] for word in asked]


def gpu_carry(context: Context, asked: str = DEFAULT) -> int:
    """Put everything into `.carry/`: 0 if it is all there and not too large, 1 if it is too large,
    2 for a question without an answer.
    """
    capabilities = capabilities_of(asked)
    if not capabilities:
        return 2
    folder = context.at(FOLDER)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _carry_cubins(context, folder, capabilities)
    _carry_objects(context, folder)
    _carry_files(context, folder)
    size = _size_of(folder)
    manifest: dict[str, Any] = {
        "sources": sources_digest(),
        "capabilities": capabilities,
        "bytes": size,
    }
    manifest["registers"] = limits_of(context)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"gpu_carry: {size_text(size)} in {FOLDER} for compute capability {asked}")
    if size > MOST_BYTES:
        print(f"that is more than {size_text(MOST_BYTES)}", file=sys.stderr)
        return 1
    return 0


def _carry_cubins(context: Context, folder: Path, capabilities: Sequence[tuple[int, int]]) -> None:
    kernels = kernel_folder(context.config)
    for capability, registers in product(capabilities, limits_of(context)):
        target = Gpu(capability)
        if not cubins.place_of(kernels, target, registers).exists():
            compile_missing(kernels, names(), target)
        what = f"compute capability {capability_text(capability)}, {registers} registers"
        with working(f"linking kernels for {what}"):
            code = cubins.cubin(kernels, target, registers)
        packed_in(folder, capability, registers).write_bytes(zlib.compress(code))


def limits_of(context: Context) -> list[int]:
    """How many registers a thread has in the machine code that is carried: what `config.yaml` says,
    and what `gpu_first` measures besides.
    """
    return list(dict.fromkeys([context.config.gpu_registers, *REGISTERS]))


def packed_in(folder: Path, capability: Sequence[int], registers: int) -> Path:
    """Where machine code is carried."""
    return folder / f"{capability[0]}.{capability[1]}-{registers}.cubin.z"


def _carry_objects(context: Context, folder: Path) -> None:
    """Object files that run on other processors than this one too."""
    assert LEVEL in LEVELS
    target = Processor(name=LEVEL)
    kernels = context.config.cache.folder / "kernels" / LEVEL
    compile_missing(kernels, all_names(), target)
    (folder / "objects").mkdir()
    for name in with_needed(all_names()):
        shutil.copy(place_of(kernels, name, target), folder / "objects" / f"{name}.o")


def _carry_files(context: Context, folder: Path) -> None:
    (folder / "generated").mkdir()
    for path in filter(Path.exists, map(context.at, paths.LINKED)):
        shutil.copy(path, folder / "generated")
    for name in CACHED:
        cached = context.config.cache.folder / name
        if cached.is_dir():
            shutil.copytree(cached, folder / "cache" / name)


def unpack(context: Context) -> str:
    """Put what was carried where this machine looks for it; gives what is wrong with it, empty
    where nothing is. What is there already stays.
    """
    folder = context.at(FOLDER)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return f"there is no {FOLDER}: `doit gpu_carry` makes it on a machine with the compilers"
    if manifest["bytes"] != _size_of(folder):
        return f"{FOLDER} is not whole: copy all of it again"
    if manifest["sources"] != sources_digest():
        return f"{FOLDER} is of other sources: make it anew with `doit gpu_carry`"
    kernels = kernel_folder(context.config)
    for path in sorted((folder / "objects").glob("*.o")):
        _put(path.read_bytes(), place_of(kernels, path.stem, Processor()))
    for (major, minor), registers in product(manifest["capabilities"], manifest["registers"]):
        packed = packed_in(folder, (major, minor), registers).read_bytes()
        place = cubins.place_of(kernels, Gpu((major, minor)), registers)
        _put(zlib.decompress(packed), place)
    generated = context.at(paths.GENERATED)
    for path in sorted((folder / "generated").iterdir()):
        _put(path.read_bytes(), generated / path.name)
    cache = context.config.cache.folder
    for path in sorted((folder / "cache").rglob("*")):
        if path.is_file():
            _put(path.read_bytes(), cache / path.relative_to(folder / "cache"))
    return ""


def _size_of(folder: Path) -> int:
    """Bytes of all that is carried, what says so aside."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return sum(path.stat().st_size for path in files)


def _put(data: bytes, place: Path) -> None:
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
