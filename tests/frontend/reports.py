"""What a user reads about a file of solvers."""

from __future__ import annotations

from functools import cache

from pipeline.codegen.compile import Compiled, compile_unit
from pipeline.diagnostics import Diagnostic, render_all, split_lines
from pipeline.frontend.units import split_units

PATH = "a.py"


def compile_file(data: bytes) -> tuple[list[Compiled], list[Diagnostic]]:
    """Every solver of a file compiled, and all that is wrong, in the order found."""
    units, found = split_units("test", PATH, data)
    compiled = [compile_unit(unit) for unit in units]
    return compiled, [*found, *(d for c in compiled for d in c.diagnostics)]


@cache
def report(source: str | bytes) -> str:
    """All that is wrong with a file, as it is printed."""
    data = source.encode() if isinstance(source, str) else source
    lines = split_lines(data.decode("utf-8-sig", "replace"))
    return render_all(compile_file(data)[1], {PATH: lines})


def solver(*statements: str, ident: str = "a") -> str:
    """A solver with these statements."""
    return f"def solve_{ident}(I):\n" + "".join(f"    {s}\n" for s in statements)
