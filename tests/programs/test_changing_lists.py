"""Lists that change in place: what is taken means what it means in Python."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from pipeline.frontend.parse import parse_text
from pipeline.ir.status import Failure
from pipeline.oracle.interpret import outcome
from tests.programs.changing_lists import changing_program, program_with_functions
from tests.python_answers import python_answer

GRID = ((0, 3, 0, 1), (3, 0, 3, 2), (0, 0, 0, 5), (1, 2, 3, 4))


class _TooLongError(Exception):
    """Python would go on for ever: the list grows as it is gone through."""


def _stop(number: int, frame: object) -> None:
    raise _TooLongError


def _in_python(text: str) -> object:
    """What Python gives, _TooLongError where it does not come to an end in a fifth of a second."""
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        return python_answer(text, GRID, True)
    except _TooLongError as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def ended(text: str) -> str:
    """How a program ends on both sides: refused, or the same."""
    program, found = parse_text(text, "a")
    if program is None:
        assert found
        return "refused"
    expected = _in_python(text)
    if isinstance(expected, _TooLongError):
        return "has no end"
    got = outcome(program, GRID)
    if isinstance(expected, Exception):
        assert isinstance(got, Failure), (text, got)
        return "fails"
    assert got == expected, text
    return "answers"


Maker = Callable[[Random], str]


def _tried(first: int, count: int, maker: Maker = changing_program) -> Counter[str]:
    return Counter(ended(maker(Random(f"changing {k}"))) for k in range(first, first + count))


def test_lists_that_change_mean_what_they_mean_in_python() -> None:
    found = _tried(0, 200)
    assert found["answers"] > 20, found


def test_functions_that_change_lists_mean_what_they_mean_in_python() -> None:
    found = _tried(0, 25, program_with_functions)
    assert found["answers"] > 3, found


@pytest.mark.long("twenty-five of them are in the default part")
@pytest.mark.parametrize("first", [25, 2_525])
def test_five_thousand_programs_with_such_functions(first: int) -> None:
    assert _tried(first, 2_500, program_with_functions)["answers"] > 300


@pytest.mark.long("two hundred of them are in the default part")
@pytest.mark.parametrize("first", [200, 2_700])
def test_five_thousand_such_programs(first: int) -> None:
    assert _tried(first, 2_500)["answers"] > 250
