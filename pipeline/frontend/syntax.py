"""A text read by Python's parser, and what that says is wrong, at places that there are."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Final

from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.constructs import read_python
from pipeline.frontend.read_values import RANGE
from pipeline.frontend.reading import Passage
from pipeline.frontend.renaming import Renaming

_LONG: Final = re.compile(r"\d[\d_]{3000,}")
_PLACE: Final = re.compile(r"\b(on|at) line (\d+)")

_read_again = lru_cache(maxsize=1_000)(read_python)
"""What solvers share is read once for all of them."""


@lru_cache(maxsize=1_000)
def _read_renamed(text: str, meanings: tuple[tuple[str, str], ...]) -> ast.Module:
    tree: ast.Module = Renaming(dict(meanings)).visit(read_python(text))
    return tree


def read_tree(
    source: Passage, is_shared: bool = False, meanings: tuple[tuple[str, str], ...] = ()
) -> ast.Module | Diagnostic:
    """What Python makes of the text, or what is wrong where it makes nothing of it.

    is_shared: the tree is not changed, so that others may have it too. meanings: what names are
    called in the program (see `libraries`).
    """
    text, first = source.text, source.first_line
    if "\0" in text:
        before = text[: text.index("\0")].split("\n")
        span = Span(source.path, first + len(before) - 1, len(before[-1]) + 1)
        return Diagnostic(span, "syntax-error", "the text holds a null character")
    try:
        if meanings:
            read = _read_renamed if is_shared else _read_renamed.__wrapped__
            return read(text, meanings)
        return (_read_again if is_shared else read_python)(text)
    except SyntaxError as error:
        return _long_integer(source, error) or _syntax_error(source, error)
    except (RecursionError, MemoryError):
        return too_deep(source)


def too_deep(source: Passage) -> Diagnostic:
    """That a text can't be read for its depth."""
    span = Span(source.path, source.first_line, 1, len(source.lines[0]))
    message = "an expression of this solver nests too deeply to be read"
    return Diagnostic(span, "too-deep", message, ("give inner calls names",))


def _syntax_error(source: Passage, error: SyntaxError) -> Diagnostic:
    """What Python's parser says, at a place that there is, with lines of the file."""
    first, lines = source.first_line, source.lines
    line, column = error.lineno or 1, max(1, error.offset or 1)
    last = len(source.text.rstrip().split("\n"))
    if line > last:
        line, column = last, len(lines[last - 1]) + 1
    text = lines[line - 1]
    width = 1
    if error.end_offset and error.end_lineno == error.lineno:
        width = min(error.end_offset - 1, len(text)) - column + 1
    column = min(column, len(text) + 1)
    span = Span(source.path, line + first - 1, column, max(1, width))
    message = (error.msg or "invalid syntax").split("\n")[0].split(" (detected at")[0]
    message = _PLACE.sub(lambda m: f"{m[1]} line {int(m[2]) + first - 1}", message)
    return Diagnostic(span, "syntax-error", message)


def _long_integer(source: Passage, error: SyntaxError) -> Diagnostic | None:
    """A decimal integer of thousands of digits, which Python does not read; None for the rest."""
    line = min(error.lineno or 1, len(source.lines))
    digits = _LONG.search(source.lines[line - 1])
    if not (error.msg or "").startswith("Exceeds the limit") or digits is None:
        return None
    start = digits.start() + 1
    span = Span(source.path, line + source.first_line - 1, start, len(digits[0]))
    return Diagnostic(span, "integer-too-large", RANGE)
