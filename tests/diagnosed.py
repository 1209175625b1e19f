"""Generated files of two solvers, a copy to plant faults in, and what `diagnose` prints of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline.battery import opening
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.engine.image import write_image
from pipeline.frontend.units import Unit
from tests.battery.small import FLIP, SAME, TASKS, link_kernels
from tests.programs_text import text_of

CONFIG = """\
corpora: {own: {path: own}}
device: cpu
memory_mib: 64
known_failures: {}
"""
BODIES = {FLIP: "x = rot90(I); y = rot270(x); hmirror(y)", SAME: "vmirror(vmirror(I))"}
CODE = Path("copy/solvers/own", f"{FLIP}.py")
BATTERY = Path("copy/batt.py")
"""What tests plant faults in."""

DIFF = "`diff -r copy generated` shows what was changed in the copy"
PASSING = {
    1: "1 pass  each generated module loads: 2 of 2 modules, and the battery",
    2: "2 pass  it has the function that is expected: 2 of 2 modules: solve(rt, solver=0); "
    "the battery: evaluate(rt) and all solvers",
    3: "3 pass  it runs on each sample: 7 of 7 samples of 2 solvers",
    4: "4 pass  its output is a grid: 7 of 7 outputs: tuples of equally long tuples of 0 to 9",
    5: "5 pass  the comparison is right: 7 expected outputs accepted, 35 changed ones rejected "
    "(cpu and reference)",
    6: "6 pass  generated code does as the direct interpreter: 7 of 7 lanes of the modules, "
    "7 of 7 of the battery (cpu)",
    7: "7 info  solvers that depend on the order of a set: 0 of 2 end otherwise if sets are "
    "iterated backwards",
    8: "diagnose: all steps pass (2 solvers, 7 samples, T s)",
}


WITHOUT_ONE = {
    "_2": PASSING[2].replace("2 of 2 modules", "1 of 1 module"),
    "_3": "3 pass  it runs on each sample: 3 of 3 samples of 1 solver",
    "_4": PASSING[4].replace("7 of 7", "3 of 3"),
    "_6": PASSING[6].replace("7 of 7 lanes", "3 of 3 lanes"),
    "_8": "diagnose: step 1 fails (2 solvers, 7 samples, T s)",
}
"""The steps that follow where one of the modules can't be used; the battery is whole."""

UNTRUSTED = (
    "believe no verdict before it is repaired: `judge` in pipeline/battery/check_workload.py, "
    "`verdict` in pipeline/kernels/structure"
)


def printed(**changed: str) -> str:
    """The whole text, with other paragraphs in some steps' places: `_3="..."`."""
    steps = PASSING | {int(key[1:]): text.rstrip() for key, text in changed.items()}
    return "\n".join(steps[k] for k in sorted(steps)) + "\n"


def fails(*steps: int) -> str:
    words = f"step {steps[0]} fails" if len(steps) == 1 else f"steps {str(steps)[1:-1]} fail"
    return f"diagnose: {words} (2 solvers, 7 samples, T s)"


def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what a build of two solvers makes, and a copy of that."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opening, "load_tasks", lambda name, cache: TASKS)
    Path("config.yaml").write_text(CONFIG)
    link_kernels(tmp_path)
    build(BODIES)


def build(bodies: dict[str, str]) -> None:
    """Write, compile and link solvers; copy what that makes."""
    graphs = []
    for folder in (Path("own"), Path("generated/solvers/own")):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for ident, body in bodies.items():
        source, made = Path("own", f"{ident}.py"), Path("generated/solvers/own", ident)
        source.write_text(text_of(body, ident))
        unit = Unit(f"own/{ident}", source.as_posix(), 1, source.read_text())
        compiled = compile_unit(unit)
        assert compiled.code is not None
        made.with_suffix(".py").write_text(compiled.code)
        made.with_suffix(".map.json").write_text(compiled.source_map)
        graphs.append((unit.name, compiled.graph))
    linked = link(graphs)
    Path("generated/batt.py").write_text(linked.code)
    write_image(linked.image, Path("generated/batt.py"))
    shutil.rmtree("copy", ignore_errors=True)
    shutil.copytree("generated", "copy")


def plant(path: Path, old: str, new: str) -> None:
    """Replace what stands in a file just once."""
    text = path.read_text()
    assert text.count(old) == 1, (old, text)
    path.write_text(text.replace(old, new))


def plant_result(change: str) -> None:
    """Have a module change each of its outputs `v` before they are judged."""
    made = f"type(n3)(n3.domain, [{change} for v in n3.values])"
    plant(CODE, "    rt.verdict(solver, d0, n3,", f"    rt.verdict(solver, d0, {made},")


def text(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, without time; nothing else is."""
    out, err = capsys.readouterr()
    assert err == ""
    return re.sub(r"[\d.]+ s\)", "T s)", out)
