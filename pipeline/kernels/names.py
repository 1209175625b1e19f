"""Which kernels there are, what each is made of, and what it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from pipeline.kernels import loops, structure
from pipeline.kernels.bank import run_candidates, score_values
from pipeline.kernels.drive import drive_blocks, run_work
from pipeline.kernels.together import TOGETHER
from pipeline.primitives import sorting
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import BY_NAME

SHARED = {
    function.shared: function
    for function in vars(sorting).values()
    if hasattr(function, "shared") and function.__module__ == sorting.__name__
}
"""Kernels that other kernels call, by symbol."""

DRIVER: Final = drive_blocks.__name__
"""The kernel that calls the others on a CPU."""

BANK: Final = (run_candidates.__name__, score_values.__name__)
"""The kernels of a bank of values, which only a search has."""

STRUCTURAL = {function.__name__: function for function in structure.KERNELS}
"""Kernels of instructions that are no row's."""

WHOLE: Final = {
    **SHARED,
    **STRUCTURAL,
    **{f.__name__: f for f in (drive_blocks, run_work, run_candidates, score_values)},
}
"""Kernels that are one function."""


def instruction_names() -> list[str]:
    """Every kernel that instructions can name."""
    return [*(row.name for row in BY_NAME.values() if row.native is not None), *STRUCTURAL]


def all_names() -> list[str]:
    """Every kernel that generated code can call on a CPU, and the driver."""
    return [*instruction_names(), DRIVER]


def functions_of(name: str) -> list[Callable[..., Any]]:
    """The marked functions that a kernel is made of."""
    if name in WHOLE:
        return [WHOLE[name]]
    native = row_of(name).native
    assert native is not None
    together = TOGETHER[name].functions if name in TOGETHER else ()
    found = (native.fill, native.words, *loops.CALLED, *together)
    return [f for f in found if f is not None]


def has_code(name: str) -> bool:
    """Whether there is a kernel of this name: of a row that has no row function there is none."""
    return name in WHOLE or row_of(name).native is not None


def is_interpreted(operation: str) -> bool:
    """Whether an operation of a graph is a row that only the reference runtime has."""
    return operation in BY_NAME and BY_NAME[operation].native is None


def row_of(name: str) -> Primitive:
    """The row of this name, one that only passes make included."""
    return BY_NAME[name]


def needs(name: str) -> list[str]:
    """The shared kernels that a kernel calls, directly or not."""
    found = reached(tuple(functions_of(name)))
    return sorted({f.shared for f in found if hasattr(f, "shared")} - {name})


def reached(functions: tuple[Any, ...]) -> list[Any]:
    """The marked functions, and all that they call."""
    seen: dict[Any, None] = {}
    waiting = list(functions)
    while waiting:
        function = waiting.pop()
        if function not in seen:
            seen[function] = None
            waiting += _called(function)
    return list(seen)


@cache
def _called(function: Any) -> tuple[Any, ...]:
    scope = function.__globals__
    values = [scope.get(name) for name in function.__code__.co_names]
    return tuple(v for v in values if hasattr(v, "is_compiled"))


def with_needed(names: Iterable[str]) -> list[str]:
    """The kernels, those that there are, and the shared ones that they call, in order of name."""
    wanted = set(filter(has_code, names))
    for name in list(wanted):
        wanted.update(needs(name))
    return sorted(wanted)


def symbol_of(name: str) -> str:
    """What a kernel is called where it is linked."""
    return name if name in SHARED else f"loop_{name}"
