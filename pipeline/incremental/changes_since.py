"""Why a task would run: what changed since it last did, by name and content.

Everything is compared with what the records say the task was made from: texts with texts, values
with values, and the digests of what is too large to keep, by name.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.config import paths
from pipeline.incremental.ingredients import (
    BATTERY,
    BROKEN,
    CODE,
    CONFIG,
    FILES,
    LINK,
    SOLVERS,
    Ingredients,
)
from pipeline.incremental.session import Session
from pipeline.incremental.sources import dump_unit
from pipeline.system.stamp import UNKNOWN, digest_stamped

FEW = 8
"""So many names are listed, or lines of a text."""
GIVEN = (LINK, BATTERY, SOLVERS, BROKEN)
"""What tasks before it give a task."""
UNSAID = "what it is made from changed: its last run did not say in what"

_WORDS = {
    SOLVERS: "the code of solver {} {}",
    CODE: "{} {}",
    FILES: "{} {}",
    BROKEN: "what is wrong with {} {}",
}


class Answer(NamedTuple):
    """Whether a task would run, and why, or what else there is to say."""

    runs: bool
    reasons: list[str]


def of_solver(session: Session, name: str) -> Answer:
    """Why a solver would be built; it is one of the plan's."""
    plan, row = session.plan, session.plan.rows.get(name)
    if name not in plan.pending:
        is_broken = plan.current[name].problems is not None
        return Answer(False, ["it is broken, and nothing of it changed"] if is_broken else [])
    if row is None:
        return Answer(True, ["it was never built"])
    reasons = []
    if row.input != plan.units[name].piece.input:
        reasons += _text_changes(session, name)
    if row.env != plan.env:
        reasons += _compiler_changes(session, row.env)
    if not reasons:
        wanted = {paths.code_path(name): row.code, paths.map_path(name): row.map}
        reasons = list(_file_changes(wanted))
    return Answer(True, reasons)


def of_task(
    session: Session, name: str, made: Ingredients, unknown: Collection[str] = ()
) -> Answer:
    """Why a task would run whose results are recorded as a fact of this name; unknown: the parts
    that can't be told yet, as the tasks that give them would run first.
    """
    fact = session.facts.get(name)
    if fact is None:
        return Answer(True, [])
    reasons = []
    if fact["key"] != made.key:
        known = {k: v for k, v in fact.get("parts", {}).items() if k not in unknown}
        reasons = list(_part_changes(session, known, made))
        reasons = reasons or ([] if unknown else [UNSAID])
    files = {path: pair[1] for path, pair in fact["files"].items()}
    reasons += _file_changes(files)
    return Answer(bool(reasons), reasons)


# -- what solvers are made from


def _text_changes(session: Session, name: str) -> list[str]:
    """How a solver's text differs from the one that it was built from."""
    known = session.records.text(name)
    unit = session.plan.unit(name)
    if known is None:
        return [f"{unit.path} changed"]
    path, line, text, shared, dialect = json.loads(known)
    _, now_line, now_text, now_shared, now_dialect = json.loads(dump_unit(unit))
    if (text, shared, dialect, path) == (now_text, now_shared, now_dialect, unit.path):
        return [f"{unit.path}: it moved from line {line} to line {now_line}"]
    found = [f"it stood in {path}, and stands in {unit.path}"] if path != unit.path else []
    if dialect != now_dialect:
        found.append("the words of its corpus are others: dialects in config.yaml")
    was, now = (
        ["\n".join([t, *(s[1] for s in more)]) for t, more in pairs]
        for pairs in (
            [(text, shared)],
            [(now_text, now_shared)],
        )
    )
    lines = list(_differing(was[0], now[0]))
    return [*found, "\n".join([f"{unit.path} changed:", *lines])] if lines else found


def _differing(was: str, now: str) -> Iterator[str]:
    """The lines that went and came; of many the first ones."""
    lines = [
        f"  {line.rstrip()}"
        for line in difflib.unified_diff(was.splitlines(), now.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    yield from lines[:FEW]
    if len(lines) > FEW:
        yield f"  and {len(lines) - FEW:,} more lines"


def _compiler_changes(session: Session, env: str) -> list[str]:
    """How what compiles differs from what has compiled a solver."""
    known = session.records.detail(env)
    if known is None:
        return [UNSAID]
    now = session.made_with()
    flat, now_flat = (
        {f"program.{k}": v for k, v in each[CONFIG]["program"].items()} for each in (known, now)
    )
    return [*_value_changes(flat, now_flat), *_named_changes(CODE, known[CODE], now[CODE])]


# -- what tasks are made from


def _part_changes(session: Session, known: Mapping[str, Any], made: Ingredients) -> Iterator[str]:
    for part, value in made.parts.items():
        if part not in known or known[part] == value:
            continue
        if part in (LINK, BATTERY):
            yield "the battery was linked anew since"
        elif part not in made.details:
            place = "" if part.startswith("--") else "config.yaml: "
            yield f"{place}{part}: {known[part]} -> {value}"
        else:
            was, now = session.records.detail(known[part]), made.details[part]()
            yield from [f"{part} changed"] if was is None else _detail_changes(part, was, now)


def _detail_changes(part: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    if part != CONFIG:
        yield from _named_changes(part, was, now)
        return
    found = list(_value_changes(was, now))
    yield from found or ["config.yaml changed, but no value in it, or what reads it did"]


def _value_changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in [*was, *(name for name in now if name not in was)]:
        if was.get(name) != now.get(name):
            yield f"config.yaml: {name}: {_plain(was.get(name))} -> {_plain(now.get(name))}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _named_changes(part: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Which of many things are others; of too many how many more there are."""
    kinds = {
        "changed": [name for name in was if name in now and was[name] != now[name]],
        "is new": [name for name in now if name not in was],
        "is gone": [name for name in was if name not in now],
    }
    lines = [_WORDS[part].format(name, kind) for kind, names in kinds.items() for name in names]
    yield from lines[:FEW]
    if len(lines) > FEW:
        yield f"and {len(lines) - FEW:,} more like that"


def _file_changes(files: Mapping[str, str]) -> Iterator[str]:
    """Which files are not as they were written."""
    yield from _few(_file_change(path, wanted) for path, wanted in files.items())


def _file_change(path: str, wanted: str) -> str:
    found, stamp = digest_stamped(path)
    if found == wanted:
        return ""
    return f"{path} is missing" if stamp == UNKNOWN and not found else f"{path} was altered"


def _few(texts: Iterable[str]) -> list[str]:
    found = [text for text in texts if text]
    more = [f"and {len(found) - FEW:,} more files"] if len(found) > FEW else []
    return [*found[:FEW], *more]
