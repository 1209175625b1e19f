"""Compile and link all kernels for compute capabilities: what runs in a bundle's environment.

    python -m pipeline.commands.bundle.precompile FOLDER CAPABILITY... LIST

FOLDER is where kernels are kept, what is there is left; LIST the file that names them as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.battery.devices import compile_missing
from pipeline.engine.cuda import cubins
from pipeline.engine.cuda.supported import supported_capabilities
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import names
from pipeline.kernels import store
from pipeline.system.progress import working


def main(words: Sequence[str]) -> int:
    """0 if all is compiled; 1 where the packages know a capability not."""
    folder, *capabilities, listed = words
    known = [f"{major}.{minor}" for major, minor in supported_capabilities()]
    for capability in capabilities:
        if capability not in known:
            text = f"no compute capability {capability}; these packages compile for"
            print(f"{text} {', '.join(known)}", file=sys.stderr)
            return 1
    paths: list[str] = []
    for capability in capabilities:
        paths += _compile(Path(folder), capability)
    Path(listed).write_text(json.dumps(paths))
    return 0


def _compile(folder: Path, capability: str) -> list[str]:
    major, _, minor = capability.partition(".")
    target = Gpu((int(major), int(minor)))
    started = time.perf_counter()
    count = compile_missing(folder, names(), target)
    with working(f"linking kernels for compute capability {capability}"):
        size = len(cubins.cubin(folder, target))
    seconds = time.perf_counter() - started
    print(
        f"compute capability {capability}: {len(names())} kernels, {count} compiled, "
        f"{size / 2**20:.1f} MiB of machine code ({seconds:.1f} s)",
        flush=True,
    )
    places = [store.place_of(folder, name, target) for name in names()]
    places.append(cubins.place_of(folder, target))
    return [place.relative_to(folder).as_posix() for place in places]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
