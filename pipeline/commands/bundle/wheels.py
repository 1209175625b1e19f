"""The wheels of a bundle: chosen by pip once, then fetched one by one, each whole or not at all.

What was chosen is kept beside them, so that the same question has the same answer, without a
network, for as long as the folder is there; what an interrupted run has fetched is left.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name

from pipeline.commands.bundle.contents import CHOICE
from pipeline.commands.bundle.destination import CannotBundle, Destination
from pipeline.commands.bundle.requirements import Pinned, missing_from
from pipeline.data.fetch import PIP
from pipeline.system.atomic import TEMPORARY, write_atomic
from pipeline.system.stamp import digest_stamped

FOLDER: Final = "wheels"
ROUNDS: Final = 8
"""So often what is missing is asked for; each round asks for more, so one is enough for most."""
QUIET: Final = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")
HASTY: Final = ("--retries", "2", "--timeout", "20")
_UNREACHED: Final = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError|ConnectionError"
    r"|Failed to establish a new connection|ReadTimeoutError"
)


def choose(output: Path, wanted: Sequence[str], target: Destination) -> list[Pinned]:
    """The wheels that meet these requirements there: as kept in the bundle, else as pip chooses."""
    question = {"requirements": list(wanted), "python": target.python, "platform": target.platform}
    try:
        known = json.loads((output / CHOICE).read_bytes())
        if known["question"] == question:
            return [Pinned(**{**row, "requires": ()}) for row in known["wheels"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # there is none, or none of ours
    found = resolve(wanted, target)
    rows = [{k: v for k, v in asdict(wheel).items() if k != "requires"} for wheel in found]
    text = json.dumps({"question": question, "wheels": rows}, indent=1)
    write_atomic(output / CHOICE, f"{text}\n".encode())
    return found


def resolve(wanted: Sequence[str], target: Destination, pip: Sequence[str] = PIP) -> list[Pinned]:
    """The wheels that pip chooses, complete for the target's markers, in order of their names."""
    asked = list(wanted)
    for _ in range(ROUNDS):
        found = _resolve(asked, target, pip)
        missing, needed = missing_from(found, wanted, target)
        if not missing:
            kept = [wheel for wheel in found if canonicalize_name(wheel.name) in needed]
            return sorted(kept, key=lambda wheel: wheel.file.lower())
        asked = list(dict.fromkeys([*asked, *missing]))
    raise CannotBundle(f"pip does not come to an end: {', '.join(missing)} is still missing")


def _resolve(asked: Sequence[str], target: Destination, pip: Sequence[str]) -> list[Pinned]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ["--dry-run", "--ignore-installed", "--quiet", "--report", str(report)]
        options += [*QUIET, *HASTY, "--target", str(Path(folder, "none")), *target.options]
        _run([*pip, "install", *options, *asked])
        rows = json.loads(report.read_bytes())["install"]
    return [_pinned(row) for row in rows]


def _pinned(row: dict[str, Any]) -> Pinned:
    facts, info = row["metadata"], row["download_info"]
    known = info.get("archive_info", {})
    sha256 = known.get("hashes", {}).get("sha256", "")
    return Pinned(
        canonicalize_name(facts["name"]),
        facts["version"],
        info["url"],
        sha256,
        tuple(facts.get("requires_dist", ())),
    )


def lacking(wheels: Iterable[Pinned], folder: Path) -> list[Pinned]:
    """The wheels that are not there, or not whole."""
    return [wheel for wheel in wheels if not _is_whole(wheel, folder)]


def _is_whole(wheel: Pinned, folder: Path) -> bool:
    found = digest_stamped(str(folder / wheel.file))[0]
    return found == wheel.sha256 if wheel.sha256 else bool(found)  # not every index has hashes


def fetch(
    wheels: Iterable[Pinned],
    folder: Path,
    target: Destination,
    advance: Callable[[int], None],
    pip: Sequence[str] = PIP,
) -> None:
    """Download wheels into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder))
        try:
            place = f"{wheel.name} @ {wheel.url}"
            words = ["--no-deps", "--quiet", *QUIET, *HASTY, *target.options, place]
            _run([*pip, "download", *words, "--dest", str(temporary)])
            if not _is_whole(wheel, temporary):
                raise CannotBundle(f"{wheel.file} came with another content than chosen")
            os.replace(temporary / wheel.file, folder / wheel.file)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        advance(1)


def _run(command: Sequence[str]) -> None:
    """Run pip; CannotBundle with its reason if it fails."""
    kind: dict[str, Any] = {"stdin": subprocess.DEVNULL, "text": True, "errors": "replace"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **kind
    )
    if done.returncode:
        raise CannotBundle(reason(done.stdout))


def reason(said: str) -> str:
    """Why pip failed, from what it printed."""
    if _UNREACHED.search(said):
        return "the package index can't be reached: run again with the network up"
    lines = [line.removeprefix("ERROR: ") for line in said.splitlines() if "ERROR: " in line]
    return "pip: " + ("\n  ".join(lines) or said.strip() or "failed, and said nothing")
