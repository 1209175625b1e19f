"""The notebook of a bundle, and what is printed of the bundle."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from pipeline.report.bundle_text import print_bundle
from pipeline.report.notebook import About, notebook

CPU = About("3.11", "none", (), ("arc1-train", "arc1-eval"), 1400)
CODE = [
    "battery = bundle.install()",
    "battery.look_for_gpu()",
    'battery.doit("check_batt", *battery.device)',
    'data = battery.tasks("arc1-train,arc1-eval")',
    'battery.doit("matrix", "--data", data, *battery.device)',
    'battery.submit(data.split(",")[0])',
]
PRINTED = """\
part                    files      size
wheels                      2  12.0 MiB
sources                     1   1.0 KiB
generated                   1   2.0 KiB
data, corpora, records      2   5 bytes
GPU kernels                 1   3.0 KiB
  large 1.0: 11.0 MiB
kaggle_bundle: out (12.0 MiB): Python 3.11, CUDA 12, manylinux_2_28_x86_64, kernels for 7.5, 8.9; \
1 of 2 wheels fetched (1.5 s)
"""


def texts(about: About, kind: str) -> list[str]:
    return ["".join(c["source"]) for c in notebook(about)["cells"] if c["cell_type"] == kind]


def test_it_is_a_valid_notebook_without_outputs() -> None:
    made: Any = nbformat.from_dict(notebook(CPU))
    nbformat.validate(made)
    assert all(c.outputs == [] for c in made.cells if c.cell_type == "code")
    kinds = [cell["cell_type"] for cell in notebook(CPU)["cells"]]
    assert kinds == ["markdown", *["markdown", "code"] * 7]
    assert notebook(CPU) == notebook(CPU)


def test_each_step_is_one_cell_that_runs() -> None:
    find, *steps = texts(CPU, "code")
    assert steps == CODE
    compile(find, "<find>", "exec")


@pytest.mark.parametrize(
    ("cuda", "capabilities", "said"),
    [
        ("none", (), "This bundle has no packages for one: `--cuda none`."),
        ("12", (), "Its kernels are compiled now, which takes minutes, once; "),
        ("12", ("7.5", "8.9"), "has compiled kernels for compute capability 7.5, 8.9; on another"),
    ],
)
def test_it_says_what_the_bundle_has_for_a_gpu(
    cuda: str, capabilities: tuple[str, ...], said: str
) -> None:
    about = About("3.12", cuda, capabilities, ("arc2-eval",), 3)
    head, *_ = words = texts(about, "markdown")
    assert said in "".join(words)
    assert head.startswith("# arc-battery, offline\n\nThis notebook runs 3 ARC solver programs")
    packages = "without packages for a GPU" if cuda == "none" else "with the packages of CUDA 12"
    assert f"The bundle is for Python 3.12, {packages}." in head
    assert "{" not in "".join(words)


def test_what_weighs_most_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    wheels = [
        {"name": "large", "version": "1.0", "size": 11 << 20},
        {"name": "small", "version": "1.0", "size": 1 << 20},
    ]
    sizes = {"a.py": 1024, "generated/batt.py": 2048, ".doit.db": 2, ".cache/data/x.json": 3}
    sizes |= {".cache/kernels/sm_75/x.ptx": 3072, "": 7}
    files = [{"path": path, "size": size} for path, size in sizes.items()]
    facts = {"wheels": wheels, "files": files, "python": "3.11", "cuda": "12"}
    facts |= {
        "platform": "manylinux_2_28_x86_64",
        "kept": ".cache/kernels",
        "kernels": {"capabilities": ["7.5", "8.9"]},
    }
    print_bundle("out", facts, 1, 1.5)
    assert capsys.readouterr().out == PRINTED
    print_bundle("out", {**facts, "cuda": "none", "kernels": {}}, 0, 1.5)
    said = capsys.readouterr().out.splitlines()[-1]
    assert "Python 3.11, no CUDA, manylinux_2_28_x86_64; 0 of 2 wheels fetched" in said
