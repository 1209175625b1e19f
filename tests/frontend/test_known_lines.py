"""The two ways to read a solver give the same program; a line that is known is the same object."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.corpora import extract_corpus
from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend import known_lines
from pipeline.frontend.parse import parse_partial
from pipeline.frontend.program import Builtin, Call, Expression, Program, TupleLiteral
from pipeline.frontend.read_solver import read_solver
from pipeline.frontend.units import Unit, split_units
from pipeline.trust.programs.writer import random_program
from tests.frontend.reports import solver
from tests.frontend.test_accepted import ACCEPTED, ALIKE
from tests.frontend.test_errors import TOPICS
from tests.project import CACHE

SOLVERS = sorted(Path(__file__).resolve().parents[2].glob("solvers/*.py"))
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
PIECES = (
    *("(", ")", ",", "=", "==", ".", ":", ";", "@", "'", "#", "[", "*", "-1", "007", "1_0", "0x1"),
    *("3.5", "I", "x1", "ONE", "True", "None", "9999999", "lambda", "if", "return", "size", "日"),
    *("__debug__", "\n", " ", "    ", "\t", "\f", "\r", "\x0b", "\u2028", "\\", "\\\n", "# größe"),
    *("; x9 = I", "x1 = I\n", "\n    return I\n", "()", ",)", "))", "(I)", "(I,)", "I(I)", ":="),
    *("a=I", "piece=I"),
)
"""What is put in the place of a token: what the DSL has, what only Python has, and neither."""


def written(expression: Expression) -> Any:
    """An expression with the kinds of its parts; equality of expressions is that of tuples."""
    if isinstance(expression, Call):
        parts = [expression.function, *expression.arguments]
    elif isinstance(expression, TupleLiteral):
        parts = [*expression.elements]
    elif isinstance(expression, Builtin):
        return expression.row.name
    else:
        return repr(expression)
    return type(expression).__name__, *map(written, parts)


def spans_of(program: Program, number: int, expression: Expression) -> Iterator[Span]:
    """All places in an expression that can be asked for."""
    if isinstance(expression, Call | TupleLiteral):
        yield program.place(number, expression)
        yield from program.argument_places(number, expression)
    if isinstance(expression, Call):
        for part in (expression.function, *expression.arguments):
            yield from spans_of(program, number, part)
    elif isinstance(expression, TupleLiteral):
        for part in expression.elements:
            yield from spans_of(program, number, part)


def whole(parsed: tuple[Program | None, list[Diagnostic]]) -> Any:
    """All that there is to know of a program, or of what is wrong with it."""
    program, found = parsed
    if program is None:
        return found
    rows = [
        (s.target, written(s.value), sorted(s.names), program.place(k), program.place(k, s.value))
        for k, s in enumerate(program.statements)
    ]
    spans = [[*spans_of(program, k, s.value)] for k, s in enumerate(program.statements)]
    return program.name, program.parameter, program.is_partial, rows, spans, found


def check(unit: Unit) -> None:
    """Every way to read the unit gives the same: as the first text, after others, and again."""
    warm = whole(parse_partial(unit))
    known_lines.forget()
    general = whole(read_solver(unit))
    assert warm == general
    assert whole(parse_partial(unit)) == general
    known_lines.forget()
    assert whole(parse_partial(unit)) == general
    assert whole(read_solver(unit)) == general


@cache
def random_texts() -> tuple[str, ...]:
    """Some random programs."""
    return tuple(random_program(random.Random(f"line {k}"), 4 + k % 5) for k in range(150))


def units_of(path: Path) -> list[Unit]:
    """The solvers of a file."""
    return split_units("test", path.name, path.read_bytes())[0]


@pytest.mark.parametrize("path", [*SOLVERS, "re-arc"], ids=lambda p: getattr(p, "stem", p))
def test_solvers_are_read_alike_both_ways(path: Path | str) -> None:
    units = units_of(path if isinstance(path, Path) else extract_corpus(CACHE))
    assert units
    for unit in units:
        check(unit)


@pytest.mark.parametrize("group", [*TOPICS, "accepted", "alike"])
def test_small_cases_are_read_alike_both_ways(group: str) -> None:
    cases = {**TOPICS, "accepted": ACCEPTED, "alike": ALIKE}[group]
    for source in cases.values():
        data = source if isinstance(source, bytes) else source.encode()
        for unit in split_units("test", "a.py", data)[0]:
            check(unit)


def test_random_programs_are_read_alike_both_ways() -> None:
    for text in random_texts():
        check(Unit("test/a", "a.py", 7, text))


@given(st.data())
def test_one_edit_is_read_alike_both_ways(data: Any) -> None:
    tokens = TOKEN.findall(data.draw(st.sampled_from(random_texts())))
    place = data.draw(st.integers(0, len(tokens) - 1))
    other = data.draw(st.integers(0, len(tokens) - 1))
    piece = data.draw(st.sampled_from((*PIECES, "", tokens[place] * 2, tokens[other])))
    text = "".join([*tokens[:place], piece, *tokens[place + 1 :]])
    for unit in split_units("test", "a.py", text.encode())[0]:
        check(unit)


def test_what_is_written_plainly_is_read_without_pythons_parser() -> None:
    texts = [unit.text for path in SOLVERS for unit in units_of(path)]
    texts += [t for t in random_texts() if all(row.count("(") <= 50 for row in t.split("\n"))]
    known_lines.forget()
    for text in texts:
        assert known_lines.read_plain(Unit("test/a", "a.py", 1, text)) is not None, text


ODD = "    y = canvas(0x1, (2, (3)))"


@pytest.mark.parametrize("line", ["    y = canvas(ONE, (2, 3))", ODD, f"{ODD}  # one"])
def test_a_known_line_is_the_same_object_in_every_program(line: str) -> None:
    def parsed(*rows: str) -> Program:
        text = "\n".join(["def solve_a(I):", *rows, "    return y", ""])
        program, found = parse_partial(Unit("test/a", "a.py", 1, text))
        assert not found
        assert program is not None
        return program

    one = parsed(line)
    two = parsed("", "    # comment", "    x = hmirror(I)", line)
    three = parsed("", "    x = 0x2", line)
    assert one.statements[0] is two.statements[1] is three.statements[1]
    assert [p.place(k).line for p, k in ((one, 0), (two, 1), (three, 1))] == [2, 5, 4]
    assert one.statements[1] is two.statements[2]


@pytest.mark.parametrize(
    "text",
    [
        solver("y = hmirror(x)", "x = vmirror(I)", "return y"),
        solver("x = vmirror(I)"),
        "def solve_a(x):\n    x = vmirror(I)\n    return x\n",
        "def solve_a(I):\n    x = vmirror(I)\n        return x\n",
    ],
)
def test_known_lines_hide_no_error(text: str) -> None:
    unit = Unit("test/a", "a.py", 1, text)
    cold = parse_partial(unit)[1]
    assert cold
    for known in ("x = vmirror(I)", "x = vmirror(I); y = hmirror(x)"):
        parse_partial(Unit("test/a", "a.py", 1, solver(*known.split("; "), "return x")))
    assert parse_partial(unit)[1] == cold


def test_lines_are_forgotten_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_lines, "MOST_LINES", 3)
    for text in random_texts()[:20]:
        check(Unit("test/a", "a.py", 1, text))
        assert len(known_lines._kept) <= 3


def test_threads_that_read_at_once_share_their_lines() -> None:
    def read(text: str) -> Program | None:
        return parse_partial(Unit("test/a", "a.py", 1, text))[0]

    odd = [re.sub(r"\bONE\b", "0x1", text) for text in random_texts()]
    texts = [text for pair in zip(odd, random_texts(), strict=True) for text in pair]
    known_lines.forget()
    with ThreadPoolExecutor(8) as pool:
        programs = list(pool.map(read, [text for text in texts for _ in range(8)]))
    known: dict[str, object] = {}
    for program in programs:
        assert program is not None
        for statement in program.statements:
            assert known.setdefault(statement.line, statement) is statement
