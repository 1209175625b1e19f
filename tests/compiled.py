"""All kernels, compiled once for all tests, whichever test of whichever process asks first.

    CpuEngine(image, compiled_kernels(), ...)      # needs no kernel that is not there

The first to ask compiles what is missing, in as many processes as there are cores; who asks
meanwhile waits. What is compiled stays in `.cache`, where `doit` too looks for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline.battery.devices import compile_missing
from pipeline.kernels.names import BANK, all_names
from pipeline.system.lock import BuildLock
from tests.project import PROJECT

KERNELS: Path = PROJECT / ".cache" / "kernels"


@cache
def compiled_kernels() -> Path:
    """The folder of the kernels, with every one that generated code can call in it."""
    KERNELS.mkdir(parents=True, exist_ok=True)
    lock = BuildLock(str(KERNELS / "tests.lock"), lambda text: None)
    lock.acquire()
    try:
        compile_missing(KERNELS, [*all_names(), *BANK])
    finally:
        lock.release()
    return KERNELS
