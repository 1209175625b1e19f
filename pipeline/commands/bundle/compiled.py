"""Kernels for GPUs in a bundle, compiled here so that no minute of a GPU is spent on it.

They are compiled by the very packages that are in the bundle, in an environment made of it: what is
kept is found there only if Python, numba-cuda and NVVM have the same versions. So the Python of the
bundle must be on this machine; that no file is missing in the bundle is proved on the way.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.commands.bundle import arc_bundle
from pipeline.commands.bundle.destination import CannotBundle, Destination
from pipeline.system.progress import working

MODULE: Final = "pipeline.commands.bundle.precompile"
INSTALL: Final = """\
import json, sys
from pathlib import Path

bundle, facts, work = map(Path, sys.argv[1:])
sys.path.insert(0, str(bundle))
import arc_bundle

arc_bundle.OpenedBundle(bundle, json.loads(facts.read_text())).install(work)
"""
_ASK: Final = "import sys; print('%d.%d' % sys.version_info[:2])"


def compile_for(
    output: Path,
    facts: dict[str, Any],
    target: Destination,
    capabilities: Sequence[str],
    kernels: Path,
) -> list[str]:
    """Compile and link the kernels for capabilities into a folder; gives their files in it.

    facts: what bundle.json will say of the files that the bundle has so far.
    """
    python = python_of(target)
    with tempfile.TemporaryDirectory(prefix="arc-bundle-") as folder:
        with working("installing the bundle, to compile with what is in it"):
            installed = _install(python, output, facts, folder)
        listed = Path(folder, "kernels.json")
        words = ["-m", MODULE, str(kernels.absolute()), *capabilities, str(listed)]
        place, variables = Path(folder, "project"), arc_bundle.environment()
        status = subprocess.call([installed, *words], cwd=place, env=variables)
        if status:
            raise CannotBundle("the kernels can't be compiled, see above")
        found: list[str] = json.loads(listed.read_bytes())
    return found


def python_of(target: Destination) -> str:
    """A Python of the target's version on this machine; CannotBundle if there is none."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == target.python:
        return sys.executable
    name = f"python{target.python}"
    found = shutil.which(name)
    if found:
        done = subprocess.run([found, "-c", _ASK], capture_output=True, text=True, check=False)
        if done.stdout.strip() == target.python:
            return found
    text = f"kernels are compiled by the Python of the bundle, and there is no {name} here"
    raise CannotBundle(f"{text}: install it, or leave out --capability")


def _install(python: str, output: Path, facts: dict[str, Any], folder: str) -> str:
    """Install the bundle as the notebook does; gives its Python."""
    described = Path(folder, arc_bundle.FACTS)
    described.write_text(json.dumps(facts))
    command = [python, "-B", "-c", INSTALL, str(output.absolute()), str(described), folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBundle(f"the bundle can't be installed here:\n{done.stdout}{done.stderr}")
    return os.path.join(folder, "env", "bin", "python")
