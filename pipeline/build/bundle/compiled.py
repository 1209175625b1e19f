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

from pipeline.build.bundle import arc_bundle
from pipeline.build.bundle.target import CannotBundle, Target
from pipeline.report.check import working

MODULE: Final = "pipeline.build.bundle.precompile"
_ASK: Final = "import sys; print('%d.%d' % sys.version_info[:2])"


def compile_for(
    output: Path, facts: dict[str, Any], target: Target, capabilities: Sequence[str], kernels: Path
) -> list[str]:
    """Compile and link the kernels for capabilities into a folder; gives their files in it.

    facts: what bundle.json will say of the files that the bundle has so far.
    """
    python = python_of(target)
    with tempfile.TemporaryDirectory(prefix="arc-bundle-") as folder:
        with working("installing the bundle, to compile with what is in it"):
            _say("installing the bundle, to compile with what is in it")
            installed = _install(python, output, facts, folder)
        command = [*installed, "-m", MODULE, str(kernels.absolute()), *capabilities]
        listed = Path(folder, "kernels.json")
        status = subprocess.call([*command, str(listed)], cwd=Path(folder, "project"))
        if status:
            raise CannotBundle("the kernels can't be compiled, see above")
        found: list[str] = json.loads(listed.read_bytes())
    return found


def python_of(target: Target) -> str:
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


def _install(python: str, output: Path, facts: dict[str, Any], folder: str) -> list[str]:
    """Install the bundle as the notebook does; gives how its Python is called."""
    described = Path(folder, arc_bundle.FACTS)
    described.write_text(json.dumps(facts))
    code = (
        "import sys, json, pathlib; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1])"
        "; import arc_bundle; facts = json.loads(pathlib.Path(sys.argv[2]).read_text())"
        "; arc_bundle.Bundle(pathlib.Path(sys.argv[1]), facts).install(sys.argv[3])"
    )
    command = [python, "-c", code, str(output.absolute()), str(described), folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBundle(f"the bundle can't be installed here:\n{done.stdout}{done.stderr}")
    return [os.path.join(folder, "env", "bin", "python")]


def _say(text: str) -> None:
    if not sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)
