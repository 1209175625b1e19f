"""What a result was made on and of: the machine, and the state of the project's folder."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path
from typing import Final

PATIENCE: Final = 10.0
"""Seconds that git has to answer."""


def processor() -> str:
    """What the machine's processor is called."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def commit_of(folder: Path) -> str:
    """The commit of a folder, and whether tracked files differ from it; empty where it is in no
    repository, or git can't tell."""
    head = _git(folder, "rev-parse", "--short=10", "HEAD")
    if not head:
        return ""
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"commit {head}" + (" with changes" if changed else "")


def _git(folder: Path, *words: str) -> str:
    """What git prints; empty where it fails. It takes no lock: a report changes no repository."""
    command = ["git", "--no-optional-locks", "-C", str(folder), *words]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
