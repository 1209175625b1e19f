"""The verdicts of a run for other programs: JUnit XML, and the lines that GitHub takes for
annotations of source files."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from pipeline.battery.results import BROKEN, NO_TASK, RIGHT, SolverResult, is_known
from pipeline.diagnostics import NOTE, Diagnostic, render
from pipeline.frontend.candidates import corpus_of
from pipeline.report.check_text import Lines, solver_text

PASSED, FAILURE, ERROR, SKIPPED = "passed", "failure", "error", "skipped"
MOST_ANNOTATED: Final = 10
"""GitHub shows so many errors of a step and drops others."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Place = tuple[str, int]
"""A file and a line; 0 where no line is known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one solver, or of a file that could not be read: `verdict` is one of the words
    above, `text` all there is to say."""

    suite: str
    name: str
    verdict: str
    message: str = ""
    text: str = ""
    path: str = ""
    line: int = 0
    column: int = 0


def cases_of(
    rows: Iterable[SolverResult],
    known: Mapping[str, Sequence[str]],
    broken: Mapping[str, Sequence[Diagnostic]],
    place_of: Callable[[str], Place],
    lines: Lines,
) -> Iterator[Verdict]:
    """A case for each solver. known: as in config.yaml. broken: what is wrong with those that have
    no code. place_of: where a solver begins."""
    for row in rows:
        suite, name = corpus_of(row.solver), row.solver.partition("/")[2]
        if row.status == BROKEN:
            yield from _broken_cases(suite, name, broken.get(row.solver, ()), lines)
            continue
        path, line = place_of(row.solver)
        if row.status == RIGHT:
            yield Verdict(suite, name, PASSED, path=path, line=line)
        elif row.status == NO_TASK:
            yield Verdict(suite, name, SKIPPED, "no data set has its task", path=path, line=line)
        else:
            yield _failed(row, suite, name, is_known(row, known), (path, line), lines)


def _failed(
    row: SolverResult, suite: str, name: str, known: bool, place: Place, lines: Lines
) -> Verdict:
    failure, text = row.first_failure, solver_text(row, known, lines)
    message = text.partition("\n")[0]
    column = 0
    if failure is not None and failure.path:
        place, column = (failure.path, failure.line), failure.column
        message = f"{message}: {failure.message}"
    verdict = SKIPPED if known else FAILURE
    return Verdict(suite, name, verdict, message, text, *place, column)


def file_cases(problems: Iterable[Diagnostic], lines: Lines) -> Iterator[Verdict]:
    """A case for each problem of a whole file."""
    for problem in problems:
        if problem.severity != NOTE:
            yield from _broken_cases("files", problem.span.path, [problem], lines)


def _broken_cases(
    suite: str, name: str, problems: Sequence[Diagnostic], lines: Lines
) -> Iterator[Verdict]:
    if not problems:
        yield Verdict(suite, name, ERROR, "it is broken")
        return
    first = min(problems, key=Diagnostic.sort_key)
    text = "\n\n".join(render(problem, lines(problem.span.path)) for problem in problems)
    span = first.span
    yield Verdict(suite, name, ERROR, first.message, text, span.path, span.line, span.column)


# -- JUnit


def junit_text(workload: str, cases: Iterable[Verdict], seconds: float) -> str:
    """The cases as JUnit XML, a suite for each corpus."""
    suites: dict[str, list[Verdict]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    root = ElementTree.Element("testsuites", name=workload)
    root.attrib.update(_counts(suites.values()))
    root.set("time", f"{seconds:.3f}")
    for name, found in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", name=f"{workload}.{name}")
        suite.attrib.update(_counts([found]))
        for case in found:
            suite.append(_element(workload, case))
    ElementTree.indent(root, " ")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, 'unicode')}\n"


def _counts(groups: Iterable[Sequence[Verdict]]) -> dict[str, str]:
    counts = Counter(case.verdict for cases in groups for case in cases)
    kinds = {"failures": FAILURE, "errors": ERROR, "skipped": SKIPPED}
    return {
        "tests": str(counts.total()),
        **{name: str(counts[verdict]) for name, verdict in kinds.items()},
    }


def _element(workload: str, case: Verdict) -> ElementTree.Element:
    found = ElementTree.Element(
        "testcase", classname=f"{workload}.{case.suite}", name=_plain(case.name)
    )
    if case.path:
        found.set("file", _plain(case.path))
    if case.line:
        found.set("line", str(case.line))
    if case.verdict != PASSED:
        inner = ElementTree.SubElement(found, case.verdict, message=_plain(case.message))
        inner.text = _plain(case.text) or None
    return found


def _plain(text: str) -> str:
    """Without what XML can't hold."""
    return _NO_XML.sub("\ufffd", text)


# -- GitHub


def annotation_lines(cases: Iterable[Verdict], root: str = "") -> Iterator[str]:
    """The lines that annotate what fails; of many the first ones, and how many more there are.

    root: the folder of the repository, where the project stands below it.
    """
    failing = [case for case in cases if case.verdict in (FAILURE, ERROR)]
    for case in failing[:MOST_ANNOTATED]:
        yield _annotation(case, root)
    if len(failing) > MOST_ANNOTATED:
        more = len(failing) - MOST_ANNOTATED
        yield f"::notice::{more:,} more fail: GitHub shows {MOST_ANNOTATED} of a step"


def _annotation(case: Verdict, root: str) -> str:
    where = {"file": os.path.relpath(case.path, root) if root and case.path else case.path}
    where |= {"line": str(case.line or ""), "col": str(case.column or "")}
    where["title"] = case.name if case.suite == "files" else f"{case.suite}/{case.name}"
    named = ",".join(f"{key}={_escaped(text, ':,')}" for key, text in where.items() if text)
    return f"::error {named}::{_escaped(case.text or case.message)}"


def _escaped(text: str, more: str = "") -> str:
    for letter in "%\r\n" + more:
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
