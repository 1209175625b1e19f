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
from pipeline.kernels.names import symbol_of

STATE: Final = (types.int64,) * 5
"""What every kernel gets behind the two pointers: state, rank, team, and two of its own."""

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


def _wait(m):  # type: ignore[no-untyped-def]
    cuda.syncthreads()


def _claim(m, at, amount):  # type: ignore[no-untyped-def]
    return _add(m.heap, at, amount)


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


def replacement(function: Any) -> Any:
    """What stands in place of a function on a device, or None."""
    if function is team.wait:
        return _wait
    if function is team.claim:
        return _claim
    if hasattr(function, "shared"):
        return _shared(function)
    return None


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


def lower_main(source: str, binder: Binder, capability: tuple[int, int]) -> Any:
    """Lower the main kernel, from the text of it and of `run_code`."""
    from pipeline.engine.cuda.texts import names_in_texts, numbers

    scope = names_in_texts()
    for name, number in numbers().items():
        scope[f"kernel_{number}"] = _call_of(symbol_of(name), types.none)
    scope |= {name: decorate(function) for name, function in _POSITIONS.items()}
    exec(compile(source, "<main kernel>", "exec"), scope)
    main_binder = Binder(
        decorate,
        lambda f: scope["run_code"] if f is drive.run_code else replacement(f),
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
