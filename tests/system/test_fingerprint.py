"""What each result depends on, against what the code that makes it imports.

The imports are the law: touching a file makes stale just those results whose makers import it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.system import fingerprint
from pipeline.system.package import PACKAGE

MAKERS = {
    "corpora": (fingerprint.CORPORA, ("data.corpora",)),
    "data": (fingerprint.DATA, ("data.arc",)),
    "generate": (fingerprint.COMPILER, ("codegen.compile",)),
    "link": (fingerprint.LINKER, ("codegen.compile", "codegen.link")),
    "kernels": (
        fingerprint.KERNELS,
        ("kernels.jit", "kernels.processor", "kernels.store", "engine.cuda.cubins"),
    ),
    "check_batt": (fingerprint.CHECKER, ("commands.check_batt",)),
    "matrix": (fingerprint.MATRIX, ("commands.matrix",)),
    "stress": (fingerprint.STRESS, ("commands.stress",)),
}
"""For each result what its fingerprint names, and the modules that make it."""

DECIDES_NOTHING = (
    "system/",  # how files are written and processes started
    "report/",  # what is printed of a result that is there already
    "data/grid_html.py",  # the same, in a notebook
    "incremental/",  # when something is made, not what
    *(f"config/{name}.py" for name in ("config", "context", "knobs", "paths", "settings")),
    "config/yaml_nodes.py",  # what the configuration says is among what results depend on
)
"""What is imported and not a part of any fingerprint, nor is what only that imports."""

TAKEN_ALONG = {
    *("ir/coerce.py", "ir/operations.py", "ir/text.py", "ir/verify.py"),
    *("primitives/constants.py", "primitives/raising.py", "kernels/shared_kernels.py"),
    *("engine/growing.py", "engine/cuda/supported.py", "engine/cuda/trial.py"),
}
"""Files that are named with their package where not everything that names it needs them."""


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its name without `pipeline.`; packages are none."""
    files = (path.relative_to(PACKAGE) for path in PACKAGE.glob("**/*.py"))
    return {".".join(path.with_suffix("").parts): path for path in files}


def run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a checker of types reads."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from run_nodes(node)


@cache
def imported_by(module: str) -> frozenset[str]:
    """The modules that a module imports, when it is loaded or later."""
    names = set()
    for node in run_nodes(ast.parse((PACKAGE / modules()[module]).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    names = {name.removeprefix("pipeline.") for name in names if name.startswith("pipeline.")}
    return frozenset((names | {f"{name}.__init__" for name in names}) & modules().keys())


def needed(makers: tuple[str, ...]) -> set[str]:
    """The files that decide what these modules make."""
    found: set[str] = set()
    waiting = list(makers)
    while waiting:
        module = waiting.pop()
        path = modules()[module].as_posix()
        if path not in found and not path.startswith(DECIDES_NOTHING):
            found.add(path)
            waiting += imported_by(module)
    return {path for path in found if not is_docstring_only(path)}


@cache
def is_docstring_only(path: str) -> bool:
    """Whether a file holds no code."""
    body = ast.parse((PACKAGE / path).read_text("utf-8")).body
    return all(isinstance(node, ast.Expr) for node in body)


def named(parts: tuple[str, ...]) -> set[str]:
    """The files that a fingerprint is made of."""
    paths = fingerprint.stamps(str(PACKAGE), parts)
    files = {Path(path).relative_to(PACKAGE).as_posix() for path in paths}
    return {path for path in files if not path.endswith(".py") or not is_docstring_only(path)}


@pytest.mark.parametrize("result", MAKERS)
def test_a_result_depends_on_what_its_makers_import(result: str) -> None:
    parts, makers = MAKERS[result]
    assert needed(makers) - named(parts) == set(), "touching these would leave it up to date"


@pytest.mark.parametrize("result", MAKERS)
def test_a_result_depends_on_nothing_else(result: str) -> None:
    parts, makers = MAKERS[result]
    assert named(parts) - needed(makers) - TAKEN_ALONG == set(), "touching these would remake it"


@pytest.mark.parametrize("result", MAKERS)
def test_every_part_is_there_and_named_once(result: str) -> None:
    parts, _ = MAKERS[result]
    each = [fingerprint.stamps(str(PACKAGE), (part,)) for part in parts]
    assert all(each)
    assert sum(map(len, each)) == len(fingerprint.stamps(str(PACKAGE), parts))


def stale_after(path: str) -> set[str]:
    """The results that are made again after a file was touched."""
    return {result for result, (parts, _) in MAKERS.items() if path in named(parts)}


@pytest.mark.parametrize(
    ("path", "stale"),
    [
        ("trust/programs/writer.py", ""),
        ("report/check_text.py", ""),
        ("battery/resident.py", ""),
        ("battery/results.py", "check_batt matrix stress"),
        ("battery/check_workload.py", "check_batt stress"),
        ("battery/matrix_workload.py", "matrix stress"),
        ("battery/stress_workload.py", "stress"),
        ("data/drawn/drawing.py", "stress"),
        ("data/arc.py", "check_batt data matrix stress"),
        ("codegen/schedule.py", "link"),
        ("codegen/compile.py", "generate link"),
        ("kernels/jit.py", "check_batt kernels matrix stress"),
        ("oracle/reference.py", "check_batt matrix stress"),
    ],
)
def test_touching_a_file_makes_these_stale(path: str, stale: str) -> None:
    assert stale_after(path) == set(stale.split())
