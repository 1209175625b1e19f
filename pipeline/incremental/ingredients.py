"""What the results of tasks are made from, part by part: their key, and what `doit why` compares.

The records have the parts of each task that ran, of long ones the digest. What that stands for is
kept beside them under the digest, once for all tasks, and read only by `why`: a null build reads
a few hundred bytes more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.incremental.session import Session
from pipeline.system.fingerprint import CHECKER, KERNELS, LINKER
from pipeline.system.stamp import digest, digest_stamped

SOLVERS, CODE, CONFIG, FILES, BROKEN = "solvers", "code", "config.yaml", "files", "broken"
"""The names of parts that stand for more."""
ROWS = "primitives"
"""That of rows of the project's own."""
LINK, BATTERY = "link", "battery image"
"""Those of what a link is made from, and of what it gives."""
SHOWN = 16
"""Digits of a digest that tell a change."""


class Ingredients(NamedTuple):
    """The parts by name: short values, or digests of what `details` gives when it is asked for."""

    parts: dict[str, Any]
    details: dict[str, Callable[[], Any]]

    @property
    def key(self) -> str:
        """The hash of all of them."""
        return digest(json.dumps(self.parts).encode())


def code_alone(session: Session, parts: tuple[str, ...]) -> Ingredients:
    """Those of what only our own code decides."""
    return Ingredients({CODE: session.code(parts)}, {CODE: lambda: session.manifest(parts)})


def of_link(session: Session) -> Ingredients:
    """Those of the battery. It depends on generated code, not on sources: a comment in a solver
    links nothing anew."""
    battery = session.settings.battery
    linked = session.plan.linked(battery)
    lines = "\n".join(f"{name} {code}" for name, code in linked)
    parts = {CODE: session.linker, "battery": battery, SOLVERS: digest(lines.encode())}
    parts |= of_rows(session)
    return Ingredients(
        parts,
        {
            CODE: lambda: session.manifest(LINKER),
            SOLVERS: lambda: {name: code[:SHOWN] for name, code in linked},
        },
    )


def of_rows(session: Session) -> dict[str, str]:
    """What solvers depend on of rows of the project's own, if they use any."""
    used = session.plan.rows_used()
    return {ROWS: digest("\n".join(used).encode())} if used else {}


def of_kernels(session: Session) -> Ingredients:
    """Those of the compiled kernels."""
    code = code_alone(session, KERNELS)
    parts = {LINK: of_link(session).key, **code.parts, CONFIG: session.settings.digest}
    return Ingredients(parts, {**code.details, CONFIG: lambda: _values(session)})


def of_check(session: Session) -> Ingredients:
    """Those of the whole check."""
    code, plan = code_alone(session, CHECKER), session.plan
    facts = [session.facts.get(name, {"files": {}}) for name in (LINK, "data")]
    files = {path: pair[1] for fact in facts for path, pair in fact["files"].items()}
    if session.settings.own_data:
        files |= own_digests(session.settings.own_data)
    broken = "\n".join([*plan.broken(), *plan.doubles])
    parts = {
        LINK: of_link(session).key,
        **code.parts,
        CONFIG: session.settings.digest,
        FILES: of_files(files),
        BROKEN: digest(broken.encode()),
    }
    details = {
        **code.details,
        CONFIG: lambda: _values(session),
        FILES: lambda: files,
        BROKEN: lambda: {name: digest(why.encode()) for name, why in plan.why_broken().items()},
    }
    return Ingredients(parts, details)


def of_files(files: dict[str, str]) -> str:
    """The digest of files, by their digests."""
    return digest(json.dumps(files).encode())


def files_of_set(name: str) -> list[Path]:
    """The files of a data set of the user's own; none where the name is not a path."""
    from pipeline.data.files import files_of, is_path

    return files_of(name) if is_path(name) else []


def own_digests(names: Iterable[str]) -> dict[str, str]:
    """The digests of all files of these data sets that are the user's own, by path."""
    files = [path.as_posix() for name in names for path in files_of_set(name)]
    return {path: digest_stamped(path)[0] for path in files}


def learn(session: Session, name: str, made: Ingredients, files: dict[str, list[Any]]) -> None:
    """Record what files, with their stamps and digests, were made from."""
    session.learn(name, {"key": made.key, "files": files, "parts": made.parts})
    session.keep_details({made.parts[part]: give for part, give in made.details.items()})


def _values(session: Session) -> dict[str, Any]:
    from pipeline.config.config import knob_values

    return knob_values(session.context.config)
