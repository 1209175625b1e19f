"""Kernels, compiled for a process that is not to know of it.

A user's process stays free of Numba, which takes half a second to import and does not like forks;
and processes that compile would run its main module once more, as Python's spawned ones do. So all
is done by a process of its own:

    python -m pipeline.battery.compiling FOLDER NAME ...      # what went wrong is on its output
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.battery.devices import compile_missing
from pipeline.diagnostics import Invalid
from pipeline.kernels.processor import processor_of
from pipeline.kernels.store import missing
from pipeline.system.package import PACKAGE
from pipeline.system.problem import Problem


def compile_apart(folder: Path, names: Sequence[str]) -> None:
    """Compile the kernels that are not there, on all cores; how far it is goes to standard error.

    OSError, which says what to do, where the folder can't be written or a compiler ended; Problem
    where a row of the project's own can't be compiled.
    """
    if not missing(folder, names, processor_of(folder)):
        return
    path = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.battery.compiling", str(folder), *names],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    )
    if done.returncode == Invalid.status:
        raise Problem(done.stdout.strip())
    if done.returncode:
        why = done.stdout.strip() or f"the compiler ended with status {done.returncode}"
        text = f"kernels can't be compiled to {folder} ({why}): see cache.dir in config.yaml"
        raise OSError(errno.EIO, text)


def main(folder: str, *names: str) -> int:
    """Compile kernels; the exit status."""
    try:
        compile_missing(Path(folder), names)
    except Invalid as error:
        print(error.told)
        return error.status
    except OSError as error:
        print(error)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
