"""What Numba CUDA compiles kernels with: barriers, atomic sums, calls of kernels by symbol."""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import cuda
from numba.cuda import compiler, types
from numba.cuda.extending import intrinsic

from pipeline.engine.cuda.indexing import COLOURS, WORDS, global_place, kept_whole, span
from pipeline.kernels import drive, team
from pipeline.kernels.binding import Binder
from pipeline.kernels.heap import END, TOP
from pipeline.kernels.names import symbol_of

GUARD_WORDS: Final = 2
PATTERN: Final = 0x0DD0C0DE0DD0C0DE
"""A guard: this less its own place, and the place of the guard before."""

STATE: Final = (types.int64,) * 5
"""What every kernel gets behind the two pointers: state, rank, team, and two of its own."""

CLOCK: Final = "mov.u64 $0, %globaltimer;"

decorate: Final = cuda.jit(device=True)

BUILTINS: Final = {"range": span}
"""What stands in place of Python's own in what is compiled here."""


@intrinsic
def _add(typing_context, heap, at, amount):  # type: ignore[no-untyped-def]
    """Add to a word of the heap that other threads add to; gives what it was before."""

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        place = global_place(builder, args[0], args[1])
        return builder.atomic_rmw("add", place, args[2], "monotonic")

    return types.int64(WORDS, types.int64, types.int64), build


@intrinsic
def _exchange(typing_context, heap, at, word):  # type: ignore[no-untyped-def]
    """Put a word into the heap where other threads do too; gives what was there before."""

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        place = global_place(builder, args[0], args[1])
        return builder.atomic_rmw("xchg", place, args[2], "monotonic")

    return types.int64(WORDS, types.int64, types.int64), build


@intrinsic
def _nanoseconds(typing_context):  # type: ignore[no-untyped-def]
    """What the device's clock says, which is read anew each time."""

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(ir.InlineAsm(kind, CLOCK, "=l", side_effect=True), [])

    return types.int64(), build


def _wait(m):  # type: ignore[no-untyped-def]
    cuda.syncthreads()


def _claim(m, at, amount):  # type: ignore[no-untyped-def]
    return _add(m.heap, at, amount)


def _clock(m):  # type: ignore[no-untyped-def]
    return _nanoseconds()


def _guarded_claim(m, at, amount):  # type: ignore[no-untyped-def]
    if at != m.state + TOP:
        return _add(m.heap, at, amount)
    out = _add(m.heap, at, amount + GUARD_WORDS)
    guard = out + amount
    if guard + GUARD_WORDS < m.heap[m.state + END]:
        m.heap[guard] = PATTERN - guard
        m.heap[guard + 1] = _exchange(m.heap, m.state + team.GUARDS, guard)
    return out


def _guards_stand(m):  # type: ignore[no-untyped-def]
    guard = m.heap[m.state + team.GUARDS]
    m.heap[m.state + team.GUARDS] = 0
    while guard != 0:
        if guard < m.state or guard >= m.heap[m.state + END]:
            return False
        if m.heap[guard] != PATTERN - guard:
            return False
        guard = m.heap[guard + 1]
    return True


def _call_of(symbol: str, result: Any) -> Any:
    """What calls the C function of this name."""

    @intrinsic
    def call(ctx, heap, colours, state, rank, size, a, b):  # type: ignore[no-untyped-def]
        def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
            # A C function for Numba's None gives a word too, which means nothing.
            parts = [context.get_value_type(t) for t in signature.args]
            kind = ir.FunctionType(ir.IntType(64), parts)
            target = builder.module.globals.get(symbol)
            if target is None:
                target = ir.Function(builder.module, kind, symbol)
            done = builder.call(target, args)
            return context.get_dummy_value() if result == types.none else done

        return result(WORDS, COLOURS, *STATE), build

    return call


def _shared(function: Any) -> Any:
    call = _call_of(function.shared, types.int64)

    def caller(m, a, b):  # type: ignore[no-untyped-def]
        return call(m.heap, m.colours, m.state, m.rank, m.team, a, b)

    return caller


_OWN: Final = {team.wait: _wait, team.claim: _claim, team.clock: _clock}
_GUARDED: Final = {team.claim: _guarded_claim, team.guards_stand: _guards_stand}


def replacement(function: Any, has_guards: bool = False) -> Any:
    """What stands in place of a function on a device, or None. has_guards: in a build that puts
    words behind what threads claim, and looks at them when a block is done.
    """
    if has_guards and function in _GUARDED:
        return _GUARDED[function]
    if hasattr(function, "shared"):
        return _shared(function)
    return _OWN.get(function)


def lower(function: Any, symbol: str, is_shared: bool, capability: tuple[int, int]) -> Any:
    """Lower a loop to a library with a C function of this name."""
    result = types.int64 if is_shared else types.none
    made = compiler.compile_cuda(
        function,
        result,
        (WORDS, COLOURS, *STATE),
        nvvm_options={"opt": 3},
        cc=capability,
        abi="c",
        abi_info={"abi_name": symbol},
    )
    return _kept_whole(made.library)


def _kept_whole(library: Any) -> Any:
    """A library whose loops and barriers are not copied when its PTX is asked for."""
    library._llvm_strs = [kept_whole(text) for text in library.llvm_strs]
    return library


def lower_main(source: str, capability: tuple[int, int], has_guards: bool) -> Any:
    """Lower the main kernel, from the text of it and of `run_code`."""
    from pipeline.engine.cuda.texts import names_in_texts, numbers

    scope = names_in_texts()
    for name, number in numbers().items():
        scope[f"kernel_{number}"] = _call_of(symbol_of(name), types.none)
    scope |= {name: decorate(function) for name, function in _POSITIONS.items()}
    exec(compile(source, "<main kernel>", "exec"), scope)
    main_binder = Binder(
        decorate,
        lambda f: scope["run_code"] if f is drive.run_code else replacement(f, has_guards),
        BUILTINS,
    )
    scope["run_work"] = main_binder.of(drive.run_work)
    library, _ = compiler._compile_pyfunc_with_fixup(
        main_binder.bound(scope["main"]),
        types.void(WORDS, COLOURS, types.int64),
        device=False,
        abi="numba",
        cc=capability,
    )
    return _kept_whole(library)


def _thread() -> int:
    return int(cuda.threadIdx.x)


def _threads() -> int:
    return int(cuda.blockDim.x)


def _block() -> int:
    return int(cuda.blockIdx.x)


def _barrier() -> None:
    cuda.syncthreads()


_POSITIONS: Final = {
    "thread": _thread,
    "threads": _threads,
    "block": _block,
    "barrier": _barrier,
}
