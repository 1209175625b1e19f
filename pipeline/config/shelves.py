"""The files of helper libraries: which there are, and what of them is new."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pipeline.config.discovery import find_sources
from pipeline.system.stamp import digest, digest_stamped

if TYPE_CHECKING:
    from pipeline.frontend.libraries import Libraries


@dataclass
class Shelf:
    """The libraries at some paths. digest: of their files. problems: what is wrong with these, as
    a JSON text.
    """

    paths: Sequence[str]
    digest: str = ""
    problems: str | None = None

    @cached_property
    def libraries(self) -> Libraries:
        """The libraries, read when they are first asked for; one that can't be read has nothing."""
        from pipeline.frontend.libraries import Libraries

        return Libraries(
            (name, home, path, _bytes(path)) for name, home, path, _ in library_files(self.paths)
        )


def library_files(paths: Sequence[str]) -> Iterator[tuple[str, str, str, int]]:
    """The files of libraries in order of precedence: what the module is called, what its folder is,
    its path and its stamp.
    """
    for given in paths:
        for (_, path), stamp in find_sources([("", given)]):
            inside = PurePosixPath(path).relative_to(given)
            is_alone = inside == PurePosixPath()
            parts = [PurePosixPath(path).stem] if is_alone else [*inside.with_suffix("").parts]
            home = PurePosixPath(path).parent.name if is_alone else PurePosixPath(given).name
            if parts[-1] == "__init__":
                parts = parts[:-1] or [home]
            yield ".".join(parts), home, path, stamp


def shelves(
    paths: Mapping[str, Sequence[str]], known: Mapping[str, Any] | None
) -> tuple[dict[str, Shelf], dict[str, Any]]:
    """The libraries of corpora, and the fact to record for the next call: what has the stamp that
    is `known` isn't read.
    """
    before = known or {"files": {}, "problems": {}}
    files: dict[str, list[Any]] = {}
    found: dict[str, Shelf] = {}
    for corpus, places in paths.items():
        lines = []
        for name, home, path, stamp in library_files(places):
            pair = before["files"].get(path)
            if pair is None or pair[0] != stamp:
                pair = [*digest_stamped(path)[::-1]]
            files[path] = pair
            lines.append(f"{home} {name} {path} {pair[1]}")
        shelf = found[corpus] = Shelf(places, digest("\n".join(lines).encode()))
        digest_then, problems = before["problems"].get(corpus, ("", None))
        shelf.problems = problems if digest_then == shelf.digest else _problems(shelf)
    told = {corpus: [shelf.digest, shelf.problems] for corpus, shelf in found.items()}
    return found, {"files": files, "problems": told}


def _problems(shelf: Shelf) -> str | None:
    problems = [asdict(problem) for problem in shelf.libraries.problems]
    return json.dumps(problems) if problems else None


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
