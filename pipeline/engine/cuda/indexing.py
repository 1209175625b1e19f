"""How kernels of a GPU reach words, and how they count and loop.

A pointer of the CPU's kernels is any address; a GPU reads quicker where it is told that a place is
in global memory, as all of a launch's array is: that is `Pointer`. Places of 32 bits would not pay:
machine code for them was 1 to 15% longer (add, upscale, 9.0), as a constant added to a place of 64
bits is part of the load.

Numba's `range` divides to know how many turns there are, in some hundred instructions where the
step is no constant, as that of a team's threads is; `span` compares instead. A step is positive
unless it stands there as a negative number.

The compiler would unroll loops, which few turns repay: `kept_whole` tells it not to. Machine code
is half as long then (add, sorting, upscale), and takes fewer registers. Nor may it copy a barrier
to two sides of a branch, as it does where it is not told that a function may hold one: threads of a
warp would then wait at two.
"""

from __future__ import annotations

import operator
import re
from typing import Any, Final

from llvmlite import ir
from numba.cuda import cgutils, types
from numba.cuda.core.imputils import RefType, iternext_impl
from numba.cuda.datamodel.models import PointerModel, StructModel
from numba.cuda.extending import intrinsic, lower_builtin, register_model

_GLOBAL: Final = 1
"""The number of global memory among LLVM's address spaces."""

_LABEL: Final = re.compile(r'^("?)([\w.$-]+)\1:')
_TARGETS: Final = re.compile(r'label %"?([\w.$-]+)"?')
_SIGNATURE: Final = re.compile(r"^(.*\))([^)]*)$")
_ROLLED: Final = 90_000
"""The first number of our notes in a module; those of Numba, if any, count from 0."""


class Pointer(types.CPointer):
    """A pointer to the array of a launch, seen as words or as colours."""


register_model(Pointer)(PointerModel)

WORDS: Final = Pointer(types.int64)
COLOURS: Final = Pointer(types.int32)


def global_place(builder: Any, pointer: Any, index: Any) -> Any:
    """The address of an element."""
    plain = builder.addrspacecast(pointer, ir.PointerType(pointer.type.pointee, _GLOBAL))
    return builder.gep(plain, [index])


@lower_builtin(operator.getitem, Pointer, types.Integer)
def _get(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.load(global_place(builder, *args))


@lower_builtin(operator.setitem, Pointer, types.Integer, types.Any)
def _set(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    pointer, index, value = args
    builder.store(value, global_place(builder, pointer, index))
    return context.get_dummy_value()


class _Span(types.SimpleIterableType):
    """What `span` gives."""

    def __init__(self) -> None:
        super().__init__("Span", _SpanAt())


class _SpanAt(types.SimpleIteratorType):
    """Where a loop is."""

    def __init__(self) -> None:
        super().__init__("SpanAt", types.int64)


_REST: Final = [("end", types.int64), ("step", types.int64), ("is_down", types.boolean)]


@register_model(_Span)
class _SpanModel(StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("at", types.int64), *_REST])


@register_model(_SpanAt)
class _SpanAtModel(StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("at", types.EphemeralPointer(types.int64)), *_REST])


@intrinsic
def span(typing_context, first, end=None, step=None):  # type: ignore[no-untyped-def]
    """`range`, of one, two or three numbers."""
    kind = _Span()
    given = [types.none if part is None else types.int64 for part in (first, end, step)]

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        zero, one = (context.get_constant(types.int64, number) for number in (0, 1))
        first, end, step = args
        if given[1] == types.none:
            first, end = zero, first
        if given[2] == types.none:
            step = one
        is_down = isinstance(step, ir.Constant) and step.constant < 0
        made = cgutils.create_struct_proxy(kind)(context, builder)
        made.at, made.end, made.step = first, end, step
        made.is_down = context.get_constant(types.boolean, is_down)
        return made._getvalue()

    return kind(*given), build


@lower_builtin("getiter", _Span)
def _begin(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    whole = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0])
    made = cgutils.create_struct_proxy(signature.return_type)(context, builder)
    made.at = cgutils.alloca_once_value(builder, whole.at)
    made.end, made.step, made.is_down = whole.end, whole.step, whole.is_down
    return made._getvalue()


@lower_builtin("iternext", _SpanAt)
@iternext_impl(RefType.UNTRACKED)
def _next(context: Any, builder: Any, signature: Any, args: Any, result: Any) -> None:
    here = cgutils.create_struct_proxy(signature.args[0])(context, builder, args[0])
    at = builder.load(here.at)
    goes_on = builder.select(
        here.is_down,
        builder.icmp_signed(">", at, here.end),
        builder.icmp_signed("<", at, here.end),
    )
    result.set_valid(goes_on)
    with builder.if_then(goes_on):
        result.yield_(at)
        builder.store(builder.add(at, here.step, flags=["nsw"]), here.at)


def kept_whole(text: str) -> str:
    """LLVM's text of a module, with a note at each jump back that its loop stays as it is, and one
    at each function that threads come to it together.
    """
    lines: list[str] = []
    notes = [f'!{_ROLLED} = !{{!"llvm.loop.unroll.disable"}}']
    seen: set[str] = set()
    for line in text.split("\n"):
        label = _LABEL.match(line)
        if line.startswith(("define ", "declare ")) and "@llvm." not in line.replace('"', ""):
            line = _SIGNATURE.sub(r"\1 convergent\2", line)
            seen = set()
        elif label:
            seen.add(label[2])
        elif line.lstrip().startswith("br ") and not seen.isdisjoint(_TARGETS.findall(line)):
            note = f"!{_ROLLED + len(notes)}"
            notes.append(f"{note} = distinct !{{{note}, !{_ROLLED}}}")
            line += f", !llvm.loop {note}"
        lines.append(line)
    return "\n".join(lines + notes)
