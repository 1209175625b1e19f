"""The texts that kernels of a GPU are compiled from, and what they name."""

from __future__ import annotations

from typing import Any, Final

from pipeline.engine.cuda import team_loops
from pipeline.kernels import drive, loops, team
from pipeline.kernels.binding import Binder
from pipeline.kernels.heap import SCRATCH_WORDS
from pipeline.kernels.names import WHOLE, instruction_names, row_of, with_needed
from pipeline.kernels.together import TOGETHER

MAIN: Final = drive.run_work.__name__
"""The kernel that a device is launched with."""


def names() -> list[str]:
    """All kernels of a device, shared ones and the main one included."""
    return with_needed([*instruction_names(), MAIN])


def numbers() -> dict[str, int]:
    """Under which number the main kernel knows a kernel."""
    return {name: k for k, name in enumerate(sorted(instruction_names()))}


def dispatch_source(count: int) -> str:
    """The text of a function that calls one of so many kernels by its number: a binary search."""
    lines = ["def run_code(m, code, at, count):\n"]

    def branch(first: int, last: int, depth: int) -> None:
        pad = "    " * depth
        if last - first == 1:
            arguments = "m.heap, m.colours, m.state, m.rank, m.team, at, count"
            lines.append(f"{pad}kernel_{first}({arguments})\n")
            return
        middle = (first + last) // 2
        lines.append(f"{pad}if code < {middle}:\n")
        branch(first, middle, depth + 1)
        lines.append(f"{pad}else:\n")
        branch(middle, last, depth + 1)

    branch(0, count, 1)
    return "".join(lines)


def main_source() -> str:
    """The text of the main kernel, and of what it calls kernels with."""
    return team_loops.MAIN + dispatch_source(len(numbers()))


def names_in_texts() -> dict[str, Any]:
    """The constants that the texts of `team_loops` use."""
    return loops.plain_names() | {"SCRATCH_WORDS": SCRATCH_WORDS, "PENDING": team.PENDING}


def row_loop(name: str, binder: Binder) -> Any:
    """The loop of a row, or the wrapper of another kernel, from the binder's forms."""
    scope = names_in_texts()
    if name in WHOLE:
        scope["function"] = binder.decorate(binder.bound(WHOLE[name]))
        source = team_loops.WHOLE
    else:
        row = row_of(name)
        native = row.native
        assert native is not None
        called = (*loops.CALLED, team.wait, team.claim)
        scope |= {function.__name__: function for function in called}
        scope |= {"fill": native.fill, "words": native.words}
        if name in TOGETHER:
            large = TOGETHER[name]
            scope |= {"amount_of": large.amount, "is_large": large.is_large}
            scope |= {"large_words": large.words, "together": large.fill}
        source = team_loops.row_source(row)
    exec(compile(source, f"<loop of {name} for a team>", "exec"), scope)
    loop = scope["loop"]
    loop.__name__ = loop.__qualname__ = f"team_{name}"
    return binder.bound(loop)
