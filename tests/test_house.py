"""The rules of the house, read off the source: who may import whom, sizes, names, docstrings."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ORDER = (
    *("system", "diagnostics", "ir", "primitives", "data", "frontend", "passes", "config"),
    *(
        "oracle",
        "kernels",
        "engine",
        "cluster",
        "codegen",
        "battery",
        "trust",
        "search",
        "incremental",
    ),
    *("measuring", "report", "commands"),
)
"""Imports point left only."""

KNOW_NUMBA = {"kernels", "engine"}
FORBIDDEN = re.compile(r"(^|_)(utils?|helpers?|managers?|v\d+)(_|$)")

PIPELINE = sorted(ROOT.glob("pipeline/**/*.py"))
DODO = [ROOT / "dodo.py"]
BENCH = sorted(ROOT.glob("bench/**/*.py"))
TESTS = sorted(ROOT.glob("tests/**/*.py"))
WRITTEN = [*PIPELINE, *DODO, *BENCH, *TESTS]


def named(paths: list[Path]) -> pytest.MarkDecorator:
    """One case a file, called by its path."""
    return pytest.mark.parametrize("path", paths, ids=lambda p: str(p.relative_to(ROOT)))


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def where(path: Path, line: int) -> str:
    """A place, as editors open it."""
    return f"{path.relative_to(ROOT)}:{line}"


def nodes_of(tree: ast.AST, checked: bool) -> Iterator[ast.AST]:
    """Every node; those below `if TYPE_CHECKING:` only if they are `checked`."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if checked or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from nodes_of(node, checked)


def imports_of(path: Path, checked: bool = True) -> Iterator[tuple[int, str]]:
    """Every module that is imported anywhere in a file, relative ones made absolute; those that
    only a checker of types imports count if they are `checked`.
    """
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in nodes_of(tree_of(path), checked):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            yield node.lineno, module
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def place(module: str) -> str:
    """The part of the pipeline that a module belongs to; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def forbidden_imports(path: Path, module: str) -> list[str]:
    """The imports of a pipeline file that point right, or to a part that is not on the map.

    The package itself, whose API is of all parts, imports none before it is asked for a name.
    """
    own = place(module)
    found = []
    for line, target in imports_of(path, checked=bool(own)):
        part = place(target)
        if target.split(".")[0] != "pipeline" or not part:
            continue
        if part not in ORDER or not own or ORDER.index(part) > ORDER.index(own):
            found.append(f"{where(path, line)}: {own or 'pipeline'} imports {target}")
    return found


@named(PIPELINE)
def test_imports_point_left(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    assert place(module) in {"", *ORDER}, f"{path} is not on the map: pipeline/__init__.py"
    assert forbidden_imports(path, module) == []


def test_the_map_is_the_one_that_is_enforced() -> None:
    doc = ast.get_docstring(tree_of(ROOT / "pipeline" / "__init__.py")) or ""
    assert " < ".join([*ORDER, "dodo.py"]) in " ".join(doc.split())


def modules() -> dict[str, Path]:
    """Every module of the pipeline, packages too, by its name."""
    names = (path.relative_to(ROOT).with_suffix("").parts for path in PIPELINE)
    dotted = [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in names]
    return dict(zip(dotted, PIPELINE, strict=True))


def needed(known: dict[str, Path]) -> dict[str, set[str]]:
    """For each module those that it imports when it is loaded or runs; none for types alone.

    Who imports a module from its package needs the module.
    """
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        each = [(line, target) for line, target in imports_of(path, False) if target in known]
        packages = {(line, target.rpartition(".")[0]) for line, target in each}
        found[name] = {target for line, target in each if (line, target) not in packages}
    return found


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """The names along a circle, the first one again at its end; empty if there is none."""
    done: set[str] = set()

    def follow(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        found: list[str] = []
        if name not in done:
            each = (follow(target, [*way, name]) for target in sorted(graph[name]))
            found = next(filter(None, each), [])
            done.add(name)
        return found

    return next(filter(None, (follow(name, []) for name in sorted(graph))), [])


def test_no_file_needs_itself() -> None:
    assert circle_in(needed(modules())) == []


def twice(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The names that stand for several things, with all of these."""
    found: dict[str, list[str]] = {}
    for name, thing in pairs:
        found.setdefault(name, []).append(thing)
    return {name: things for name, things in found.items() if len(things) > 1}


def test_a_module_s_name_is_used_once() -> None:
    paths = [p for p in PIPELINE if p.stem != "__init__"]
    assert twice((p.stem, str(p.relative_to(ROOT))) for p in paths) == {}


def test_a_class_s_name_means_one_thing() -> None:
    places = (
        (node.name, where(path, node.lineno))
        for path in PIPELINE
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef)
    )
    assert twice(places) == {}


@named(PIPELINE)
def test_nothing_of_the_pipeline_imports_what_stands_outside(path: Path) -> None:
    outside = {"dodo", "tests", "bench", "solvers", "generated"}
    found = [where(path, line) for line, m in imports_of(path) if m.split(".")[0] in outside]
    assert found == []


@named([path for path in TESTS if path.name != "extracted.py" and path.parent.name != "data"])
def test_what_is_published_is_extracted_before_a_test_reads_it(path: Path) -> None:
    readers = {"pipeline.data.arc.extract_data", "pipeline.data.arc.load_tasks"}
    readers.add("pipeline.battery.arguments.load_tasks")
    assert [where(path, line) for line, m in imports_of(path) if m in readers] == []


@named([*PIPELINE, *DODO, *BENCH])
def test_numba_stays_where_it_belongs(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "pipeline" and parts[1] in KNOW_NUMBA:
        return
    found = [where(path, line) for line, m in imports_of(path) if m.split(".")[0] == "numba"]
    assert found == []


def test_the_graph_loads_without_numba_and_numpy() -> None:
    # A null build is mostly imports; and a process that is forked after Numba started can hang.
    code = "import sys, dodo; print([m for m in ('numba', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@named(WRITTEN)
def test_files_and_lines_are_short(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 500
    assert [where(path, k) for k, line in enumerate(lines, 1) if len(line) > 100] == []


@named([*PIPELINE, *DODO, *BENCH])
def test_functions_are_short(path: Path) -> None:
    sizes = {
        f"{where(path, node.lineno)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: size for name, size in sizes.items() if size > 60} == {}


@named(WRITTEN)
def test_no_bare_except(path: Path) -> None:
    found = [
        where(path, node.lineno)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert found == []


def undocumented(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[int, str]]:
    """The public functions, classes and methods that have no docstring."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield node.lineno, prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{node.name}.")


@named(PIPELINE)
def test_what_is_public_has_a_docstring(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)) or not path.read_text("utf-8").strip()
    found = [f"{where(path, line)} {name}" for line, name in undocumented(tree_of(path).body)]
    assert found == []


def test_names_say_what_is_inside() -> None:
    paths = [*ROOT.glob("pipeline/**/*"), *BENCH, *TESTS]
    assert [str(p.relative_to(ROOT)) for p in paths if FORBIDDEN.search(p.stem)] == []


def test_every_test_is_run(pytestconfig: pytest.Config) -> None:
    """pytest passes over folders by their names, and says nothing."""
    skipped = pytestconfig.getini("norecursedirs")
    folders = {part for path in TESTS for part in path.relative_to(ROOT).parent.parts}
    assert [name for name in folders for rule in skipped if fnmatch(name, rule)] == []


ONLY_LONG: frozenset[str] = frozenset()
"""Modules whose tests are all in the long part."""


def is_long(node: ast.expr) -> bool:
    """Whether this is `pytest.mark.long`, with or without its reason."""
    return ast.unparse(node.func if isinstance(node, ast.Call) else node) == "pytest.mark.long"


def without_reason(tree: ast.Module) -> list[int]:
    """The lines where `long` is said, and not why."""
    given = {
        node.func
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and len(node.args) == 1
        and (isinstance(node.args[0], ast.Name) or getattr(node.args[0], "value", ""))
    }
    marks = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and is_long(n))
    return [node.lineno for node in marks if node not in given]


def everyday(tree: ast.Module) -> list[str]:
    """The tests that are in the default part, whole or with some of their parameters."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign) and is_long(node.value)]
    names = {ast.unparse(target) for node in assigned for target in node.targets}
    if "pytestmark" in names:
        return []
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if not any(is_long(mark) or ast.unparse(mark) in names for mark in node.decorator_list)
    ]


@named(TESTS)
def test_what_takes_long_says_why_and_leaves_something_for_every_day(path: Path) -> None:
    assert [where(path, line) for line in without_reason(tree_of(path))] == []
    if path.name.startswith("test_"):
        is_listed = path.relative_to(ROOT).as_posix() in ONLY_LONG
        assert bool(everyday(tree_of(path))) != is_listed


def test_the_rules_find_what_is_long_for_no_reason() -> None:
    tree = ast.parse(
        "MARK = pytest.mark.long('x')\n"
        "@pytest.mark.long\ndef test_a(): pass\n"
        "@pytest.mark.long('')\ndef test_b(): pass\n"
        "@MARK\ndef test_c(): pass\n"
        "@pytest.mark.parametrize('k', [1, pytest.param(2, marks=MARK)])\ndef test_d(): pass\n"
    )
    assert without_reason(tree) == [2, 4]
    assert everyday(tree) == ["test_d"]
    tree.body.append(*ast.parse("pytestmark = pytest.mark.long('x')\n").body)
    assert everyday(tree) == []


def test_the_rules_find_what_breaks_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    folder = tmp_path / "pipeline" / "data"
    folder.mkdir(parents=True)
    path = folder / "wrong.py"
    path.write_text(
        "import pipeline.engine\n"
        "from pipeline import diagnostics, commands\n"
        "from ..report import x\n"
        "from . import arc\n"
        "def f():\n"
        "    from pipeline.elsewhere import g\n"
    )
    assert forbidden_imports(path, "pipeline.data.wrong") == [
        "pipeline/data/wrong.py:1: data imports pipeline.engine",
        "pipeline/data/wrong.py:2: data imports pipeline.commands",
        "pipeline/data/wrong.py:3: data imports pipeline.report",
        "pipeline/data/wrong.py:3: data imports pipeline.report.x",
        "pipeline/data/wrong.py:6: data imports pipeline.elsewhere",
        "pipeline/data/wrong.py:6: data imports pipeline.elsewhere.g",
    ]
    assert list(undocumented(tree_of(path).body)) == [(5, "f")]
    assert twice([("a", "x"), ("b", "y"), ("a", "z")]) == {"a": ["x", "z"]}


def test_the_rules_find_circles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    texts = {
        "a": "from pipeline import b\n",
        "b": "def f():\n    if f:\n        import pipeline.c\n",
        "c": "if TYPE_CHECKING:\n    from pipeline.a import A\n",
        "d": "from pipeline.d import D\n",
    }
    known = {f"pipeline.{name}": tmp_path / "pipeline" / f"{name}.py" for name in texts}
    (tmp_path / "pipeline").mkdir()
    for name, text in texts.items():
        known[f"pipeline.{name}"].write_text(text)
    assert circle_in(needed(known)) == ["pipeline.d", "pipeline.d"]
    del known["pipeline.d"]
    assert circle_in(needed(known)) == []
    known["pipeline.c"].write_text("from pipeline.a import A\n")
    tree_of.cache_clear()
    a, b, c = known
    assert circle_in(needed(known)) == [a, b, c, a]


def test_the_rules_find_bad_names() -> None:
    assert all(FORBIDDEN.search(n) for n in ("utils", "grid_utils", "helpers", "manager", "v2"))
    assert not any(FORBIDDEN.search(n) for n in ("values", "vectors", "helped", "utility"))
