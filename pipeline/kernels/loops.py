"""The loop of a row on the CPU: a group of instructions, lane after lane, in one call.

A loop is written for the row: so many arguments, only the checks that the row needs. What it checks
and in which order is what `row.run_row` and the reference runtime do: an argument that failed,
grids within the limits, missing values, turns, visits, the row itself, the result's size, totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pipeline.kernels import heap, instruction
from pipeline.primitives import words
from pipeline.primitives.row import Primitive, compiled
from pipeline.primitives.words import (
    CELLS,
    ELEMENTS,
    GRID,
    Memory,
    area,
    has_failed,
    is_grid,
    is_holed,
    is_integer,
    is_pair,
    is_patch,
    is_ragged,
    is_reference,
    kind_of,
    length,
    rows_area,
)

_MEMORY = """\
    m = Memory(heap, colours, SCRATCH, heap[LIMITS], heap[LIMITS + 1], heap[LIMITS + 2],
               heap[LIMITS + 3], heap[LIMITS + 4], 0, 0, 1)
"""

WHOLE = f"""
def loop(heap, colours, a, b):
{_MEMORY}
    return function(m, a, b)
"""

_HEAD = f"""
def loop(heap, colours, at, count):
{_MEMORY}
    slots = heap[SLOTS]
    end = heap[END]
    for k in range(count):
        instruction = heap[at + k]
        domain = heap[slots + heap[instruction + DOMAIN]]
        size = heap[domain]
        top = heap[TOP]
        out = top + size
        if out >= end:
            heap[FULL] = 1
            return
        heap[slots + heap[instruction + DEST]] = top
        operation = heap[instruction + OPERATION]
"""

_ARGUMENT = """\
        source_{k} = heap[instruction + ARGS + {k}]
        if source_{k} < 0:
            at_{k} = heap[CONSTANTS] - 1 - source_{k}
            step_{k} = 0
        else:
            at_{k} = heap[slots + source_{k}]
            step_{k} = 1
"""

_TARGET: Final = "heap[top + lane]"
_COUNTED: Final = (
    "if heap[scopes + lane] != scope:",
    "    scope = heap[scopes + lane]",
    "    sum = 0",
    "sum += amount",
    "if sum > m.total:",
    "    heap[top + lane] = TOTAL - operation",
    "    continue",
)


_GRID: Final = ("is_grid(m, {a}) and area(m, {a}) > m.cells", "CELLS - operation")
_ROWS: Final = ("rows_area(m, {a}) > m.cells", "CELLS - operation")
_MISSING: Final = ("{a} == MISSING", "NONE")
_HOLED: Final = ("is_holed(m, {a})", "NONE - operation")
_TESTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "": (),
    "integer": (("not is_integer({a})", "NONE"),),
    "number": (
        ("{a} == NIL", "EMPTY - operation"),
        ("not (is_integer({a}) or is_pair({a}))", "NONE"),
    ),
    "grid": (_MISSING, ("not is_grid(m, {a})", "SHAPE - operation"), _HOLED, _GRID),
    "holed": (_MISSING, ("not is_grid(m, {a})", "SHAPE - operation"), _GRID),
    "patch": (("not is_patch(m, {a})", "NONE"),),
    "rows": (_MISSING, _HOLED, _ROWS),
    "outline": (
        _HOLED,
        ("is_ragged(m, {a}) and rows_area(m, {a}) > m.cells", "CELLS - operation"),
        _GRID,
        ("not (is_grid(m, {a}) or is_ragged(m, {a}) or is_patch(m, {a}))", "NONE"),
    ),
    "piece": (
        _HOLED,
        ("is_ragged(m, {a})", "SHAPE - operation"),
        _GRID,
        ("not (is_grid(m, {a}) or is_patch(m, {a}))", "NONE"),
    ),
    "container": (_MISSING,),
}
"""For each kind of argument (see `checking`) what is wrong with it, and how the lane ends:
NONE stands for what is done about a missing one.
"""


def row_source(row: Primitive) -> str:
    """The text of a row's loop."""
    native = row.native
    assert native is not None
    names = [f"a_{k}" for k in range(row.arity)]
    args = ", ".join(names)
    lines = [_HEAD, *(_ARGUMENT.format(k=k) for k in range(row.arity))]
    if row.makes_container:
        lines.append("        scopes = heap[domain + D_SCOPES]\n")
        lines.append("        scope = -1\n        sum = 0\n")
    lines.append("        for lane in range(size):\n")
    for k in range(row.arity):
        lines.append(f"            a_{k} = heap[at_{k} + lane * step_{k}]\n")
    body = [*checks(row, names, _TARGET), *_call(row, args), *results(row, _TARGET, _COUNTED)]
    body += ["out = after", f"{_TARGET} = word"]
    lines += [f"            {line}\n" for line in body]
    lines.append("        heap[TOP] = out\n")
    return "".join(lines)


def checks(row: Primitive, names: list[str], target: str) -> list[str]:
    """What is looked at before the row, and goes to the target: the first failed argument is the
    result.
    """
    tests = []
    for name in names:
        tests.append((f"has_failed({name})", name))
    missing = "MISSING" if row.asks else "NONE - operation"
    for k, kind in enumerate(row.kinds):
        tests += [
            (test.format(a=f"a_{k}"), missing if result == "NONE" else result)
            for test, result in _TESTS[kind]
        ]
    if row.turns_argument is not None:
        tests.append((f"a_{row.turns_argument} > m.turns", "TURNS - operation"))
    lines = []
    for test, result in tests:
        lines += [
            f"if {test}:",
            f"    {target} = {result}",
            "    continue",
        ]
    return lines


def _call(row: Primitive, args: str) -> list[str]:
    if row.native.words is None:  # type: ignore[union-attr]
        return [f"word = fill(m, {args})", "after = out"]
    return [
        f"need = words(m, {args})",
        "if need < 0:",
        "    heap[top + lane] = need - operation",
        "    continue",
        "if out + need >= end:",
        "    heap[FULL] = 1",
        "    return",
        f"word, after = fill(m, out, {args})",
    ]


def results(row: Primitive, target: str, counted: Sequence[str]) -> list[str]:
    """What is looked at in the row's result: a failure, or one that is too large, goes to the
    target. counted: what is done with the amount of a container.
    """
    lines = [
        "if has_failed(word):",
        f"    {target} = word - operation",
        "    continue",
    ]
    if row.makes_container:
        lines += [
            "if is_reference(word):",
            f"    amount, problem = {measure_of(row)}(m, word)",
            "    if problem != 0:",
            f"        {target} = problem - operation",
            "        continue",
            *(f"    {line}" for line in counted),
        ]
    return lines


def measure_of(row: Primitive) -> str:
    """What measures a row's result."""
    return "measured_rows" if row.ragged and not row.makes_set else "measured"


@compiled
def measured(m: Memory, word: int) -> tuple[int, int]:
    """What a result counts, and the failure of one that is too large, or 0."""
    if kind_of(m, word) == GRID:
        amount = area(m, word)
        if amount > m.cells:
            return amount, CELLS
        return amount, 0
    amount = length(m, word)
    if amount > m.elements:
        return amount, ELEMENTS
    return amount, 0


@compiled
def measured_rows(m: Memory, word: int) -> tuple[int, int]:
    """As `measured`, of a grid that may be ragged."""
    amount = rows_area(m, word)
    return amount, CELLS if amount > m.cells else 0


CALLED: Final = (
    has_failed,
    is_grid,
    is_holed,
    is_integer,
    is_pair,
    is_patch,
    area,
    is_ragged,
    is_reference,
    measured,
    measured_rows,
    rows_area,
)
"""What loops call besides the row."""


def row_kernel(row: Primitive, compiler: Any) -> Any:
    """The loop of a row as a function that Numba can compile."""
    native = row.native
    assert native is not None
    scope = plain_names()
    scope |= {function.__name__: compiler.of(function) for function in CALLED}
    scope["fill"] = compiler.of(native.fill)
    if native.words is not None:
        scope["words"] = compiler.of(native.words)
    exec(compile(row_source(row), f"<loop of {row.name}>", "exec"), scope)
    return _named(scope["loop"], row.name)


def whole_kernel(name: str, function: Any, compiler: Any) -> Any:
    """A function that is a kernel by itself, as one that takes pointers."""
    scope = plain_names() | {"function": compiler.decorate(compiler.bound(function))}
    exec(compile(WHOLE, f"<{name}>", "exec"), scope)
    return _named(scope["loop"], name)


def _named(function: Any, name: str) -> Any:
    function.__name__ = function.__qualname__ = f"loop_{name}"
    return function


def plain_names() -> dict[str, Any]:
    """The constants that a loop's text uses."""
    parts = (vars(words), vars(heap), vars(instruction))
    return {"Memory": Memory} | {n: v for part in parts for n, v in part.items() if n.isupper()}
