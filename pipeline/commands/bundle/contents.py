"""The project in a bundle: the files that git knows, what was built of them, and the records.

Names that begin with a dot are not carried by everything that moves folders about (an upload to
Kaggle among them), so `.cache` is stored as `dot-cache`; `bundle.json` says what each file is.

The records are carried without stamps, which are those of this machine's files: the first run
compares contents, finds that nothing is to be generated or linked, and takes new stamps. What says
that the check was right is left out, so that it runs there, and so are this processor's kernels.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.commands.bundle.destination import CannotBundle
from pipeline.config import paths
from pipeline.config.config import Config
from pipeline.config.discovery import find_sources
from pipeline.config.settings import CONFIG
from pipeline.config.shelves import library_files
from pipeline.data.fetch import DOWNLOADS, WHEELS
from pipeline.data.files import files_of, is_path
from pipeline.incremental import outputs
from pipeline.incremental.session import DATABASE, notice
from pipeline.system.atomic import TEMPORARY, write_atomic
from pipeline.system.records import Records
from pipeline.system.stamp import UNKNOWN, digest, python_files

FOLDER: Final = "project"
CHOICE: Final = "wheels.json"
"""What a bundle has from its first step on."""
FACTS: Final = ("settings", "code", "index", "link", "corpora", "data")
"""The facts that hold on any machine."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A file in a bundle: where it is there, from the bundle's root; where it goes in a project,
    empty if nowhere; its hash and size."""

    stored: str
    path: str
    sha256: str
    size: int

    def to_json(self) -> dict[str, Any]:
        """As a row of bundle.json."""
        return {"stored": self.stored, "path": self.path, "sha256": self.sha256, "size": self.size}


def stored_as(path: str) -> str:
    """Where a file of the project is in the bundle."""
    parts = [f"dot-{part[1:]}" if part.startswith(".") else part for part in path.split("/")]
    return "/".join([FOLDER, *parts])


def carry(output: Path, path: str, data: bytes, stored: str = "") -> Carried:
    """Write a file into the bundle, if it is not there as it is."""
    stored = stored or stored_as(path)
    write_atomic(output / stored, data)
    return Carried(stored, path, digest(data), len(data))


def carry_project(
    output: Path, files: Iterable[str], records: bytes, advance: Callable[[int], None]
) -> list[Carried]:
    """Write files of the project, and the records, into the bundle."""
    found = []
    for path in files:
        found.append(carry(output, path, Path(path).read_bytes()))
        advance(1)
    return [*found, carry(output, DATABASE, records)]


def files_of_project(
    config: Config, corpora: list[list[str]], data: Iterable[str], output: Path
) -> list[str]:
    """Every file that is carried, from the root of the project, in order; data: the data sets of
    the notebook."""
    own = [name for name in dict.fromkeys([*config.data, *data]) if is_path(name)]
    _require_inside(config, corpora, own)
    known = _known_to_git()
    bundles = [name.removesuffix(CHOICE) for name in known if name.endswith(f"/{CHOICE}")]
    bundles.append(os.path.relpath(output).replace(os.sep, "/") + "/")
    named = [name for name in known if not name.startswith((*bundles, "."))]
    sources = [path for (_, path), _ in find_sources(corpora)]
    cache = config.cache.folder
    downloads = [(cache / DOWNLOADS / wheel.file).as_posix() for wheel in WHEELS.values()]
    made = [*outputs.stamps_of_outputs(), *paths.LINKED, *downloads]
    made += [path.as_posix() for path in sorted((cache / "data").glob("*.json"))]
    made += [path.as_posix() for name in own for path in files_of(name)]
    libraries = [path for corpus in config.corpora for path in config.libraries_of(corpus.name)]
    rows = [*python_files(config.primitives), *(file[2] for file in library_files(libraries))]
    names = dict.fromkeys([*named, CONFIG, *sources, *rows, *made])
    return sorted(name for name in names if _is_to_carry(name))


def _is_to_carry(name: str) -> bool:
    return os.path.isfile(name) and not os.path.basename(name).startswith(TEMPORARY)


def _known_to_git() -> list[str]:
    """The files that git tracks, or would: new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError:
        raise CannotBundle("git says which files are the project's, and it is missing") from None
    except subprocess.CalledProcessError as error:
        said = os.fsdecode(error.stderr).strip().splitlines() or ["no reason"]
        text = "git says which files are the project's, and fails here"
        raise CannotBundle(f"{text}: {said[0]}") from None
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _require_inside(config: Config, corpora: list[list[str]], own: Iterable[str]) -> None:
    """CannotBundle if a path in config.yaml, or of a data set, leads out of the project: there it
    leads nowhere."""
    places = [*((f"corpora.{name}", path) for name, path in corpora), *(("data", p) for p in own)]
    places += [("primitives", path) for path in config.primitives]
    libraries = {path for corpus in config.corpora for path in config.libraries_of(corpus.name)}
    places += [("libraries", path) for path in sorted(libraries)]
    for knob, path in [*places, ("cache.dir", config.cache.dir)]:
        if os.path.isabs(path) or os.path.normpath(path).split(os.sep)[0] == "..":
            text = f"{CONFIG}: {knob} is {path}, outside of the project"
            raise CannotBundle(f"{text}: put it inside, with a path from its root")


# -- the records


def portable_records(records: Records) -> bytes:
    """The records of the same builds for another folder, as the content of a database file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, DATABASE)
        made = Records(path, notice)
        rows, pieces = records.files(), records.pieces()
        files = {
            key: (rows[key]._replace(stamp=UNKNOWN), pieces.get(key, [])) for key in sorted(rows)
        }
        made.save_files(files, ())
        units = records.units()
        made.save_units(
            [units[n]._replace(code_stamp=UNKNOWN, map_stamp=UNKNOWN) for n in sorted(units)]
        )
        facts = records.facts()
        for name in FACTS:
            if name in facts:
                made.save_fact(name, _without_stamps(name, facts[name]))
        made.close()
        return Path(path).read_bytes()


def _without_stamps(name: str, fact: Any) -> Any:
    """A fact with nothing in it that depends on this folder; in order, so that it is one text."""
    if name == "code":
        return _unknown(fact)
    if isinstance(fact, dict) and "files" in fact:
        return {**fact, "files": _unknown(fact["files"])}
    return fact


def _unknown(pairs: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {path: [UNKNOWN, pairs[path][1]] for path in sorted(pairs) if os.path.exists(path)}


# -- what is there and does not belong there


def remove_others(output: Path, folder: str, wanted: Iterable[str]) -> None:
    """Remove what is in a folder of the bundle and neither wanted nor a folder of what is."""
    kept = {output / stored for stored in wanted}
    for path in sorted((output / folder).rglob("*"), reverse=True):  # what is inside comes first
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                path.rmdir()
        elif path not in kept:
            path.unlink()
