"""A bundle as text: what it weighs, which of its wheels most, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline.report.gpu import size_text
from pipeline.report.tables import print_table

LARGE: Final = 10 << 20
"""Wheels from so many bytes on are named."""
HEADER: Final = ("part", "files", "size")
PARTS: Final = (
    ("sources", lambda path: not path.startswith((".", "generated/"))),
    ("generated", lambda path: path.startswith("generated/")),
    ("data, corpora, records", lambda path: path.startswith(".") and "/kernels/" not in path),
    ("GPU kernels", lambda path: "/kernels/" in path),
)
"""What the files of the project are, by their paths."""


def print_bundle(output: str, facts: Mapping[str, Any], fetched: int, seconds: float) -> None:
    """Print the table of parts, the large wheels, and one line."""
    wheels, files = facts["wheels"], facts["files"]
    rows = [("wheels", wheels)]
    placed = [row for row in files if row["path"]]
    for name, belongs in PARTS:
        rows.append((name, [row for row in placed if belongs(row["path"])]))
    print_table(HEADER, [_row(name, found) for name, found in rows if found])
    large = sorted((row["size"], row) for row in wheels if row["size"] >= LARGE)
    for size, row in sorted(large, key=lambda pair: -pair[0]):
        print(f"  {row['name']} {row['version']}: {size_text(size)}")
    total = sum(row["size"] for row in [*wheels, *files])
    cuda = "no CUDA" if facts["cuda"] == "none" else f"CUDA {facts['cuda']}"
    gpus = facts["kernels"].get("capabilities", [])
    kernels = [f"kernels for {', '.join(gpus)}"] if gpus else []
    about = ", ".join([f"Python {facts['python']}", cuda, facts["platform"], *kernels])
    print(
        f"kaggle_bundle: {output} ({size_text(total)}): {about}; "
        f"{fetched} of {len(wheels)} wheels fetched ({seconds:.1f} s)"
    )


def _row(name: str, files: Sequence[Mapping[str, Any]]) -> tuple[str, str, str]:
    return name, f"{len(files):,}", size_text(sum(row["size"] for row in files))
