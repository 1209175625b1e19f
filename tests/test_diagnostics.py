"""What users read when something is wrong, asserted whole."""

from __future__ import annotations

import itertools
import pickle
import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.diagnostics import Diagnostic, Invalid, Span, render, render_all, split_lines

PATH = "solvers/00d62c1b.py"


def at(line: int, column: int, width: int = 1, *notes: str) -> Diagnostic:
    """A diagnostic at a place of PATH."""
    return Diagnostic(Span(PATH, line, column, width), "some-code", "some message", notes)


def text_of(*lines: str) -> str:
    """The lines as one text, for golden messages whose leading spaces must be seen."""
    return "\n".join(lines)


def test_message_source_caret_and_notes() -> None:
    diagnostic = Diagnostic(
        Span(PATH, 2, 17, 2),
        "type-mismatch",
        "fill argument 2 'value': expected Integer, got Grid",
        ("x2 is made on line 1", "did you mean x1?"),
    )
    lines = ["    x2 = hmirror(I)", "    O = fill(I, x2, x3)"]
    assert render(diagnostic, lines) == text_of(
        "solvers/00d62c1b.py:2:17: error[type-mismatch]: "
        "fill argument 2 'value': expected Integer, got Grid",
        "        O = fill(I, x2, x3)",
        "                    ^^",
        "  note: x2 is made on line 1",
        "  note: did you mean x1?",
    )


def test_without_the_source_there_is_no_excerpt() -> None:
    head = "solvers/00d62c1b.py:3:1: error[some-code]: some message"
    assert render(at(3, 1)) == head
    assert render(at(3, 1), ["one", "two"]) == head
    assert render(at(3, 1, 1, "do this"), ["one"]) == head + "\n  note: do this"
    assert render(at(0, 1), ["one"]).endswith(":0:1: error[some-code]: some message")
    assert render(at(3, 1), ["one", "two", " \t\n"]) == head


def excerpt(line: str, column: int, width: int = 1) -> list[str]:
    """The source line and the caret line as rendered."""
    return render(at(1, column, width), [line]).split("\n")[1:]


def test_a_tab_takes_one_column() -> None:
    assert excerpt("\tx1\t= hmirror(I)", 6, 7) == [
        "     x1 = hmirror(I)",
        "         ^^^^^^^",
    ]


def test_what_does_not_print_is_a_question_mark_in_place() -> None:
    line = "x\x1b[31m = \u202ef(\x00, \ud800)\x0c"
    assert excerpt(line, 12) == ["    x?[31m = ?f(?, ?)?", "               ^"]


def test_line_ends_are_no_part_of_the_line() -> None:
    assert excerpt("O = f(I)\r\n", 5, 40) == ["    O = f(I)", "        ^^^^"]


def test_carets_stay_on_the_line() -> None:
    assert excerpt("return O", 8, 1) == ["    return O", "           ^"]
    assert excerpt("return O", 8, 50) == ["    return O", "           ^"]
    assert excerpt("return O", 9, 1) == ["    return O", "            ^"]
    assert excerpt("return O", 500, 9) == ["    return O", "            ^"]
    assert excerpt("return O", 0, 3) == ["    return O", "    ^^^"]
    assert excerpt("return O", 1, 0) == ["    return O", "    ^"]
    assert excerpt("return O", -7, -3) == ["    return O", "    ^"]
    assert excerpt("", 1) == excerpt(" \t", 2) == []


def test_a_long_line_is_cut_to_a_window_around_the_caret() -> None:
    line = "".join(f"{k:5}" for k in range(0, 1000, 5))
    hundred = line[:100]
    assert excerpt(line, 1, 3) == ["    " + hundred.rstrip(), "    ^^^"]
    assert excerpt(line, 61, 4) == ["    " + hundred.rstrip(), "    " + 60 * " " + "^^^^"]
    assert excerpt(line, 501, 900) == [
        "    " + line[440:540].rstrip(),
        "    " + 60 * " " + 40 * "^",
    ]
    assert excerpt(line, 1000, 1) == ["    " + line[939:], "    " + 60 * " " + "^"]
    assert excerpt(line, 9999, 1) == ["    " + line[940:], "    " + 60 * " " + "^"]


@given(st.text(max_size=300), st.integers(-5, 400), st.integers(-5, 400))
def test_an_excerpt_is_two_short_printable_lines(line: str, column: int, width: int) -> None:
    source = split_lines(line)[0]
    if not source.strip():
        assert excerpt(source, column, width) == []
        return
    shown, caret = excerpt(source, column, width)
    assert shown.isprintable()
    assert max(len(shown), len(caret)) <= 105
    assert caret.strip(" ").strip("^") == ""
    assert "^" in caret
    pointed = source[column - 1] if 1 <= column <= len(source) else " "
    if pointed.isprintable() and pointed != " ":
        assert shown[caret.index("^")] == pointed


def test_line_numbers_count_what_python_counts() -> None:
    assert split_lines("a\nb\r\nc\rd\x0ce\u2028f\x0b\x85") == [
        "a",
        "b",
        "c",
        "d\x0ce\u2028f\x0b\x85",
    ]
    assert split_lines("") == [""]
    assert split_lines("a\n") == ["a", ""]


def test_all_of_them_in_order_and_each_once() -> None:
    other = Diagnostic(Span("a.py", 9, 1), "empty-file", "nothing here")
    shuffled = [at(2, 1), at(10, 1), at(2, 3), other, at(2, 1), other]
    assert render_all(shuffled, {PATH: ["one", "two"]}) == text_of(
        "a.py:9:1: error[empty-file]: nothing here",
        "",
        "solvers/00d62c1b.py:2:1: error[some-code]: some message",
        "    two",
        "    ^",
        "",
        "solvers/00d62c1b.py:2:3: error[some-code]: some message",
        "    two",
        "      ^",
        "",
        "solvers/00d62c1b.py:10:1: error[some-code]: some message",
        "",
        "4 errors",
    )


def test_the_order_does_not_depend_on_the_order_found() -> None:
    alike = [at(1, 1), at(1, 1, 2), at(1, 1, 1, "a"), at(1, 1, 1, "b")]
    alike.append(Diagnostic(Span(PATH, 1, 1), "some-code", "some message", (), "warning"))
    texts = {render_all(p, {}) for p in itertools.permutations(alike)}
    assert len(texts) == 1
    many = [at(random.Random(k).randrange(30), k % 7) for k in range(60)]
    assert render_all(many, {}) == render_all(many[::-1], {})


def test_the_closing_count() -> None:
    warning = Diagnostic(Span(PATH, 1, 1), "c", "m", (), "warning")
    assert render_all([], {}) == "0 errors"
    assert render_all([at(1, 1)], {}).endswith("\n\n1 error")
    assert render_all([at(1, 1), warning], {}).endswith("\n\n1 error, 1 warning")
    assert render_all([warning], {}) == text_of(
        "solvers/00d62c1b.py:1:1: warning[c]: m",
        "",
        "0 errors, 1 warning",
    )


def test_invalid_crosses_a_process_boundary_and_tells_all() -> None:
    invalid = pickle.loads(pickle.dumps(Invalid([at(1, 1), at(2, 1)])))
    assert invalid.diagnostics == (at(1, 1), at(2, 1))
    assert str(invalid) == render_all([at(1, 1), at(2, 1)], {})
