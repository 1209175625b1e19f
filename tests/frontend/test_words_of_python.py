"""What is wrong with an operator or a function of Python is said in the words that were written."""

from __future__ import annotations

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.frontend.units import Unit
from pipeline.ir.status import Failure
from pipeline.ir.written import WRITTEN, written
from pipeline.primitives.table import PYTHON_ROWS, TABLE

TOLD = {
    "x = I + 3": "the right of `+`: expected Tuple[Tuple[Integer]], got Integer",
    "x = 7 // I": "the right of `//`: expected Integer, got Grid",
    "x = -I": "x in `-x`: expected Integer, got Grid",
    "x = I < 3": "the right of `<`: expected Tuple[Tuple[Integer]], got Integer",
    "x = 3 in 4": "the right of `in`: expected Tuple[Integer] or Set[Integer], got Integer",
    "x = I[0][I]": "k in `x[k]`: expected Integer, got Grid",
    "x = I[1:2:I]": "c in `x[a:b:c]`: expected Integer, got Grid",
    "x = len(3)": "argument 1 of `len`: expected Tuple[a] or Set[a], got Integer",
    "x = size(3)": "size argument 1 'container': expected Tuple[a] or Set[a], got Integer",
    "x = list(3)": "argument 1 of `list`: expected Tuple[a] or Set[a], got Integer",
    "x = frozenset(3)": "argument 1 of `frozenset`: expected Set[a] or Tuple[a], got Integer",
    "x = sorted(3)": "argument 1 of `sorted`: expected Tuple[a] or Set[a], got Integer",
    "x = 1 is True": "x in `x is True`: expected Boolean, got Integer",
    "x = isinstance(3, bool)": "argument 1 of `isinstance`: expected Boolean, got Integer",
    "x = max(3)": "argument 1 of `max`: expected Tuple[a] or Set[a], got Integer",
    "x = range(I)": "argument 2 of `range`: expected Integer, got Grid",
    "x, y = 3": "x in `a, b = x`: expected Tuple[a] or Set[a], got Integer",
    "x = 1\n    for v in 3: x = v": "what `for` goes over: expected Tuple[a] or Set[a], "
    "got Integer",
}


@pytest.mark.parametrize("line", TOLD)
def test_a_message_has_what_was_written(line: str) -> None:
    text = f"def solve_a(I):\n    {line}\n    return x\n"
    (found,) = compile_unit(Unit("own/a", "a.py", 1, text)).diagnostics
    assert found.message == TOLD[line]
    assert found.notes == ()


def test_every_row_of_python_has_words_and_no_other() -> None:
    assert {row.name for row in PYTHON_ROWS} <= WRITTEN.keys()
    assert WRITTEN.keys().isdisjoint(TABLE)
    assert written("fill") == "fill"
    assert str(Failure("ZERO", "quotient")) == "error: `//`: ZERO: division or step by zero"
