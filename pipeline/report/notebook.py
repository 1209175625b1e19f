"""The notebook of a bundle, as the plain values of nbformat 4.5: what it says and what it runs.

What its cells do is in `arc_bundle`, beside it in the bundle: here are calls, one or two a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

FORMAT: Final = (4, 5)

HEAD: Final = """\
# arc-battery, offline

This notebook runs {solvers:,} ARC solver programs from a bundle that `doit kaggle_bundle` has \
made. It needs no network: everything comes from the bundle, which stands next to this notebook \
or is attached to it as a data set (*Add Input*).

The bundle is for Python {python}, {packages}. Run the cells from top to bottom; each says what \
it does, and one that fails stops the notebook with its output below it.\
"""
FIND_TEXT: Final = """\
## The bundle

Find the bundle, and check that it is whole and made for this Python.\
"""
FIND: Final = """\
import sys
from pathlib import Path

levels = ("*", "*/*", "*/*/*", "*/*/*/*")
given = (p for level in levels for p in sorted(Path("/kaggle/input").glob(level)))
places = [p for p in (Path.cwd(), *given) if (p / "arc_bundle.py").is_file()]
if not places:
    raise FileNotFoundError(
        "there is no bundle next to this notebook or under /kaggle/input: attach it (Add Input)"
    )
sys.dont_write_bytecode = True
sys.path.insert(0, str(places[0]))
import arc_bundle

bundle = arc_bundle.opened(places[0])\
"""
INSTALL_TEXT: Final = """\
## Install

Copy the project to a folder that can be written to, and install it there from the bundle's \
wheels, in an environment of its own: the packages of this notebook's image are neither used nor \
changed.\
"""
INSTALL: Final = "battery = bundle.install()"
GPU_TEXT: Final = """\
## The GPU

Say what GPU there is, whether every kernel gives the same on it as on the CPU, and how fast it \
is. {kernels} Without a GPU, what follows runs on the CPU.\
"""
COMPILED: Final = (
    "The bundle has compiled kernels for compute capability {}; on another GPU they are compiled "
    "now, which takes minutes, once."
)
NOT_COMPILED: Final = (
    "Its kernels are compiled now, which takes minutes, once; `doit kaggle_bundle --capability` "
    "puts compiled ones into the bundle."
)
NO_PACKAGES: Final = "This bundle has no packages for one: `--cuda none`."
GPU: Final = "battery.look_for_gpu()"
CHECK_TEXT: Final = """\
## The check

Run each solver on the samples of its own task. Nothing is generated or linked: that is in the \
bundle. The kernels for this machine's processor are compiled first, which takes about a minute, \
once.\
"""
CHECK: Final = 'battery.doit("check_batt", *battery.device)'
DATA_TEXT: Final = """\
## The tasks

Those of a competition, where its `*test_challenges.json` is attached (*Add Input*); else the \
published ones of {data}, which are in the bundle. Any other file of tasks will do as well: give \
its path.\
"""
DATA: Final = 'data = battery.tasks("{data}")'
MATRIX_TEXT: Final = """\
## The matrix

Run every solver on every sample of these tasks whose answer is known: which solver solves which?\
"""
MATRIX: Final = 'battery.doit("matrix", "--data", data, *battery.device)'
SUBMISSION_TEXT: Final = """\
## The submission

For each task (of the first data set, if there are several), take the programs that are right on \
all its train samples, and write their best two different outputs for each test input to \
`submission.json`: into `/kaggle/working` on Kaggle, else next to this notebook.\
"""
SUBMISSION: Final = 'battery.submit(data.split(",")[0])'


@dataclass(frozen=True)
class About:
    """What a notebook says of its bundle; the submission is for the first of the data sets."""

    python: str
    cuda: str
    capabilities: tuple[str, ...]
    data: tuple[str, ...]
    solvers: int


def notebook(about: About) -> dict[str, Any]:
    """The notebook, without outputs."""
    version = {"name": "python", "version": about.python}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells: list[dict[str, Any]] = [
        {
            "cell_type": kind,
            "id": name,
            "metadata": {},
            **({"execution_count": None, "outputs": []} if kind == "code" else {}),
            "source": text.splitlines(keepends=True),
        }
        for name, kind, text in _cells(about)
    ]
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": version},
        "nbformat": FORMAT[0],
        "nbformat_minor": FORMAT[1],
    }


def _cells(about: About) -> list[tuple[str, str, str]]:
    """Id, kind and text of each cell."""
    named = ", ".join(f"`{name}`" for name in about.data)
    packages = f"with the packages of CUDA {about.cuda}"
    kernels = NOT_COMPILED
    if about.capabilities:
        kernels = COMPILED.format(", ".join(about.capabilities))
    if about.cuda == "none":
        packages, kernels = "without packages for a GPU", NO_PACKAGES
    head = HEAD.format(solvers=about.solvers, python=about.python, packages=packages)
    return [
        ("head", "markdown", head),
        ("find-text", "markdown", FIND_TEXT),
        ("find", "code", FIND),
        ("install-text", "markdown", INSTALL_TEXT),
        ("install", "code", INSTALL),
        ("gpu-text", "markdown", GPU_TEXT.format(kernels=kernels)),
        ("gpu", "code", GPU),
        ("check-text", "markdown", CHECK_TEXT),
        ("check", "code", CHECK),
        ("data-text", "markdown", DATA_TEXT.format(data=named)),
        ("data", "code", DATA.format(data=",".join(about.data))),
        ("matrix-text", "markdown", MATRIX_TEXT),
        ("matrix", "code", MATRIX),
        ("submission-text", "markdown", SUBMISSION_TEXT),
        ("submission", "code", SUBMISSION),
    ]
