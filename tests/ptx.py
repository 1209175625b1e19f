"""PTX of all kernels for several kinds of GPU, compiled once for all tests.

    ptx_of("add", (8, 9))

The first to ask compiles what is missing, in as many processes as there are cores, each kernel
lowered once for all kinds, which costs no more than one; who asks meanwhile waits. Some kernels
are compiled by themselves: all of them take minutes. What is compiled stays in `.cache`, where
builds look for it too.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, wait
from functools import cache
from pathlib import Path

from pipeline.engine.cuda import target, texts
from pipeline.engine.cuda.target import Gpu
from pipeline.kernels import store
from pipeline.system.atomic import write_atomic
from pipeline.system.cores import cores
from pipeline.system.lock import BuildLock
from tests.compiled import KERNELS

CAPABILITIES = ((6, 0), (9, 0), (12, 0))
"""The oldest, one between, and the newest that there are packages for."""
SOME = frozenset(
    {texts.MAIN, "arc_compare", "arc_sort_words", "add", "close", "combine", "convert", "hmirror"}
    | {"increment", "gravitate", "objects", "open_domains", "pack", "select", "verdict"}
)
"""Kernels that stand for the others: the main one, structural ones, rows of every kind."""


def ptx_of(name: str, capability: tuple[int, int]) -> str:
    """The PTX of a kernel; one that does not compile raises here what Numba says."""
    compile_missing(SOME if name in SOME else frozenset(texts.names()))
    if not _place(name, capability).exists():
        _compile(name)
    return _place(name, capability).read_text()


@cache
def compile_missing(names: frozenset[str]) -> None:
    """Compile what of these is missing; what does not compile stays missing."""
    KERNELS.mkdir(parents=True, exist_ok=True)
    lock = BuildLock(str(KERNELS / "ptx.lock"), lambda text: None)
    lock.acquire()
    try:
        missing = [
            name
            for name in sorted(names)
            if not all(_place(name, capability).exists() for capability in CAPABILITIES)
        ]
        if missing:
            _compile_in_processes(missing)
            for capability in CAPABILITIES:
                store.forget_old(KERNELS, Gpu(capability))
    finally:
        lock.release()


def _compile_in_processes(names: list[str]) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(cores(), len(names)), mp_context=context) as pool:
        wait([pool.submit(_compile, name) for name in names])


def _compile(name: str) -> None:
    wanted = tuple(kind for kind in CAPABILITIES if not _place(name, kind).exists())
    for capability, text in zip(wanted, target.compile_ptx(name, wanted), strict=True):
        place = _place(name, capability)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(place, text.encode())


def _place(name: str, capability: tuple[int, int]) -> Path:
    return store.place_of(KERNELS, name, Gpu(capability))
