"""Kernels with faults, and the kernels of others with one of these in place of its own."""

from __future__ import annotations

from functools import cache
from typing import Final

from pipeline.engine.cuda import intrinsics, team_loops, texts
from pipeline.engine.cuda.target import _binder, lowered, stated
from pipeline.kernels import store, team
from pipeline.kernels.names import symbol_of
from pipeline.system.atomic import write_atomic
from tests.emulator.device import Others, emulated_kernels
from tests.emulator.host_code import ENTRY, GPU, Emulated, compiled
from tests.emulator.host_code import _kernel_in as kernel_in

_LOOP: Final = """
def loop(heap, colours, state, rank, team, at, count):
{memory}
    slots = heap[state + SLOTS]
    instruction = heap[at]
    column = heap[slots + heap[instruction + ARGS]]
    if rank == 0:
        heap[slots + heap[instruction + DEST]] = column
{body}
"""

BODIES: Final = {
    "apart": """
    if rank % 2 == 0:
        wait(m)
""",
    "at two barriers": """
    if rank % 2 == 0:
        wait(m)
        heap[state + SUM] = 1
    else:
        heap[state + SUM] = 2
        wait(m)
""",
    "past its claim": """
    out = claim(m, state + TOP, 3)
    for k in range(4):
        heap[out + k] = 0
    wait(m)
""",
    "within its claim": """
    out = claim(m, state + TOP, 3)
    for k in range(3):
        heap[out + k] = 0
    wait(m)
""",
    "past its column": """
    wait(m)
    if rank == 0:
        top = heap[state + TOP]
        heap[state + TOP] = top + 2
        heap[slots + heap[instruction + DEST]] = top
    wait(m)
    heap[heap[slots + heap[instruction + DEST]] + 2] = 7
    wait(m)
""",
}
"""What a kernel does wrong, by name; each gives its first argument."""


@cache
def guarded_main() -> Others:
    """The main kernel as it is built with guards: it looks at what kernels put behind claims."""
    known = store.place_of(emulated_kernels([texts.MAIN]), texts.MAIN, Emulated())
    place = known.with_name(f"guarded_{known.name}")
    if not place.exists():
        modules = lowered(texts.MAIN, GPU.capability, has_guards=True).llvm_strs
        write_atomic(place, compiled(modules, kernel_in(modules), ENTRY))
    return {texts.MAIN: place.read_bytes()}


@cache
def with_fault(name: str, fault: str, has_guards: bool = False) -> Others:
    """A kernel in another one's place: it does what it must not. has_guards: as it is built with
    guards.
    """
    scope = texts.names_in_texts()
    binder = _binder(has_guards)
    scope |= {f.__name__: binder.of(f) for f in (team.wait, team.claim)}
    source = _LOOP.format(memory=team_loops.MEMORY, body=BODIES[fault])
    exec(compile(source, f"<{fault}>", "exec"), scope)
    symbol = symbol_of(name)
    with stated(GPU.capability):
        library = intrinsics.lower(scope["loop"], symbol, False, GPU.capability)
    return {name: compiled(library.llvm_strs, symbol, symbol)}


@cache
def with_other(name: str, other: str) -> Others:
    """A kernel in another one's place: it does what another does."""
    known = store.place_of(emulated_kernels([other]), other, Emulated())
    place = known.with_name(f"{name}_as_{known.name}")
    if not place.exists():
        texts_of_other = lowered(other, GPU.capability).llvm_strs
        write_atomic(place, compiled(texts_of_other, symbol_of(other), symbol_of(name)))
    return {name: place.read_bytes()}
