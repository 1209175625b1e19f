"""From marked functions to machine code: Numba compiles, object files are kept.

`object_code` compiles a kernel for this processor to an object file. Numba's own disk cache is not
used: it serves stale code after a function in another file changed, and what it holds can only be
loaded by Numba, whose import takes 0.35 s and each function 4 ms; an object is loaded by llvmlite
alone, in a fifth of a millisecond (measured).

A function marked `shared` is a kernel of its own that others call by name: sorting, say, is
compiled once and not into each of the forty rows that make sets (3.7 s a row with it, 0.3 without).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from llvmlite import binding, ir
from numba import njit, types
from numba.core import compiler, cpu, typed_passes, untyped_passes
from numba.core.compiler import CompilerBase
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from pipeline.kernels import loops
from pipeline.kernels.binding import Binder
from pipeline.kernels.drive import run_code
from pipeline.kernels.names import SHARED, WHOLE, row_of, symbol_of

WORDS = types.CPointer(types.int64)
COLOURS = types.CPointer(types.int32)
"""Plain pointers: indexing an array would test each index for being negative."""


@cache
def _binder() -> Binder:
    """Compiles functions for this machine's processor; what one kernel has had compiled, the next
    need not.
    """
    options: dict[str, Any] = {
        "error_model": "numpy",
        "nogil": True,
        "boundscheck": False,
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
        "pipeline_class": _Pipeline,
    }
    return Binder(njit(**options), _replacement)


def _replacement(function: Any) -> Any:
    """What a kernel of this machine calls in place of a function, or None."""
    if function is run_code:
        return _indirect_caller()
    return _caller(function) if hasattr(function, "shared") else None


class _Pipeline(CompilerBase):
    """Numba's passes, less those for what row functions do not have: objects, arrays, `with`,
    generators, closures, parallel loops. They took a third of the time (measured).
    """

    def define_pipelines(self) -> list[PassManager]:
        """The one list of passes."""
        passes = PassManager("row")
        for made, text in (
            (untyped_passes.TranslateByteCode, "bytecode to Numba's form"),
            (untyped_passes.FixupArgs, "arguments"),
            (untyped_passes.IRProcessing, "post-processing"),
            (untyped_passes.ReconstructSSA, "single assignment"),
            (typed_passes.NopythonTypeInference, "types"),
            (typed_passes.PreLowerStripPhis, "variables back from single assignment"),
            (typed_passes.NativeLowering, "to LLVM"),
            (typed_passes.NoPythonBackend, "end"),
        ):
            passes.add_pass(made, text)
        passes.finalize()
        return [passes]


def _caller(function: Any) -> Any:
    """What calls the kernel of a shared function of a memory and two integers."""
    symbol = function.shared
    # Numba links each function that it compiles, here too, where none is ever run.
    binding.add_symbol(symbol, binding.address_of_symbol("calloc") or 1)

    @intrinsic
    def call(typing_context, heap, colours, a, b):  # type: ignore[no-untyped-def]
        def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
            parts = [context.get_value_type(t) for t in signature.args]
            kind = ir.FunctionType(ir.IntType(64), parts)
            target = builder.module.globals.get(symbol)
            if target is None:
                target = ir.Function(builder.module, kind, symbol)
            return builder.call(target, args)

        return types.int64(WORDS, COLOURS, types.int64, types.int64), build

    def caller(m, a, b):  # type: ignore[no-untyped-def]
        return call(m.heap, m.colours, a, b)

    return caller


def _indirect_caller() -> Any:
    """What calls the kernel whose machine code is at an address."""

    @intrinsic
    def call(typing_context, code, heap, colours, at, count):  # type: ignore[no-untyped-def]
        def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
            parts = [context.get_value_type(t) for t in signature.args[1:]]
            kind = ir.FunctionType(ir.VoidType(), parts)
            builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
            return context.get_dummy_value()

        kinds = (types.int64, WORDS, COLOURS, types.int64, types.int64)
        return types.none(*kinds), build

    def caller(m, code, at, count):  # type: ignore[no-untyped-def]
        call(code, m.heap, m.colours, at, count)

    return caller


def compile_kernel(name: str) -> bytes:
    """The object file of a kernel; a row's takes where its instructions are and how many."""
    binder = _binder()
    if name in WHOLE:
        made = loops.whole_kernel(name, WHOLE[name], binder)
    else:
        made = loops.row_kernel(row_of(name), binder)
    result = types.int64 if name in SHARED else types.none
    arguments = (WORDS, COLOURS, types.int64, types.int64)
    return object_code(symbol_of(name), made, result, arguments)


@global_compiler_lock
def object_code(symbol: str, function: Any, result: Any, arguments: tuple[Any, ...]) -> bytes:
    """Compile a function to an object file in which it is a C function of this name."""
    typing_context, context = cpu_target.typing_context, cpu_target.target_context
    typing_context.refresh()
    context.refresh()
    flags: Any = compiler.Flags()
    flags.no_cpython_wrapper = True
    flags.no_cfunc_wrapper = True
    flags.error_model = "numpy"
    flags.no_compile = True
    made = compiler.compile_extra(
        typing_context,
        context,
        function,
        arguments,
        result,
        flags,
        locals={},
        pipeline_class=_Pipeline,
    )
    library = context.codegen().create_library(symbol)
    library.add_linking_library(made.library)
    module = library.create_ir_module(symbol)
    _export(context, module, made.fndesc, symbol)
    library.add_ir_module(module)
    library.finalize()
    return library._codegen._tm.emit_object(library._final_module)


def _export(context: cpu.CPUContext, module: Any, description: Any, symbol: str) -> None:
    """Add a C function that calls a compiled one; nothing that is compiled here can raise."""
    convention, kinds, result = context.call_conv, description.argtypes, description.restype
    inner = ir.Function(
        module, convention.get_function_type(result, kinds), description.llvm_func_name
    )
    parts = [context.get_value_type(k) for k in kinds]
    outer_result = ir.VoidType() if result == types.none else context.get_value_type(result)
    outer = ir.Function(module, ir.FunctionType(outer_result, parts), symbol)
    builder = ir.IRBuilder(outer.append_basic_block())
    _, value = convention.call_function(builder, inner, result, kinds, outer.args)
    if result == types.none:
        builder.ret_void()
    else:
        builder.ret(value)
