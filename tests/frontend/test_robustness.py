"""Whatever the bytes: code or diagnostics at places that there are, and nothing is ever raised."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.diagnostics import split_lines
from tests.frontend.reports import PATH, compile_file

SOLVERS = [p.read_bytes() for p in sorted(Path(__file__).parents[2].glob("solvers/*.py"))]
TOKEN = re.compile(rb"\w+|\s+|.", re.DOTALL)
LINE = re.compile(rb".*\n?")
PIECES = (
    *b"( ) [ { , = * : - @ # ' I x1 ONE 3 apply power branch compose fork lambda return".split(),
    *(b"\n", b"    ", b"\t", b"\f", b"\r", b"\0", b"\\", b'"""', b"def ", b"\xff", b"\xef\xbb\xbf"),
    "日".encode(),
)


def check(data: bytes) -> None:
    """Every solver of the file is code or has diagnostics, and these have places in the file."""
    compiled, found = compile_file(data)
    assert all((c.code is None) == bool(c.diagnostics) for c in compiled)
    assert compiled or found
    lines = split_lines(data.decode("utf-8-sig", "replace"))
    for diagnostic in found:
        span = diagnostic.span
        assert span.path == PATH
        assert 1 <= span.line <= len(lines), diagnostic
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1, diagnostic
        assert 1 <= span.width <= max(1, len(lines[span.line - 1]) - span.column + 1), diagnostic
        assert diagnostic.message
        assert "\n" not in diagnostic.message


def mutated(draw: Any, pieces: list[bytes]) -> list[bytes]:
    """The pieces with one deleted, doubled, swapped with another, or one from outside put in."""
    k = draw(st.integers(0, len(pieces) - 1))
    kind = draw(st.sampled_from(["delete", "double", "swap", "insert", "replace"]))
    if kind == "swap":
        j = draw(st.integers(0, len(pieces) - 1))
        pieces[j], pieces[k] = pieces[k], pieces[j]
        return pieces
    new = {
        "delete": [],
        "double": [pieces[k]] * 2,
        "insert": [pieces[k], draw(st.sampled_from(PIECES))],
        "replace": [draw(st.sampled_from(PIECES))],
    }
    return [*pieces[:k], *new[kind], *pieces[k + 1 :]]


@st.composite
def mutants(draw: Any) -> bytes:
    """A solver's file with a few tokens, characters or lines changed."""
    data = draw(st.sampled_from(SOLVERS))
    for _ in range(draw(st.integers(1, 4))):
        unit = draw(st.sampled_from([TOKEN, LINE, re.compile(rb".", re.DOTALL)]))
        data = b"".join(mutated(draw, unit.findall(data) or [b"x"]))
    return data


def test_warnings_of_python_are_not_shown(recwarn: pytest.WarningsRecorder) -> None:
    check(b"def solve_a(I):\n    x = '\\*'\n    return 1if x else I\n'\\*'\n")
    assert [str(warning.message) for warning in recwarn] == []


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants())
def test_changed_solvers(data: bytes) -> None:
    check(data)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, b" ", b"solve_a", b"(I):\n    "]), max_size=40))
def test_heaps_of_tokens(pieces: list[bytes]) -> None:
    check(b"".join(pieces))
    check(b"def solve_a(I):\n    x = " + b" ".join(pieces) + b"\n    return x\n")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes(data: bytes) -> None:
    check(data)
    check(b"def solve_a(I):\n    " + data)
