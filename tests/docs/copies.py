"""A fresh copy of the project in which a page's commands are run, as its reader would.

Data and kernels come from the project's cache, so that nothing is fetched or compiled anew. A
virtual environment of its own sees the packages of the running interpreter.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.compiled import compiled_kernels
from tests.entry_points import write_entry_points
from tests.extracted import extract_all
from tests.project import PROJECT

COPIED = ("pipeline", "tests", "bench", "solvers", "docs")
SHARED = ("data", "downloads", "corpora")
SMALL = ("007bbfb7", "3aa6fb7a", "48d8fb45", "67a3c6ac")
SMALL_CONFIG = "corpora:\n  own: {path: solvers}\nknown_failures: {}\n"
DEADLINE = 240.0
"""A command that runs longer needs a stand-in."""


class Copy:
    """The copy, and what is needed to run commands in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        skip = shutil.ignore_patterns(".*")
        for name in COPIED:
            shutil.copytree(PROJECT / name, root / name, ignore=skip)
        for path in (*PROJECT.glob("*.py"), *PROJECT.glob("*.md"), *PROJECT.glob("*.toml")):
            shutil.copy2(path, root)
        for name in ("config.yaml", "constraints.txt"):
            shutil.copy2(PROJECT / name, root)
        write_entry_points(root)
        self._fill_cache()
        self.environment = self._environment(root.with_name(f"{root.name}-venv"))

    def make_small(self) -> None:
        """Leave four solvers: commands take a third of the time."""
        (self.root / "config.yaml").write_text(SMALL_CONFIG)
        for path in self.root.glob("solvers/*.py"):
            if path.stem not in SMALL:
                path.unlink()

    def start(self, command: str) -> subprocess.Popen[str]:
        """A command, running as a shell runs it."""
        return subprocess.Popen(
            ["sh", "-c", command],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            start_new_session=True,
        )

    def _fill_cache(self) -> None:
        extract_all()
        kernels = compiled_kernels()
        cache = self.root / ".cache"
        cache.mkdir()
        for name in SHARED:
            (cache / name).symlink_to(PROJECT / ".cache" / name)
        skip = shutil.ignore_patterns("sm_*", "*.lock")
        shutil.copytree(kernels, cache / "kernels", copy_function=_link, ignore=skip)

    def _environment(self, venv: Path) -> dict[str, str]:
        pip = ["--without-pip"] if importlib.util.find_spec("pip") else []
        subprocess.run([sys.executable, "-m", "venv", *pip, str(venv)], check=True)
        seen = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = venv / "lib" / version / "site-packages"
        (packages / "seen.pth").write_text("\n".join(seen) + "\n")
        for name in ("doit", "pip"):
            script = venv / "bin" / name
            script.write_text(f'#!/bin/sh\nexec "{venv}/bin/python" -m {name} "$@"\n')
            script.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        return {
            **kept,
            "ARC_KERNELS": str(self.root / ".cache" / "kernels"),
            "COLUMNS": "100",
            "CUDA_VISIBLE_DEVICES": "-1",
            "NO_COLOR": "1",
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{venv}/bin:{os.environ['PATH']}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONPATH": str(self.root),
            "VIRTUAL_ENV": str(venv),
        }


def _link(source: str, target: str) -> None:
    """The same file under another name, if that can be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
