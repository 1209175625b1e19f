"""Small linked batteries in files, on compiled kernels and on the reference runtime."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.battery.batteries import CompiledBattery
from pipeline.codegen.link import link
from pipeline.data.arc import data_path
from pipeline.data.tasks import Grid, Sample, Task
from pipeline.engine.image import load_image, write_image
from tests.compiled import compiled_kernels
from tests.programs_text import graph_of, text_of

SQUARE = ((1, 2), (3, 4))
FLIPPED = ((3, 4), (1, 2))
TURNED = ((3, 1), (4, 2))
WIDE = ((1, 2, 2, 1), (0, 0, 5, 0))
WIDE_FLIPPED = ((0, 0, 5, 0), (1, 2, 2, 1))
FLIP, SAME, ODD = "0a1b2c3d", "11111111", "22222222"
TASKS = {
    FLIP: Task(
        FLIP,
        (Sample(SQUARE, FLIPPED), Sample(WIDE, WIDE_FLIPPED)),
        (Sample(FLIPPED, SQUARE), Sample(WIDE_FLIPPED, WIDE)),
    ),
    SAME: Task(SAME, (Sample(SQUARE, SQUARE), Sample(WIDE, WIDE)), (Sample(FLIPPED, FLIPPED),)),
    ODD: Task(ODD, (Sample(SQUARE, TURNED),), (Sample(WIDE, SQUARE),)),
}
"""The input of a task's sample comes back flipped, as it is, and in a way that no solver knows for
the test sample."""

BODIES = {
    f"own/{FLIP}": "hmirror(I)",
    f"own/{SAME}": "vmirror(vmirror(I))",
    f"own/{ODD}": "branch(equality(height(I), width(I)), rot90(I), canvas(ONE, UNITY))",
    f"re-arc/{ODD}": "x = first(difference(asindices(I), asindices(I))); I",
    f"re-arc/{SAME}": "x = interval(ZERO, TEN, ONE); branch(contained(FIVE, palette(I)), I, I)",
}
"""Right, wrong, and with the limits of a test failing in both ways."""

CONFIG = """\
corpora: {own: {path: own}, re-arc: {path: re-arc}}
device: cpu
memory_mib: 64
budget: {elements: 9}
known_failures: {}
"""
"""The configuration under which they end so."""


def lay_out(folder: Path, config: str) -> CompiledBattery:
    """Put configuration, solvers, the linked battery and kernels into a folder."""
    (folder / "config.yaml").write_text(config)
    for name, body in BODIES.items():
        source = folder / f"{name}.py"
        source.parent.mkdir(exist_ok=True)
        source.write_text(text_of(body, source.stem))
    link_kernels(folder)
    return compiled(write_battery(folder / "generated" / "batt.py"))


def link_kernels(folder: Path) -> None:
    """Let a folder have the kernels that are compiled for all tests."""
    (folder / ".cache").mkdir()
    (folder / ".cache/kernels").symlink_to(compiled_kernels())


def write_data(cache: Path, name: str = "arc1-train") -> None:
    """Let a cache hold the tasks as what `doit data` writes."""
    raw = {
        ident: {
            part: [[_text(sample.input), _text(sample.output)] for sample in samples]
            for part, samples in (("train", task.train), ("test", task.test))
        }
        for ident, task in TASKS.items()
    }
    place = data_path(cache, name)
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(raw))


def _text(grid: Grid) -> str:
    return "/".join("".join(map(str, row)) for row in grid)


def write_battery(path: Path, bodies: dict[str, str] | None = None) -> Path:
    """Link solvers, by their names, to a battery in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    linked = link((name, graph_of(body)) for name, body in (bodies or BODIES).items())
    path.write_text(linked.code)
    write_image(linked.image, path)
    return path


def compiled(path: Path, memory_mib: int = 64, threads: int = 2) -> CompiledBattery:
    """The battery in a file on compiled kernels."""
    return CompiledBattery(load_image(path), compiled_kernels(), memory_mib, threads)
