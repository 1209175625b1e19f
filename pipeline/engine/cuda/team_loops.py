"""The loop of a row for a team, and the kernel that a device is launched with.

A group's instructions have lanes of their own; a team takes all of them as one run of items, so
that threads side by side do the same operation at the same time, and every thread finds the
instruction of its item by walking along. Columns of a group stand one behind the other.

What keeps one thread too long is left for the whole team, where it can (`kernels.together`).

Memory for results is claimed item by item. What a row makes counts against the limit on totals in
the order of lanes, as on the CPU: only where a group makes more than the limit altogether, which is
rare, is it counted lane after lane.
"""

from __future__ import annotations

import textwrap
from typing import Final

from pipeline.kernels.loops import checks, measure_of, results
from pipeline.kernels.together import TOGETHER
from pipeline.primitives.row import Primitive

MEMORY: Final = """\
    m = Memory(heap, colours, state + SCRATCH + rank * SCRATCH_WORDS, heap[state + LIMITS],
               heap[state + LIMITS + 1], heap[state + LIMITS + 2], heap[state + LIMITS + 3],
               heap[state + LIMITS + 4], state, rank, team)
"""

WHOLE: Final = f"""
def loop(heap, colours, state, rank, team, a, b):
{MEMORY}
    return function(m, a, b)
"""
"""A kernel that is no row's, or that rows share."""

_HEAD: Final = f"""
def loop(heap, colours, state, rank, team, at, count):
{MEMORY}
    slots = heap[state + SLOTS]
    items = 0
    for k in range(count):
        items += heap[heap[slots + heap[heap[at + k] + DOMAIN]]]
    top = heap[state + TOP]
    if top + items >= heap[state + END]:
        heap[state + FULL] = 1
        return
    wait(m)
    if rank == 0:
        heap[state + TOP] = top + items
        heap[state + SUM] = 0
        column = top
        for k in range(count):
            heap[slots + heap[heap[at + k] + DEST]] = column
            column += heap[heap[slots + heap[heap[at + k] + DOMAIN]]]
    wait(m)
    made = 0
    k = -1
    first = last = instruction = operation = 0
"""

_ITEM: Final = """\
    for item in range(rank, items, team):
        while item >= last:
            k += 1
            instruction = heap[at + k]
            first = last
            last += heap[heap[slots + heap[instruction + DOMAIN]]]
            operation = heap[instruction + OPERATION]
        lane = item - first
"""

_ARGUMENT: Final = """\
        source = heap[instruction + ARGS + {k}]
        if source < 0:
            a_{k} = heap[heap[state + CONSTANTS] - 1 - source]
        else:
            a_{k} = heap[heap[slots + source] + lane]
"""

_TOTALS: Final = """\
    claim(m, state + SUM, made)
    wait(m)
    if heap[state + SUM] > m.total and heap[state + FULL] == 0:
        for k in range(count):
            instruction = heap[at + k]
            operation = heap[instruction + OPERATION]
            domain = heap[slots + heap[instruction + DOMAIN]]
            column = heap[slots + heap[instruction + DEST]]
            scopes = heap[domain + D_SCOPES]
            size = heap[domain]
            lane, last = size * rank // team, size * (rank + 1) // team
            while 0 < lane < last and heap[scopes + lane] == heap[scopes + lane - 1]:
                lane += 1
            scope = -1
            sum = 0
            while lane < last or (lane < size and heap[scopes + lane] == scope):
                if heap[scopes + lane] != scope:
                    scope = heap[scopes + lane]
                    sum = 0
                word = heap[column + lane]
                if is_reference(word):
                    amount, problem = {measured}(m, word)
                    sum += amount
                    if sum > m.total:
                        heap[column + lane] = TOTAL - operation
                lane += 1
"""
"""A scope is counted by the thread in whose part of the lanes it begins, to its end."""

_TOGETHER: Final = """\
    claim(m, state + PENDING, pending)
    wait(m)
    pending = heap[state + PENDING]
    if pending != 0:
        wait(m)
        if rank == 0:
            heap[state + PENDING] = 0
    k = -1
    last = 0
    for item in range(items if pending != 0 and heap[state + FULL] == 0 else 0):
        elements = heap[top + item]
        if elements > 0:
            while item >= last:
                k += 1
                instruction = heap[at + k]
                first = last
                last += heap[heap[slots + heap[instruction + DOMAIN]]]
            operation = heap[instruction + OPERATION]
            lane = item - first
{arguments}\
            need = large_words(m, {args}, elements)
            out = heap[state + TOP]
            wait(m)
            if out + need >= heap[state + END]:
                heap[state + FULL] = 1
                break
            if rank == 0:
                heap[state + TOP] = out + need
            word, after = together(m, out, {args}, elements)
            wait(m)
            if rank == 0:
{results}\
"""
"""The items that the whole team does: those of which the column has no word yet, but how many
elements they have, which is a positive number, as no container is.
"""

MAIN: Final = f"""
def main(heap, colours, work):
    rank, team, worker = thread(), threads(), block()
    state = heap[work + W_HEAPS] + worker * heap[work + W_HEAP_WORDS]
    slots = state + SCRATCH + team * SCRATCH_WORDS
    if rank == 0:
        for k in range(SCRATCH):
            heap[state + k] = heap[work + W_STATE + k]
        heap[state + SLOTS] = slots
        heap[state + BASE] = slots + heap[work + W_SLOTS]
        heap[state + END] = state + heap[work + W_HEAP_WORDS]
    for k in range(rank, heap[work + W_SLOTS], team):
        heap[slots + k] = 0
    barrier()
{MEMORY}
    run_work(m, work)
"""
"""What a device is launched with; `work` is where the list of blocks is, see `layout`."""


def row_source(row: Primitive) -> str:
    """The text of a row's loop."""
    native = row.native
    assert native is not None
    names = [f"a_{k}" for k in range(row.arity)]
    target, args = "heap[top + item]", ", ".join(names)
    arguments = "".join(_ARGUMENT.format(k=k) for k in range(row.arity))
    ends = [*results(row, target, ["made += amount"]), f"{target} = word"]
    body = [*checks(row, names, target), *_call(row, args), *ends]
    is_shared = row.name in TOGETHER
    lines = [_HEAD, "    pending = 0\n" if is_shared else "", _ITEM, arguments, *_indented(body, 8)]
    if is_shared:
        inner = "".join(_indented(ends, 16))
        together = {"arguments": textwrap.indent(arguments, "    "), "results": inner}
        lines.append(_TOGETHER.format(args=args, **together))
    if row.makes_container:
        lines.append(_TOTALS.format(measured=measure_of(row)))
    return "".join(lines)


def _indented(lines: list[str], by: int) -> list[str]:
    return [f"{' ' * by}{line}\n" for line in lines]


def _call(row: Primitive, args: str) -> list[str]:
    if row.native.words is None:  # type: ignore[union-attr]
        return [f"word = fill(m, {args})"]
    large = [
        f"elements = amount_of(m, {args})",
        f"if is_large(m, {args}, elements):",
        "    heap[top + item] = elements",
        "    pending = 1",
        "    continue",
    ]
    return [
        f"need = words(m, {args})",
        "if need < 0:",
        "    heap[top + item] = need - operation",
        "    continue",
        *(large if row.name in TOGETHER else []),
        "out = claim(m, state + TOP, need)",
        "if out + need >= heap[state + END]:",
        "    heap[state + FULL] = 1",
        "    break",
        f"word, after = fill(m, out, {args})",
    ]
