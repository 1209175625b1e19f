"""Generated modules: whole for small programs, lawful for every solver of ours."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from pipeline.codegen.compile import Compiled, compile_unit
from pipeline.diagnostics import split_lines
from pipeline.frontend.units import Unit, split_units
from tests.passes.goldens import check_golden, check_none_is_stale
from tests.programs_text import unit_of

ROOT = Path(__file__).resolve().parents[2]
SOLVERS = sorted(ROOT.glob("solvers/*.py"))
GOLDEN = Path(__file__).parent / "golden"
LONGEST = 160
"""A line's characters: a name, a type, a call of a few short names; a wide tuple takes more."""

PROGRAMS = {
    "calls": "x = replace(I, replacer=-3, replacee=TWO); o = objects(x, T, F, True); hmirror(x)",
    "loop": "n = height(I); f = power(compose(rot90, rbind(upscale, n)), n); f(I)",
    "loop_in_loop": "n = height(I); f = power(power(rot90, n), n); f(I)",
    "nested_domains": (
        "inner = rbind(apply, palette(I)); add_both = lbind(lbind, add);"
        " f = chain(maximum, inner, add_both); canvas(maximum(apply(f, palette(I))), UNITY)"
    ),
    "select": "f = branch(square(I), hmirror, rbind(upscale, TWO)); f(I)",
    "probe": "o = extract(partition(I), matcher(color, ONE)); subgrid(o, I)",
    "pairs": "s = prapply(astuple, palette(I), (1, 2)); t = papply(add, (1, 2), (3, 4)); I",
}


def compiled_of(body: str) -> Compiled:
    """A small program, compiled."""
    compiled = compile_unit(unit_of(body))
    assert compiled.code is not None, compiled.diagnostics
    return compiled


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_module_and_its_source_map(name: str) -> None:
    compiled = compiled_of(PROGRAMS[name])
    check_golden(GOLDEN / f"{name}.py.txt", compiled.code or "")
    check_golden(GOLDEN / f"{name}.map.json", compiled.source_map)


def test_no_golden_module_is_stale() -> None:
    names = [f"{name}{end}" for name in PROGRAMS for end in (".py.txt", ".map.json")]
    check_none_is_stale(GOLDEN, [*names, "batt.py.txt", "batt.map.json"])


@cache
def unit_at(path: Path) -> Unit:
    """The one solver of a file."""
    (unit,), found = split_units("own", path.relative_to(ROOT).as_posix(), path.read_bytes())
    assert found == []
    return unit


@cache
def compiled_at(path: Path) -> Compiled:
    """The one solver of a file, compiled."""
    compiled = compile_unit(unit_at(path))
    assert compiled.code is not None, compiled.diagnostics
    return compiled


each_solver = pytest.mark.parametrize("path", SOLVERS, ids=lambda path: path.stem)


@each_solver
def test_a_module_is_python_of_short_lines_without_places_and_dates(path: Path) -> None:
    code = compiled_at(path).code or ""
    ast.parse(code)
    assert code.isprintable() or set(code) - {"\n"} == set(filter(str.isprintable, code))
    assert max(map(len, code.splitlines())) <= LONGEST
    assert "/work" not in code
    assert path.suffix not in code
    assert str(ROOT) not in code + compiled_at(path).source_map
    assert re.search(r"\b(19|20)\d\d-\d\d", code) is None


@each_solver
def test_every_line_has_its_place_in_the_source(path: Path) -> None:
    compiled = compiled_at(path)
    source_map = json.loads(compiled.source_map)
    assert source_map["path"] == path.relative_to(ROOT).as_posix()
    lines = split_lines(path.read_text("utf-8"))
    calls = re.compile(r"^ +(?:(\w+)(?:: .+?)? = rt|def t(\d+)).*# (\w+)$", re.MULTILINE)
    found = calls.findall(compiled.code or "")
    named = [(name or f"d{loop}", variable) for name, loop, variable in found]
    assert len(named) > 0
    for name, variable in named:
        line, column, width, source_variable = source_map["nodes"][name]
        assert source_variable == variable
        text = lines[line - 1]
        assert column >= 1
        assert column + width - 1 <= len(text)
        statement = "def " if name == "n0" else "return" if variable == "return" else variable
        assert text.lstrip().startswith(statement) or name == "n0"


@each_solver
def test_the_place_of_a_call_is_that_call(path: Path) -> None:
    compiled = compiled_at(path)
    nodes = json.loads(compiled.source_map)["nodes"]
    lines = split_lines(path.read_text("utf-8"))
    for name, op in re.findall(r"^ +(n\d+): .+ = rt\.(\w+)\(", compiled.code or "", re.MULTILINE):
        line, column, width, _ = nodes[name]
        text = lines[line - 1][column - 1 : column - 1 + width]
        if name != "n0":
            assert text.endswith(")"), (name, op, text)
            assert re.match(r"\w+\(|\(", text), (name, op, text)


@each_solver
def test_comments_and_blank_lines_change_only_the_source_map(path: Path) -> None:
    unit = unit_at(path)
    text = "\n# one\n" + unit.text.replace("\n", "  # two\n\n    # three\n")
    (other,), _ = split_units("own", unit.path, text.encode())
    changed = compile_unit(other)
    assert changed.code == compiled_at(path).code
    assert changed.source_map != compiled_at(path).source_map


ALL = """
import sys
from pathlib import Path
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.engine.image import image_bytes
from pipeline.frontend.units import split_units
modules, graphs = [], []
paths = sorted(Path("solvers").glob("*.py"), reverse=sys.argv[1] == "reverse")
for path in paths:
    for unit in split_units("own", path.as_posix(), path.read_bytes())[0]:
        compiled = compile_unit(unit)
        modules.append((unit.name, compiled.code))
        graphs.append((unit.name, compiled.graph))
        print(compiled.source_map) if sys.argv[1] == "forward" else None
linked = link(graphs)
print(linked.code, linked.link_map, *sorted(modules), *sorted(graphs))
print(image_bytes(linked.image, linked.code.encode()).hex())
"""


def everything(order: str, seed: str) -> bytes:
    """All that is generated for our solvers, in a process of its own."""
    command = [sys.executable, "-c", ALL, order]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True
    ).stdout


def test_every_process_generates_the_same_bytes() -> None:
    assert everything("forward", "1") == everything("forward", "2")


def test_the_order_of_generating_makes_no_difference() -> None:
    assert everything("reverse", "3") == everything("quiet", "4")
