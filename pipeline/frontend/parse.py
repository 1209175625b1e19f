"""Solver text to `Program`.

A solver that is written plainly throughout is read by `frontend.known_lines`, which keeps what
every line says; any other by `frontend.read_solver`, which keeps such lines there as well.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.diagnostics import Diagnostic, Invalid, Span, split_lines
from pipeline.frontend.known_lines import read_plain
from pipeline.frontend.libraries import NO_LIBRARIES, Libraries
from pipeline.frontend.program import Program
from pipeline.frontend.read_solver import read_solver
from pipeline.frontend.units import Unit, split_units


def parse_partial(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """Parse one solver, with `Wrong` in the place of what is wrong, so that passes can find more.

    The program is None where there are no statements at all.
    """
    program = read_plain(unit)
    return (program, []) if program is not None else read_solver(unit)


def parse_unit(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """Parse one solver; the program is None where there are diagnostics."""
    program, found = parse_partial(unit)
    return (None if found else program), found


def parse_text(
    text: str, name: str, libraries: Libraries = NO_LIBRARIES
) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """Parse a text that holds one solver, and what it uses: functions, constants.

    The program is None where there are diagnostics; `name` is what both call the text. libraries:
    those that it may use.
    """
    program = read_plain(Unit(name, name, 1, text))
    if program is not None:
        return program, ()
    data = text.encode(errors="surrogatepass")
    units, wrong = split_units(name, name, data, libraries=libraries)
    wrong = [problem for problem in wrong if problem.severity == "error"]
    if len(units) == 1 and not wrong:
        program, found = parse_partial(replace(units[0], name=name))
        return (None if found else program), tuple(found)
    if len(units) > 1 and not wrong:
        span = Span(name, units[1].first_line, 1)
        message = "a second solver in a text that is to hold one"
        wrong = [Diagnostic(span, "duplicate-solver", message, ("give each a text of its own",))]
    return None, tuple(wrong)


def parse(text: str, name: str = "program") -> Program:
    """The program that a text holds; Invalid, which says what is wrong and where, if it has faults.

    What only its types show is wrong is not found here: `evaluate` calls such a program broken.
    """
    program, found = parse_text(text, name)
    if program is None:
        raise Invalid(found, {name: split_lines(text)})
    return program
