"""A CUDA driver that runs the kernels' own code on this processor: see `emulator` and `fake_cuda`.

run([sys.executable, ...], env=environment("good"))     processes see devices of these kinds

good        runs everything
mirroring   has a kernel, `hmirror`, that does what `vmirror` does
failing     fails in every launch that has a block, for as long as the process lives
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.commands.gpu_carry import REGISTERS
from pipeline.engine.cuda import cubins
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import names
from pipeline.kernels import instruction as fields
from pipeline.kernels import store
from pipeline.kernels.processor import PROCESSOR
from tests.compiled import KERNELS
from tests.fake_cuda import FakeDriver, FakeGpu
from tests.project import PROJECT

MEMORY: Final = 256 << 20
CAPABILITY: Final = (9, 0)
CODE: Final = b"main\n.nv.constant0.main\n"
"""What stands for machine code: it names the kernel, as the driver and as a linker do."""


def driver_of(kinds: str) -> FakeDriver:
    """A driver with devices of these kinds, as A+B; none for `none`. Each has two processors, which
    take as many teams as registers allow: 65,536, and 254 a thread are taken as 256.
    """
    gpus = [
        FakeGpu("stub", CAPABILITY, 2, MEMORY, blocks=4, kernel=_KERNELS[kind])
        for kind in kinds.split("+")
        if kind != "none"
    ]
    return FakeDriver(gpus)


def environment(kinds: str, path: str = "") -> dict[str, str]:
    """The variables of a process whose driver it is; path: more folders of programs."""
    searched = os.pathsep.join(filter(None, [path, os.environ.get("PATH", "")]))
    here = os.pathsep.join([str(PROJECT / "tests" / "stub"), str(PROJECT)])
    return {**os.environ, "PATH": searched, "PYTHONPATH": here, "ARC_STUB": kinds}


def lay_out_kernels(folder: Path) -> None:
    """Let a folder of kernels have those of this processor, and stand-ins for a device's."""
    folder.unlink(missing_ok=True)
    folder.mkdir(parents=True)
    (folder / PROCESSOR.folder).symlink_to(KERNELS / PROCESSOR.folder)
    for target in (Gpu(CAPABILITY), Gpu(CAPABILITY, has_guards=True)):
        (folder / target.folder).mkdir()
        for name in names():
            store.place_of(folder, name, target).write_bytes(b"a stand-in")
        for registers in REGISTERS:
            cubins.place_of(folder, target, registers).write_bytes(CODE)


def _emulated(words: np.ndarray, colours: np.ndarray, work: int, teams: int, threads: int) -> None:
    from tests.emulator.device import launch, record_of

    launch(words, work, teams, threads, record_of())


def _mirroring(words: np.ndarray, colours: np.ndarray, work: int, teams: int, threads: int) -> None:
    from tests.emulator.device import launch, record_of
    from tests.emulator.planted import with_other

    launch(words, work, teams, threads, record_of(), with_other("hmirror", "vmirror"))


def _failing(words: np.ndarray, colours: np.ndarray, work: int, teams: int, threads: int) -> None:
    if words[work + fields.W_COUNT]:
        raise ArithmeticError


_KERNELS: Final[dict[str, Callable[[np.ndarray, np.ndarray, int, int, int], None]]] = {
    "good": _emulated,
    "mirroring": _mirroring,
    "failing": _failing,
}
