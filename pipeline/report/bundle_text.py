"""A bundle as text: what it weighs, which of its wheels most, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline.report.gpu_text import size_text
from pipeline.system.tables import print_table

Row = Mapping[str, Any]
LARGE: Final = 10 << 20
"""Wheels from so many bytes on are named."""
HEADER: Final = ("part", "files", "size")
SOURCES, GENERATED, KEPT, KERNELS = "sources", "generated", "data, corpora, records", "GPU kernels"
"""What the files of the project are."""


def print_bundle(output: str, facts: Mapping[str, Any], fetched: int, seconds: float) -> None:
    """Print the table of parts, the large wheels, and one line."""
    wheels, files = facts["wheels"], facts["files"]
    parts: dict[str, list[Row]] = {"wheels": wheels}
    parts |= {part: [] for part in (SOURCES, GENERATED, KEPT, KERNELS)}
    for row in files:
        if row["path"]:
            parts[_part_of(row["path"], facts["kept"])].append(row)
    print_table(HEADER, [_row(name, found) for name, found in parts.items() if found])
    large = [row for row in wheels if row["size"] >= LARGE]
    for row in sorted(large, key=lambda row: -row["size"]):
        print(f"  {row['name']} {row['version']}: {size_text(row['size'])}")
    total = sum(row["size"] for row in [*wheels, *files])
    cuda = "no CUDA" if facts["cuda"] == "none" else f"CUDA {facts['cuda']}"
    gpus = facts["kernels"].get("capabilities", [])
    kernels = [f"kernels for {', '.join(gpus)}"] if gpus else []
    about = ", ".join([f"Python {facts['python']}", cuda, facts["platform"], *kernels])
    print(
        f"kaggle_bundle: {output} ({size_text(total)}): {about}; "
        f"{fetched} of {len(wheels)} wheels fetched ({seconds:.1f} s)"
    )


def _part_of(path: str, kernels: str) -> str:
    """Of which part a file of the project is."""
    if path.startswith(f"{kernels}/"):
        return KERNELS
    if path.startswith("generated/"):
        return GENERATED
    return KEPT if path.startswith(".") else SOURCES


def _row(name: str, files: Sequence[Row]) -> tuple[str, str, str]:
    return name, f"{len(files):,}", size_text(sum(row["size"] for row in files))
